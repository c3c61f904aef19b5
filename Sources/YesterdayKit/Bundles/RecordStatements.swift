import PostgresClient

/// The statements that write records, which come as one JSON parameter.
///
/// Only the columns that are in the records are named: as rows of the whole table the others would
/// be NULL, which a domain may not allow.
struct RecordStatements {
    /// A record has a field for which the table has no column.
    struct UnknownColumn: Error {
        let column: String
        let line: Int
        let table: TableName
    }

    private let table: TableName
    private let key: [String]
    private let values: BundleEntry.Values
    /// The table as UPDATE and DELETE name it: the rows of tables that inherit from it are not its own.
    private let own: String
    private let types: [String: String]
    /// Identity columns that no statement may update.
    private let fixed: Set<String>

    init(_ facts: TableFacts, table: TableName, key: [String], values: BundleEntry.Values = .json) throws {
        self.table = table
        self.key = key
        self.values = values
        own = try facts.isPartitioned() ? table.sql : "ONLY \(table.sql)"
        types = try facts.columnTypes()
        fixed = try facts.alwaysGeneratedIdentities()
    }

    /// Refuses fields for which the table has no column.
    ///
    /// - Throws: ``UnknownColumn``.
    func check(_ columns: [String], line: Int) throws {
        for column in columns where types[column] == nil {
            throw UnknownColumn(column: column, line: line, table: table)
        }
    }

    /// What goes into FROM, with the alias `s`; the JSON is `$1`.
    func source(_ columns: [String]) -> String {
        let definitions = columns.map { "\(TableName.quoted($0)) \(values == .text ? "pg_catalog.text" : types[$0] ?? "")" }
        let rows = "pg_catalog.json_to_recordset($1::pg_catalog.json)"
        guard values == .text else { return "\(rows) AS s (\(definitions.joined(separator: ", ")))" }
        // A cast from text goes through the input function of the type.
        let casts = columns.map { "r.\(TableName.quoted($0))::\(types[$0] ?? "") AS \(TableName.quoted($0))" }
        return """
            (SELECT \(casts.joined(separator: ", ")) FROM \(rows) AS r (\(definitions.joined(separator: ", ")))) AS s
            """
    }

    /// The COPY that takes records with these columns.
    func copy(_ columns: [String]) -> String {
        "COPY \(table.sql) (\(columns.map(TableName.quoted).joined(separator: ", "))) FROM STDIN"
    }

    /// Whether a row has the key of any of the records. By index, one record after the other: a
    /// join might read the whole table.
    func anyExists() -> String {
        """
        SELECT EXISTS (SELECT FROM \(source(key)) CROSS JOIN LATERAL \
        (SELECT FROM \(own) AS t WHERE \(match) LIMIT 1) AS found)
        """
    }

    /// The statement for records with these columns.
    func write(_ columns: [String], _ mode: BundleEntry.RecordMode) -> String {
        switch mode {
        case .upsert: upsert(columns)
        case .insert: insert(columns)
        case .delete: key.isEmpty ? deletionOfRows(columns) : deletion(columns)
        }
    }

    private var match: String {
        key.map { "t.\(TableName.quoted($0)) = s.\(TableName.quoted($0))" }.joined(separator: " AND ")
    }

    private static func list(_ columns: [String]) -> String {
        columns.map(TableName.quoted).joined(separator: ", ")
    }

