import ArgumentParser
import YesterdayKit

/// `yesterday train withdraw`
struct TrainWithdrawCommand: TrainSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "withdraw",
        abstract: "Take the last patch off the train again, as long as no target ever had it.")

    @Argument(help: ArgumentHelp("Its place on the train.", valueName: "ordinal"))
    var ordinal: Int64

    @Option(help: ArgumentHelp("The group.", valueName: "name"))
    var group: String

    @Option(help: ArgumentHelp("Why; kept for ever.", valueName: "text"))
    var reason: String

    @OptionGroup(title: "Registry") var registry: RegistryOptions
    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    func execute(_ context: CommandContext, on registry: TrainRegistry) async throws {
        try await registry.withdraw(ordinal, group: group, reason: reason)
        context.output.emit(
            TrainDone(
                facts: [.init("group", .string(group)), .init("ordinal", .integer(ordinal))],
                headline: "Patch \(ordinal) is off the train of \(group)."))
    }
}
