import ArgumentParser
import YesterdayKit

/// `yesterday train apply`
struct TrainApplyCommand: TrainSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "apply",
        abstract: "Realign a target: the whole plan in one transaction, proven and compared, or not at all.",
        discussion: """
            The plan has to be signed, and rehearsed on the state that the target has now. The target \
            stays frozen until "yesterday train clear".
            """)

    @Argument(help: ArgumentHelp("The target.", valueName: "name"))
    var target: String

    @OptionGroup(title: "Bundles") var bundles: BundleFolderOptions
    @OptionGroup(title: "Code") var artifacts: SourceOptions

    @Flag(help: "Apply it even if the target does not become like its peer.")
    var acceptUnaligned = false

    @Flag(name: .shortAndLong, help: "Answer the question with yes beforehand.")
    var yes = false

    @OptionGroup(title: "Registry") var registry: RegistryOptions
    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    func execute(_ context: CommandContext, on registry: TrainRegistry) async throws {
        let loaded = try bundles.load()
        let realignment = try Realignment(
            of: target, registry: registry, source: artifacts.source(), logger: context.logger)
        let plan = try await realignment.plan()
        if !yes, output.format == .human { context.output.emit(TrainPlanOutput(plan: plan)) }
        try context.confirm(
            "Apply these \(Words.count(Int64(plan.steps.count), "step")) to \(target)?", isAnswered: yes)
        let accepts = acceptUnaligned
        let outcome = try await context.workingOnGroup("Realigning") {
            try await realignment.apply(loaded, acceptUnaligned: accepts, tell: $0)
        }
        context.output.emit(TrainRealignmentOutput(outcome: outcome, isRehearsal: false))
    }
}
