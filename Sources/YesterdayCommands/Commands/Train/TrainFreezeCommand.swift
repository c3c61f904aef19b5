import ArgumentParser
import YesterdayKit

/// `yesterday train freeze`
struct TrainFreezeCommand: TrainSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "freeze", abstract: "Let no patch land on a target or a group until it is cleared.",
        discussion: """
            This is the registry's freeze: group deploys and realignments obey it. "yesterday freeze" \
            freezes the target itself, against everything and without a registry. Rollbacks are always \
            possible.
            """)

    @OptionGroup(title: "What") var what: ScopeOptions

    @Option(help: ArgumentHelp("Why; kept for ever.", valueName: "text"))
    var reason: String

    @OptionGroup(title: "Registry") var registry: RegistryOptions
    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    func execute(_ context: CommandContext, on registry: TrainRegistry) async throws {
        let id = try await registry.freeze(what.scope, reason: reason)
        context.output.emit(
            TrainDone(
                facts: [.init("freeze", .integer(id))], headline: "The \(what.words) is frozen (freeze \(id)).",
                tone: .warning,
                next: [
                    .next(
                        command: "yesterday train clear-freeze \(id) --reason \"...\"",
                        purpose: "to let patches land again")
                ]))
    }
}
