import ArgumentParser
import YesterdayKit

/// `yesterday preview`
struct PreviewCommand: TargetSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "preview",
        abstract: "What a rollback would do, without doing it.")

    @Argument(
        help: ArgumentHelp("Id or name of the deployment; else the last.", valueName: "deployment"))
    var deployment: String?

    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func execute(_ context: CommandContext, on target: Target) async throws {
        let report = try await context.working("Looking", on: target.connection) {
            try await target.preview(deployment)
        }
        let command = "yesterday rollback" + (deployment.map { " \"\($0)\"" } ?? "")
        context.output.emit(
            ReportOutput(
                report: report, tone: .neutral,
                closing: [.next(command: command, purpose: "nothing was changed; to do it")]))
    }
}
