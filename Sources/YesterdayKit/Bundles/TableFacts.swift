import PostgresClient

/// What the catalog says about a table.
struct TableFacts {
    private let session: PostgresSession
    private let table: TableName

    init(_ session: PostgresSession, _ table: TableName) {
        self.session = session
        self.table = table
    }

    /// True if there is a table of that name.
    func exists() throws -> Bool {
        try session.query("SELECT pg_catalog.to_regclass($1) IS NOT NULL", [.text(table.sql)]).only[0] == "t"
    }

    /// The layer in which the table is tracked; nil if it is not.
    func layer() throws -> String? {
        try session.query(
            """
            SELECT layer FROM yesterday.tracked
            WHERE schema_name::pg_catalog.text = $1 AND table_name::pg_catalog.text = $2
            """, [.text(table.schema), .text(table.name)]
        ).rows.first?[0]
    }

    /// True if the primary key has these columns and no others, of types whose values are
    /// written in one way only: such keys can be compared as text, as the target does.
    func hasPlainPrimaryKey(_ columns: Set<String>) throws -> Bool {
        let rows = try session.query(
            """
            SELECT a.attname, a.atttypid IN (20, 21, 23, 25, 1043) AS plain
            FROM pg_catalog.pg_index AS i
            JOIN pg_catalog.pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
            WHERE i.indrelid = pg_catalog.to_regclass($1) AND i.indisprimary
            """, [.text(table.sql)]
        ).rows
        return Set(rows.compactMap { $0[0] }) == columns && rows.allSatisfy { $0[1] == "t" }
    }

    /// Records are found by their key, so that no more than one row may have it.
    func requireUnique(_ key: [String]) throws {
        let row = try session.query(
            """
            SELECT pg_catalog.to_regclass($1) IS NOT NULL AS present, EXISTS (
                SELECT FROM pg_catalog.pg_index AS i
                WHERE i.indrelid = pg_catalog.to_regclass($1) AND i.indisunique AND i.indisvalid
                  AND i.indpred IS NULL AND i.indexprs IS NULL
                  AND NOT EXISTS (
                    SELECT FROM pg_catalog.unnest(i.indkey::pg_catalog.int2[])
                        WITH ORDINALITY AS k (attnum, position)
                    JOIN pg_catalog.pg_attribute AS a
                        ON a.attrelid = i.indrelid AND a.attnum = k.attnum
                    WHERE k.position <= i.indnkeyatts
                      AND a.attname::pg_catalog.text <> ALL ($2::pg_catalog.text[]))
            ) AS is_unique
            """, [.text(table.sql), .array(key)]
        ).only
        guard try row.get("present", as: Bool.self) else { throw missing }
        guard try row.get("is_unique", as: Bool.self) else {
            throw YesterdayError(
                .badInput, "\(table) has no unique index on (\(key.joined(separator: ", ")))",
                detail: "One key could mean several rows.",
                hint: "Name the columns of its primary key or of a unique constraint as key in bundle.yaml.")
        }
    }

    /// Refuses a table that is not there.
    func requireExistence() throws {
        guard try exists() else { throw missing }
    }

    private var missing: YesterdayError {
        YesterdayError(
            .badInput, "the table \(table) does not exist",
            hint: "List the ddl file that creates it before the file that fills it.")
    }

    /// The tables that inherit from this one, partitions of partitions among them.
    func descendants() throws -> [TableName] {
        try session.query(
            """
            WITH RECURSIVE part (relid) AS (
                SELECT inhrelid FROM pg_catalog.pg_inherits WHERE inhparent = pg_catalog.to_regclass($1)
                UNION
                SELECT i.inhrelid FROM part AS p JOIN pg_catalog.pg_inherits AS i ON i.inhparent = p.relid
            )
            SELECT n.nspname, c.relname FROM part AS p
            JOIN pg_catalog.pg_class AS c ON c.oid = p.relid
            JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
            ORDER BY n.nspname, c.relname
            """, [.text(table.sql)]
        ).rows.map { TableName(schema: $0[0] ?? "", name: $0[1] ?? "") }
    }

    /// The types of the columns, as SQL names them under the search_path of now.
    func columnTypes() throws -> [String: String] {
        let rows = try session.query(
            """
            SELECT a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod)
            FROM pg_catalog.pg_attribute AS a
            WHERE a.attrelid = pg_catalog.to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped
            """, [.text(table.sql)]
        ).rows
        return Dictionary(rows.map { ($0[0] ?? "", $0[1] ?? "") }, uniquingKeysWith: { first, _ in first })
    }

    /// Identity columns that take a value of the user in new rows only.
    func alwaysGeneratedIdentities() throws -> Set<String> {
        let rows = try session.query(
            """
            SELECT a.attname FROM pg_catalog.pg_attribute AS a
            WHERE a.attrelid = pg_catalog.to_regclass($1) AND a.attnum > 0 AND a.attidentity = 'a'
            """, [.text(table.sql)]
        ).rows
        return Set(rows.compactMap { $0[0] })
    }

    /// True if COPY does what INSERT does: it knows neither rules nor row security.
    func allowsCopy() throws -> Bool {
        let row = try session.query(
            """
            SELECT NOT pg_catalog.row_security_active(c.oid) AND NOT EXISTS (
                SELECT FROM pg_catalog.pg_rewrite AS r WHERE r.ev_class = c.oid AND r.ev_type = '3') AS allowed
            FROM pg_catalog.pg_class AS c
            WHERE c.oid = pg_catalog.to_regclass($1) AND c.relkind IN ('r', 'p')
            """, [.text(table.sql)]
        ).rows.first
        return row?[0] == "t"
    }

    /// True if rows lie in partitions of the table.
    func isPartitioned() throws -> Bool {
        try session.query(
            "SELECT relkind = 'p' FROM pg_catalog.pg_class WHERE oid = pg_catalog.to_regclass($1)", [.text(table.sql)]
        ).rows.first?[0] == "t"
    }

    /// True if the table has no rows.
    func isEmpty() throws -> Bool {
        try session.query("SELECT NOT EXISTS (SELECT FROM \(table.sql))").only[0] == "t"
    }

    /// Columns whose type is `json` or `jsonb`, or a domain over one of them.
    func jsonColumns() throws -> Set<String> {
        let rows = try session.query(
            """
            WITH RECURSIVE base (attname, type) AS (
                SELECT a.attname, a.atttypid FROM pg_catalog.pg_attribute AS a
                WHERE a.attrelid = pg_catalog.to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped
                UNION ALL
                SELECT b.attname, t.typbasetype FROM base AS b
                JOIN pg_catalog.pg_type AS t ON t.oid = b.type AND t.typtype = 'd'
            )
            SELECT attname FROM base WHERE type IN (114, 3802)
            """, [.text(table.sql)]
        ).rows
        return Set(rows.compactMap { $0[0] })
    }
}
