import YesterdayKit

/// The exit codes of the program; docs/cli.md lists them.
public struct ExitStatus: RawRepresentable, Sendable, Equatable {
    /// What the shell sees.
    public let rawValue: Int32

    /// An exit code.
    public init(rawValue: Int32) { self.rawValue = rawValue }

    /// It worked.
    public static let success = ExitStatus(rawValue: 0)

    /// The exit code of a kind of error. Those from 64 on are those of BSD's sysexits.
    public init(_ code: YesterdayError.Code) {
        rawValue =
            switch code {
            case .failed: 1
            case .frozen: 3
            case .nothing: 4
            case .refused: 5
            case .declined: 6
            case .codePending: 7
            case .usage: 64
            case .badInput: 65
            case .unavailable: 69
            case .busy: 75
            case .notPermitted: 77
            case .configuration: 78
            case .cancelled: 130
            }
    }
}

/// Ends a command with an exit code after it has said everything itself.
struct QuietExit: Error {
    let status: ExitStatus
}
