import Digests
import PostgresClient

/// How a database is, found out without Yesterday: its schema as `pg_dump` writes it, and the rows
/// of its metadata tables in order.
struct StateSnapshot: Sendable {
    /// The rows of one table.
    struct Contents: Sendable {
        let table: TableName
        let rows: Int
        /// SHA-256 of all rows in order, as COPY writes them.
        let sha256: String
    }

    /// Lines of `pg_dump --schema-only`.
    let schema: [String]
    /// The tables, in order of name.
    let contents: [Contents]

    /// Takes one. `tables` are those whose rows count; they need not exist any more later.
    static func take(_ cluster: ThrowawayCluster, database: String, tables: [TableName]) async throws -> StateSnapshot {
        let dump = try await cluster.tool("pg_dump").run([
            "--schema-only", "--exclude-schema=yesterday", "--exclude-schema=yesterday_shadow", database,
        ])
        // Newer versions of pg_dump put a random word into these.
        let lines = dump.split(separator: "\n", omittingEmptySubsequences: false)
            .filter { !$0.hasPrefix("\\restrict") && !$0.hasPrefix("\\unrestrict") }
            .map(String.init)
        let connection = try await cluster.connect(database: database)
        var contents: [Contents] = []
        for table in tables.sorted() {
            contents.append(try await connection.withSession { try read(table, $0) })
        }
        await connection.close()
        return StateSnapshot(schema: lines, contents: contents)
    }

    private static func read(_ table: TableName, _ session: PostgresSession) throws -> Contents {
        var hash = SHA256()
        var rows = 0
        try session.copyOut(
            "COPY (SELECT t.* FROM \(table.sql) AS t ORDER BY t::pg_catalog.text COLLATE pg_catalog.\"C\") TO STDOUT"
        ) { row in
            hash.update(row)
            rows += 1
        }
        return Contents(table: table, rows: rows, sha256: hash.hexDigest())
    }

    /// What is not the same as in the other one; empty if nothing is.
    func differences(from before: StateSnapshot) -> [String] {
        var found: [String] = []
        let change = schema.difference(from: before.schema)
        for case .remove(_, let line, _) in change { found.append("schema lost:   \(line)") }
        for case .insert(_, let line, _) in change { found.append("schema gained: \(line)") }
        for (new, old) in zip(contents, before.contents) where new.sha256 != old.sha256 {
            found.append("\(new.table): \(old.rows) rows before, \(new.rows) now, not the same")
        }
        return found
    }
}
