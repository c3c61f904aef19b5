import ArgumentParser
import YesterdayKit

/// `yesterday train calendar list`
struct TrainCalendarListCommand: TrainSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "The freezes and calendars of the registry.")

    @OptionGroup(title: "Registry") var registry: RegistryOptions
    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    func execute(_ context: CommandContext, on registry: TrainRegistry) async throws {
        context.output.emit(
            TrainFreezesOutput(
                freezes: try await registry.freezes().rows.map(\.json),
                overrides: try await registry.activeOverrides().rows.map(\.json)))
    }
}

struct TrainFreezesOutput: CommandOutput {
    let freezes: [JSONValue]
    /// Those in force.
    let overrides: [JSONValue]

    var json: JSONValue { ["freezes": .array(freezes), "overrides": .array(overrides)] }

    var document: Document {
        guard !freezes.isEmpty else { return Document(.headline("There are no freezes.", .neutral)) }
        var table = TextTable(
            .init("freeze", isNumeric: true), .init("kind"), .init("scope"), .init("from"), .init("to"), .init("every"),
            .init("reason"))
        for freeze in freezes {
            func text(_ key: String) -> String? { freeze[key]?.plainText }
            let scope = text("scope") == "target" ? text("target").map { "target \($0)" } : text("group_name").map { "group \($0)" }
            table.append(
                text("id"), text("kind"), scope, text("starts") ?? freeze["set_at"]?.readableText, text("ends"), text("every"),
                [text("name"), text("reason")].compactMap { $0 }.joined(separator: ": "))
        }
        var document = Document(.headline("\(Words.count(Int64(freezes.count), "freeze")).", .neutral), .table(table))
        for override in overrides {
            func text(_ key: String) -> String { override[key]?.plainText ?? "" }
            let whom = override["target"]?.plainText.map { "target \($0)" } ?? "anybody"
            document.append(
                .paragraph(
                    "Freeze \(text("freeze_id")) does not count for \(whom) until \(override["expires_at"]?.readableText ?? ""): "
                        + "\(text("reason")) (\(text("made_by")))."))
        }
        return document
    }
}
