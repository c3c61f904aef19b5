/// What a bundle does to the rows of one table.
public enum TableOperation: String, Sendable, CaseIterable, Codable {
    case insert
    case update
    case delete
}

extension LoadedBundle {
    /// What the bundle declares about one table.
    public struct DeclaredTable: Sendable, Equatable {
        /// The table.
        public let table: TableName
        /// Keys of the rows it may write, as JSON objects; nil is every row.
        public var keys: [String]?
        /// What it may do with them.
        public let operations: [TableOperation]
    }

    /// The tables the bundle declares, in order of name.
    public var declaredTables: [DeclaredTable] {
        tables.map { table in
            var keys: [String]? = []
            var operations: Set<TableOperation> = []
            for file in files where file.entry.tables.contains(table) {
                if case .records(_, _, let mode, _) = file.entry.action, !file.entry.writes.contains(table) {
                    switch mode {
                    case .upsert: operations.formUnion([.insert, .update])
                    case .insert: operations.insert(.insert)
                    case .delete: operations.insert(.delete)
                    }
                    keys = keys.flatMap { known in file.keys.map { known + $0 } }
                } else {
                    operations.formUnion(TableOperation.allCases)
                    keys = nil
                }
            }
            // What is deleted and comes back with other values is updated in the end.
            if operations.isSuperset(of: [.insert, .delete]) { operations.insert(.update) }
            if let count = keys?.count, count > Self.mostKeys { keys = nil }
            return DeclaredTable(
                table: table, keys: keys, operations: TableOperation.allCases.filter(operations.contains))
        }
    }

    /// The manifest for `yesterday.begin_deployment`, as JSON; docs/bundles.md has its shape.
    public var manifest: JSONValue { manifest(of: declaredTables) }

    /// The manifest with the tables as they are declared here.
    ///
    /// - Parameter patch: which patch of which train it is deployed as; nil beside every train.
    func manifest(of declaredTables: [DeclaredTable], patch: JSONValue? = nil) -> JSONValue {
        let tables = declaredTables.map { declared in
            JSONValue.Member(
                declared.table.description,
                [
                    "keys": declared.keys.map { .array($0.map { .raw($0) }) } ?? nil,
                    "operations": .array(declared.operations.map { .string($0.rawValue) }),
                ])
        }
        let copies = files.compactMap { file -> JSONValue? in
            guard case .copy(let table, _, _, let condition) = file.entry.action else { return nil }
            return ["table": .string(table.description), "where": .optional(condition)]
        }
        let hasScripts = files.contains { $0.entry.kind == .ddl || $0.entry.kind == .sql }
        return [
            "bundle": .members([
                ("name", .string(name)),
                ("kind", .string(description.kind.rawValue)),
                ("digest", .string("sha256:\(digest)")),
                ("requires", description.requires.map { .string($0) }),
                ("layer", description.layer.map { .string($0) }),
                ("patch", patch),
            ]),
            "tables": .object(tables),
            "copies": .array(copies),
            "objects": hasScripts ? "any" : .array([]),
        ]
    }

    /// The artifacts for `yesterday.begin_deployment`; nil if there are none.
    public var artifacts: JSONValue? {
        description.artifacts.isEmpty ? nil : .array(description.artifacts.map(\.json))
    }
}
