import ArgumentParser
import YesterdayKit

/// `yesterday train approve`
struct TrainApproveCommand: TrainSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "approve",
        abstract: "Sign a step of a realignment, or all that are left, with name and reason.")

    @Argument(help: ArgumentHelp("The target.", valueName: "name"))
    var target: String

    @Option(help: ArgumentHelp("Only this step; steps are signed in order.", valueName: "number"))
    var step: Int64?

    @Option(help: ArgumentHelp("Why it may be done; kept for ever.", valueName: "text"))
    var reason: String

    @Flag(name: .shortAndLong, help: "Answer the question with yes beforehand.")
    var yes = false

    @OptionGroup(title: "Registry") var registry: RegistryOptions
    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    func execute(_ context: CommandContext, on registry: TrainRegistry) async throws {
        let realignment = Realignment(of: target, registry: registry)
        if step == nil {
            let plan = try await realignment.plan()
            if !yes, output.format == .human { context.output.emit(TrainPlanOutput(plan: plan)) }
            let open = plan.steps.filter { $0.signature == nil }
            let names = open.map { "\($0.number) \"\($0.name)\"" }.joined(separator: ", ")
            if !open.isEmpty { try context.confirm("Sign \(names)?", isAnswered: yes) }
        }
        context.output.emit(TrainPlanOutput(plan: try await realignment.sign(step: step, reason: reason)))
    }
}
