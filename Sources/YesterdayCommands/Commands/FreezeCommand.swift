import ArgumentParser
import YesterdayKit

/// `yesterday freeze`
struct FreezeCommand: TargetSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "freeze", abstract: "Let no deployment land until it is cleared.")

    @Option(help: ArgumentHelp("Why; kept for ever.", valueName: "text"))
    var reason: String

    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func execute(_ context: CommandContext, on target: Target) async throws {
        try await target.freeze(reason: reason)
        let status = try await target.status()
        context.output.emit(StatusOutput(target: target, status: status, open: nil))
    }
}

/// `yesterday clear`
struct ClearCommand: TargetSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "clear",
        abstract: "Let deployments land again, after a rollback or a freeze.",
        discussion: """
            For an admin who knows that the database is as it should be. Who cleared it, when and \
            why is kept for ever.
            """)

    @Option(help: ArgumentHelp("Why it may go on; kept for ever.", valueName: "text"))
    var reason: String

    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func execute(_ context: CommandContext, on target: Target) async throws {
        try await target.clearFreeze(reason: reason)
        let status = try await target.status()
        context.output.emit(StatusOutput(target: target, status: status, open: nil))
    }
}
