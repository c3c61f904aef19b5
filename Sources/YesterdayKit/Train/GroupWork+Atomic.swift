import Foundation
import PostgresClient

extension GroupWork {
    /// All targets commit, or none does: each prepares its transaction, the decision is written
    /// down in the registry, and only then the first one commits.
    mutating func deployAtomically(_ eligible: [TrainContact]) async throws {
        try Self.refuseWhatCannotBePrepared(plan.bundle)
        try await checkRoom(eligible)
        let token = UUID().uuidString.lowercased().prefix(8)
        let names = eligible.map { contact in
            (
                contact.name,
                PreparedName(
                    registry: registry.id, ordinal: ordinal, digest: plan.bundle.trainDigest, token: String(token),
                    target: contact.name
                ).text
            )
        }
        let run = try await registry.beginRun(
            plan, ordinal: ordinal,
            participants: .array(names.map { ["target": .string($0.0), "gid": .string($0.1)] }))
        self.run = run
        CrashPoint.reach("run-begun")

        let step = step()
        let gids = Dictionary(names, uniquingKeysWith: { first, _ in first })
        let tell = plan.tell
        let results = await Parallel.run(eligible, limit: plan.parallel, stopsAtFailure: true) { contact in
            let application = try await step.apply(to: contact)
            CrashPoint.reach("proven")
            try await contact.target.prepare(as: gids[contact.name] ?? "")
            CrashPoint.reach("prepared")
            tell(.target(contact.name, .prepared))
            return application
        }
        let prepared = results.compactMap(\.result)
        var reasons: [String: GroupDeployment.TargetOutcome] = [:]
        for (contact, result) in zip(eligible, results) {
            if case .failure(let error) = result { reasons[contact.name] = await step.noteFailure(contact, error) }
        }
        if reasons.isEmpty { reasons = try await diverged(prepared) }

        let decision = reasons.isEmpty ? "commit" : "rollback"
        CrashPoint.reach("deciding")
        try await registry.query(
            "SELECT train.decide($1, $2, $3)",
            [.int8(run), .text(decision), .text(reasons.isEmpty ? nil : "trouble with \(reasons.keys.sorted().joined(separator: ", "))")])
        CrashPoint.reach("decided")
        for application in prepared where reasons.isEmpty { tell(.target(application.contact.name, .committing)) }
        let settled = try await AtomicRecovery(registry: registry, tell: tell).settle(
            run, contacts: Dictionary(eligible.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first }),
            limit: plan.parallel)
        try await conclude(eligible, prepared, reasons, settled)
    }

    private mutating func conclude(
        _ eligible: [TrainContact], _ prepared: [ProvenApplication], _ reasons: [String: GroupDeployment.TargetOutcome],
        _ settled: [String: Result<String, any Error>]
    ) async throws {
        let deployments = Dictionary(prepared.map { ($0.contact.name, $0) }, uniquingKeysWith: { first, _ in first })
        let step = step()
        let codes = await Parallel.run(eligible, limit: plan.parallel) { contact -> GroupDeployment.CodeOutcome? in
            guard case .success("committed") = settled[contact.name] else { return nil }
            return await step.switchCode(contact)
        }
        for (contact, code) in zip(eligible, codes) {
            let application = deployments[contact.name]
            switch settled[contact.name] {
            case .success("committed"):
                if let application {
                    try await registry.record(
                        contact.name, ordinal, "applied", deployment: application.deployment,
                        portable: application.portable, exact: application.exact, run: run)
                    await storeInverse(application)
                }
                end(contact.name, .applied(deployment: application?.deployment ?? 0, code: code.result ?? nil))
            case .success("lost"):
                end(
                    contact.name,
                    .failed(
                        YesterdayError(
                            .failed, "the patch is \(AtomicRecovery.lost)", detail: "Its peers have it.",
                            hint: "The same command again brings it there.", sqlState: "YDT15")))
            case .failure(let error):
                let cause = YesterdayError.of(error)
                end(
                    contact.name,
                    .failed(
                        YesterdayError(
                            .unavailable, "it is prepared, and what was decided could not be done there yet",
                            detail: cause.message, hint: "yesterday train recover", sqlState: "YDT15", cause: error)))
            default:
                let reason = reasons[contact.name] ?? .givenUp("another target failed, so nothing was committed anywhere")
                switch reason {
                case .givenUp(let text): try await registry.record(contact.name, ordinal, "failed", detail: text, run: run)
                case .diverged(let text): try await registry.record(contact.name, ordinal, "diverged", detail: text, run: run)
                default: break
                }
                end(contact.name, reason)
            }
        }
    }

    /// What is the matter with those that displace something else than most do.
    private func diverged(_ prepared: [ProvenApplication]) async throws -> [String: GroupDeployment.TargetOutcome] {
        let digests = prepared.map { ($0.contact.name, $0.portable ?? "?") }
        let reference = try await registry.referenceDigest(group.name, ordinal)
        let verdict = AlignmentVerdict(Dictionary(digests, uniquingKeysWith: { first, _ in first }))
        var names = verdict.isTie ? verdict.aligned + verdict.diverged : verdict.diverged
        if let reference { names = digests.filter { $0.1 != reference }.map(\.0) }
        return Dictionary(
            names.map { ($0, .diverged("What the patch displaces there is not what it displaces on its peers.")) },
            uniquingKeysWith: { first, _ in first })
    }

    /// Every server has to have room for its prepared transactions, before anything is begun.
    private func checkRoom(_ eligible: [TrainContact]) async throws {
        var servers: [String: (names: [String], room: Int, setting: Int)] = [:]
        for contact in eligible {
            let row = try await contact.target.connection.query(
                """
                SELECT (SELECT system_identifier::text FROM pg_catalog.pg_control_system()) AS server,
                       pg_catalog.current_setting('max_prepared_transactions')::integer AS setting,
                       (SELECT pg_catalog.count(*) FROM pg_catalog.pg_prepared_xacts) AS used
                """
            ).only
            let setting: Int = try row.get("setting")
            let server: String = try row.get("server")
            let used: Int = try row.get("used")
            servers[server, default: ([], setting - used, setting)].names.append(contact.name)
        }
        let short = servers.values.filter { $0.room < $0.names.count }
        guard !short.isEmpty else { return }
        throw YesterdayError(
            .configuration, "not every server has room for a prepared transaction of each of its targets",
            detail: short.map {
                "\($0.names.joined(separator: ", ")): \($0.names.count) needed, \(max(0, $0.room)) free "
                    + "(max_prepared_transactions is \($0.setting))."
            }.joined(separator: "\n") + "\nNothing was done.",
            hint: "ALTER SYSTEM SET max_prepared_transactions = ...; and restart those servers, or deploy without --atomic."
        )
    }

    /// PREPARE TRANSACTION refuses what these commands do; better before anything is begun.
    static func refuseWhatCannotBePrepared(_ bundle: LoadedBundle) throws {
        for file in bundle.files {
            for statement in try bundle.statements(of: file) {
                let words = statement.words
                let what: String? =
                    switch words.first {
                    case "NOTIFY", "LISTEN", "UNLISTEN": words[0]
                    case "CREATE" where words.dropFirst().prefix(3).contains { $0 == "TEMP" || $0 == "TEMPORARY" }:
                        "a temporary object"
                    case "DECLARE" where words.contains("HOLD"): "a cursor WITH HOLD"
                    default: nil
                    }
                guard let what else { continue }
                throw YesterdayError(
                    .badInput, "\(file.entry.file), line \(statement.line): \(what) is not possible in an atomic deployment",
                    detail: "PREPARE TRANSACTION refuses it. Nothing was done.",
                    hint: "Take it out of the bundle, or deploy without --atomic.", sqlState: "0A000")
            }
        }
    }
}

extension Target {
    /// Prepares the transaction that is open.
    func prepare(as gid: String) async throws {
        try await connection.withSession { session in
            do {
                let tag = try session.execute("PREPARE TRANSACTION \(SQL.literal(gid))").last?.commandTag
                guard tag == "PREPARE TRANSACTION" else {
                    throw YesterdayError(.failed, "the transaction was rolled back instead of prepared")
                }
            } catch let error as PostgresError where error.sqlState == "0A000" {
                throw YesterdayError(
                    .badInput, "the bundle does something that an atomic deployment cannot: \(error.message)",
                    hint: "Take it out of the bundle, or deploy without --atomic.", sqlState: "0A000", cause: error)
            }
        }
    }
}
