/// Anything that can go wrong between this program and a PostgreSQL server.
///
/// Never holds a password, nor a connection string in which one could be.
public struct PostgresError: Error, Sendable {
    /// What kind of thing went wrong.
    public enum Code: String, Sendable {
        /// The connection string or one of its settings is not valid; no server was asked.
        case invalidConnectionSettings
        /// No server could be reached, or none let us in.
        case connectionFailed
        /// The connection ended while it was in use.
        case connectionLost
        /// The server refused the statement: see ``PostgresError/server``.
        case server
        /// A value cannot be sent, or did not have the expected type or was NULL.
        case invalidValue
        /// The closure that feeds or reads a COPY failed: see ``PostgresError/cause``.
        case copyInterrupted
        /// The statement did something that the called method does not handle.
        case unexpectedResult
    }

    /// What kind of thing went wrong.
    public let code: Code
    /// What happened, in one sentence.
    public let message: String
    /// The facts behind the message.
    public let detail: String?
    /// What to do about it.
    public let hint: String?
    /// What the server said, for ``Code/server``, and for ``Code/connectionLost`` if it said why.
    public let server: ServerMessage?
    /// The error that led to this one.
    public let cause: (any Error)?
    /// True when the connection was lost while COMMIT was on its way: the transaction may have
    /// been committed or not, and only a look at the database can tell.
    public let commitOutcomeUnknown: Bool

    /// Makes an error of which the fields say all.
    public init(
        _ code: Code, _ message: String, detail: String? = nil, hint: String? = nil,
        server: ServerMessage? = nil, cause: (any Error)? = nil, commitOutcomeUnknown: Bool = false
    ) {
        self.code = code
        self.message = message
        self.detail = detail
        self.hint = hint
        self.server = server
        self.cause = cause
        self.commitOutcomeUnknown = commitOutcomeUnknown
    }

    /// The error that a server's message stands for.
    public init(_ server: ServerMessage) {
        self.init(
            .server, server.message, detail: server.detail, hint: server.hint, server: server)
    }

    /// The server's SQLSTATE, if a server spoke.
    public var sqlState: String? { server?.sqlState }
}

extension PostgresError: CustomStringConvertible {
    /// Message, detail, hint and SQLSTATE, one a line.
    public var description: String {
        var lines = [message]
        if let detail { lines.append("DETAIL: \(detail)") }
        if let hint { lines.append("HINT: \(hint)") }
        if let sqlState { lines.append("SQLSTATE: \(sqlState)") }
        return lines.joined(separator: "\n")
    }
}
