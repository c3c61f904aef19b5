import ArgumentParser
import YesterdayKit

/// `yesterday train group add`
struct TrainGroupAddCommand: TrainSubcommand {
    static let configuration = CommandConfiguration(commandName: "add", abstract: "Make a group.")

    @Argument(help: ArgumentHelp("What the group is to be called.", valueName: "name"))
    var name: String

    @Option(
        help: ArgumentHelp(
            "Layers in which its targets may differ from each other (default: partner).", valueName: "a,b"))
    var partnerLayers: String?

    @Option(help: "A remark.")
    var note: String?

    @OptionGroup(title: "Registry") var registry: RegistryOptions
    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    func execute(_ context: CommandContext, on registry: TrainRegistry) async throws {
        let layers = partnerLayers?.split(separator: ",").map(String.init)
        try await registry.addGroup(name, partnerLayers: layers, note: note)
        context.output.emit(
            TrainDone(
                facts: [.init("group", .string(name))], headline: "The group \(name) is there.",
                next: [
                    .next(
                        command: "yesterday target add NAME --group \(ShellWord.quoted(name)) --db ...",
                        purpose: "next, register its targets")
                ]))
    }
}
