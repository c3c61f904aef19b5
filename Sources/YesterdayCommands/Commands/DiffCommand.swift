import ArgumentParser
import YesterdayKit

/// `yesterday diff`
struct DiffCommand: TargetSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "What a deployment changed, row by row: before, and now.",
        discussion: "Shows a row only to who may SELECT it in its table, or to an admin.")

    @Argument(help: ArgumentHelp("Id or name; else the last.", valueName: "deployment"))
    var deployment: String?

    @Option(help: ArgumentHelp("Only this table.", valueName: "schema.table"))
    var table: String?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("At most so many lines; 0 for all.", valueName: "count"))
    var limit = 200

    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func validate() throws {
        if limit < 0 { throw ValidationError("--limit must not be negative.") }
    }

    func execute(_ context: CommandContext, on target: Target) async throws {
        let entry = try await target.chosen(deployment)
        let found = try await context.working("Comparing", on: target.connection) {
            try await target.diff(entry.id, table: table, limit: limit == 0 ? nil : limit + 1)
        }
        let shown = limit == 0 ? found : Array(found.prefix(limit))
        context.output.emit(
            DiffOutput(entry: entry, differences: shown, hasMore: found.count > shown.count))
    }
}

struct DiffOutput: CommandOutput {
    let entry: HistoryEntry
    let differences: [Difference]
    let hasMore: Bool

    var json: JSONValue {
        [
            "deployment": ["id": .integer(entry.id), "name": .string(entry.name)],
            "differences": .array(differences.map(\.json)), "has_more": .bool(hasMore),
        ]
    }

    var document: Document {
        guard !differences.isEmpty else {
            let unseen = (entry.tables ?? 0) > 0
            return Document(
                .headline("deployment \(entry.label): no differences", .neutral),
                .paragraph(
                    unseen
                        ? "It touched \(Words.count(entry.tables ?? 0, "table")); rows of tables that you may not read are left out."
                        : "It changed no rows."))
        }
        var table = TextTable(
            .init("table"), .init("row"), .init("change"), .init("column"), .init("before"),
            .init("now"))
        var previous: Difference?
        for each in differences {
            let isSameRow = previous?.table == each.table && previous?.key == each.key
            table.append(
                isSameRow ? "" : each.table, isSameRow ? "" : each.key,
                isSameRow && previous?.change == each.change ? "" : each.change, each.column,
                each.before, each.now)
            previous = each
        }
        var document = Document(
            .headline("deployment \(entry.label): what it changed", .neutral), .table(table))
        if hasMore {
            document.append(
                .next(command: "yesterday diff \(entry.id) --limit 0", purpose: "there is more"))
        }
        return document
    }
}
