import PostgresClient

/// Brings atomic runs to their end that were interrupted between PREPARE and COMMIT PREPARED.
///
/// What was decided is done. Where nothing was decided, nothing was committed by a controller, so
/// all is rolled back; but every target is asked first, for the registry may be older than its
/// targets, restored from a backup.
public struct AtomicRecovery: Sendable {
    /// What became of one target of one run.
    public struct Settled: Sendable {
        /// The run; `nil` for one that the registry has forgotten.
        public let run: Int64?
        /// The patch.
        public let ordinal: Int64
        /// The target.
        public let target: String
        /// `committed`, `rolled_back` or `lost` (it was to be committed, and is gone), or why it is still in doubt.
        public let outcome: Result<String, any Error>
    }

    let registry: TrainRegistry
    let tell: @Sendable (GroupDeployment.Event) -> Void

    /// A recovery over a registry.
    public init(registry: TrainRegistry, tell: @escaping @Sendable (GroupDeployment.Event) -> Void = { _ in }) {
        self.registry = registry
        self.tell = tell
    }

    private struct Participant: Sendable {
        let run: Int64
        let group: String
        let ordinal: Int64
        let target: String
        let gid: String
        let decision: String?
    }

    /// Settles every run of a group that is in doubt; the caller holds the lock of the group.
    ///
    /// - Throws: ``YesterdayError`` with code `busy` if something stays in doubt: nothing else may
    ///   be deployed to the group then.
    @discardableResult
    public func run(group: String) async throws -> [Settled] {
        var settled: [Settled] = []
        let open = try await registry.query(
            "SELECT id, ordinal FROM train.runs WHERE group_name = $1 AND mode = 'atomic' AND status = 'running' ORDER BY id",
            [.text(group)]
        ).rows
        for row in open {
            let run: Int64 = try row.get("id")
            let ordinal: Int64 = try row.get("ordinal")
            let outcomes = try await settle(run, contacts: [:], limit: 8)
            for (target, outcome) in outcomes.sorted(by: { $0.key < $1.key }) {
                settled.append(Settled(run: run, ordinal: ordinal, target: target, outcome: outcome))
                if case .success(let word) = outcome {
                    let isLost = word == "lost"
                    tell(.remark("\(target): patch \(ordinal), left in doubt by run \(run), is \(isLost ? Self.lost : word.replacing("_", with: " "))"))
                }
            }
        }
        let doubts = settled.compactMap { each -> (text: String, error: YesterdayError)? in
            guard case .failure(let failure) = each.outcome else { return nil }
            let error = YesterdayError.of(failure)
            let next = error.isConnection ? "" : error.hint.map { " Next: \($0)" } ?? ""
            return ("\(each.target), run \(each.run ?? 0): \(error.message).\(next)", error)
        }
        guard doubts.isEmpty else {
            // A role that may not, and nothing else in the way: another has to do it.
            let forbidden = doubts.allSatisfy { $0.error.code == .notPermitted } ? doubts.first?.error : nil
            throw YesterdayError(
                forbidden == nil ? .busy : .notPermitted, "an atomic deployment to \(group) is still in doubt",
                detail: doubts.map(\.text).joined(separator: "\n"),
                hint: forbidden?.hint
                    ?? (doubts.allSatisfy(\.error.isConnection) ? "Make these targets reachable, then: yesterday train recover"
                        : "When that is done: yesterday train recover"),
                sqlState: "YDT15")
        }
        return settled
    }

    /// Settles one run.
    ///
    /// - Parameter contacts: targets to which there is a connection already.
    /// - Returns: by target, `committed`, `rolled_back` or `lost`, or why it is still in doubt.
    func settle(
        _ run: Int64, contacts: [String: TrainContact], limit: Int
    ) async throws -> [String: Result<String, any Error>] {
        let participants = try await participants(of: run)
        guard !participants.isEmpty else {
            try await end(run)
            return [:]
        }
        let ordinal = participants[0].ordinal
        let digest = try await registry.patches(of: participants[0].group).first { $0.ordinal == ordinal }?.digest
        let looks = await Parallel.run(participants, limit: limit) { participant in
            try await look(at: participant, digest ?? "", contacts[participant.target])
        }
        var decision = participants[0].decision
        if decision == nil {
            // What cannot be seen could have been committed.
            for look in looks { if case .failure(let error) = look { throw unreachable(participants, looks, error) } }
            let anyCommitted = looks.contains { $0.result?.state == .landed }
            decision = try await registry.query(
                "SELECT train.recover_run($1, $2) AS decision", [.int8(run), .bool(anyCommitted)]
            ).only.get("decision")
        }
        let doesCommit = decision == "commit"
        let done = await Parallel.run(Array(zip(participants, looks)), limit: limit) { participant, look in
            guard case .success(let found) = look else {
                if case .failure(let error) = look { throw error }
                throw YesterdayError(.unavailable, "\(participant.target) was not asked")
            }
            do {
                let outcome = try await carryOut(participant, found, doesCommit: doesCommit)
                if contacts[participant.target] == nil { await found.contact.target.connection.close() }
                return outcome
            } catch {
                if contacts[participant.target] == nil { await found.contact.target.connection.close() }
                throw error
            }
        }
        var outcomes: [String: Result<String, any Error>] = [:]
        for (participant, result) in zip(participants, done) {
            switch result {
            case .success(let word): outcomes[participant.target] = .success(word)
            case .failure(let error): outcomes[participant.target] = .failure(error)
            case .notBegun: outcomes[participant.target] = .failure(YesterdayError(.cancelled, "it was not asked"))
            }
        }
        if !outcomes.values.contains(where: { if case .failure = $0 { true } else { false } }) {
            try await end(run, lost: outcomes.filter { if case .success("lost") = $0.value { true } else { false } }.keys.sorted())
        }
        return outcomes
    }

