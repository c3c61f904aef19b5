import Logging
import PostgresClient

/// A bundle that was applied and proven in a transaction that is still open.
struct ProvenApplication: Sendable {
    let contact: TrainContact
    let deployment: Int64
    /// Portable digest of what it displaces; `nil` where that cannot be told.
    let portable: String?
    /// Digest of its inverse.
    let exact: String?
}

extension GroupWork {
    /// Every target commits by itself.
    mutating func deployOneByOne(_ eligible: [TrainContact], _ goOn: () async throws -> Bool) async throws {
        run = try await registry.beginRun(plan, ordinal: ordinal, participants: nil)
        var rest = eligible[...]
        if let canary = plan.canary, rest.first?.name == canary {
            try await wave([rest.removeFirst()])
            guard outcomes[canary]?.landed == true else { return try await end() }
            if !rest.isEmpty, try await !goOn() {
                isPaused = true
                for contact in rest { end(contact.name, .givenUp("only the canary was to get it for now")) }
                return try await end()
            }
        }
        // Until one target has it nobody knows what it ought to displace, so the first ones are
        // compared with each other before any of them commits.
        if try await registry.referenceDigest(group.name, ordinal) == nil, !rest.isEmpty {
            let first = Array(rest.prefix(max(2, plan.parallel)))
            rest = rest.dropFirst(first.count)
            try await wave(first)
        }
        if !(plan.onFailure == .stop && outcomes.values.contains { $0.isTrouble }) {
            try await stream(Array(rest))
        }
        try await end()
    }

    private mutating func end() async throws {
        guard let run else { return }
        let trouble = outcomes.filter { $0.value.isTrouble }.keys.sorted()
        try await registry.endRun(
            run, trouble.isEmpty ? "done" : plan.onFailure == .stop ? "stopped" : "failed",
            trouble.isEmpty ? nil : "trouble with \(trouble.joined(separator: ", "))")
    }

    /// Applies to a few targets, compares them with each other, and commits those that are alike.
    private mutating func wave(_ contacts: [TrainContact]) async throws {
        let step = step()
        let results = await Parallel.run(contacts, limit: plan.parallel, stopsAtFailure: plan.onFailure == .stop) {
            try await step.apply(to: $0)
        }
        var proven: [ProvenApplication] = []
        for (contact, result) in zip(contacts, results) {
            switch result {
            case .success(let application): proven.append(application)
            case .failure(let error): end(contact.name, await step.noteFailure(contact, error))
            case .notBegun: continue
            }
        }
        proven = try await withoutDiverged(proven, step)
        if plan.onFailure == .stop, contacts.contains(where: { outcomes[$0.name]?.isTrouble == true }) {
            for application in proven {
                await step.giveUp(application)
                let detail = "another target failed; nothing was committed"
                try await registry.record(application.contact.name, ordinal, "failed", detail: detail, run: run)
                end(application.contact.name, .givenUp(detail))
            }
            return
        }
        CrashPoint.reach("proven")
        let committed = await Parallel.run(proven, limit: plan.parallel) { application in
            (try await step.commit(application), await step.switchCode(application.contact))
        }
        for (application, result) in zip(proven, committed) { try await take(application, result, step) }
    }

    /// Gives up those that displace something else than most do.
    private mutating func withoutDiverged(_ proven: [ProvenApplication], _ step: ApplyStep) async throws -> [ProvenApplication] {
        let reference = try await registry.referenceDigest(group.name, ordinal)
        let verdict = AlignmentVerdict(
            Dictionary(proven.map { ($0.contact.name, $0.portable ?? "?") }, uniquingKeysWith: { first, _ in first }))
        var kept: [ProvenApplication] = []
        for application in proven {
            let isAligned = reference.map { $0 == application.portable }
                ?? (!verdict.isTie && verdict.aligned.contains(application.contact.name))
            if isAligned || (reference == nil && verdict.diverged.isEmpty) {
                kept.append(application)
            } else {
                await step.giveUp(application)
                let detail = "What the patch displaces there is not what it displaces on its peers."
                try await registry.record(application.contact.name, ordinal, "diverged", detail: detail, run: run)
                end(application.contact.name, .diverged(detail))
            }
        }
        return kept
    }

