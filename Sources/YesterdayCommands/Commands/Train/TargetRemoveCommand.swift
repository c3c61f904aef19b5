import ArgumentParser
import YesterdayKit

/// `yesterday target remove`
struct TargetRemoveCommand: TrainSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Take a target out of the registry; its history stays, and its database is left alone.")

    @Argument(help: ArgumentHelp("The target.", valueName: "name"))
    var name: String

    @Option(help: ArgumentHelp("Why; kept for ever.", valueName: "text"))
    var reason: String

    @Flag(name: .shortAndLong, help: "Answer the question with yes beforehand.")
    var yes = false

    @OptionGroup(title: "Registry") var registry: RegistryOptions
    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func execute(_ context: CommandContext, on registry: TrainRegistry) async throws {
        let target = try await registry.target(name)
        try context.confirm("Take \(name) out of the group \(target.group)?", isAnswered: yes)
        let untold = try await registry.remove(name, reason: reason)
        if let untold {
            context.output.remark(
                "\(name) could not be told (\(untold.oneLine)). When it can: SELECT yesterday.leave_train('why'); there.")
        }
        context.output.emit(
            TrainDone(
                facts: [.init("removed", .string(name)), .init("target_told", .bool(untold == nil))],
                headline: "\(name) is no target of the group \(target.group) any more."))
    }
}

/// The result of a command that does one thing.
struct TrainDone: CommandOutput {
    let facts: [JSONValue.Member]
    let headline: String
    var tone = Document.Tone.good
    var next: [Document.Block] = []

    var json: JSONValue { .object(facts) }

    var document: Document {
        var document = Document(.headline(headline, tone))
        document.append(contentsOf: next)
        return document
    }
}
