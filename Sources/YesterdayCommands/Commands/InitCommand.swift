import ArgumentParser
import YesterdayKit

/// `yesterday init`
struct InitCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Set up a database: create or update the extension, say who may do what.",
        discussion: """
            Needs a superuser, and the extension's files on the server. Everything or nothing is \
            done, and doing it twice does no harm.

            Example:
              yesterday init --operator oncall --deployer ci --preload
            """)

    @Option(help: ArgumentHelp("May look; may be repeated.", valueName: "role"))
    var viewer: [String] = []

    @Option(help: ArgumentHelp("May deploy; may be repeated.", valueName: "role"))
    var deployer: [String] = []

    @Option(help: ArgumentHelp("May roll back; may be repeated.", valueName: "role"))
    var `operator`: [String] = []

    @Option(
        help: ArgumentHelp("May track tables and clear a freeze; may be repeated.", valueName: "role"))
    var admin: [String] = []

    @Option(
        help: ArgumentHelp(
            "Schema for rollback_last() and rollback_preview(), which are typed by hand.",
            valueName: "schema"))
    var schema = "public"

    @Flag(
        help: """
            Have every new session load the library (session_preload_libraries of the database): \
            it then sees commands that event triggers do not show, such as CLUSTER and REINDEX.
            """)
    var preload = false

    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func execute(_ context: CommandContext) async throws {
        let connection = try await context.connect(connection)
        let installation = Installation(
            schema: schema,
            grants: [
                (.viewer, viewer), (.deployer, deployer), (.operator, `operator`), (.admin, admin),
            ], preloads: preload)
        let steps = try await context.working("Installing", on: connection) {
            try await installation.install(over: connection)
        }
        await connection.close()
        // Only a new session shows what new sessions are like.
        let target = try await context.target(self.connection)
        let isPreloaded = target.preloadsLibrary
        let tracked = try await target.trackedTables().count
        await target.connection.close()
        context.output.emit(
            InitOutput(
                database: target.database, version: target.extensionVersion, steps: steps,
                isPreloaded: isPreloaded, trackedTables: tracked))
    }
}

struct InitOutput: CommandOutput {
    let database: String
    let version: String
    let steps: [Installation.Step]
    let isPreloaded: Bool
    let trackedTables: Int

    var json: JSONValue {
        [
            "database": .string(database), "version": .string(version),
            "steps": .array(
                steps.map {
                    [
                        "subject": .string($0.subject), "outcome": .string($0.outcome),
                        "detail": .optional($0.detail),
                    ]
                }),
            "preloaded": .bool(isPreloaded),
        ]
    }

    var document: Document {
        var table = TextTable(.init("subject"), .init("outcome"), .init("detail"))
        for step in steps { table.append(step.subject, step.outcome, step.detail) }
        var document = Document(
            .headline("\(database) is a target: yesterday \(version)", .good), .table(table))
        if !isPreloaded {
            document.append(
                .next(
                    command: "yesterday init --preload",
                    purpose: "to see CLUSTER, REINDEX and the like in every session"))
        }
        if trackedTables == 0 {
            document.append(
                .next(command: "yesterday track TABLE ...", purpose: "next, name the metadata"))
        }
        return document
    }
}
