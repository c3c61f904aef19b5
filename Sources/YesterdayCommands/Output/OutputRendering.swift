import ArgumentParser
import OCIRegistry
import PostgresClient
import YesterdayKit

/// What a command found out or did, for people and for programs.
public protocol CommandOutput: Sendable {
    /// For programs; docs/cli.md lists the keys.
    var json: JSONValue { get }
    /// For people.
    var document: Document { get }
}

/// How output is written.
public enum OutputFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
    /// For people.
    case human
    /// One JSON document on standard output.
    case json
}

/// The one way by which results and errors leave the program.
public struct OutputRendering: Sendable {
    /// For whom.
    public let format: OutputFormat
    /// Where to.
    public let console: Console

    /// A rendering for a console.
    public init(format: OutputFormat, console: Console) {
        self.format = format
        self.console = console
    }

    /// Writes a result to standard output.
    ///
    /// - Parameter beside: true if standard output belongs to another program; what is for people
    ///   goes to standard error then.
    public func emit(_ output: some CommandOutput, beside: Bool = false) {
        switch format {
        case .human where beside:
            console.writeError(
                output.document.text(width: console.width, colours: console.errorColours))
        case .human:
            console.write(output.document.text(width: console.width, colours: console.colours))
        case .json:
            console.write(output.json.text() + "\n")
        }
    }

    /// Writes an error: for people to standard error, for programs as the one JSON document on
    /// standard output.
    ///
    /// - Returns: the exit code that belongs to the error.
    @discardableResult
    public func emit(_ error: any Error) -> ExitStatus {
        let error = YesterdayError(any: error)
        let status = ExitStatus(error.code)
        switch format {
        case .human:
            console.writeError(Self.text(error, width: console.width, colours: console.errorColours))
        case .json:
            console.write(Self.json(error, status).text() + "\n")
        }
        return status
    }

    /// A remark for a person, beside the result; never part of the JSON document.
    public func remark(_ text: String) {
        let paint = Paint(on: console.errorColours)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            .map { PlainText.visible(String($0)) }
        console.writeError(paint("note: ", .warning) + lines.joined(separator: "\n") + "\n")
    }

    private static func text(_ error: YesterdayError, width: Int?, colours: Bool) -> String {
        let paint = Paint(on: colours)
        var text = paint("error: ", .bad) + lines(error.message, width) + "\n"
        if let detail = error.detail {
            text += paint("detail: ", .dim) + lines(detail, width) + "\n"
        }
        if let hint = error.hint { text += paint("hint: ", .bold) + lines(hint, width) + "\n" }
        if let sqlState = error.sqlState { text += paint("sqlstate: ", .dim) + sqlState + "\n" }
        return text
    }

    private static func lines(_ text: String, _ width: Int?) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false)
            .map { PlainText.visible($0.drop { $0 == "\t" }.description) }
            .joined(separator: "\n        ")
    }

    private static func json(_ error: YesterdayError, _ status: ExitStatus) -> JSONValue {
        [
            "error": [
                "code": .string(error.code.rawValue),
                "message": .string(error.message),
                "detail": .optional(error.detail),
                "hint": .optional(error.hint),
                "sqlstate": .optional(error.sqlState),
                "context": .optional(error.context),
                "exit_code": .integer(Int64(status.rawValue)),
            ]
        ]
    }
}

extension YesterdayError {
    /// Any error as one with a meaning for whoever started the command.
    init(any error: any Error) {
        switch error {
        case let error as YesterdayError: self = error
        case let error as PostgresError: self.init(error)
        case let error as RegistryError: self.init(error)
        case is CancellationError:
            self.init(.cancelled, "interrupted", hint: "See how the target stands: yesterday status")
        case let error as ValidationError: self.init(.usage, error.message)
        default: self.init(.failed, "\(error)", cause: error)
        }
    }
}
