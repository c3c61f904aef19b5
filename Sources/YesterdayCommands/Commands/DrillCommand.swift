import ArgumentParser
import YesterdayKit

/// `yesterday drill`
struct DrillCommand: TargetSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "drill",
        abstract: "Rehearse the rollback of the last deployment and undo the rehearsal.",
        discussion: "Nothing is changed. The result, and how long it took, are recorded.")

    @Flag(help: "Also where business tables cannot be read during the rehearsal.")
    var lockBusiness = false

    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func execute(_ context: CommandContext, on target: Target) async throws {
        let report = try await context.working("Rehearsing", on: target.connection) {
            try await target.drill(lockBusiness: lockBusiness)
        }
        context.output.emit(ReportOutput(report: report))
    }
}
