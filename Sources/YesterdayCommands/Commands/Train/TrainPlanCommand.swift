import ArgumentParser
import YesterdayKit

/// `yesterday train plan`
struct TrainPlanCommand: TrainSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "What leads a target back onto the train: what it rolled back, what it missed, the fix.",
        discussion: """
            The steps are in the order of the train. --fix adds what mends the regression as the last \
            step, or replaces it. All steps together become one transaction, so that the regression is \
            never live in between. Afterwards the fix is the next patch for the peers. Without --reason and \
            --fix it only shows: the plan that is under way, or the steps that one would have.
            """)

    @Argument(help: ArgumentHelp("The target.", valueName: "name"))
    var target: String

    @Option(help: ArgumentHelp("Why; needed to begin a plan, kept for ever.", valueName: "text"))
    var reason: String?

    @Option(help: ArgumentHelp("The bundle that mends what went wrong.", valueName: "bundle"))
    var fix: String?

    @OptionGroup(title: "Registry") var registry: RegistryOptions
    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    func execute(_ context: CommandContext, on registry: TrainRegistry) async throws {
        guard reason != nil || fix != nil else {
            let view = try await Realignment(of: target, registry: registry).look()
            if let unasked = view.unasked {
                context.output.remark("\(target) was not asked (\(unasked.oneLine)): this is what the registry knows.")
            }
            return context.output.emit(TrainPlanView(view: view))
        }
        let bundle: LoadedBundle?
        do {
            bundle = try fix.map { try LoadedBundle(path: $0) }
        } catch let error as BundleError {
            throw YesterdayError(error)
        }
        let plan = try await Realignment(of: target, registry: registry).plan(reason: reason, fix: bundle)
        context.output.emit(TrainPlanOutput(plan: plan))
    }
}
