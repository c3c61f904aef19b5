import ArgumentParser
import YesterdayKit

/// `yesterday target list`
struct TargetListCommand: TrainSubcommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "The targets of the registry.")

    @Option(help: ArgumentHelp("Only those of this group.", valueName: "name"))
    var group: String?

    @OptionGroup(title: "Registry") var registry: RegistryOptions
    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func execute(_ context: CommandContext, on registry: TrainRegistry) async throws {
        if let group { _ = try await registry.group(group) }
        context.output.emit(TargetListOutput(targets: try await registry.targets(of: group)))
    }
}

struct TargetListOutput: CommandOutput {
    let targets: [RegisteredTarget]

    var json: JSONValue { ["targets": .array(targets.map(\.json))] }

    var document: Document {
        guard !targets.isEmpty else {
            return Document(
                .headline("No target is registered yet.", .neutral),
                .next(command: "yesterday target add NAME --group GROUP --db ...", purpose: "to register one"))
        }
        var document = Document(.headline("\(Words.count(Int64(targets.count), "target")).", .neutral))
        var table = TextTable(
            .init("target"), .init("group"), .init("state"), .init("at patch", isNumeric: true), .init("time zone"),
            .init("window"))
        for target in targets {
            let start = target.json["window_start"]?.plainText?.prefix(5)
            let end = target.json["window_end"]?.plainText?.prefix(5)
            table.append(
                target.name, target.group, target.state.replacing("_", with: " "), String(target.position),
                target.json["time_zone"]?.plainText, start.map { "\($0)-\(end ?? "")" } ?? "always")
        }
        document.append(.table(table))
        return document
    }
}
