import CLibPQ

/// What the server says in an error or a notice, with every field that it sent.
///
/// The fields are those of the frontend/backend protocol's ErrorResponse and NoticeResponse
/// messages; a field that the server left out is `nil`.
public struct ServerMessage: Error, Sendable, Equatable {
    /// `ERROR`, `FATAL`, `PANIC`, `WARNING`, `NOTICE`, `DEBUG`, `INFO` or `LOG`, never translated.
    public var severity: String
    /// The five characters of the SQLSTATE.
    public var sqlState: String
    /// The primary message: one line as a rule.
    public var message: String
    /// The facts behind the message.
    public var detail: String?
    /// What to do about it.
    public var hint: String?
    /// Where in the server's code path it happened: functions and statements, one a line.
    public var context: String?
    /// Position of the error in the statement, in characters, counted from 1.
    public var position: Int?
    /// Position in `internalQuery`, in characters, counted from 1.
    public var internalPosition: Int?
    /// The statement of a function in which the error happened.
    public var internalQuery: String?
    /// Schema of the object that the message is about.
    public var schema: String?
    /// Table that the message is about.
    public var table: String?
    /// Column that the message is about.
    public var column: String?
    /// Data type that the message is about.
    public var dataType: String?
    /// Constraint that the message is about.
    public var constraint: String?
    /// Source file of the server that reported it.
    public var sourceFile: String?
    /// Line in `sourceFile`.
    public var sourceLine: String?
    /// Function in `sourceFile`.
    public var sourceFunction: String?

    /// A message made by hand, for tests and for errors of our own that look like the server's.
    public init(
        severity: String = "ERROR", sqlState: String, message: String, detail: String? = nil,
        hint: String? = nil
    ) {
        self.severity = severity
        self.sqlState = sqlState
        self.message = message
        self.detail = detail
        self.hint = hint
    }

    /// Reads the fields of a result; `nil` when libpq made the error itself, which has no SQLSTATE.
    init?(_ result: OpaquePointer?) {
        func field(_ code: Character) -> String? {
            PQresultErrorField(result, Int32(code.asciiValue!)).map { String(cString: $0) }
        }
        guard let sqlState = field("C") else { return nil }
        self.sqlState = sqlState
        severity = field("V") ?? field("S") ?? "ERROR"
        message = field("M") ?? ""
        detail = field("D")
        hint = field("H")
        context = field("W")
        position = field("P").flatMap { Int($0) }
        internalPosition = field("p").flatMap { Int($0) }
        internalQuery = field("q")
        schema = field("s")
        table = field("t")
        column = field("c")
        dataType = field("d")
        constraint = field("n")
        sourceFile = field("F")
        sourceLine = field("L")
        sourceFunction = field("R")
    }
}
