import PostgresClient

extension Realignment {
    /// Does on the target's own state what applying would do, and undoes it.
    ///
    /// - Parameters:
    ///   - bundles: the bundles of all steps.
    ///   - acceptUnaligned: true for a rehearsal to count though the target would not become like its peer.
    ///   - tell: told how far it is.
    public func rehearse(
        _ bundles: [LoadedBundle], acceptUnaligned: Bool = false,
        tell: @escaping @Sendable (GroupDeployment.Event) -> Void = { _ in }
    ) async throws -> Outcome {
        let plan = try await plan()
        // The registry would say so afterwards.
        if let unsigned = plan.steps.first(where: { $0.signature == nil }) {
            throw YesterdayError(
                .refused, "realignment \(plan.id) of \(target) is not signed",
                detail: "Step \(unsigned.number) \"\(unsigned.name)\" is the first that nobody has signed.",
                hint: "yesterday train approve \(ShellWord.quoted(target)) --reason \"...\"", sqlState: "YDT10")
        }
        let ordered = try order(bundles, plan)
        return try await withLock { contact in
            tell(.connected(contact.target.connection))
            try await contact.requireAdmin()
            let digest: String = try await registry.query(
                "SELECT train.plan_digest($1) AS digest", [.int8(plan.id)]
            ).only.get("digest")
            let state: String = try await contact.target.connection.query("SELECT yesterday.state_digest() AS digest")
                .only.get("digest")
            let permit = try await contact.target.grantPermit(
                digest, contact.facts.position, "rehearsal of realignment \(plan.id)", plan.coversJSON, state)
            let peer = try await peer(beside: contact)
            do {
                let outcome = try await apply(
                    ordered, plan, permit: permit, digest: digest, to: contact, peer: peer, commits: false, tell)
                try await contact.target.revoke(permit, "the rehearsal is over")
                try await record(plan, digest, contact, state, outcome, nil, acceptUnaligned)
                return outcome
            } catch {
                _ = try? await contact.target.revoke(permit, "the rehearsal failed")
                try? await record(plan, digest, contact, state, nil, error)
                throw error
            }
        }
    }

    private func record(
        _ plan: Plan, _ digest: String, _ contact: TrainContact, _ state: String, _ outcome: Outcome?,
        _ error: (any Error)?, _ acceptUnaligned: Bool = false
    ) async throws {
        let figures: JSONValue = [
            "peer": .optional(outcome?.peer),
            "differences": .array((outcome?.differences ?? []).map { .string($0) }),
            "accepted_unaligned": .bool(acceptUnaligned && !(outcome?.differences.isEmpty ?? true)),
            "error": .optional(error.map { YesterdayError.of($0).message }),
        ]
        try await registry.query(
            """
            SELECT train.record_rehearsal(realignment => $1, plan_digest => $2, "position" => $3, state_digest => $4,
                       succeeded => $5, figures => $6)
            """,
            [
                .int8(plan.id), .text(digest), .text(contact.facts.position), .text(state),
                .bool(outcome.map { $0.differences.isEmpty || acceptUnaligned } ?? false), .jsonb(figures.text(indent: nil)),
            ])
    }

