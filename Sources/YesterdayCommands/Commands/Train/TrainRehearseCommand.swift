import ArgumentParser
import YesterdayKit

/// `yesterday train rehearse`
struct TrainRehearseCommand: TrainSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "rehearse",
        abstract: "Do the whole realignment on the target's own state, compare, and undo it.",
        discussion: """
            Exits with 5 if the target would not become like its peer; with --accept-unaligned the rehearsal counts \
            all the same, and "apply" and "clear" want that option, too.
            """)

    @Argument(help: ArgumentHelp("The target.", valueName: "name"))
    var target: String

    @OptionGroup(title: "Bundles") var bundles: BundleFolderOptions
    @OptionGroup(title: "Code") var artifacts: SourceOptions

    @Flag(help: "Let the rehearsal count even if the target would not become like its peer.")
    var acceptUnaligned = false

    @OptionGroup(title: "Registry") var registry: RegistryOptions
    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    func execute(_ context: CommandContext, on registry: TrainRegistry) async throws {
        let loaded = try bundles.load()
        let realignment = try Realignment(
            of: target, registry: registry, source: artifacts.source(), logger: context.logger)
        let accepts = acceptUnaligned
        let outcome = try await context.workingOnGroup("Rehearsing") {
            try await realignment.rehearse(loaded, acceptUnaligned: accepts, tell: $0)
        }
        context.output.emit(TrainRealignmentOutput(outcome: outcome, isRehearsal: true, isAccepted: accepts))
        if !outcome.differences.isEmpty, !accepts { throw QuietExit(status: ExitStatus(.refused)) }
    }
}
