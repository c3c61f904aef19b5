import PostgresClient

/// The name of a prepared transaction of an atomic deployment: a person who finds it in
/// `pg_prepared_xacts` understands it, and it says enough to settle it without the registry.
struct PreparedName: Sendable, Hashable {
    /// The registry that it belongs to.
    let registry: String
    /// Place of the patch on the train.
    let ordinal: Int64
    /// Start of the digest of the bundle, without `sha256:`.
    let digest: String
    /// Drawn for each run.
    let token: String
    /// All of it, at most 199 bytes long.
    let text: String

    init(registry: String, ordinal: Int64, digest: String, token: String, target: String) {
        self.registry = registry
        self.ordinal = ordinal
        self.digest = String(digest.split(separator: ":").last?.prefix(16) ?? "")
        self.token = token
        let start = "yesterday:\(registry):\(ordinal):\(self.digest):\(token):"
        var name = target
        while start.utf8.count + name.utf8.count > 199 { name.removeLast() }
        text = start + name
    }

    /// `nil` for what is not such a name.
    init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 6, parts[0] == "yesterday", let ordinal = Int64(parts[2]) else { return nil }
        (registry, digest, token) = (parts[1], parts[3], parts[4])
        self.ordinal = ordinal
        self.text = text
    }
}

extension AtomicRecovery {
    private struct Orphan: Sendable {
        let contact: TrainContact
        let name: PreparedName
    }

    /// Settles prepared transactions of which the registry has no open run: it was restored from a
    /// backup that is older than they are, or a controller that stood still went on after another
    /// one had settled its run.
    ///
    /// The targets themselves know enough. The decision comes before the first commit, so where
    /// one of them has the bundle all commit, and where none has it all roll back.
    ///
    /// - Parameters:
    ///   - contacts: the targets of the group that could be asked.
    ///   - isComplete: false if there are others.
    /// - Returns: what became of each.
    func settleForgotten(
        group: String, contacts: [TrainContact], isComplete: Bool
    ) async throws -> [Settled] {
        let registryID = registry.id
        let found = await Parallel.run(contacts, limit: 8) { contact in
            try await contact.target.connection.query(
                """
                SELECT gid FROM pg_catalog.pg_prepared_xacts
                WHERE database = pg_catalog.current_database() AND gid LIKE $1 ORDER BY prepared
                """, [.text("yesterday:\(registryID):%")]
            ).rows.compactMap { row in (row[0].flatMap(PreparedName.init)).map { Orphan(contact: contact, name: $0) } }
        }
        var orphans: [Orphan] = []
        for each in found {
            switch each {
            case .success(let some): orphans += some
            case .failure(let error): throw YesterdayError.of(error)
            case .notBegun: throw YesterdayError(.cancelled, "a target was not asked")
            }
        }
        guard !orphans.isEmpty else { return [] }
        let listed = orphans.map { "\($0.contact.name): \($0.name.text)" }.joined(separator: "\n")
        guard isComplete else {
            throw YesterdayError(
                .busy, "transactions of an atomic deployment are prepared, and not every target of \(group) can be asked",
                detail: listed + "\nThe registry does not know their run. What becomes of them depends on whether a target has committed.",
                hint: "Make every target reachable, then: yesterday train recover", sqlState: "YDT15")
        }
        var settled: [Settled] = []
        for (_, some) in Dictionary(grouping: orphans, by: \.name.token).sorted(by: { $0.key < $1.key }) {
            settled += try await settle(some, contacts, group)
        }
        return settled
    }

    private func settle(_ orphans: [Orphan], _ contacts: [TrainContact], _ group: String) async throws -> [Settled] {
        let name = orphans[0].name
        var doesCommit = false
        for contact in contacts {
            doesCommit = try await contact.target.landed("sha256:\(name.digest)", isStart: true) || doesCommit
        }
        if doesCommit, try await !registry.patches(of: group).contains(where: { $0.digest.hasPrefix("sha256:\(name.digest)") }) {
            throw YesterdayError(
                .busy, "an atomic deployment was committed on some targets, and the registry has forgotten its patch \(name.ordinal)",
                detail: orphans.map { "\($0.contact.name) holds \($0.name.text)" }.joined(separator: "\n")
                    + "\nThe bundle has a digest that begins with sha256:\(name.digest).",
                hint: "Put it back on the train: yesterday train release BUNDLE --group \(ShellWord.quoted(group)); then: yesterday train recover",
                sqlState: "YDT15")
        }
        var settled: [Settled] = []
        for orphan in orphans {
            try await end(doesCommit ? "COMMIT" : "ROLLBACK", orphan.name.text, orphan.contact.target.connection)
            let outcome = doesCommit ? "committed" : "rolled_back"
            try await registry.query(
                "SELECT train.log_event('forgotten_run', $1, $2, $3, $4)",
                [
                    .text(group), .text(orphan.contact.name), .text("prepared by a run that the registry does not know"),
                    .jsonb(JSONValue.object([.init("gid", .string(orphan.name.text)), .init("outcome", .string(outcome))]).text(indent: nil)),
                ])
            try await registry.sync(orphan.contact.askedAgain())
            tell(.remark("\(orphan.contact.name): patch \(name.ordinal), prepared by a run that the registry does not know, is \(outcome.replacing("_", with: " "))"))
            settled.append(Settled(run: nil, ordinal: name.ordinal, target: orphan.contact.name, outcome: .success(outcome)))
        }
        return settled
    }

    /// Asks every target of a group, and settles what the registry has forgotten; the caller holds the lock.
    public func settleForgotten(group: String) async throws -> [Settled] {
        let targets = try await registry.targets(of: group)
        let registry = registry
        let reached = await Parallel.run(targets, limit: 8) { try await TrainContact.reach($0, registry: registry) }
        let contacts = reached.compactMap(\.result)
        let result: Result<[Settled], any Error>
        do {
            result = .success(
                try await settleForgotten(group: group, contacts: contacts, isComplete: contacts.count == targets.count))
        } catch {
            result = .failure(error)
        }
        for contact in contacts { await contact.target.connection.close() }
        return try result.get()
    }
}