    /// Applies the whole sequence in one transaction: proven, and like an aligned peer, or not at all.
    ///
    /// - Parameter acceptUnaligned: true to apply it though it does not become like its peer.
    public func apply(
        _ bundles: [LoadedBundle], acceptUnaligned: Bool = false,
        tell: @escaping @Sendable (GroupDeployment.Event) -> Void = { _ in }
    ) async throws -> Outcome {
        let plan = try await plan()
        let ordered = try order(bundles, plan)
        return try await withLock { contact in
            tell(.connected(contact.target.connection))
            if plan.state == "applying", let landed = try await landed(plan, contact) {
                try await mark(plan, landed)
                try await registry.sync(contact.askedAgain())
                return await switched(landed, contact)
            }
            // Before the realignment begins: once it has, a failure asks for another rehearsal.
            try await contact.requireAdmin()
            let begun = try await registry.query(
                "SELECT plan_digest, covers::text AS covers, state_digest FROM train.begin_apply($1, $2)",
                [.int8(plan.id), .text(contact.facts.position)]
            ).only
            let digest: String = try begun.get("plan_digest")
            CrashPoint.reach("apply-begun")
            let outcome: Outcome
            do {
                let permit = try await contact.target.grantPermit(
                    digest, contact.facts.position, "realignment \(plan.id)", try begun.get("covers"),
                    try begun.getIfPresent("state_digest"))
                CrashPoint.reach("permit-granted")
                let peer = try await peer(beside: contact)
                outcome = try await apply(
                    ordered, plan, permit: permit, digest: digest, to: contact, peer: peer, commits: true, tell,
                    acceptUnaligned: acceptUnaligned)
            } catch {
                // What was lost during COMMIT may have landed: the next contact tells.
                if !((error as? PostgresError)?.commitOutcomeUnknown ?? false) {
                    _ = try? await registry.query(
                        "SELECT train.mark_failed($1, $2)", [.int8(plan.id), .text(YesterdayError.of(error).message)])
                }
                throw error
            }
            CrashPoint.reach("realigned")
            try await mark(plan, outcome)
            try await registry.sync(contact.askedAgain())
            return await switched(outcome, contact)
        }
    }

    /// One switch of code at the end, whatever the steps brought.
    private func switched(_ outcome: Outcome, _ contact: TrainContact) async -> Outcome {
        var outcome = outcome
        do {
            let code = try await CodeSwitch(source: source, logger: logger).converge(contact.target)
            guard code.state != "none" else { return outcome }
            let failures = code.lines.filter { $0.outcome == "failed" }.map { "\($0.artifact): \($0.detail)" }
            outcome.code = GroupDeployment.CodeOutcome(
                state: code.state, detail: failures.isEmpty ? nil : failures.joined(separator: "; "))
        } catch {
            outcome.code = GroupDeployment.CodeOutcome(state: "failed", detail: YesterdayError(describing: error).oneLine)
        }
        return outcome
    }

    /// What an earlier run did that ended between the commit of the target and the word to the registry.
    private func landed(_ plan: Plan, _ contact: TrainContact) async throws -> Outcome? {
        let row = try await contact.target.connection.query(
            """
            SELECT (h ->> 'id')::bigint AS id
            FROM pg_catalog.jsonb_array_elements($1::jsonb -> 'history') AS h
            WHERE h ->> 'kind' = 'realignment' AND h ->> 'status' = 'finished'
              AND (SELECT pg_catalog.array_agg(c ->> 'digest' ORDER BY c.number)
                   FROM pg_catalog.jsonb_array_elements(h -> 'covers') WITH ORDINALITY AS c(c, number)) = $2::text[]
            ORDER BY 1 DESC LIMIT 1
            """, [.jsonb(contact.facts.json), .array(plan.steps.map(\.digest))]
        ).rows.first
        guard let row else { return nil }
        let id: Int64 = try row.get("id")
        return Outcome(
            plan: plan, deployment: id,
            report: Report(subject: "realignment \(plan.id)", outcome: "had landed as deployment \(id)"), peer: nil,
            differences: [])
    }

    private func mark(_ plan: Plan, _ outcome: Outcome) async throws {
        try await registry.query(
            "SELECT train.mark_applied(realignment => $1, deployment => $2, peer => $3, aligned => $4)",
            [
                .int8(plan.id), .int8(outcome.deployment), .text(outcome.peer),
                .bool(outcome.peer == nil ? nil : outcome.differences.isEmpty),
            ])
    }

    /// With the group locked, and whatever was left in doubt settled first.
    private func withLock(_ body: (TrainContact) async throws -> Outcome) async throws -> Outcome {
        let group = try await registry.target(target).group
        return try await registry.withLock(on: group) {
            try await AtomicRecovery(registry: registry).run(group: group)
            return try await withContact(body)
        }
    }

