import PostgresClient

/// Compares the targets of a group with each other, without changing anything.
public struct AlignmentCheck: Sendable {
    /// A table, or the structure of one, in which a target differs from its peers.
    public struct Difference: Sendable {
        /// Whose table it is.
        public let layer: String
        /// Schema and name.
        public let table: String
        /// `rows` or `structure`.
        public let kind: String
        /// How many rows the target has, where rows are compared.
        public let rows: Int64?
        /// How many rows the peer has.
        public let peerRows: Int64?
        /// True in a layer in which targets may differ.
        public let isExpected: Bool
        /// What else is known.
        public let detail: String?
        /// The rows, if they were asked for.
        public var keys: [RowDifference]
        /// How many rows differ, if they were asked for; `keys` may hold fewer.
        public var keyCount: Int?
        /// True if the rows were asked for and this role may not compare them.
        public var areRowsForbidden = false
    }

    /// A row that differs.
    public struct RowDifference: Sendable {
        /// What is the matter with it.
        public enum Kind: String, Sendable {
            /// Only the peer has it.
            case missing
            /// Only the target has it.
            case extra
            /// Both have it, and not alike.
            case changed
        }

        /// What is the matter with it.
        public let kind: Kind
        /// The key as JSON; `nil` for who may not see the rows.
        public let key: String?
    }

    /// A column that should be declared as local.
    public struct Proposal: Sendable {
        /// Schema and name, quoted where that is needed.
        public let table: String
        /// Whose table it is.
        public let layer: String
        /// The column.
        public let column: String
        /// Why.
        public let reason: String
        /// The columns of the table that are declared already.
        public let declared: [String]
    }

    /// What was found of one target.
    public struct Finding: Sendable {
        /// The target.
        public let target: String
        /// `aligned`, `diverged`, `behind` or `unreachable`.
        public let state: String
        /// Its position on the train.
        public let position: Int64
        /// With which target it was compared.
        public let peer: String?
        /// Where it differs.
        public var differences: [Difference]
        /// Why it could not be looked at.
        public let error: YesterdayError?
    }

    /// What was found.
    public struct Outcome: Sendable {
        /// The targets, in the order of the registry.
        public let findings: [Finding]
        /// True if no state is that of most targets.
        public let isTie: Bool
        /// Columns that differ by nature and should be declared as local.
        public let proposals: [Proposal]

        /// Targets that could not be asked.
        public var unreachable: [String] { findings.filter { $0.state == "unreachable" }.map(\.target) }

        /// Targets that are not where most are, or off the train.
        public var behind: [String] { findings.filter { $0.state == "behind" }.map(\.target) }

        /// True if there was anything to compare, be it one target; true of a group without targets, too.
        public var isCompared: Bool { findings.isEmpty || findings.contains { $0.state != "unreachable" } }

        /// True if every target that could be compared is like its peers.
        public var isAligned: Bool { !findings.contains { $0.state == "diverged" } && !isTie }
    }

    let registry: TrainRegistry
    let group: String
    /// True to name the rows, too.
    public var comparesRows = false
    /// At most so many rows are named for each table.
    public var rowLimit = 20
    /// At most so many targets at a time.
    public var parallel = 8

    /// A check of a group.
    public init(of group: String, registry: TrainRegistry) {
        self.group = group
        self.registry = registry
    }

    private struct Look: Sendable {
        let contact: TrainContact
        let position: Int64
        let state: PortableState
    }

    /// Does it.
    public func run(tell: @escaping @Sendable (GroupDeployment.Event) -> Void = { _ in }) async throws -> Outcome {
        let group = try await registry.group(group)
        let targets = try await registry.targets(of: group.name)
        let registry = registry
        let looks = await Parallel.run(targets, limit: parallel) { target -> Look in
            tell(.target(target.name, .comparing))
            let contact = try await TrainContact.reach(target, registry: registry) { tell(.connected($0)) }
            try await registry.syncIfPermitted(contact)
            let state = try await contact.target.connection.withSession { try $0.portableState() }
            return Look(contact: contact, position: try await registry.target(target.name).position, state: state)
        }
        let outcome = try await compare(targets, looks, group)
        for look in looks { await look.result?.contact.target.connection.close() }
        return outcome
    }

