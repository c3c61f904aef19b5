import ArgumentParser
import YesterdayKit

/// `yesterday run`
struct RunCommand: TargetSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run any deployment tool as one deployment that can be rolled back.",
        usage: "yesterday run --name <name> [<options>] -- <command> ...",
        discussion: """
            Opens a deployment, starts the command so that every database session it opens \
            belongs to the deployment (through PGOPTIONS), and finishes it when the command \
            succeeds. When the command fails, everything it did is undone. Exits with the \
            command's status.

            Drivers that ignore PGOPTIONS (JDBC, Npgsql, pgx) need --role: every new session of \
            that role then belongs to the deployment. The command finds the id in \
            YESTERDAY_DEPLOYMENT.

            The command connects with its own settings; --db is for yesterday only.

            Examples:
              yesterday run --name "Release 17.2" -- psql -f release.sql
              yesterday run --name "Odoo 17.2" -- odoo-bin -u all --stop-after-init
              yesterday run --name "Orders 4" --role app -- flyway migrate
            """)

    @Option(help: ArgumentHelp("Name of the deployment, for people.", valueName: "name"))
    var name: String

    @Option(
        help: ArgumentHelp(
            "Every new session of this role belongs to it, too.", valueName: "role"))
    var role: String?

    @Option(help: ArgumentHelp("Anything that people should know.", valueName: "text"))
    var note: String?

    @Option(
        help: ArgumentHelp(
            "What it will touch, as JSON or YAML; anything else is refused.", valueName: "file"))
    var manifest: String?

    @Flag(help: "Accept, on record, changes that no rollback can undo.")
    var acceptIrreversible = false

    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    @Argument(
        parsing: .postTerminator,
        help: ArgumentHelp("The deployment tool and its arguments, after --.", valueName: "command"))
    var command: [String]

    func validate() throws {
        if command.isEmpty { throw ValidationError("Write the command to run after --.") }
    }

    func prepare() throws {
        _ = try ExecutableSearch.path(of: command[0])
        if let manifest { _ = try ManifestFile.json(at: manifest) }
    }

    func execute(_ context: CommandContext, on target: Target) async throws {
        let request = DeploymentRequest(
            name: name, manifest: try manifest.map { try ManifestFile.json(at: $0) }, note: note,
            acceptIrreversible: acceptIrreversible, joinRole: role)
        let deployment = try ToolDeployment(
            request, settings: connection.settings, command: command,
            redirectsOutput: context.output.format == .json, logger: context.logger)
        let result = try await deployment.run(on: target)
        context.output.emit(
            RunOutput(name: name, program: command[0], result: result), beside: true)
        if result.outcome == .finished, result.report.hasNoChanges {
            context.output.remark(
                """
                nothing was captured. Did the sessions of \(command[0]) join the deployment? \
                Drivers that ignore PGOPTIONS need --role; only tracked tables and DDL count.
                """)
        }
        let status = result.interruptedBy.map { 128 + $0.number } ?? result.commandExitCode
        if status != 0 { throw QuietExit(status: ExitStatus(rawValue: status)) }
    }
}

extension Report {
    /// True if nothing but the headline is in it, and that with no rows.
    fileprivate var hasNoChanges: Bool { lines.count <= 1 && (lines.first?.rows ?? 0) == 0 }
}

struct RunOutput: CommandOutput {
    let name: String
    let program: String
    let result: ToolDeployment.Result

    var json: JSONValue {
        [
            "deployment": .integer(result.deployment), "name": .string(name),
            "outcome": .string(result.outcome.rawValue),
            "command_exit_code": .integer(Int64(result.commandExitCode)),
            "interrupted_by": .optional(result.interruptedBy?.name),
            "report": result.report.json,
        ]
    }

    var document: Document {
        var document = Document()
        if result.outcome == .abandoned {
            let why =
                result.interruptedBy.map { "\($0.name) came" }
                ?? "\(program) failed with exit code \(result.commandExitCode)"
            document.append(
                .headline(
                    "\(why): deployment \(result.deployment) \"\(name)\" was undone, nothing landed",
                    .bad))
            document.append(.table(Report.table(result.report.lines)))
        } else {
            document.blocks = result.report.blocks(tone: .good)
        }
        return document
    }
}
