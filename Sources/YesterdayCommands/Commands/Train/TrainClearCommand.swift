import ArgumentParser
import YesterdayKit

/// `yesterday train clear`
struct TrainClearCommand: TrainSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "clear",
        abstract: "Put a realigned target back on the train.",
        discussion: """
            A target that was not realigned is not like its peers, and the next patch may do something \
            else there. --accept-unaligned clears it all the same; that and the reason stay on the board.
            """)

    @Argument(help: ArgumentHelp("The target.", valueName: "name"))
    var target: String

    @Option(help: ArgumentHelp("Why it may go on; kept for ever.", valueName: "text"))
    var reason: String

    @Flag(help: "Clear it though it is not like its peers.")
    var acceptUnaligned = false

    @OptionGroup(title: "Registry") var registry: RegistryOptions
    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    func execute(_ context: CommandContext, on registry: TrainRegistry) async throws {
        try await Realignment(of: target, registry: registry).clear(reason: reason, acceptUnaligned: acceptUnaligned)
        let group = try await registry.target(target).group
        context.output.emit(
            TrainDone(
                facts: [.init("target", .string(target)), .init("accepted_unaligned", .bool(acceptUnaligned))],
                headline: "\(target) is back on the train.", tone: acceptUnaligned ? .warning : .good,
                next: [
                    .next(
                        command: "yesterday deploy FIX --group \(ShellWord.quoted(group))",
                        purpose: "if a fix came with it, its peers are next")
                ]))
    }
}
