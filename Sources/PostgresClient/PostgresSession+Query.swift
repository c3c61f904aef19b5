import CLibPQ

extension PostgresSession {
    /// Runs one statement with parameters and returns its rows.
    ///
    /// - Throws: ``PostgresError``.
    @discardableResult
    public func query(_ statement: String, _ parameters: [Parameter] = []) throws -> QueryResult {
        try checkReady(statement)
        let sent = try send(statement, parameters) { connection, count, types, values, lengths, formats in
            PQsendQueryParams(connection, statement, count, types, values, lengths, formats, 0)
        }
        guard sent == 1 else { throw failure(nil) }
        guard let result = try results().last else { throw failure(nil) }
        return result
    }

    /// Runs one statement with parameters and hands over its rows one by one, so that a large
    /// result never lies in memory as a whole.
    ///
    /// - Returns: the number of rows.
    /// - Throws: ``PostgresError``; what `body` throws ends the statement and comes through.
    @discardableResult
    public func forEachRow(
        _ statement: String, _ parameters: [Parameter] = [], _ body: (Row) throws -> Void
    ) throws -> Int {
        try checkReady(statement)
        let sent = try send(statement, parameters) { connection, count, types, values, lengths, formats in
            PQsendQueryParams(connection, statement, count, types, values, lengths, formats, 0)
        }
        guard sent == 1 else { throw failure(nil) }
        _ = PQsetSingleRowMode(connection)
        isStreaming = true
        defer { isStreaming = false }

        var count = 0
        var thrown: (any Error)?
        while let result = PQgetResult(connection) {
            switch PQresultStatus(result) {
            case PGRES_SINGLE_TUPLE where thrown == nil:
                count += 1
                do {
                    for row in QueryResult(result).rows { try body(row) }
                } catch {
                    thrown = error
                    // The rest is read and thrown away below, however little it helps to cancel.
                    try? canceller.send()
                }
            case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY, PGRES_SINGLE_TUPLE:
                PQclear(result)
            case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
                PQclear(result)
                thrown = thrown ?? Self.copyNotHandled
                endStrayCopy()
            default:
                let error = failure(result)
                PQclear(result)
                thrown = thrown ?? error
            }
        }
        if let thrown { throw thrown }
        guard isOpen else { throw lostError() }
        return count
    }

    /// Runs one or more statements without parameters, as psql would, and returns the result of
    /// each. The first error ends them; outside a transaction block all are undone with it.
    ///
    /// - Throws: ``PostgresError``.
    @discardableResult
    public func execute(_ statements: String) throws -> [QueryResult] {
        try checkReady(statements)
        guard PQsendQuery(connection, statements) == 1 else { throw failure(nil) }
        return try results()
    }

    /// Reads all results. Not left to PQexec, which would put libpq's own "connection lost" in
    /// the place of the server's last words.
    private func results() throws -> [QueryResult] {
        var results: [QueryResult] = []
        var thrown: PostgresError?
        while let result = PQgetResult(connection) {
            do {
                results.append(try rows(result))
            } catch let error as PostgresError {
                thrown = thrown ?? error
            }
        }
        if let thrown { throw thrown }
        guard isOpen else { throw lostError() }
        return results
    }

    /// Takes over a result, as rows or as the error that it is.
    private func rows(_ result: OpaquePointer) throws -> QueryResult {
        switch PQresultStatus(result) {
        case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY:
            return QueryResult(result)
        case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
            PQclear(result)
            endStrayCopy()
            throw Self.copyNotHandled
        default:
            defer { PQclear(result) }
            throw failure(result)
        }
    }

    private static let copyNotHandled = PostgresError(
        .unexpectedResult, "COPY FROM STDIN and COPY TO STDOUT are not possible here",
        hint: "Use copyIn or copyOut.")

    /// Ends a COPY that nobody feeds or reads, so that the connection stays usable.
    private func endStrayCopy() {
        if PQputCopyEnd(connection, "COPY is not possible here") == 1 { return }
        // It goes out: what is on its way is read and thrown away, however little it helps to cancel.
        try? canceller.send()
        var buffer: UnsafeMutablePointer<CChar>?
        while PQgetCopyData(connection, &buffer, 0) > 0 { PQfreemem(buffer) }
    }

    /// Refuses what libpq would cut off or mistake.
    func checkReady(_ statement: String) throws {
        guard !isStreaming else {
            throw PostgresError(
                .unexpectedResult, "the connection is in the middle of a COPY or of reading rows")
        }
        guard !statement.utf8.contains(0) else {
            throw PostgresError(.invalidValue, "a statement cannot hold a NUL byte")
        }
    }

    private func send<T>(
        _ statement: String, _ parameters: [Parameter],
        _ body: (
            OpaquePointer, Int32, UnsafePointer<Oid>?, UnsafePointer<UnsafePointer<CChar>?>?,
            UnsafePointer<Int32>?, UnsafePointer<Int32>?
        ) -> T
    ) throws -> T {
        var buffers: [UnsafeMutableBufferPointer<CChar>?] = []
        defer { buffers.forEach { $0?.deallocate() } }
        var lengths: [Int32] = []
        var formats: [Int32] = []
        for parameter in parameters {
            switch parameter.value {
            case .null:
                buffers.append(nil)
                lengths.append(0)
                formats.append(0)
            case .text(let text):
                let bytes = text.utf8CString
                guard !bytes.dropLast().contains(0) else {
                    throw PostgresError(.invalidValue, "a text value cannot hold a NUL byte")
                }
                let buffer = UnsafeMutableBufferPointer<CChar>.allocate(capacity: bytes.count)
                _ = buffer.initialize(from: bytes)
                buffers.append(buffer)
                lengths.append(0)
                formats.append(0)
            case .binary(let bytes):
                let buffer = UnsafeMutableBufferPointer<CChar>.allocate(
                    capacity: max(bytes.count, 1))
                _ = buffer.initialize(from: bytes.lazy.map { CChar(bitPattern: $0) })
                buffers.append(buffer)
                lengths.append(Int32(bytes.count))
                formats.append(1)
            }
        }
        let values = buffers.map { $0.map { UnsafePointer($0.baseAddress!) } }
        return body(
            connection, Int32(parameters.count), parameters.map(\.type), values, lengths, formats)
    }
}
