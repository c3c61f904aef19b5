import CLibPQ

/// The rows of one statement, and how many rows it touched.
public struct QueryResult: Sendable {
    /// A column of a result.
    public struct Column: Sendable, Equatable {
        /// Its name.
        public let name: String
        /// OID of its type.
        public let type: UInt32
    }

    /// The columns, in order; empty for a statement that returns no rows.
    public let columns: [Column]
    /// The rows, in order.
    public let rows: [Row]
    /// The command tag, for example `UPDATE 3`.
    public let commandTag: String
    /// Rows that the statement touched, where its tag says so.
    public let affectedRows: Int64?

    init(_ result: OpaquePointer) {
        let storage = ResultStorage(result)
        columns = storage.columns
        rows = (0..<PQntuples(result)).map { Row(storage: storage, index: $0) }
        commandTag = String(cString: PQcmdStatus(result))
        affectedRows = Int64(String(cString: PQcmdTuples(result)))
    }

    /// The only row.
    ///
    /// - Throws: ``PostgresError`` with code `unexpectedResult` if there is none or more than one.
    public var only: Row {
        get throws {
            guard rows.count == 1 else {
                throw PostgresError(
                    .unexpectedResult, "one row was expected, \(rows.count) came (\(commandTag))")
            }
            return rows[0]
        }
    }
}

/// One row of a result.
public struct Row: Sendable {
    let storage: ResultStorage
    let index: Int32

    /// The columns of the row.
    public var columns: [QueryResult.Column] { storage.columns }

    /// The value of a column in PostgreSQL's text form, `nil` for NULL.
    ///
    /// - Parameter column: position, counted from 0.
    public subscript(column: Int) -> String? {
        guard PQgetisnull(storage.result, index, Int32(column)) == 0 else { return nil }
        let length = Int(PQgetlength(storage.result, index, Int32(column)))
        guard let bytes = PQgetvalue(storage.result, index, Int32(column)) else { return nil }
        return String(
            decoding: UnsafeRawBufferPointer(start: bytes, count: length), as: UTF8.self)
    }

    /// The value of a column in PostgreSQL's text form, `nil` for NULL.
    ///
    /// - Throws: ``PostgresError`` with code `unexpectedResult` if there is no such column.
    public func text(_ column: String) throws -> String? {
        guard let position = storage.positions[column] else {
            throw PostgresError(
                .unexpectedResult, "the result has no column \"\(column)\"",
                detail: "It has: \(columns.map(\.name).joined(separator: ", ")).")
        }
        return self[position]
    }

    /// The value of a column, `nil` for NULL.
    ///
    /// - Throws: ``PostgresError`` if there is no such column or the value is of another type.
    public func getIfPresent<T: PostgresDecodable>(
        _ column: String, as type: T.Type = T.self
    ) throws -> T? {
        guard let text = try text(column) else { return nil }
        guard let value = T(postgresText: text) else {
            throw PostgresError(
                .invalidValue, "column \"\(column)\" does not hold a value of type \(T.self)",
                detail: "It holds: \(text)")
        }
        return value
    }

    /// The value of a column that is never NULL.
    ///
    /// - Throws: ``PostgresError`` if there is no such column, or its value is NULL or of
    ///   another type.
    public func get<T: PostgresDecodable>(_ column: String, as type: T.Type = T.self) throws -> T {
        guard let value = try getIfPresent(column, as: type) else {
            throw PostgresError(.invalidValue, "column \"\(column)\" is NULL")
        }
        return value
    }
}

/// A type that can be read from PostgreSQL's text form of a value.
public protocol PostgresDecodable {
    /// Reads a value, `nil` if the text is not one.
    init?(postgresText: String)
}

extension String: PostgresDecodable {
    /// The text itself.
    public init?(postgresText: String) { self = postgresText }
}

extension Int: PostgresDecodable {
    /// A decimal number.
    public init?(postgresText: String) { self.init(postgresText) }
}

extension Int64: PostgresDecodable {
    /// A decimal number.
    public init?(postgresText: String) { self.init(postgresText) }
}

extension Double: PostgresDecodable {
    /// A decimal number, `NaN` or `Infinity`.
    public init?(postgresText: String) { self.init(postgresText) }
}

extension Bool: PostgresDecodable {
    /// `t` or `f`.
    public init?(postgresText: String) {
        switch postgresText {
        case "t": self = true
        case "f": self = false
        default: return nil
        }
    }
}

extension [String]: PostgresDecodable {
    /// A one-dimensional array without NULLs.
    public init?(postgresText: String) {
        guard let elements = try? PostgresArray.elements(postgresText) else { return nil }
        let present = elements.compactMap { $0 }
        guard present.count == elements.count else { return nil }
        self = present
    }
}

/// Owns a PGresult.
///
/// Unchecked: a PGresult is never changed once PQgetResult has returned it, libpq documents
/// reading one from several threads as safe, and only `deinit` frees it.
final class ResultStorage: @unchecked Sendable {
    let result: OpaquePointer
    let columns: [QueryResult.Column]
    let positions: [String: Int]

    init(_ result: OpaquePointer) {
        self.result = result
        columns = (0..<PQnfields(result)).map {
            QueryResult.Column(name: String(cString: PQfname(result, $0)), type: PQftype(result, $0))
        }
        positions = Dictionary(
            columns.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    deinit { PQclear(result) }
}
