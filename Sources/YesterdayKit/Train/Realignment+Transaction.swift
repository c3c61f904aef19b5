import PostgresClient

extension Realignment {
    /// The transaction: every step in order, so that the regression is never live in between.
    func apply(
        _ steps: [(step: Step, bundle: LoadedBundle)], _ plan: Plan, permit: Int64, digest: String,
        to contact: TrainContact, peer: TrainContact?, commits: Bool,
        _ tell: @escaping @Sendable (GroupDeployment.Event) -> Void, acceptUnaligned: Bool = false
    ) async throws -> Outcome {
        let partner = try await registry.group(contact.registered.group).partnerLayers
        let expected = try await peer?.target.connection.withSession { try $0.portableState().leavingOut(partner) }
        await peer?.target.connection.close()
        let (name, path, peerName) = (contact.name, contact.target.originalSearchPath, peer?.name)
        let title = "realignment of \(name)"
        let deployments = steps.map { BundleDeployment($0.bundle) }
        let artifacts = try await preparedArtifacts(deployments, contact)
        let place = registry.place(nil, kind: "realignment", group: contact.registered.group)
        do {
            return try await contact.target.connection.transaction { session in
                try Target.noticeDeath(session)
                let manifest = try Self.manifest(deployments, title: title, digest: digest, place: place, session)
                let id: Int64 = try session.query(
                    """
                    SELECT yesterday.begin_realignment(permit => $1, plan_digest => $2, name => $3, manifest => $4,
                               artifacts => $5) AS id
                    """,
                    [
                        .int8(permit), .text(digest), .text(title), .jsonb(manifest.text(indent: nil)),
                        .jsonb(artifacts.map { JSONValue.array($0.map(\.json)).text(indent: nil) }),
                    ]
                ).only.get("id")
                var differences: [String] = []
                for (number, (step, deployment)) in zip(steps, deployments).enumerated() {
                    // The peers do not have the fix yet: what is compared is the state before it.
                    if step.step.kind == "fix" { differences = try Self.compare(session, expected, partner) }
                    try Self.carryOut(step.step, deployment, session, path) { file in
                        tell(.target(name, .applying(file: file, number: number + 1, of: steps.count)))
                    }
                }
                if steps.last?.step.kind != "fix" { differences = try Self.compare(session, expected, partner) }
                if commits, !differences.isEmpty, !acceptUnaligned {
                    throw YesterdayError(
                        .refused, "\(name) would not become like its peer \(peerName ?? "")",
                        detail: "It would differ in \(differences.prefix(10).joined(separator: ", ")). Nothing was changed.",
                        hint: "yesterday train check --rows shows what differs now; --accept-unaligned applies it all the same.",
                        sqlState: "YDT09")
                }
                tell(.target(name, .proving))
                let report = try session.finishDeployment(nil)
                let outcome = Outcome(plan: plan, deployment: id, report: report, peer: peerName, differences: differences)
                guard commits else { throw Rehearsed(outcome: outcome) }
                CrashPoint.reach("realignment-proven")
                return outcome
            }
        } catch let rehearsed as Rehearsed {
            return rehearsed.outcome
        }
    }

    /// Leaves the transaction, so that it is rolled back, with what it had found out.
    private struct Rehearsed: Error {
        let outcome: Outcome
    }

    private static func carryOut(
        _ step: Step, _ deployment: BundleDeployment, _ session: PostgresSession, _ path: String,
        _ began: (String) -> Void
    ) throws {
        do {
            _ = try deployment.applyFiles(to: session, searchPath: path) { progress in
                if case .began(let file, _, _) = progress { began("\(step.name): \(file)") }
            }
        } catch let error as YesterdayError {
            throw YesterdayError(
                error.code, "step \(step.number) \"\(step.name)\": \(error.message)", detail: error.detail,
                hint: error.hint, sqlState: error.sqlState, context: error.context, cause: error.cause)
        }
    }

    private static func compare(
        _ session: PostgresSession, _ expected: PortableState?, _ partner: [String]
    ) throws -> [String] {
        guard let expected else { return [] }
        return try session.portableState().leavingOut(partner).differences(from: expected).compactMap { pair in
            (pair.mine ?? pair.theirs).map { $0.kind == "rows" ? $0.name : "\($0.name) (\($0.kind))" }
        }
    }

    /// What all steps together declare.
    private static func manifest(
        _ deployments: [BundleDeployment], title: String, digest: String, place: JSONValue, _ session: PostgresSession
    ) throws -> JSONValue {
        var tables: [TableName: LoadedBundle.DeclaredTable] = [:]
        for deployment in deployments {
            for declared in try deployment.checkedTables(session, mayCreate: true) {
                guard let known = tables[declared.table] else {
                    tables[declared.table] = declared
                    continue
                }
                let keys = known.keys.flatMap { mine in declared.keys.map { mine + $0 } }
                tables[declared.table] = LoadedBundle.DeclaredTable(
                    table: declared.table, keys: (keys?.count ?? 0) > LoadedBundle.mostKeys ? nil : keys,
                    operations: TableOperation.allCases.filter {
                        known.operations.contains($0) || declared.operations.contains($0)
                    })
            }
        }
        let parts = deployments.map { $0.bundle.manifest(of: []) }
        var copies: [JSONValue] = []
        for case .array(let each)? in parts.map({ $0["copies"] }) { copies += each }
        let isAnything = parts.contains { $0["objects"] == .string("any") }
        return [
            "bundle": ["name": .string(title), "kind": "realignment", "digest": .string(digest), "patch": place],
            "tables": .object(
                tables.values.sorted { $0.table < $1.table }.map { declared in
                    JSONValue.Member(
                        declared.table.description,
                        [
                            "keys": declared.keys.map { .array($0.map { .raw($0) }) } ?? nil,
                            "operations": .array(declared.operations.map { .string($0.rawValue) }),
                        ])
                }),
            "copies": .array(copies), "objects": isAnything ? "any" : .array([]),
        ]
    }

    /// Metadata is a sequence of deltas, of which all are needed; code is positional: the newest
    /// of each artifact is enough.
    private func preparedArtifacts(
        _ deployments: [BundleDeployment], _ contact: TrainContact
    ) async throws -> [Artifact]? {
        var newest: [String: BundleArtifact] = [:]
        for artifact in deployments.flatMap(\.bundle.description.artifacts) { newest[artifact.name] = artifact }
        guard !newest.isEmpty, let last = deployments.last else { return nil }
        return try await ReleaseDeployment(last, source: source, logger: logger)
            .prepare(contact.target, artifacts: newest.values.sorted { $0.name < $1.name }).artifacts
    }
}