    /// The others: each is compared with what is known by now, and commits at once.
    private mutating func stream(_ contacts: [TrainContact]) async throws {
        let step = step()
        let reference = try await registry.referenceDigest(group.name, ordinal)
        let results = await Parallel.run(contacts, limit: plan.parallel, stopsAtFailure: plan.onFailure == .stop) {
            contact in
            let application = try await step.apply(to: contact)
            guard reference == nil || application.portable == reference else {
                await step.giveUp(application)
                throw Diverged()
            }
            return (application, (try await step.commit(application), await step.switchCode(contact)))
        }
        for (contact, result) in zip(contacts, results) {
            switch result {
            case .success((let application, let landed)): try await take(application, .success(landed), step)
            case .failure(is Diverged):
                let detail = "What the patch displaces there is not what it displaces on its peers."
                try await registry.record(contact.name, ordinal, "diverged", detail: detail, run: run)
                end(contact.name, .diverged(detail))
            case .failure(let error): end(contact.name, await step.noteFailure(contact, error))
            case .notBegun: end(contact.name, .givenUp("another target failed before it was its turn"))
            }
        }
    }

    private struct Diverged: Error {}

    private mutating func take(
        _ application: ProvenApplication, _ result: Parallel.Outcome<(Int64, GroupDeployment.CodeOutcome?)>,
        _ step: ApplyStep
    ) async throws {
        switch result {
        case .success((let deployment, let code)):
            end(application.contact.name, .applied(deployment: deployment, code: code))
            await storeInverse(application)
        case .failure(let error): end(application.contact.name, await step.noteFailure(application.contact, error))
        case .notBegun: break
        }
    }

    /// Equal inverse bundles lie in the registry once.
    mutating func storeInverse(_ application: ProvenApplication) async {
        guard let exact = application.exact, inverses.insert(exact).inserted else { return }
        do {
            let row = try await application.contact.target.connection.query(
                """
                SELECT CASE WHEN pg_catalog.octet_length(d) <= $2 THEN d END AS document,
                       pg_catalog.pg_size_pretty(pg_catalog.octet_length(d)::bigint) AS size
                FROM yesterday.inverse_document($1) AS d
                """, [.int8(application.deployment), .int8(plan.largestInverse)]
            ).only
            guard let document: String = try row.getIfPresent("document") else {
                return plan.tell(
                    .remark(
                        "\(application.contact.name): its inverse bundle (\(try row.get("size", as: String.self))) is in the target alone: it is larger than --inverse-limit"
                    ))
            }
            let isNew = try await registry.query(
                "SELECT train.store_inverse($1, $2) AS new", [.text(exact), .text(document)]
            ).only.get("new", as: Bool.self)
            if isNew { inversesStored += 1 }
        } catch {
            // The target keeps and uses its own; the copy is for people who want to compare.
            plan.tell(
                .remark(
                    "\(application.contact.name): its inverse bundle is not in the registry: \(YesterdayError.of(error).message)"
                ))
        }
    }

    func step() -> ApplyStep {
        var deployment = plan.deployment
        deployment.patch = registry.place(ordinal, kind: plan.bundle.description.kind.rawValue, group: group.name)
        return ApplyStep(
            deployment: deployment, registry: registry, ordinal: ordinal, run: run, source: plan.source, logger: plan.logger, tell: plan.tell)
    }
}

/// What is done on one target.
struct ApplyStep: Sendable {
    let deployment: BundleDeployment
    let registry: TrainRegistry
    let ordinal: Int64
    let run: Int64?
    let source: ArtifactSource
    let logger: Logger
    let tell: @Sendable (GroupDeployment.Event) -> Void

