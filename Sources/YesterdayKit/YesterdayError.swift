import PostgresClient

/// An error with a meaning for whoever started the command.
public struct YesterdayError: Error, Sendable {
    /// What kind of thing went wrong; decides the exit code.
    public enum Code: String, Sendable, CaseIterable {
        /// Anything without a code of its own.
        case failed
        /// The target is frozen or off the train; no deployment lands.
        case frozen
        /// There is nothing to do: no deployment to roll back, no such deployment.
        case nothing
        /// The deployment was not allowed to count: manifest, capture or proof.
        case refused
        /// The command line makes no sense.
        case usage
        /// A file or a value that was handed in is wrong.
        case badInput = "bad_input"
        /// No server could be reached, or the connection was lost.
        case unavailable
        /// Somebody else is in the way; trying again later may help.
        case busy
        /// The role may not do this.
        case notPermitted = "not_permitted"
        /// The installation is not complete, or the connection settings are wrong.
        case configuration
        /// The database is as it should be, and the code that runs is not.
        case codePending = "code_pending"
        /// A person said no to the question.
        case declined
        /// The command was interrupted.
        case cancelled
    }

    /// What kind of thing went wrong.
    public let code: Code
    /// What happened.
    public let message: String
    /// The facts behind the message.
    public let detail: String?
    /// The next command, or what else to do.
    public let hint: String?
    /// The SQLSTATE, where a server spoke or would have.
    public let sqlState: String?
    /// The server's context lines, where a server spoke.
    public let context: String?
    /// The error that led to this one.
    public let cause: (any Error)?

    /// Makes an error of which the fields say all.
    public init(
        _ code: Code, _ message: String, detail: String? = nil, hint: String? = nil,
        sqlState: String? = nil, context: String? = nil, cause: (any Error)? = nil
    ) {
        self.code = code
        self.message = message
        self.detail = detail
        self.hint = hint
        self.sqlState = sqlState
        self.context = context
        self.cause = cause
    }

    /// The same error with the assurance that nothing was changed, where it does not give it already.
    public func assuring(_ assurance: String) -> YesterdayError {
        guard detail?.contains("Nothing was ") != true else { return self }
        return YesterdayError(
            code, message, detail: [detail, assurance].compactMap { $0 }.joined(separator: "\n"), hint: hint,
            sqlState: sqlState, context: context, cause: cause)
    }

    /// For a connection that was lost where it is known that nothing was done: that, and no doubt.
    var runningAgainIfLost: YesterdayError {
        guard (cause as? PostgresError)?.code == .connectionLost else { return self }
        return hinting("When the server answers again, run the same command again.")
    }

    /// The same error with another hint, for a caller who knows the next command better.
    public func hinting(_ hint: String) -> YesterdayError {
        YesterdayError(
            code, message, detail: detail, hint: hint, sqlState: sqlState, context: context,
            cause: cause)
    }
}

extension YesterdayError {
    /// What an error of the client means for whoever started the command.
    public init(_ error: PostgresError) {
        let code: Code
        var hint = error.hint
        switch error.code {
        case .invalidConnectionSettings:
            code = .configuration
        case .connectionFailed:
            code = .unavailable
        case .connectionLost:
            code = .unavailable
            hint = "Nothing is half-done, but only the database can tell whether it was done: yesterday status"
        case .server:
            code = Code(sqlState: error.sqlState ?? "")
            hint = hint ?? Self.hint(forSQLState: error.sqlState ?? "", saying: error.message)
        case .invalidValue, .copyInterrupted:
            code = .badInput
        case .unexpectedResult:
            code = .failed
        }
        self.init(
            code, error.message, detail: error.detail, hint: hint, sqlState: error.sqlState,
            context: error.server?.context, cause: error)
    }

    private static func hint(forSQLState sqlState: String, saying message: String) -> String? {
        switch sqlState {
        case "25006":
            """
            This server is a standby, or the transaction was made read only (SHOW transaction_read_only). Name \
            all servers and add target_session_attrs=read-write to the connection settings.
            """
        case "42501":
            hint(forDenied: message)
        case "57014":
            "The statement was cancelled and left nothing behind. Run the command again."
        default: nil
        }
    }
}

extension YesterdayError.Code {
    /// The kind of a server error; docs/architecture.md lists the YD codes.
    public init(sqlState: String) {
        switch sqlState {
        case "YD001": self = .frozen
        case "YD002", "YD006", "YD017": self = .busy
        case "YD003", "YD005", "YD018": self = .nothing
        case "YD004", "YD010", "YD011", "YD022": self = .badInput
        case "YD012"..."YD016", "YD020": self = .refused
        case "YD019": self = .configuration
        case "YD021": self = .codePending
        case "YD027": self = .busy
        case "YD023", "YD024", "YD026": self = .refused
        case "YD025": self = .configuration
        case "YDT01": self = .nothing
        case "YDT02", "YDT05": self = .badInput
        case "YDT03", "YDT04", "YDT14", "YDT15": self = .busy
        case "YDT06", "YDT09"..."YDT13", "YDT16": self = .refused
        case "YDT07": self = .frozen
        case "YDT08": self = .configuration
        case "42501", "28000", "28P01": self = .notPermitted
        case "25006", "57P01", "57P02", "57P03", "53300": self = .unavailable
        case "55P03", "40001", "40P01", "55006": self = .busy
        case "57014": self = .cancelled
        case "3F000", "42883", "42P01", "0A000", "58P01": self = .configuration
        default: self = sqlState.hasPrefix("22") ? .badInput : .failed
        }
    }
}
