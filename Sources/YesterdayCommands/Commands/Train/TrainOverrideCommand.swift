import ArgumentParser
import YesterdayKit

/// `yesterday train override`
struct TrainOverrideCommand: TrainSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "override",
        abstract: "Let patches land in spite of a freeze, for a while, with a reason; for admins.")

    @Argument(help: ArgumentHelp("The number of the freeze.", valueName: "freeze"))
    var freeze: Int64

    @Option(help: ArgumentHelp("Why; kept for ever.", valueName: "text"))
    var reason: String

    @Option(name: .customLong("for"), help: ArgumentHelp("For how long: \"2 hours\".", valueName: "interval"))
    var lasting: String

    @Option(help: ArgumentHelp("For this target only.", valueName: "name"))
    var target: String?

    @OptionGroup(title: "Registry") var registry: RegistryOptions
    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    func execute(_ context: CommandContext, on registry: TrainRegistry) async throws {
        try await registry.overrideFreeze(freeze, reason: reason, lasting: lasting, target: target)
        context.output.emit(
            TrainDone(
                facts: [.init("freeze", .integer(freeze)), .init("for", .string(lasting))],
                headline: "For \(lasting) freeze \(freeze) does not count\(target.map { " for \($0)" } ?? "").",
                tone: .warning))
    }
}
