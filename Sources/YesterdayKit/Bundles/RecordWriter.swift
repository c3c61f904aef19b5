import PostgresClient

/// Writes records into one table, many at a time.
///
/// New rows go by COPY, where the server allows it; rows that exist are changed by statements that
/// get all records as one JSON parameter. Either way values become column values through the input
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

        static func += (left: inout Outcome, right: Outcome) {
            left.inserted += right.inserted
            left.updated += right.updated
            left.deleted += right.deleted
            left.unchanged += right.unchanged
        }
    }

    /// A record failed; the transaction is at the savepoint before the file again.
    struct Failure: Error {
        /// Lines of the file: one if it could be found, else those of the batch.
        let lines: ClosedRange<Int>
        let error: PostgresError
    }

    /// Most records of a batch. Those that can be copied are no burden in any number.
    private static let mostRecords = (statement: 500, copy: 10_000, stream: 50_000)
    private static let mostBytes = (statement: 512 * 1024, copy: 1 << 20, stream: 4 << 20)
    /// Bytes that are sent at a time while a batch grows.
    private static let pieceSize = 64 * 1024
    private static let savepoint = "yesterday_records"

    private let session: PostgresSession
    private let statements: RecordStatements
    private let table: TableName
    private let key: [String]
    private let mode: BundleEntry.RecordMode
    private let values: BundleEntry.Values
    private let documents: Set<String>
    /// Records can be copied into the table.
    private let canCopy: Bool
    /// The table was empty when the file began: every record of it is new.
    private let allAreNew: Bool
    /// Records are sent as they come, so that the server works while the next ones are read.
    private let streams: Bool

    private(set) var outcome = Outcome()

    // The columns of the batch, and how its records are written.
    private var columns: [String] = []
    private var names: [UInt8] = []
    private var copy: RecordCopy?
    private var keyPlaces: [Int] = []

    // The batch: records one after the other, where each ends, and the line that it comes from.
    private var json: [UInt8] = []
    private var ends: [Int] = []
    private var lines: [Int] = []
    private var keys: [UInt8] = []
    private var copied: [UInt8] = []
    /// False if a record of the batch cannot be copied.
    private var batchCanBeCopied = true
    /// The COPY of the batch has begun.
    private var isCopying = false

    /// Begins a file.
    init(
        _ session: PostgresSession, table: TableName, key: [String], mode: BundleEntry.RecordMode,
        values: BundleEntry.Values = .json
    ) throws {
        self.session = session
        self.table = table
        self.key = key
        self.mode = mode
        self.values = values
        let facts = TableFacts(session, table)
        statements = try RecordStatements(facts, table: table, key: key, values: values)
        documents = try facts.jsonColumns()
        canCopy = try mode != .delete && facts.allowsCopy()
        allAreNew = try mode == .insert || (mode == .upsert && canCopy && facts.isEmpty())
        streams = canCopy && allAreNew
        // Lets a failure be tried again record by record, to say which one it was. One a file:
        // more than 64 in a transaction make the snapshots of everybody else slower.
        try session.execute("SAVEPOINT \(Self.savepoint)")
    }

    /// Adds a record as it is written, with its fields and its line.
    mutating func add(_ bytes: UnsafeBufferPointer<UInt8>, _ record: JSONFields, line: Int) throws {
        if !hasSameColumns(record, bytes) {
            // Records are written in their order: a child may refer to the parent before it.
            try flush()
            try begin(record.fields.map { $0.name.text(in: bytes) }, line: line)
        }
        if canCopy, batchCanBeCopied, copy?.append(record, bytes, to: &copied) != true {
            // Those before it go as they can.
            if streams { try flush() }
            batchCanBeCopied = false
        }
        if canCopy, !allAreNew { appendKey(record, bytes) }
        if !json.isEmpty { json.append(UInt8(ascii: ",")) }
        json.append(contentsOf: bytes)
        ends.append(json.count)
        lines.append(line)
        let fits = canCopy && batchCanBeCopied
        let mostRecords = fits ? streams ? Self.mostRecords.stream : Self.mostRecords.copy : Self.mostRecords.statement
        let mostBytes = fits ? streams ? Self.mostBytes.stream : Self.mostBytes.copy : Self.mostBytes.statement
        if ends.count >= mostRecords || json.count >= mostBytes {
            try flush()
        } else if fits, streams, copied.count >= Self.pieceSize {
            do {
                try send()
            } catch let error as PostgresError {
                throw failure(error)
            }
        }
    }

    /// Ends what is under way on the server after a failure.
    mutating func abandon() {
        if isCopying { session.abandonCopy() }
        isCopying = false
    }

    /// Writes what is left and ends the file.
    mutating func finish() throws -> Outcome {
        try flush()
        try session.execute("RELEASE SAVEPOINT \(Self.savepoint)")
        return outcome
    }

    // MARK: batches

    /// Compared byte by byte with the names of the record before: most files have one set of columns.
    private mutating func hasSameColumns(_ record: JSONFields, _ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var at = 0
        var isSame = !columns.isEmpty && record.fields.count == columns.count
        if isSame {
            for field in record.fields {
                let name = bytes[field.name.range]
                guard at + name.count < names.count, names[at + name.count] == 0,
                    names[at..<at + name.count].elementsEqual(name)
                else {
                    isSame = false
                    break
                }
                at += name.count + 1
            }
        }
        if isSame, at == names.count { return true }
        names.removeAll(keepingCapacity: true)
        for field in record.fields {
            names.append(contentsOf: bytes[field.name.range])
            names.append(0)
        }
        return record.fields.map { $0.name.text(in: bytes) } == columns
    }

    private mutating func begin(_ columns: [String], line: Int) throws {
        try statements.check(columns, line: line)
        self.columns = columns
        copy = RecordCopy(columns: columns, documents: documents, values: values)
        keyPlaces = columns.indices.filter { key.contains(columns[$0]) }
    }

    private mutating func appendKey(_ record: JSONFields, _ bytes: UnsafeBufferPointer<UInt8>) {
        keys.append(UInt8(ascii: keys.isEmpty ? "[" : ","))
        for (index, place) in keyPlaces.enumerated() {
            let field = record.fields[place]
            keys.append(UInt8(ascii: index == 0 ? "{" : ","))
            // With its quotes.
            keys.append(contentsOf: bytes[field.name.range.lowerBound - 1..<field.name.range.upperBound + 1])
            keys.append(UInt8(ascii: ":"))
            keys.append(contentsOf: bytes[field.value])
        }
        keys.append(UInt8(ascii: "}"))
    }

    private mutating func flush() throws {
        guard !lines.isEmpty else { return }
        do {
            if try canCopy && batchCanBeCopied && (allAreNew || !anyExists()) {
                try send()
                isCopying = false
                outcome.inserted += try session.endCopy()
            } else {
                outcome += try write(json, count: ends.count)
            }
        } catch let error as PostgresError {
            throw failure(error)
        }
        json.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
        lines.removeAll(keepingCapacity: true)
        keys.removeAll(keepingCapacity: true)
        copied.removeAll(keepingCapacity: true)
        batchCanBeCopied = true
    }

    private func anyExists() throws -> Bool {
        let keys = String(decoding: self.keys + [UInt8(ascii: "]")], as: UTF8.self)
        return try session.query(statements.anyExists(), [.text(keys)]).only[0] == "t"
    }

    /// Sends what is there of the batch.
    private mutating func send() throws {
        if !isCopying { try session.beginCopy(statements.copy(columns)) }
        // While it is sent the session itself ends a COPY that fails.
        isCopying = false
        try session.sendCopy(copied)
        isCopying = true
        copied.removeAll(keepingCapacity: true)
    }

    private func write(_ records: some Sequence<UInt8>, count: Int) throws -> Outcome {
        let text = String(decoding: [UInt8(ascii: "[")] + records + [UInt8(ascii: "]")], as: UTF8.self)
        let statement = statements.write(columns, mode)
        let row = try session.query(statement, [.text(text)]).only
        var outcome = Outcome(
            inserted: try row.get("inserted"), updated: try row.get("updated"), deleted: try row.get("deleted"))
        outcome.unchanged = Int64(count) - outcome.inserted - outcome.updated - outcome.deleted
        return outcome
    }

    private func failure(_ error: PostgresError) -> Failure {
        culprit(error) ?? Failure(lines: lines[0]...lines[lines.count - 1], error: error)
    }

    /// Finds the record that failed: COPY says which one, else each is tried alone until one fails
    /// with the same error.
    private func culprit(_ error: PostgresError) -> Failure? {
        guard error.code == .server, session.isOpen else { return nil }
        if let place = error.copyLine(of: table.name), lines.indices.contains(place - 1) {
            return Failure(lines: lines[place - 1]...lines[place - 1], error: error)
        }
        do {
            try session.execute("ROLLBACK TO SAVEPOINT \(Self.savepoint)")
            for (index, line) in lines.enumerated() {
                let start = index == 0 ? 0 : ends[index - 1] + 1
                do {
                    _ = try write(json[start..<ends[index]], count: 1)
                } catch let alone as PostgresError where alone.sqlState == error.sqlState {
                    return Failure(lines: line...line, error: alone)
                }
            }
        } catch {
            // The first error is the one to report; where exactly it was stays open.
            return nil
        }
        return nil
    }
}

extension PostgresError {
    /// The line that COPY was at, from the context that it gives: `COPY name, line 5, ...`, in any
    /// language of the server.
    func copyLine(of table: String) -> Int? {
        for line in (server?.context ?? "").split(separator: "\n") where line.contains("COPY") {
            guard let name = line.range(of: table) else { continue }
            let digits = line[name.upperBound...].drop { !$0.isASCII || !$0.isNumber }.prefix { $0.isASCII && $0.isNumber }
            if let number = Int(digits) { return number }
        }
        return nil
    }
}