    private func end(_ run: Int64, lost: [String] = []) async throws {
        let row = try await registry.query(
            "SELECT decision FROM train.runs WHERE id = $1", [.int8(run)]
        ).rows.first
        let committed = try row?.getIfPresent("decision", as: String.self) == "commit"
        guard committed else { return try await registry.endRun(run, "failed", "nothing was committed anywhere") }
        try await registry.endRun(run, lost.isEmpty ? "done" : "failed", lost.isEmpty ? nil : "lost on \(lost.joined(separator: ", "))")
    }

    private func participants(of run: Int64) async throws -> [Participant] {
        try await registry.query(
            "SELECT run, group_name, ordinal, target, gid, decision FROM train.in_doubt WHERE run = $1 ORDER BY target",
            [.int8(run)]
        ).rows.map { row in
            Participant(
                run: try row.get("run"), group: try row.get("group_name"), ordinal: try row.get("ordinal"),
                target: try row.get("target"), gid: try row.get("gid"), decision: try row.getIfPresent("decision"))
        }
    }

    /// What became of a patch of which neither the prepared transaction nor the deployment is there.
    static let lost = "lost there: what was prepared was rolled back by hand, or the database is an older copy"

    // MARK: one target

    private enum State: Sendable { case prepared, landed, absent }

    private struct Look: Sendable {
        let contact: TrainContact
        let state: State
    }

    /// Whether the transaction is still prepared, and if not, whether it landed.
    private func look(at participant: Participant, _ digest: String, _ known: TrainContact?) async throws -> Look {
        if let known {
            do {
                return Look(contact: known, state: try await state(participant, digest, known))
            } catch let error as PostgresError where error.code == .connectionLost {
                // The session is gone, what it had prepared is not.
            }
        }
        let registered = try await registry.target(participant.target)
        let contact = try await TrainContact.reach(registered, registry: registry)
        return Look(contact: contact, state: try await state(participant, digest, contact))
    }

    private func state(_ participant: Participant, _ digest: String, _ contact: TrainContact) async throws -> State {
        let isPrepared = try await contact.target.connection.query(
            """
            SELECT EXISTS (SELECT FROM pg_catalog.pg_prepared_xacts
                           WHERE gid = $1 AND database = pg_catalog.current_database()) AS it
            """, [.text(participant.gid)]
        ).only.get("it", as: Bool.self)
        if isPrepared { return .prepared }
        return try await contact.target.landed(digest) ? .landed : .absent
    }

    private func carryOut(_ participant: Participant, _ look: Look, doesCommit: Bool) async throws -> String {
        let connection = look.contact.target.connection
        switch (look.state, doesCommit) {
        case (.prepared, true):
            CrashPoint.reach("committing")
            try await end("COMMIT", participant.gid, connection)
            CrashPoint.reach("committed")
            // The transaction itself could not notify anybody.
            try await connection.query("SELECT pg_catalog.pg_notify('yesterday', $1)", [.text("deploy \(participant.gid)")])
        case (.prepared, false):
            try await end("ROLLBACK", participant.gid, connection)
        case (.landed, false):
            throw YesterdayError(
                .failed, "\(participant.target) has committed although it was decided to roll back",
                detail: "Somebody committed \(participant.gid) by hand.",
                hint: "Roll it back there: yesterday rollback", sqlState: "YDT15")
        // What is gone nobody can commit any more: it is told, and the patch is deployed there anew.
        case (.landed, true), (.absent, false), (.absent, true): break
        }
        let word = !doesCommit ? "rolled_back" : look.state == .absent ? "lost" : "committed"
        try await registry.query(
            "SELECT train.record_outcome($1, $2, $3)",
            [.int8(participant.run), .text(participant.target), .text(word)])
        try await registry.sync(look.contact.askedAgain())
        CrashPoint.reach("recorded")
        return word
    }

    /// COMMIT or ROLLBACK of what is prepared, which PostgreSQL lets only the role do that prepared it, or a superuser.
    func end(_ verb: String, _ gid: String, _ connection: PostgresConnection) async throws {
        do {
            try await connection.execute("\(verb) PREPARED \(SQL.literal(gid))")
        } catch let error as PostgresError where error.sqlState == "42501" {
            let row = try await connection.query(
                "SELECT owner FROM pg_catalog.pg_prepared_xacts WHERE gid = $1", [.text(gid)]
            ).rows.first
            guard let owner = try row?.get("owner", as: String.self) else { throw error }
            throw YesterdayError(
                .notPermitted, "\(owner) prepared the transaction; only \(owner) or a superuser may end it",
                hint: "Run it as \(owner) or a superuser: yesterday train recover", sqlState: "42501", cause: error)
        }
    }

    private func unreachable(
        _ participants: [Participant], _ looks: [Parallel.Outcome<Look>], _ first: any Error
    ) -> YesterdayError {
        let names = zip(participants, looks).compactMap { participant, look -> String? in
            if case .failure(let error) = look { "\(participant.target): \(YesterdayError.of(error).message)" } else { nil }
        }
        return YesterdayError(
            .busy, "an atomic deployment is in doubt, and not every target of it can be asked",
            detail: names.joined(separator: "\n")
                + "\nNothing was decided before the controller ended, so all would be rolled back; but not before every target was asked.",
            hint: "Make these targets reachable, then: yesterday train recover", sqlState: "YDT15", cause: first)
    }
}
