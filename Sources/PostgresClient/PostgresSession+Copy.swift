import CLibPQ

extension PostgresSession {
    /// Runs `COPY ... FROM STDIN` and feeds it.
    ///
    /// - Parameters:
    ///   - statement: the COPY statement.
    ///   - next: gives the next bytes, in pieces of any size, and `nil` at the end. libpq waits
    ///     while the server is behind, so no more than a piece or two is ever in memory.
    /// - Returns: the number of rows copied.
    /// - Throws: ``PostgresError``. If `next` throws, the COPY fails, nothing of it stays, and the
    ///   error is the `cause` of one with code `copyInterrupted`.
    @discardableResult
    public func copyIn(_ statement: String, from next: () throws -> [UInt8]?) throws -> Int64 {
        try beginCopy(statement)
        while true {
            let piece: [UInt8]?
            do {
                piece = try next()
            } catch {
                abandonCopy()
                guard isOpen else { throw lostError() }
                throw PostgresError(
                    .copyInterrupted, "COPY was stopped because its data could not be read", cause: error)
            }
            guard let piece else { return try endCopy() }
            try sendCopy(piece)
        }
    }

    /// Begins a `COPY ... FROM STDIN` that is fed with ``sendCopy(_:)`` and ended with ``endCopy()`` or
    /// ``abandonCopy()``. Until then no other statement can be run.
    ///
    /// - Throws: ``PostgresError``.
    public func beginCopy(_ statement: String) throws {
        try start(statement, expecting: PGRES_COPY_IN)
        isStreaming = true
    }

    /// Sends a piece of any size. The server works on it while the next one is made.
    ///
    /// - Throws: ``PostgresError`` if the COPY has come to an end; there is none any more then.
    public func sendCopy(_ piece: [UInt8]) throws {
        if put(piece) { return }
        isStreaming = false
        _ = try finishCopy()
        throw lostError()
    }

    /// Ends a COPY.
    ///
    /// - Returns: the number of rows copied.
    /// - Throws: ``PostgresError``: what the server has against any of the rows.
    public func endCopy() throws -> Int64 {
        isStreaming = false
        let isBroken = PQputCopyEnd(connection, nil) != 1
        let rows = try finishCopy()
        if isBroken { throw lostError() }
        return rows
    }

    /// Ends a COPY so that nothing of it stays. It fails on the server, and so does its transaction.
    public func abandonCopy() {
        isStreaming = false
        _ = PQputCopyEnd(connection, "the sender of the data failed")
        // That it fails is what was asked for.
        _ = try? finishCopy()
    }

    /// Runs `COPY ... TO STDOUT` and hands over what comes, row by row.
    ///
    /// - Parameters:
    ///   - statement: the COPY statement.
    ///   - sink: takes one row in the format of the COPY, its line end included; the bytes are
    ///     valid during the call only.
    /// - Returns: the number of rows copied.
    /// - Throws: ``PostgresError``. If `sink` throws, the COPY is cancelled and the error is the
    ///   `cause` of one with code `copyInterrupted`.
    @discardableResult
    public func copyOut(
        _ statement: String, to sink: (UnsafeRawBufferPointer) throws -> Void
    ) throws -> Int64 {
        try start(statement, expecting: PGRES_COPY_OUT)
        isStreaming = true
        defer { isStreaming = false }

        var thrown: (any Error)?
        while true {
            var buffer: UnsafeMutablePointer<CChar>?
            let length = PQgetCopyData(connection, &buffer, 0)
            guard length > 0 else { break }
            defer { PQfreemem(buffer) }
            guard thrown == nil else { continue }
            do {
                try sink(UnsafeRawBufferPointer(start: buffer, count: Int(length)))
            } catch {
                thrown = error
                // The rest is read and thrown away, however little it helps to cancel.
                try? canceller.send()
            }
        }
        do {
            let tag = try finishCopy()
            if let thrown { throw Interrupted(error: thrown) }
            return tag
        } catch {
            guard let thrown else { throw error }
            throw PostgresError(
                .copyInterrupted, "COPY was stopped because its data could not be taken",
                cause: thrown)
        }
    }

    private struct Interrupted: Error {
        let error: any Error
    }

    private func start(_ statement: String, expecting: ExecStatusType) throws {
        try checkReady(statement)
        let result = PQexec(connection, statement)
        defer { PQclear(result) }
        let status = PQresultStatus(result)
        if status == expecting { return }
        switch status {
        case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
            // The other direction than the method's: ends with an error of its own.
            if PQputCopyEnd(connection, "COPY in the other direction") != 1 {
                try? canceller.send()
                var buffer: UnsafeMutablePointer<CChar>?
                while PQgetCopyData(connection, &buffer, 0) > 0 { PQfreemem(buffer) }
            }
            _ = try? finishCopy()
            throw PostgresError(.unexpectedResult, "the COPY goes in the other direction")
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY:
            throw PostgresError(.unexpectedResult, "the statement was not a COPY")
        default:
            throw failure(result)
        }
    }

    /// Sends a piece; false if the connection is broken or the server has ended the COPY.
    private func put(_ piece: [UInt8]) -> Bool {
        var rest = piece[...]
        // libpq's length is an int, and it buffers a whole piece before it waits.
        while !rest.isEmpty {
            let part = rest.prefix(1 << 16)
            rest = rest.dropFirst(part.count)
            let sent = part.withUnsafeBytes { bytes in
                PQputCopyData(
                    connection, bytes.baseAddress!.assumingMemoryBound(to: CChar.self),
                    Int32(bytes.count))
            }
            guard sent == 1 else { return false }
        }
        return true
    }

    /// Reads the results that end a COPY.
    private func finishCopy() throws -> Int64 {
        var rows: Int64 = 0
        var thrown: PostgresError?
        while let result = PQgetResult(connection) {
            switch PQresultStatus(result) {
            case PGRES_COMMAND_OK, PGRES_TUPLES_OK:
                rows = Int64(String(cString: PQcmdTuples(result))) ?? rows
            default:
                thrown = thrown ?? failure(result)
            }
            PQclear(result)
        }
        if let thrown { throw thrown }
        guard isOpen else { throw lostError() }
        return rows
    }
}
