import ArgumentParser
import YesterdayKit

/// `yesterday history`
struct HistoryCommand: TargetSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "history", abstract: "The deployments of the database, newest first.")

    @Option(name: .shortAndLong, help: ArgumentHelp("At most so many.", valueName: "count"))
    var limit = 20

    @Flag(help: "All of them.")
    var all = false

    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func validate() throws {
        if limit < 1 { throw ValidationError("--limit must be at least 1.") }
    }

    func execute(_ context: CommandContext, on target: Target) async throws {
        // One more than asked for tells whether there are more.
        let entries = try await target.history(limit: all ? nil : limit + 1)
        let shown = all ? entries : Array(entries.prefix(limit))
        context.output.emit(
            HistoryOutput(
                database: target.database, entries: shown, hasMore: entries.count > shown.count))
    }
}

struct HistoryOutput: CommandOutput {
    let database: String
    let entries: [HistoryEntry]
    let hasMore: Bool

    var json: JSONValue {
        ["deployments": .array(entries.map(\.json)), "has_more": .bool(hasMore)]
    }

    var document: Document {
        guard !entries.isEmpty else {
            return Document(.headline("\(database): no deployment yet.", .neutral))
        }
        var table = TextTable(
            .init("id", isNumeric: true), .init("name"), .init("status"), .init("proof"),
            .init("when"), .init("by"), .init("tables", isNumeric: true),
            .init("rows", isNumeric: true), .init("objects", isNumeric: true),
            .init("kept", isNumeric: true))
        for entry in entries {
            table.append(
                String(entry.id), entry.name, entry.status, entry.proof,
                (entry.endedAt ?? entry.finishedAt ?? entry.beganAt)?.local, entry.deployedBy,
                entry.tables.map(Words.grouped), entry.rows.map(Words.grouped),
                entry.ddlObjects.map(Words.grouped), entry.shadowBytes.map(Words.bytes))
        }
        var document = Document(
            .headline("\(database): deployments, newest first", .neutral), .table(table))
        if hasMore {
            document.append(.next(command: "yesterday history --all", purpose: "there are more"))
        }
        return document
    }
}
