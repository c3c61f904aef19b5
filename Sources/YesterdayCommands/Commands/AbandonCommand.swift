import ArgumentParser
import YesterdayKit

/// `yesterday abandon`
struct AbandonCommand: TargetSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "abandon",
        abstract: "Undo a deployment that was left open half-way.",
        discussion: """
            Nothing of it landed, so the database stays on the train. A deployment is left open \
            when "yesterday run" or the machine it ran on dies.
            """)

    static let dealsWithOpenDeployment = true

    @Argument(help: ArgumentHelp("Id of the deployment; else the open one.", valueName: "id"))
    var deployment: Int64?

    @Flag(name: .shortAndLong, help: "Answer the question with yes beforehand.")
    var yes = false

    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func execute(_ context: CommandContext, on target: Target) async throws {
        let id = try await target.chosenOpen(deployment, context)
        try context.confirm("Undo everything that deployment \(id) has done so far?", isAnswered: yes)
        let report = try await context.working("Undoing", on: target.connection) {
            try await target.abandonDeployment(id)
        }
        context.output.emit(
            ReportOutput(facts: [.init("deployment", .integer(id))], report: report))
    }
}

/// `yesterday finish`
struct FinishCommand: TargetSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "finish",
        abstract: "Finish a deployment that was left open though its work was done.",
        discussion: "Checks it and proves its rollback, as \"yesterday run\" would have done.")

    static let dealsWithOpenDeployment = true

    @Argument(help: ArgumentHelp("Id of the deployment; else the open one.", valueName: "id"))
    var deployment: Int64?

    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func execute(_ context: CommandContext, on target: Target) async throws {
        let id = try await target.chosenOpen(deployment, context)
        let report = try await context.working("Checking and proving", on: target.connection) {
            try await target.finishDeployment(id)
        }
        context.output.emit(
            ReportOutput(facts: [.init("deployment", .integer(id))], report: report))
    }
}

extension Target {
    /// The deployment that was asked for, else the open one.
    fileprivate func chosenOpen(_ wanted: Int64?, _ context: CommandContext) async throws -> Int64 {
        let open = try await openDeployment()
        if let open, open.runnerPID != nil, wanted == nil || wanted == open.id {
            context.output.remark(open.wayOut)
        }
        if let wanted { return wanted }
        guard let open else {
            throw YesterdayError(
                .nothing, "no deployment is open in \(database)",
                hint: "yesterday status tells how the database stands.", sqlState: "YD003")
        }
        return open.id
    }
}
