import ArgumentParser
import YesterdayKit

/// `yesterday train clear-freeze`
struct TrainClearFreezeCommand: TrainSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "clear-freeze",
        abstract: "End a freeze or a calendar of the registry; what a target has set itself stays.")

    @Argument(help: ArgumentHelp("Its number, as \"yesterday train calendar\" lists it.", valueName: "freeze"))
    var freeze: Int64

    @Option(help: ArgumentHelp("Why; kept for ever.", valueName: "text"))
    var reason: String

    @OptionGroup(title: "Registry") var registry: RegistryOptions
    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    func execute(_ context: CommandContext, on registry: TrainRegistry) async throws {
        try await registry.clearFreeze(freeze, reason: reason)
        context.output.emit(
            TrainDone(facts: [.init("freeze", .integer(freeze))], headline: "Freeze \(freeze) is over."))
    }
}