    private func compare(
        _ targets: [RegisteredTarget], _ looks: [Parallel.Outcome<Look>], _ group: TrainGroup
    ) async throws -> Outcome {
        let found = looks.compactMap(\.result)
        // Targets that are to be alike: those on the train at the position that most of them have.
        let running = found.filter { $0.contact.facts.state != "off_train" }
        let positions = Dictionary(grouping: running, by: \.position)
        let position = positions.max { ($0.value.count, $0.key) < ($1.value.count, $1.key) }?.key ?? 0
        let peers = running.filter { $0.position == position }
        let verdict = AlignmentVerdict(
            Dictionary(
                peers.map { ($0.contact.name, $0.state.leavingOut(group.partnerLayers).fingerprint) },
                uniquingKeysWith: { first, _ in first }))
        let reference = verdict.aligned.first.flatMap { name in peers.first { $0.contact.name == name } }
        var findings: [Finding] = []
        for (target, look) in zip(targets, looks) {
            switch look {
            case .success(let look):
                let isPeer = peers.contains { $0.contact.name == target.name }
                let isDiverged = isPeer && verdict.diverged.contains(target.name)
                var finding = Finding(
                    target: target.name, state: !isPeer ? "behind" : isDiverged ? "diverged" : "aligned",
                    position: look.position, peer: reference?.contact.name, differences: [], error: nil)
                if let reference, reference.contact.name != target.name {
                    finding.differences = try await differences(look, reference, group)
                }
                findings.append(finding)
            case .failure(let error):
                findings.append(
                    Finding(
                        target: target.name, state: "unreachable", position: target.position, peer: nil, differences: [],
                        error: .of(error)))
            case .notBegun: continue
            }
        }
        return Outcome(
            findings: findings, isTie: verdict.isTie, proposals: try await proposals(reference?.contact.target))
    }

    private func differences(_ look: Look, _ peer: Look, _ group: TrainGroup) async throws -> [Difference] {
        var result: [Difference] = []
        for (mine, theirs) in look.state.differences(from: peer.state) {
            guard let entry = mine ?? theirs else { continue }
            var difference = Difference(
                layer: entry.layer, table: entry.name, kind: entry.kind, rows: mine?.rows, peerRows: theirs?.rows,
                isExpected: group.partnerLayers.contains(entry.layer),
                detail: mine == nil ? "only the peer has it" : theirs == nil ? "only this target has it" : entry.detail,
                keys: [], keyCount: nil)
            if comparesRows, entry.kind == "rows", mine != nil, theirs != nil {
                let table = try SQL.identifier(entry.schema, entry.table)
                do {
                    let rows = try await rowDifferences(table, look.contact.target, peer.contact.target)
                    difference.keyCount = rows.count
                    difference.keys = Array(rows.prefix(rowLimit))
                } catch let error as PostgresError where error.sqlState == "42501" {
                    // That it differs is known all the same.
                    difference.areRowsForbidden = true
                }
            }
            result.append(difference)
        }
        return result
    }

    private func rowDifferences(_ table: String, _ target: Target, _ peer: Target) async throws -> [RowDifference] {
        let mine = try await target.portableRows(table)
        let theirs = try await peer.portableRows(table)
        var result: [RowDifference] = []
        for (key, row) in theirs where mine[key]?.digest != row.digest {
            result.append(RowDifference(kind: mine[key] == nil ? .missing : .changed, key: row.key))
        }
        for (key, row) in mine where theirs[key] == nil {
            result.append(RowDifference(kind: .extra, key: row.key))
        }
        return result.sorted { ($0.kind.rawValue, $0.key ?? "") < ($1.kind.rawValue, $1.key ?? "") }
    }

    private func proposals(_ target: Target?) async throws -> [Proposal] {
        guard let target else { return [] }
        return try await target.connection.query(
            """
            SELECT pg_catalog.format('%I.%I', c.schema_name, c.table_name) AS name, t.layer, c.column_name,
                   pg_catalog.regexp_replace(c.reason, '^proposed: ', '') AS reason,
                   pg_catalog.array_to_string(t.local_columns, ',') AS declared
            FROM yesterday.local_columns() AS c
            JOIN yesterday.tracked AS t ON t.schema_name = c.schema_name AND t.table_name = c.table_name
            WHERE NOT c.declared AND c.reason IS NOT NULL ORDER BY 1, 3
            """
        ).rows.map { row in
            Proposal(
                table: try row.get("name"), layer: try row.get("layer"), column: try row.get("column_name"),
                reason: try row.get("reason"),
                declared: (try row.getIfPresent("declared") ?? "").split(separator: ",").map(String.init))
        }
    }
}

extension Target {
    /// The rows of a table by the digest of their keys.
    fileprivate func portableRows(_ table: String) async throws -> [String: (digest: String, key: String?)] {
        let rows = try await connection.query(
            "SELECT key_digest, row_digest, row_key::text AS row_key FROM yesterday.portable_rows($1::regclass)", [.text(table)]
        ).rows
        var result: [String: (digest: String, key: String?)] = [:]
        for row in rows {
            let key: String = try row.get("key_digest")
            // Rows that are alike in everything that counts: how many there are counts, too.
            let digest = (result[key]?.digest ?? "") + (try row.get("row_digest"))
            result[key] = (digest, try row.getIfPresent("row_key"))
        }
        return result
    }
}
