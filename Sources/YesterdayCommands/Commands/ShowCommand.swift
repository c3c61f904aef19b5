import ArgumentParser
import YesterdayKit

/// `yesterday show`
struct ShowCommand: TargetSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "One deployment: tables, rows, objects, artifacts, the report of its proof.")

    @Argument(help: ArgumentHelp("Id or name; else the last.", valueName: "deployment"))
    var deployment: String?

    @Flag(help: "Show the SQL that a rollback runs to undo its DDL.")
    var ddl = false

    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func execute(_ context: CommandContext, on target: Target) async throws {
        let entry = try await target.chosen(deployment)
        let contents = try await target.contents(of: entry.id)
        context.output.emit(ShowOutput(entry: entry, contents: contents, showsDDL: ddl))
    }
}

extension Target {
    /// The deployment that was asked for, else the newest there is.
    func chosen(_ wanted: String?) async throws -> HistoryEntry {
        if let wanted { return try await deployment(wanted) }
        guard let newest = try await history(limit: 1).first else {
            throw YesterdayError(
                .nothing, "there is no deployment in \(database)",
                hint: "yesterday run --name NAME -- COMMAND makes one.", sqlState: "YD003")
        }
        return newest
    }
}

extension HistoryEntry {
    /// What the proof gave, for people; `nil` before it was made.
    var proofInWords: String? {
        switch proof {
        case nil: nil
        case "proven": "its rollback is proven"
        case "touched": "its rollback is proven on the rows it touched"
        default: "its rollback is UNPROVEN"
        }
    }
}

struct ShowOutput: CommandOutput {
    let entry: HistoryEntry
    let contents: DeploymentContents
    let showsDDL: Bool

    var json: JSONValue {
        [
            "deployment": entry.json,
            "tables": .array(contents.tables.map(\.json)),
            "inverse_ddl": .array(contents.inverse.map(\.json)),
            "record": contents.record,
        ]
    }

    var document: Document {
        let proof = entry.proofInWords.map { ", \($0)" } ?? ""
        var document = Document(
            .headline("deployment \(entry.label): \(entry.status)\(proof)", tone), .fields(fields))
        if !contents.tables.isEmpty {
            var table = TextTable(
                .init("table"), .init("key"), .init("to restore", isNumeric: true),
                .init("to remove", isNumeric: true))
            for each in contents.tables {
                table.append(
                    each.name, each.keyKind, each.rowsPrior.map(Words.grouped),
                    each.rowsInserted.map(Words.grouped))
            }
            document.append(.table(table))
        }
        if !contents.artifacts.isEmpty {
            var table = TextTable(.init("artifact"), .init("before"), .init("after"))
            for each in contents.artifacts { table.append(each.name, each.prior, each.new) }
            document.append(.table(table))
        }
        if !contents.inverse.isEmpty {
            if showsDDL {
                document.append(
                    .verbatim(contents.inverse.map { "\($0.command);" }.joined(separator: "\n")))
            } else {
                var table = TextTable(.init("object"), .init("a rollback makes it"))
                for step in contents.inverse { table.append(step.subject, step.outcome) }
                document.append(.table(table))
                document.append(
                    .next(command: "yesterday show \(entry.id) --ddl", purpose: "the SQL of it"))
            }
        } else if showsDDL {
            document.append(.paragraph("It has no DDL to undo."))
        }
        let findings = contents.report.dropFirst()
        if !findings.isEmpty { document.append(.table(Report.table(findings))) }
        return document
    }

    private var tone: Document.Tone {
        switch entry.status {
        case "finished": entry.isProven ? .good : .warning
        case "open": .warning
        default: .neutral
        }
    }

    private var fields: [(name: String, value: String)] {
        var fields: [(name: String, value: String)] = []
        func add(_ name: String, _ value: String?) {
            if let value, !value.isEmpty { fields.append((name, value)) }
        }
        add("kind", entry.kind == "deployment" ? nil : entry.kind)
        add("scope", entry.scope)
        add("began", entry.beganAt?.local)
        add("finished", entry.finishedAt?.local)
        add("ended", entry.endedAt?.local)
        add("by", entry.deployedBy)
        add("note", entry.note)
        add("rolled back because", entry.rollbackReason)
        add("kept for a rollback", entry.shadowBytes.map(Words.bytes))
        return fields
    }
}