    /// Applies and proves; the transaction stays open.
    func apply(to contact: TrainContact) async throws -> ProvenApplication {
        // The registry makes its checks once more, now that it is serious.
        try await registry.record(contact.name, ordinal, "applying", run: run)
        CrashPoint.reach("applying")
        let name = contact.name
        let path = contact.target.originalSearchPath
        let tell = tell
        var prepared = deployment
        if hasCode {
            let release = ReleaseDeployment(deployment, source: source, logger: logger)
            try await release.requireOrder(contact.target)
            prepared = try await release.prepare(contact.target) { tell(.target(name, .preparing($0))) }
        }
        let deployment = prepared
        let application = try await contact.target.connection.withSession { session in
            do {
                try Target.noticeDeath(session)
                try session.execute("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE")
                let outcome = try deployment.apply(to: session, searchPath: path) { progress in
                    switch progress {
                    case .began(let file, let number, let count):
                        tell(.target(name, .applying(file: file, number: number, of: count)))
                    case .proving: tell(.target(name, .proving))
                    case .sent, .applied: break
                    }
                }
                let digest = try session.displacedDigest(outcome.deployment)
                return ProvenApplication(
                    contact: contact, deployment: outcome.deployment, portable: digest.portable, exact: digest.exact)
            } catch {
                if session.isOpen, session.isInTransaction { _ = try? session.execute("ROLLBACK") }
                throw error
            }
        }
        tell(.target(name, .proven))
        return application
    }

    /// Commits what was proven.
    ///
    /// - Returns: the id of the deployment.
    func commit(_ application: ProvenApplication) async throws -> Int64 {
        let contact = application.contact
        tell(.target(contact.name, .committing))
        do {
            try await contact.target.connection.withSession { session in
                let tag = try session.execute("COMMIT").last?.commandTag
                guard tag == "COMMIT" else {
                    throw YesterdayError(.failed, "the transaction was rolled back instead of committed")
                }
            }
        } catch let error as PostgresError where error.code == .connectionLost {
            // Whether it landed only the target can tell.
            guard try await landed(contact, after: error) else { throw error }
        }
        CrashPoint.reach("committed")
        do {
            try await registry.record(
                contact.name, ordinal, "applied", deployment: application.deployment, portable: application.portable,
                exact: application.exact, run: run)
        } catch {
            // It landed; the registry learns of it at the next contact.
            tell(.remark("\(contact.name): landed, but the registry could not be told: \(YesterdayError.of(error).message)"))
        }
        return application.deployment
    }

    private var hasCode: Bool { !deployment.bundle.description.artifacts.isEmpty }

    /// Makes the code of a target the one that should run there; `nil` if the bundle brings none.
    func switchCode(_ contact: TrainContact) async -> GroupDeployment.CodeOutcome? {
        guard hasCode else { return nil }
        let (name, tell) = (contact.name, tell)
        do {
            let outcome = try await CodeSwitch(source: source, logger: logger).converge(contact.target) { progress in
                if case .step(let artifact, let text) = progress { tell(.target(name, .preparing("\(artifact): \(text)"))) }
            }
            let failures = outcome.lines.filter { $0.outcome == "failed" }.map { "\($0.artifact): \($0.detail)" }
            return GroupDeployment.CodeOutcome(
                state: outcome.state, detail: failures.isEmpty ? nil : failures.joined(separator: "; "))
        } catch {
            return GroupDeployment.CodeOutcome(state: "failed", detail: YesterdayError(describing: error).oneLine)
        }
    }

    /// Asks a target whether a bundle landed whose COMMIT was interrupted.
    private func landed(_ contact: TrainContact, after lost: PostgresError) async throws -> Bool {
        for attempt in 1...10 {
            do {
                let again = try await TrainContact.reach(contact.registered, registry: registry)
                let isThere = try await again.target.landed(deployment.bundle.trainDigest)
                try await registry.sync(again)
                await again.target.connection.close()
                return isThere
            } catch let error as YesterdayError where error.isConnection {
                guard attempt < 10 else { break }
                try await Task.sleep(for: .milliseconds(500))
            }
        }
        throw YesterdayError(
            .unavailable, "the connection was lost during COMMIT, and the target cannot be asked whether it landed",
            detail: lost.detail, hint: "Run the same command again: it finds out first.", cause: lost)
    }

