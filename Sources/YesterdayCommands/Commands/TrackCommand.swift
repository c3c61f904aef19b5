import ArgumentParser
import YesterdayKit

/// What a write outside any deployment gets.
enum OutsideWrites: String, ExpressibleByArgument, CaseIterable {
    case allow, refuse
}

/// `yesterday track`
struct TrackCommand: TargetSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "track",
        abstract: "Put metadata tables under capture; without tables, list those that are.",
        discussion: """
            Only tracked tables are rolled back; every other table is business data and is never \
            touched. --like also takes tables that are created later.

            Examples:
              yesterday track workflow screen --layer platform
              yesterday track --like 'public.ir\\_%' --like 'meta.%'
              yesterday track tax_rule --layer partner --outside refuse
            """)

    @Argument(help: ArgumentHelp("Tables, named as in SQL.", valueName: "table"))
    var tables: [String] = []

    @Option(
        help: ArgumentHelp(
            "LIKE patterns for schemas and tables, now and later.", valueName: "schema.table"))
    var like: [String] = []

    @Option(help: ArgumentHelp("Whose metadata it is: platform, apps, partner, ...", valueName: "name"))
    var layer = "platform"

    @Option(help: "What a write outside any deployment gets: allow or refuse.")
    var outside = OutsideWrites.allow

    @Option(
        help: ArgumentHelp(
            "Columns that identify a row on every target.", valueName: "a,b"))
    var naturalKey: String?

    @Option(
        help: ArgumentHelp(
            "Columns that differ on every target although they are aligned.", valueName: "a,b"))
    var localColumns: String?

    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func validate() throws {
        if naturalKey != nil || localColumns != nil, !like.isEmpty || tables.isEmpty {
            throw ValidationError("--natural-key and --local-columns go with tables, not with --like.")
        }
    }

    func execute(_ context: CommandContext, on target: Target) async throws {
        let patterns = try like.map { try TablePattern($0) }
        guard !tables.isEmpty || !patterns.isEmpty else {
            context.output.emit(
                TrackedOutput(database: target.database, tables: try await target.trackedTables()))
            return
        }
        let options = TrackingOptions(
            layer: layer, outside: outside.rawValue, naturalKey: Self.columns(naturalKey),
            localColumns: Self.columns(localColumns))
        let counts = try await context.working("Tracking", on: target.connection) {
            try await target.track(tables: tables, patterns: patterns, options: options)
        }
        context.output.emit(
            TrackingOutput(
                names: tables + like, counts: counts, participle: "now under capture",
                total: try await target.trackedTables().count))
    }

    private static func columns(_ list: String?) -> [String] {
        list?.split(separator: ",").map { $0.trimmingSpaces() } ?? []
    }
}

/// `yesterday untrack`
struct UntrackCommand: TargetSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "untrack", abstract: "End the capture of tables.",
        discussion: "What is kept for the rollback of earlier deployments stays.")

    @Argument(help: ArgumentHelp("Tables, named as in SQL.", valueName: "table"))
    var tables: [String] = []

    @Option(
        help: ArgumentHelp(
            "Patterns, as they were given to track --like.", valueName: "schema.table"))
    var like: [String] = []

    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func validate() throws {
        if tables.isEmpty, like.isEmpty { throw ValidationError("Name tables, or patterns with --like.") }
    }

    func execute(_ context: CommandContext, on target: Target) async throws {
        let patterns = try like.map { try TablePattern($0) }
        let counts = try await target.untrack(tables: tables, patterns: patterns)
        context.output.emit(
            TrackingOutput(
                names: tables + like, counts: counts, participle: "no longer under capture",
                total: try await target.trackedTables().count))
    }
}

extension Substring {
    /// The text without spaces at both ends.
    func trimmingSpaces() -> String {
        var rest = self
        while rest.first == " " { rest.removeFirst() }
        while rest.last == " " { rest.removeLast() }
        return String(rest)
    }
}

/// What tracking or untracking did.
struct TrackingOutput: CommandOutput {
    let names: [String]
    let counts: [Int64]
    let participle: String
    let total: Int

    var json: JSONValue {
        [
            "changed": .array(
                zip(names, counts).map { ["name": .string($0), "tables": .integer($1)] }),
            "tracked_tables": .integer(Int64(total)),
        ]
    }

    var document: Document {
        var table = TextTable(.init("name or pattern"), .init("tables", isNumeric: true))
        for (name, count) in zip(names, counts) { table.append(name, Words.grouped(count)) }
        let sum = counts.reduce(0, +)
        return Document(
            .headline(
                "\(Words.count(sum, "table")) \(participle), \(Words.grouped(Int64(total))) in all",
                sum == 0 ? .warning : .good),
            .table(table))
    }
}

/// The tables under capture.
struct TrackedOutput: CommandOutput {
    let database: String
    let tables: [TrackedTable]

    var json: JSONValue { ["tables": .array(tables.map(\.json))] }

    var document: Document {
        guard !tables.isEmpty else {
            return Document(
                .headline("\(database): no table is under capture", .warning),
                .next(command: "yesterday track TABLE ...", purpose: "to change that"))
        }
        var table = TextTable(
            .init("table"), .init("layer"), .init("outside"), .init("key"), .init("rule"),
            .init("state"))
        for each in tables {
            table.append(
                each.name, each.layer, each.outside,
                each.keyKind == "row" ? "whole row" : each.keyColumns.joined(separator: ", "),
                each.rule, each.state)
        }
        let sick = tables.filter { $0.state != "capturing" }.count
        return Document(
            .headline(
                "\(database): \(Words.count(Int64(tables.count), "table")) under capture"
                    + (sick == 0 ? "" : ", \(sick) of them NOT CAPTURING"), sick == 0 ? .good : .bad),
            .table(table))
    }
}
