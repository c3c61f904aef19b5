import PostgresClient

/// Writes records into one table by their key, many at a time.
///
/// Values go as one JSON parameter per statement and become column values through the input
/// functions of the column types: nothing is pasted into SQL, and a number keeps every digit.
/// A record that equals its row leaves the row alone.
struct RecordWriter {
    /// What was done so far.
    struct Outcome: Sendable, Equatable {
        var inserted: Int64 = 0
        var updated: Int64 = 0
        var deleted: Int64 = 0
        /// Records that were like that already, or whose row was gone already.
        var unchanged: Int64 = 0
    }

    /// A record failed; the transaction is at the savepoint before the file again.
    struct Failure: Error {
        /// Lines of the file: one if it could be found, else those of the batch.
        let lines: ClosedRange<Int>
        let error: PostgresError
    }

    private static let mostRecords = 500
    private static let mostBytes = 512 * 1024
    private static let savepoint = "yesterday_records"

    private let session: PostgresSession
    private let table: TableName
    private let key: [String]
    private let mode: BundleEntry.RecordMode
    private let rows: JSONRows

    private(set) var outcome = Outcome()
    private var columns: [String] = []
    private var statement = ""
    private var batch: [(json: [UInt8], line: Int)] = []
    private var batchBytes = 0

    /// Begins a file.
    init(_ session: PostgresSession, table: TableName, key: [String], mode: BundleEntry.RecordMode) throws {
        self.session = session
        self.table = table
        self.key = key
        self.mode = mode
        rows = try JSONRows(session, table)
        // Lets a failure be tried again record by record, to say which one it was. One a file:
        // more than 64 in a transaction make the snapshots of everybody else slower.
        try session.execute("SAVEPOINT \(Self.savepoint)")
    }

    /// Adds a record: its JSON, its columns in order, and its line.
    mutating func add(_ json: [UInt8], columns: [String], line: Int) throws {
        if columns != self.columns {
            // Records are written in their order: a child may refer to the parent before it.
            try flush()
            let source = try rows.source(columns, line: line)
            self.columns = columns
            statement = mode == .upsert ? upsert(columns, source) : deletion(source)
        }
        batch.append((json, line))
        batchBytes += json.count
        if batch.count == Self.mostRecords || batchBytes >= Self.mostBytes { try flush() }
    }

    /// Writes what is left and ends the file.
    mutating func finish() throws -> Outcome {
        try flush()
        try session.execute("RELEASE SAVEPOINT \(Self.savepoint)")
        return outcome
    }

    private mutating func flush() throws {
        guard let first = batch.first?.line, let last = batch.last?.line else { return }
        do {
            let written = try write(batch.map(\.json))
            outcome.inserted += written.inserted
            outcome.updated += written.updated
            outcome.deleted += written.deleted
            outcome.unchanged += written.unchanged
        } catch let error as PostgresError {
            throw culprit(error) ?? Failure(lines: first...last, error: error)
        }
        batch.removeAll(keepingCapacity: true)
        batchBytes = 0
    }

    private func write(_ records: [[UInt8]]) throws -> Outcome {
        var json: [UInt8] = [UInt8(ascii: "[")]
        json.reserveCapacity(records.reduce(2) { $0 + $1.count + 1 })
        for record in records {
            if json.count > 1 { json.append(UInt8(ascii: ",")) }
            json.append(contentsOf: record)
        }
        json.append(UInt8(ascii: "]"))
        let row = try session.query(statement, [.text(String(decoding: json, as: UTF8.self))]).only
        var outcome = Outcome(
            inserted: try row.get("inserted"), updated: try row.get("updated"), deleted: try row.get("deleted"))
        outcome.unchanged = Int64(records.count) - outcome.inserted - outcome.updated - outcome.deleted
        return outcome
    }

    /// Tries the records of a failed batch alone, to find the one that fails with the same error.
    private func culprit(_ error: PostgresError) -> Failure? {
        guard error.code == .server, session.isOpen else { return nil }
        do {
            try session.execute("ROLLBACK TO SAVEPOINT \(Self.savepoint)")
            for record in batch {
                do {
                    _ = try write([record.json])
                } catch let alone as PostgresError where alone.sqlState == error.sqlState {
                    return Failure(lines: record.line...record.line, error: alone)
                }
            }
        } catch {
            // The first error is the one to report; where exactly it was stays open.
            return nil
        }
        return nil
    }

    // MARK: statements

    private var match: String {
        key.map { "t.\(TableName.quoted($0)) = s.\(TableName.quoted($0))" }.joined(separator: " AND ")
    }

    /// Not MERGE, which inserts in whatever order the join gives: new rows take their numbers from
    /// sequences in the order of the file, on every target the same.
    private func upsert(_ columns: [String], _ source: String) -> String {
        let names = columns.map(TableName.quoted)
        let settable = columns.filter { !key.contains($0) }.map(TableName.quoted)
        let position = TableName.quoted("yesterday: position")
        // As text: not every type can be compared, and 1.0 is not written like 1.00.
        let differs = settable.map { "t.\($0)::pg_catalog.text IS DISTINCT FROM s.\($0)::pg_catalog.text" }
        let update =
            settable.isEmpty
            ? ""
            : """
            updated AS (UPDATE \(table.sql) AS t SET \(settable.map { "\($0) = s.\($0)" }.joined(separator: ", ")) \
            FROM input AS s WHERE \(match) AND (\(differs.joined(separator: " OR "))) RETURNING 1), 
            """
        return """
            WITH input AS MATERIALIZED (SELECT \(names.joined(separator: ", ")), \
            pg_catalog.row_number() OVER () AS \(position) FROM \(source)), \
            \(update)\
            inserted AS (INSERT INTO \(table.sql) (\(names.joined(separator: ", "))) OVERRIDING SYSTEM VALUE \
            SELECT \(names.joined(separator: ", ")) FROM input AS s \
            WHERE NOT EXISTS (SELECT FROM \(table.sql) AS t WHERE \(match)) ORDER BY \(position) RETURNING 1) \
            SELECT (SELECT pg_catalog.count(*) FROM inserted) AS inserted, \
            \(settable.isEmpty ? "0" : "(SELECT pg_catalog.count(*) FROM updated)") AS updated, 0 AS deleted
            """
    }

    private func deletion(_ source: String) -> String {
        """
        WITH deleted AS (DELETE FROM \(table.sql) AS t USING \(source) WHERE \(match) RETURNING 1) \
        SELECT 0 AS inserted, 0 AS updated, pg_catalog.count(*) AS deleted FROM deleted
        """
    }
}

/// Rows that come as one JSON parameter, with the column types of a table.
///
/// Only the columns that are in the records are named: as rows of the whole table the others would
/// be NULL, which a domain may not allow.
struct JSONRows {
    /// A record has a field for which the table has no column.
    struct UnknownColumn: Error {
        let column: String
        let line: Int
        let table: TableName
    }

    private let table: TableName
    private let types: [String: String]

    init(_ session: PostgresSession, _ table: TableName) throws {
        self.table = table
        types = try TableFacts(session, table).columnTypes()
    }

    /// What goes into FROM, with the alias `s`; the JSON is `$1`.
    func source(_ columns: [String], line: Int) throws -> String {
        let definitions = try columns.map { column in
            guard let type = types[column] else { throw UnknownColumn(column: column, line: line, table: table) }
            return "\(TableName.quoted(column)) \(type)"
        }
        return "pg_catalog.json_to_recordset($1::pg_catalog.json) AS s (\(definitions.joined(separator: ", ")))"
    }
}
