import ArgumentParser
import YesterdayKit

/// `yesterday target add`
struct TargetAddCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Register the database that --db names as a target of a group.",
        discussion: """
            The database has to have the extension yesterday ("yesterday init") and to be dedicated: \
            on a database that several partners share, one partner's rollback would freeze all of them.

            Example:
              yesterday target add shop-berlin --group shops --db "host=db7 dbname=shop" \\
                  --time-zone Europe/Berlin --window 01:00-06:00
            """)

    @Argument(help: ArgumentHelp("What the target is to be called.", valueName: "name"))
    var name: String

    @Option(help: ArgumentHelp("The group that it is to be in.", valueName: "name"))
    var group: String

    @Option(help: ArgumentHelp("Time zone of its maintenance window.", valueName: "zone"))
    var timeZone = "UTC"

    @Option(help: ArgumentHelp("When patches may land by its own clock: 01:00-06:00, or 00:00-24:00 for whole days.", valueName: "window"))
    var window: WindowArgument?

    @Option(help: ArgumentHelp("Days on which the window begins: mon-fri or sat,sun.", valueName: "days"))
    var days: DaysArgument?

    @Flag(help: "Others share the database: it can be registered, and neither rolled back nor frozen.")
    var shared = false

    @Option(help: ArgumentHelp("Its place among those that get a patch first.", valueName: "number"))
    var canary: Int?

    @Option(help: ArgumentHelp("The patches up to this one are in it already.", valueName: "ordinal"))
    var baseline: Int?

    @OptionGroup(title: "Registry") var registry: RegistryOptions
    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func validate() throws {
        if days != nil, window == nil { throw ValidationError("--days needs --window.") }
    }

    func execute(_ context: CommandContext) async throws {
        let registry = try await context.registry(registry, connection)
        let target = try await context.target(connection)
        let registration = TargetRegistration(
            name: name, group: group, conninfo: connection.database ?? connection.service.map { "service=\($0)" },
            timeZone: timeZone,
            window: window.map { ($0.start, $0.end, days?.days) }, isDedicated: !shared, canary: canary,
            baseline: baseline)
        try await registry.add(registration, at: target)
        context.output.emit(
            RegisteredTargetOutput(
                headline: "\(name) is a target of the group \(group).", target: try await registry.target(name),
                freezes: []))
        await target.connection.close()
        await registry.connection.close()
    }
}

struct RegisteredTargetOutput: CommandOutput {
    let headline: String
    let target: RegisteredTarget
    /// What keeps patches from landing: kind, scope, reason.
    let freezes: [(kind: String, scope: String, reason: String)]

    var json: JSONValue {
        [
            "target": target.json,
            "blocked_by": .array(
                freezes.map {
                    ["kind": .string($0.kind), "scope": .string($0.scope), "reason": .string($0.reason)]
                }),
        ]
    }

    var document: Document {
        var document = Document(.headline(headline, freezes.isEmpty ? .good : .warning))
        var fields: [(name: String, value: String)] = []
        for (key, label) in [
            ("group_name", "group"), ("conninfo", "connection"), ("database_name", "database"), ("state", "state"),
            ("state_reason", "reason"), ("position", "at patch"), ("time_zone", "time zone"), ("window_start", "window from"),
            ("window_end", "window to"), ("dedicated", "dedicated"), ("canary", "canary"), ("alignment", "alignment"),
            ("last_contact", "last asked"),
        ] {
            guard let text = target.json[key]?.readableText else { continue }
            fields.append((label, text))
        }
        document.append(.fields(fields))
        for freeze in freezes {
            document.append(.paragraph("No patch lands (\(freeze.kind), \(freeze.scope)): \(freeze.reason)"))
        }
        return document
    }
}

extension JSONValue {
    /// A scalar as people read it; `nil` for null.
    var plainText: String? {
        switch self {
        case .null, .object, .array: nil
        case .bool(let value): value ? "yes" : "no"
        case .integer(let value): String(value)
        case .number(let value): value.description
        case .string(let value), .raw(let value): value
        }
    }

    /// The same, moments by the clock of whoever reads them.
    var readableText: String? {
        guard let text = plainText else { return nil }
        return Timestamp(iso: text)?.local ?? text
    }
}
