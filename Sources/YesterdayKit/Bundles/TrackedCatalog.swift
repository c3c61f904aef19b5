import PostgresClient

/// The tracked tables of a database as bundles are made of them.
struct TrackedCatalog: Sendable {
    /// A tracked table.
    struct Table: Sendable {
        let name: TableName
        let layer: String
        /// Empty: the table has no key.
        let key: [String]
        /// Columns that a bundle writes, with their types: not generated ones, nor those that are
        /// local to each target, unless they are in the key.
        let columns: [String: String]
        let isPartitioned: Bool
        /// Tracked tables that it refers to.
        let parents: [TableName]

        /// What FROM names: only its own rows.
        var source: String { isPartitioned ? name.sql : "ONLY \(name.sql)" }

        /// The row with this alias as JSON of texts, as far as a bundle writes it.
        func image(_ alias: String) -> String {
            let list = leftOut.map { "'\($0.replacing("'", with: "''"))'" }.joined(separator: ", ")
            return "(yesterday._row_image(\(alias).*) - ARRAY[\(list)]::pg_catalog.text[])"
        }

        /// Columns that are left out.
        let leftOut: [String]
    }

    /// Parents before children, else by name.
    let tables: [Table]

    /// Reads the tables of one layer, or of all.
    ///
    /// - Parameter partitions: true for partitions in place of the tables that they belong to.
    init(_ connection: PostgresConnection, layer: String?, partitions: Bool) async throws {
        let rows = try await connection.query(
            """
            SELECT t.schema_name, t.table_name, t.layer, t.key_columns::pg_catalog.text[] AS key, c.relkind = 'p' AS partitioned,
                w.names AS column_names, w.types AS column_types,
                ARRAY(SELECT a.attname::pg_catalog.text FROM pg_catalog.pg_attribute AS a
                 WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                   AND (a.attgenerated <> '' OR a.attname = ANY (coalesce(t.local_columns, '{}')))
                   AND a.attname <> ALL (t.key_columns)) AS left_out,
                f.schemas AS parent_schemas, f.names AS parent_names
            FROM yesterday.tracked AS t
            JOIN pg_catalog.pg_namespace AS n ON n.nspname = t.schema_name
            JOIN pg_catalog.pg_class AS c ON c.relnamespace = n.oid AND c.relname = t.table_name
            CROSS JOIN LATERAL (
                SELECT coalesce(pg_catalog.array_agg(a.attname::pg_catalog.text ORDER BY a.attnum), '{}') AS names,
                    coalesce(pg_catalog.array_agg(pg_catalog.format_type(a.atttypid, a.atttypmod) ORDER BY a.attnum), '{}') AS types
                FROM pg_catalog.pg_attribute AS a
                WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
                  AND (a.attname = ANY (t.key_columns) OR a.attname <> ALL (coalesce(t.local_columns, '{}')))
            ) AS w
            CROSS JOIN LATERAL (
                SELECT coalesce(pg_catalog.array_agg(s.nspname::pg_catalog.text ORDER BY k.oid), '{}') AS schemas,
                    coalesce(pg_catalog.array_agg(p.relname::pg_catalog.text ORDER BY k.oid), '{}') AS names
                FROM pg_catalog.pg_constraint AS k JOIN pg_catalog.pg_class AS p ON p.oid = k.confrelid
                JOIN pg_catalog.pg_namespace AS s ON s.oid = p.relnamespace
                WHERE k.contype = 'f' AND k.conrelid = c.oid AND k.confrelid <> c.oid
            ) AS f
            WHERE ($1::pg_catalog.text IS NULL OR t.layer = $1)
              AND CASE WHEN $2 THEN c.relkind = 'r' ELSE c.relkind IN ('r', 'p') AND NOT c.relispartition END
            ORDER BY t.schema_name, t.table_name
            """, [.text(layer), .bool(partitions)]
        ).rows
        let found = try rows.map { row in
            let names: [String] = try row.get("column_names")
            let parents = zip(
                try row.get("parent_schemas", as: [String].self), try row.get("parent_names", as: [String].self))
            return Table(
                name: TableName(schema: try row.get("schema_name"), name: try row.get("table_name")),
                layer: try row.get("layer"), key: try row.getIfPresent("key") ?? [],
                columns: Dictionary(
                    zip(names, try row.get("column_types", as: [String].self)), uniquingKeysWith: { first, _ in first }),
                isPartitioned: try row.get("partitioned"),
                parents: parents.map { TableName(schema: $0, name: $1) }, leftOut: try row.get("left_out"))
        }
        tables = Self.inOrder(found)
    }

    /// Parents first. Tables that refer to each other in a circle come by name, at the end.
    private static func inOrder(_ tables: [Table]) -> [Table] {
        var left = tables
        var ordered: [Table] = []
        while !left.isEmpty {
            let waiting = Set(left.map(\.name))
            let ready = left.filter { table in !table.parents.contains { $0 != table.name && waiting.contains($0) } }
            let next = ready.isEmpty ? left : ready
            ordered += next
            let taken = Set(next.map(\.name))
            left.removeAll { taken.contains($0.name) }
        }
        return ordered
    }
}