    /// Rolls back what was proven.
    func giveUp(_ application: ProvenApplication) async {
        // A connection that is broken has no transaction any more.
        _ = try? await application.contact.target.connection.execute("ROLLBACK")
    }

    /// Records a failure, as far as the registry can be told.
    func noteFailure(_ contact: TrainContact, _ error: any Error) async -> GroupDeployment.TargetOutcome {
        let reason = YesterdayError.of(error)
        // What the registry itself refused is not an attempt.
        if reason.sqlState?.hasPrefix("YDT") == true { return .blocked(reason) }
        guard reason.code != .unavailable else { return .failed(reason) }
        do {
            try await registry.record(contact.name, ordinal, "failed", detail: reason.message, run: run)
        } catch {
            tell(.remark("\(contact.name): the registry could not be told: \(YesterdayError.of(error).message)"))
        }
        return .failed(reason)
    }
}

extension PostgresSession {
    /// What a deployment of this transaction displaced: portable, in the vendors' layers, and exact.
    func displacedDigest(_ deployment: Int64) throws -> (portable: String?, exact: String?) {
        let row = try query("SELECT portable, exact FROM yesterday.displaced_digest($1)", [.int8(deployment)]).only
        return (try row.getIfPresent("portable"), try row.getIfPresent("exact"))
    }
}

extension Target {
    /// True if a deployment of a bundle counts here.
    ///
    /// - Parameter isStart: true if no more than the start of its digest is known.
    func landed(_ digest: String, isStart: Bool = false) async throws -> Bool {
        try await connection.query(
            """
            SELECT EXISTS (
                SELECT FROM pg_catalog.jsonb_array_elements(yesterday.train_facts() -> 'history') AS h
                WHERE (h ->> 'digest' = $1 OR $2 AND pg_catalog.starts_with(h ->> 'digest', $1))
                  AND h ->> 'status' = 'finished') AS landed
            """, [.text(digest), .bool(isStart)]
        ).only.get("landed")
    }
}

extension TrainRegistry {
    /// A place on the train, as the manifests of its deployments have it: the targets remember it, whatever backup the
    /// registry is restored from.
    ///
    /// - Parameter ordinal: `nil` for a realignment, which covers several.
    func place(_ ordinal: Int64?, kind: String, group: String) -> JSONValue {
        .members([
            ("registry", .string(id)), ("group", .string(group)), ("ordinal", ordinal.map { .integer($0) }), ("kind", .string(kind)),
        ])
    }

    /// Begins a run, or takes up one that was not finished.
    func beginRun(_ plan: GroupDeployment, ordinal: Int64, participants: JSONValue?) async throws -> Int64 {
        let options: JSONValue = [
            "parallel": .integer(Int64(plan.parallel)), "canary": .optional(plan.canary),
            "on_failure": .string(plan.onFailure.rawValue),
        ]
        return try await query(
            """
            SELECT train.begin_run(group_name => $1, ordinal => $2::integer, mode => $3, participants => $4,
                       outside_window => $5, options => $6) AS run
            """,
            [
                .text(plan.group), .text(String(ordinal)), .text(plan.isAtomic ? "atomic" : "each"),
                .jsonb(participants?.text(indent: nil)), .text(plan.outsideWindow), .jsonb(options.text(indent: nil)),
            ]
        ).only.get("run")
    }

    /// Ends a run.
    func endRun(_ run: Int64, _ status: String, _ detail: String?) async throws {
        try await query("SELECT train.end_run($1, $2, $3)", [.int8(run), .text(status), .text(detail)])
    }
}