    /// The bundles in the order of the steps.
    private func order(_ bundles: [LoadedBundle], _ plan: Plan) throws -> [(step: Step, bundle: LoadedBundle)] {
        try plan.steps.map { step in
            if let bundle = bundles.first(where: { $0.trainDigest == step.digest }) { return (step, bundle) }
            let sameName = bundles.first { $0.name == step.name }
            throw YesterdayError(
                sameName == nil ? .badInput : .refused,
                "there is no bundle for step \(step.number) \"\(step.name)\"",
                detail: sameName == nil
                    ? "Its digest is \(step.digest)."
                    : "The one of that name has the digest \(sameName?.trainDigest ?? ""), the plan \(step.digest).",
                hint: "Name the folders that hold the bundles as they were released: --bundles FOLDER", sqlState: "YDT06")
        }
    }

    /// A target that is on the train where its peers are.
    private func peer(beside contact: TrainContact) async throws -> TrainContact? {
        let rows = try await registry.query(
            """
            SELECT t.target FROM train.targets AS t JOIN train.position AS p ON p.target = t.target
            WHERE t.group_name = $1 AND t.target <> $2 AND t.state = 'on_train' AND p.in_step
            ORDER BY t.alignment IS NOT NULL, t.canary NULLS LAST, t.target
            """, [.text(contact.registered.group), .text(target)]
        ).rows
        var reasons: [String] = []
        for row in rows {
            let name: String = try row.get("target")
            do {
                let peer = try await TrainContact.reach(registry.target(name), registry: registry)
                if peer.facts.state == "on_train" { return peer }
                await peer.target.connection.close()
            } catch {
                reasons.append("\(name): \(YesterdayError.of(error).message)")
            }
        }
        guard reasons.isEmpty else {
            throw YesterdayError(
                .unavailable, "no peer of \(target) can be asked, so nobody can say whether it becomes like them",
                detail: reasons.joined(separator: "\n"), hint: "Make one of them reachable and try again.")
        }
        return nil
    }
}

extension Realignment.Plan {
    /// What the plan covers, as permits have it.
    fileprivate var coversJSON: String {
        JSONValue.array(
            steps.map { step in
                [
                    "ordinal": .optional(step.ordinal), "name": .string(step.name), "digest": .string(step.digest),
                    "kind": .string(step.kind),
                ]
            }
        ).text(indent: nil)
    }
}

extension TrainContact {
    /// Who may not give a permit in the target is told so before anything is done.
    fileprivate func requireAdmin() async throws {
        let row = try await target.connection.query(
            """
            SELECT pg_catalog.pg_has_role('yesterday_admin', 'USAGE') AS may, session_user AS name,
                   pg_catalog.current_database() AS database
            """
        ).only
        guard try !row.get("may", as: Bool.self) else { return }
        let name: String = try row.get("name")
        throw YesterdayError(
            .notPermitted, "\(name) may not realign \(self.name)",
            detail: "To rehearse and to apply a realignment gives a permit in the target, which takes yesterday_admin there. "
                + "Nothing was changed; a rehearsal that has been done still counts.",
            hint: "Have somebody do it who has it; or, in database \(try row.get("database", as: String.self)): "
                + "GRANT yesterday_admin TO \(name);",
            sqlState: "42501")
    }
}

extension Target {
    fileprivate func grantPermit(
        _ digest: String, _ position: String, _ reason: String, _ covers: String, _ state: String?
    ) async throws -> Int64 {
        try await connection.query(
            """
            SELECT yesterday.grant_permit(plan_digest => $1, "position" => $2, reason => $3, covers => $4,
                       state_digest => $5) AS permit
            """, [.text(digest), .text(position), .text(reason), .jsonb(covers), .text(state)]
        ).only.get("permit")
    }

    fileprivate func revoke(_ permit: Int64, _ reason: String) async throws {
        try await connection.query("SELECT yesterday.revoke_permit($1, $2)", [.int8(permit), .text(reason)])
    }
}
