import PostgresClient

/// The portable digests of a target: what has to be equal among the targets of a group.
struct PortableState: Sendable {
    /// A table, or the structure of one, or what else is compared by name.
    struct Entry: Sendable {
        let layer: String
        let schema: String
        let table: String
        /// `rows` or `structure`.
        let kind: String
        let rows: Int64?
        /// `nil` where it cannot be told.
        let digest: String?
        let detail: String?

        var name: String { schema.isEmpty ? table : "\(schema).\(table)" }
        var key: String { "\(kind) \(layer) \(name)" }
    }

    let entries: [Entry]

    /// The same without the layers in which targets may differ.
    func leavingOut(_ layers: [String]) -> PortableState {
        PortableState(entries: entries.filter { !layers.contains($0.layer) })
    }

    /// One text that is equal for targets that are alike.
    var fingerprint: String {
        entries.map { "\($0.key) \($0.digest ?? "?")" }.sorted().joined(separator: "\n")
    }

    /// What differs from another target, by key.
    func differences(from other: PortableState) -> [(mine: Entry?, theirs: Entry?)] {
        let mine = Dictionary(entries.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
        let theirs = Dictionary(other.entries.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
        return Set(mine.keys).union(theirs.keys).sorted().compactMap { key in
            let pair = (mine: mine[key], theirs: theirs[key])
            let isEqual = pair.mine != nil && pair.theirs != nil && pair.mine?.digest == pair.theirs?.digest
            return isEqual ? nil : pair
        }
    }
}

extension PostgresSession {
    /// The portable digests of the database of this session, as this transaction sees it.
    func portableState() throws -> PortableState {
        PortableState(
            entries: try query(
                "SELECT layer, schema_name, table_name, kind, rows, digest, detail FROM yesterday.portable_digest()"
            ).rows.map { row in
                PortableState.Entry(
                    layer: try row.getIfPresent("layer") ?? "", schema: try row.getIfPresent("schema_name") ?? "",
                    table: try row.getIfPresent("table_name") ?? "", kind: try row.get("kind"),
                    rows: try row.getIfPresent("rows"), digest: try row.getIfPresent("digest"),
                    detail: try row.getIfPresent("detail"))
            })
    }
}

/// Targets that are alike, and those that are not like them.
struct AlignmentVerdict: Sendable {
    /// Targets with the state that most have.
    let aligned: [String]
    /// Targets that are not like them.
    let diverged: [String]
    /// True if no state is that of more than half: which is right only a person can say.
    let isTie: Bool

    /// - Parameter fingerprints: by name of the target.
    init(_ fingerprints: [String: String]) {
        let camps = Dictionary(grouping: fingerprints.keys) { fingerprints[$0] ?? "" }
            .values.map { $0.sorted() }.sorted { ($0.count, $1[0]) > ($1.count, $0[0]) }
        aligned = camps.first ?? []
        diverged = camps.dropFirst().flatMap { $0 }.sorted()
        isTie = camps.count > 1 && camps[0].count * 2 <= fingerprints.count
    }
}
