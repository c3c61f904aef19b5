import ArgumentParser
import YesterdayKit

/// `yesterday reconcile`
struct ReconcileCommand: TargetSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "reconcile",
        abstract: "Make the code that runs the one that should run, once.",
        discussion: """
            After a rollback in psql, after a deployment that was interrupted, after a runtime that \
            failed: looks at what runs, switches what is not as it should be, waits until it is well, and \
            confirms it. Where all is as it should be, it changes nothing.
            """)

    @OptionGroup var source: SourceOptions
    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func execute(_ context: CommandContext, on target: Target) async throws {
        let switching = CodeSwitch(source: try source.source(), logger: context.logger)
        let outcome = try await context.workingOutside("Switching the code", on: target.connection) {
            try await switching.converge(target) { context.note($0) }
        }
        context.output.emit(ReconcileOutput(database: target.database, outcome: outcome))
        if !outcome.isConfirmed { throw QuietExit(status: ExitStatus(.codePending)) }
    }
}

struct ReconcileOutput: CommandOutput {
    let database: String
    let outcome: CodeSwitch.Outcome

    var json: JSONValue { ["code": outcome.json] }

    var document: Document {
        var document = Document(headline)
        document.append(contentsOf: outcome.blocks)
        return document
    }

    private var headline: Document.Block {
        switch outcome.state {
        case "none": .headline("\(database): this target has no code.", .neutral)
        case "confirmed" where outcome.lines.contains { $0.outcome != "unchanged" }:
            .headline("\(database): the code was switched and runs as it should.", .good)
        case "confirmed": .headline("\(database): the code runs as it should.", .good)
        default: .headline("\(database): THE CODE COULD NOT BE SWITCHED.", .bad)
        }
    }
}
