import Logging
import PostgresClient
import YesterdayKit

/// What every command has at hand.
public struct CommandContext: Sendable {
    /// Terminal, input and output.
    public let console: Console
    /// Results, errors and remarks.
    public let output: OutputRendering
    /// Messages on standard error.
    public let logger: Logger

    /// The console of the running command; tests put their own here.
    @TaskLocal static var console: Console?

    /// The context that the options of a command ask for.
    public init(_ options: OutputOptions) {
        let console = Self.console ?? .system()
        self.console = console
        output = OutputRendering(format: options.format, console: console)
        var logger = Logger(label: "yesterday") { _ in ConsoleLogHandler(console: console) }
        logger.logLevel = options.logLevel
        self.logger = logger
    }

    /// Passes on what the server says on the side.
    public var noticeHandler: @Sendable (ServerMessage) -> Void {
        let logger = logger
        return { notice in
            let level: Logger.Level =
                switch notice.severity {
                case "WARNING": .warning
                case "NOTICE", "INFO": .notice
                default: .debug
                }
            logger.log(level: level, "\(notice.message)")
            if let detail = notice.detail { logger.log(level: level, "detail: \(detail)") }
            if let hint = notice.hint { logger.log(level: level, "hint: \(hint)") }
        }
    }

    /// Connects to the database that the options name.
    ///
    /// - Throws: ``PostgresClient/PostgresError``.
    public func connect(_ options: ConnectionOptions) async throws -> PostgresConnection {
        try await .connect(options.settings, onNotice: noticeHandler)
    }

    /// Connects to a target: a database with the extension in it.
    ///
    /// - Throws: ``YesterdayKit/YesterdayError`` or ``PostgresClient/PostgresError``.
    public func target(_ options: ConnectionOptions) async throws -> Target {
        try await Target(connect(options))
    }

    /// Connects to the target that an option other than `--db` names.
    ///
    /// - Throws: as ``target(_:)``; where nobody could be reached, the error names the option.
    func target(_ conninfo: String, namedBy option: String) async throws -> Target {
        do {
            return try await Target(.connect(ConnectionSettings(target: conninfo), onNotice: noticeHandler))
        } catch let error as PostgresError where error.code == .connectionFailed {
            let plain = YesterdayError(error)
            let isUnreached = error.message == "cannot connect to the server"
            throw YesterdayError(
                plain.code, isUnreached ? "cannot connect to the database that \(option) names" : "\(option): \(plain.message)",
                detail: plain.detail, hint: isUnreached ? "Check \(option), and PG* for what it leaves out." : plain.hint,
                sqlState: plain.sqlState, cause: error)
        }
    }

    /// Does something that can take long: shows that it goes on, and lets Ctrl-C end it by
    /// cancelling it on the server, so that nothing is left half-done.
    ///
    /// - Parameters:
    ///   - what: what goes on, for example `Rolling back`; asked again whenever it is shown.
    ///   - connection: the connection on which it goes on.
    public func working<T: Sendable>(
        _ what: @autoclosure @escaping @Sendable () -> String, on connection: PostgresConnection,
        _ body: () async throws -> T
    ) async throws -> T {
        try await showing(what, cancelling: connection, body)
    }

    /// Does something without a server that can take long, and shows that it goes on.
    public func working<T: Sendable>(
        _ what: @autoclosure @escaping @Sendable () -> String, _ body: () async throws -> T
    ) async throws -> T {
        try await showing(what, cancelling: nil, body)
    }

    private func showing<T: Sendable>(
        _ what: @escaping @Sendable () -> String, cancelling connection: PostgresConnection?,
        _ body: () async throws -> T
    ) async throws -> T {
        let console = console
        let logger = logger
        logger.debug("\(what())")
        return try await withThrowingTaskGroup(of: Void.self) { group in
            if console.showsProgress, logger.logLevel < .error {
                group.addTask { await Self.showProgress(what, console) }
            }
            if let connection { group.addTask { await cancelOnSignals(connection) } }
            defer { group.cancelAll() }
            return try await body()
        }
    }

    private func cancelOnSignals(_ connection: PostgresConnection) async {
        for await signal in SignalMonitor.signals() {
            logger.notice("\(signal.name): cancelling on the server")
            // Again and again, until the work has ended: between two statements there is
            // nothing to cancel, and the next one would go on.
            while !Task.isCancelled {
                do {
                    try await connection.cancel()
                    try await Task.sleep(for: .milliseconds(200))
                } catch is CancellationError {
                    break
                } catch {
                    logger.error("\(error)")
                    break
                }
            }
        }
    }

    private static func showProgress(_ what: @Sendable () -> String, _ console: Console) async {
        let start = ContinuousClock.now
        do {
            try await Task.sleep(for: .seconds(1))
            while true {
                let seconds = (ContinuousClock.now - start).components.seconds
                console.writeError("\r\(what()) ... \(seconds) s\u{1B}[K")
                try await Task.sleep(for: .seconds(1))
            }
        } catch {
            // Cancelled: the work is done, and the line makes room for its result.
            console.writeError("\r\u{1B}[K")
        }
    }

    /// Asks the one question.
    ///
    /// - Parameters:
    ///   - question: a question that "yes" or "no" answers.
    ///   - isAnswered: true if `--yes` was given.
    /// - Throws: ``YesterdayKit/YesterdayError``, `declined` for any answer but yes, `usage`
    ///   where nobody can be asked.
    public func confirm(_ question: String, isAnswered: Bool) throws {
        if isAnswered { return }
        guard console.canAsk, output.format == .human else {
            throw YesterdayError(
                .usage, "nobody can be asked here, and --yes was not given",
                detail: "The question: \(question)", hint: "Add --yes to answer it beforehand.")
        }
        console.writeError(PlainText.visible(question) + " [yes/no] ")
        let answer = console.readLine()?.lowercased().filter { !$0.isWhitespace }
        guard answer == "yes" || answer == "y" else {
            throw YesterdayError(.declined, "nothing was done: the answer was not yes")
        }
    }
}

/// Writes log messages to standard error, one a line, for people.
struct ConsoleLogHandler: LogHandler {
    let console: Console
    var logLevel: Logger.Level = .notice
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?

    init(console: Console) { self.console = console }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        console.writeError("\(event.level): \(PlainText.visible(event.message.description))\n")
    }
}
