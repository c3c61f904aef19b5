import ArgumentParser
import YesterdayKit

/// `yesterday train cancel`
struct TrainCancelCommand: TrainSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel", abstract: "Give a realignment up; the target stays off the train.")

    @Argument(help: ArgumentHelp("The target.", valueName: "name"))
    var target: String

    @Option(help: ArgumentHelp("Why; kept for ever.", valueName: "text"))
    var reason: String

    @OptionGroup(title: "Registry") var registry: RegistryOptions
    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    func execute(_ context: CommandContext, on registry: TrainRegistry) async throws {
        try await Realignment(of: target, registry: registry).cancel(reason: reason)
        context.output.emit(
            TrainDone(
                facts: [.init("target", .string(target))], headline: "The realignment of \(target) is given up.",
                tone: .neutral))
    }
}
