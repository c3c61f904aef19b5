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
        public let keys: [String]?
        /// What it may do with them.
        public let operations: [TableOperation]
    }

    /// The tables the bundle declares, in order of name.
    public var declaredTables: [DeclaredTable] {
        tables.map { table in
            var keys: [String]? = []
            var operations: Set<TableOperation> = []
            for file in files where file.entry.tables.contains(table) {
                switch file.entry.action {
                case .records(_, _, let mode):
                    operations.formUnion(mode == .upsert ? [.insert, .update] : [.delete])
                case .copy(_, _, let mode, _):
                    operations.formUnion(mode == .replace ? [.delete, .insert] : TableOperation.allCases)
                case .script:
                    operations.formUnion(TableOperation.allCases)
                }
                keys = keys.flatMap { known in file.keys.map { known + $0 } }
            }
            if let count = keys?.count, count > Self.mostKeys { keys = nil }
            return DeclaredTable(
                table: table, keys: keys, operations: TableOperation.allCases.filter(operations.contains))
        }
    }

    /// The manifest for `yesterday.begin_deployment`, as JSON text; docs/bundles.md has its shape.
    public var manifest: String {
        let declared = declaredTables.map { declared in
            (
                declared.table.description,
                Optional(
                    JSONText.object([
                        ("keys", declared.keys.map(JSONText.array) ?? "null"),
                        ("operations", JSONText.strings(declared.operations.map(\.rawValue))),
                    ]))
            )
        }
        let copies = files.compactMap { file -> String? in
            guard case .copy(let table, _, _, let condition) = file.entry.action else { return nil }
            return JSONText.object([
                ("table", JSONText.string(table.description)),
                ("where", condition.map(JSONText.string) ?? "null"),
            ])
        }
        let hasScripts = files.contains { $0.entry.kind == .ddl || $0.entry.kind == .sql }
        return JSONText.object([
            (
                "bundle",
                JSONText.object([
                    ("name", JSONText.string(name)),
                    ("kind", JSONText.string(description.kind.rawValue)),
                    ("digest", JSONText.string("sha256:\(digest)")),
                    ("requires", description.requires.map(JSONText.string)),
                    ("layer", description.layer.map(JSONText.string)),
                ])
            ),
            ("tables", JSONText.object(declared)),
            ("copies", JSONText.array(copies)),
            ("objects", hasScripts ? "\"any\"" : "[]"),
        ])
    }

    /// The artifacts for `yesterday.begin_deployment`, as JSON text; nil if there are none.
    public var artifactsJSON: String? {
        description.artifacts.isEmpty ? nil : JSONText.array(description.artifacts.map(\.canonicalJSON))
    }
}
