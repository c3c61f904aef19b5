import ArgumentParser
import YesterdayKit

/// `yesterday train group list`
struct TrainGroupListCommand: TrainSubcommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "The groups of the registry.")

    @OptionGroup(title: "Registry") var registry: RegistryOptions
    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    func execute(_ context: CommandContext, on registry: TrainRegistry) async throws {
        context.output.emit(TrainGroupListOutput(groups: try await registry.groups()))
    }
}

struct TrainGroupListOutput: CommandOutput {
    let groups: [TrainGroup]

    var json: JSONValue { ["groups": .array(groups.map(\.json))] }

    var document: Document {
        var document = Document(.headline("\(Words.count(Int64(groups.count), "group")).", .neutral))
        guard !groups.isEmpty else {
            document.append(.next(command: "yesterday train group add NAME", purpose: "to make one"))
            return document
        }
        var table = TextTable(
            .init("group"), .init("patches", isNumeric: true), .init("targets", isNumeric: true),
            .init("may differ in"))
        for group in groups {
            table.append(
                group.name, group.json["latest"]?.plainText, group.json["targets"]?.plainText,
                group.partnerLayers.joined(separator: ", "))
        }
        document.append(.table(table))
        return document
    }
}
