import ArgumentParser
import YesterdayKit

/// `yesterday`, the root of all commands.
public struct YesterdayCommand: AsyncParsableCommand {
    /// Name, help and subcommands.
    public static let configuration = CommandConfiguration(
        commandName: "yesterday",
        abstract: "A rollback button for deployments that ship behaviour as rows.",
        version: YesterdayVersion.current
    )

    /// Parsed by ArgumentParser.
    public init() {}

    /// Runs what the command line asks for and ends the process with its exit code.
    public static func runAndExit() async -> Never {
        await main()
        exit()
    }
}
