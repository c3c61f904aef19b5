import PostgresClient

/// Rows of one table, in the order of their keys, a few thousand at a time.
struct RowCursor {
    /// A row as it stands in a bundle.
    struct Entry: Sendable, Equatable {
        /// What rows are ordered by: the values of the key as texts, or the image where there is no key.
        let order: [String]
        /// The key as JSON of texts; the image where there is no key.
        let key: String
        /// The row as JSON of texts.
        let image: String
    }

    private static let name = "yesterday_rows"
    private static let step = 2000
    private let connection: PostgresConnection
    private var entries: [Entry] = []
    private var at = 0
    private var hasMore = true

    /// Opens the cursor, in the transaction that the connection is in.
    init(_ connection: PostgresConnection, _ table: TrackedCatalog.Table) async throws {
        self.connection = connection
        let image = table.image("t")
        let order: String
        let key: String
        if table.key.isEmpty {
            order = "ARRAY[i.image::pg_catalog.text]"
            key = "i.image"
        } else {
            order = "ARRAY[\(table.key.map { "t.\(TableName.quoted($0))::pg_catalog.text" }.joined(separator: ", "))]"
            key = "(SELECT pg_catalog.jsonb_object_agg(k, i.image->k) FROM pg_catalog.unnest(\(Self.literal(table.key))) AS k)"
        }
        try await connection.execute(
            """
            DECLARE \(Self.name) NO SCROLL CURSOR FOR
            SELECT \(order) AS place, \(key)::pg_catalog.text AS key, i.image::pg_catalog.text AS image
            FROM \(table.source) AS t CROSS JOIN LATERAL (SELECT \(image)) AS i (image)
            ORDER BY \(table.key.isEmpty
                ? "i.image::pg_catalog.text COLLATE pg_catalog.\"C\""
                : table.key.map { "t.\(TableName.quoted($0))::pg_catalog.text COLLATE pg_catalog.\"C\"" }.joined(separator: ", "))
            """)
    }

    private static func literal(_ names: [String]) -> String {
        "ARRAY[\(names.map { "'\($0.replacing("'", with: "''"))'" }.joined(separator: ", "))]::pg_catalog.text[]"
    }

    /// The next row; nil at the end.
    mutating func next() async throws -> Entry? {
        if at == entries.count, hasMore {
            entries = try await connection.query("FETCH \(Self.step) FROM \(Self.name)").rows.map { row in
                Entry(order: try row.get("place"), key: try row.get("key"), image: try row.get("image"))
            }
            at = 0
            hasMore = entries.count == Self.step
        }
        guard at < entries.count else { return nil }
        at += 1
        return entries[at - 1]
    }

    /// Closes the cursor.
    func close() async throws { try await connection.execute("CLOSE \(Self.name)") }
}

extension RowCursor.Entry {
    /// Byte by byte, as the collation C of a server that speaks UTF-8 does.
    static func compare(_ left: Self, _ right: Self) -> Int {
        for (one, other) in zip(left.order, right.order) where one != other || !one.utf8.elementsEqual(other.utf8) {
            return one.utf8.lexicographicallyPrecedes(other.utf8) ? -1 : 1
        }
        return 0
    }
}