    /// Not MERGE, which inserts in whatever order the join gives: new rows take their numbers from
    /// sequences in the order of the file, on every target the same.
    private func upsert(_ columns: [String]) -> String {
        let names = Self.list(columns)
        let settable = columns.filter { !key.contains($0) && !fixed.contains($0) }.map(TableName.quoted)
        let identities = columns.filter { !key.contains($0) && fixed.contains($0) }.map(TableName.quoted)
        let position = TableName.quoted("yesterday: position")
        // As text: not every type can be compared, and 1.0 is not written like 1.00.
        func differs(_ columns: [String]) -> String {
            columns.map { "t.\($0)::pg_catalog.text IS DISTINCT FROM s.\($0)::pg_catalog.text" }
                .joined(separator: " OR ")
        }
        var parts = ["input AS MATERIALIZED (SELECT \(names), pg_catalog.row_number() OVER () AS \(position) FROM \(source(columns)))"]
        // An identity that is always generated can be given to a new row only: a row whose identity
        // is another one makes room for it.
        var makesRoom = ""
        if !identities.isEmpty {
            parts.append(
                "replaced AS (DELETE FROM \(own) AS t USING input AS s WHERE \(match) AND (\(differs(identities))) RETURNING s.\(position))")
            makesRoom = " AND s.\(position) NOT IN (SELECT \(position) FROM replaced)"
        }
        if !settable.isEmpty {
            parts.append(
                """
                updated AS (UPDATE \(own) AS t SET \(settable.map { "\($0) = s.\($0)" }.joined(separator: ", ")) \
                FROM input AS s WHERE \(match) AND (\(differs(settable)))\(makesRoom) RETURNING 1)
                """)
        }
        let isReplaced = identities.isEmpty ? "" : " OR s.\(position) IN (SELECT \(position) FROM replaced)"
        parts.append(
            """
            inserted AS (INSERT INTO \(table.sql) (\(names)) OVERRIDING SYSTEM VALUE SELECT \(names) FROM input AS s \
            WHERE NOT EXISTS (SELECT FROM \(own) AS t WHERE \(match))\(isReplaced) ORDER BY \(position) RETURNING 1)
            """)
        let replaced = identities.isEmpty ? "0" : "(SELECT pg_catalog.count(*) FROM replaced)"
        let updated = settable.isEmpty ? "0" : "(SELECT pg_catalog.count(*) FROM updated)"
        return """
            WITH \(parts.joined(separator: ", ")) \
            SELECT (SELECT pg_catalog.count(*) FROM inserted) - \(replaced) AS inserted, \
            \(updated) + \(replaced) AS updated, 0 AS deleted
            """
    }

    private func insert(_ columns: [String]) -> String {
        let names = Self.list(columns)
        let position = TableName.quoted("yesterday: position")
        return """
            WITH input AS MATERIALIZED (SELECT \(names), pg_catalog.row_number() OVER () AS \(position) \
            FROM \(source(columns))), inserted AS (INSERT INTO \(table.sql) (\(names)) OVERRIDING SYSTEM VALUE \
            SELECT \(names) FROM input ORDER BY \(position) RETURNING 1) \
            SELECT pg_catalog.count(*) AS inserted, 0 AS updated, 0 AS deleted FROM inserted
            """
    }

    private func deletion(_ columns: [String]) -> String {
        """
        WITH deleted AS (DELETE FROM \(own) AS t USING \(source(columns)) WHERE \(match) RETURNING 1) \
        SELECT 0 AS inserted, 0 AS updated, pg_catalog.count(*) AS deleted FROM deleted
        """
    }

    /// One row for each record, found by all of its columns: of rows that are equal it does not
    /// matter which goes, but how many.
    private func deletionOfRows(_ columns: [String]) -> String {
        func texts(_ alias: String) -> String {
            columns.map { "\(alias).\(TableName.quoted($0))::pg_catalog.text" }.joined(separator: ", ")
        }
        return """
            WITH wanted AS (SELECT ROW(\(texts("s"))) AS image, pg_catalog.count(*) AS many FROM \(source(columns)) GROUP BY 1), \
            found AS (SELECT t.tableoid AS relation, t.ctid AS place, w.many, \
            pg_catalog.row_number() OVER (PARTITION BY ROW(\(texts("t")))) AS number \
            FROM \(own) AS t JOIN wanted AS w ON ROW(\(texts("t"))) IS NOT DISTINCT FROM w.image), \
            deleted AS (DELETE FROM \(own) AS t USING found AS f \
            WHERE t.tableoid = f.relation AND t.ctid = f.place AND f.number <= f.many RETURNING 1) \
            SELECT 0 AS inserted, 0 AS updated, pg_catalog.count(*) AS deleted FROM deleted
            """
    }
}
