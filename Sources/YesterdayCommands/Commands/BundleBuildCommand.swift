import ArgumentParser
import PostgresClient
import Synchronization
import YesterdayKit

/// How a bundle is called that is made out of databases, and where it goes.
struct AuthorOptions: ParsableArguments {
    @Option(
        name: [.customShort("o"), .customLong("output")],
        help: ArgumentHelp("New folder, or new archive if it ends with .tar.gz.", valueName: "path"))
    var path: String

    @Option(help: "Name of the bundle; the deployment will bear it.")
    var name: String

    @Option(help: "Only tables of this layer.")
    var layer: String?

    @Option(help: ArgumentHelp("Deployment that has to be the last one where it is deployed.", valueName: "name"))
    var requires: String?

    @Option(name: .customLong("ddl"), help: ArgumentHelp("A script with DDL that goes into the bundle, before all rows; may be repeated.", valueName: "file"))
    var scripts: [String] = []

    /// The plan that the options are.
    func plan(withoutDDL: Bool = false) -> BundleAuthor.Plan {
        BundleAuthor.Plan(
            path: path, name: name, layer: layer, requires: requires, scripts: scripts, withoutDDL: withoutDDL)
    }
}

/// `yesterday bundle build`
struct BundleBuildCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "build",
        abstract: "Make a bundle of what changed in a database since a deployment.",
        discussion: """
            Of every tracked table: the rows that deployments after that one inserted or changed, as they \
            are now, and the keys of those that are gone. What was written outside of any \
            deployment is not known here; "yesterday bundle diff" finds it.

            DDL cannot be read back from a database as it was typed: add it with --ddl.
            """)

    @Option(name: .customLong("from"), help: ArgumentHelp("The database: a name, or a connection string.", valueName: "conninfo"))
    var source: String

    @Option(help: ArgumentHelp("Name or id of the deployment.", valueName: "deployment"))
    var since: String

    @Flag(name: .customLong("without-ddl"), help: "Leave out the DDL that there was, and the tables that it made.")
    var withoutDDL = false

    @OptionGroup var author: AuthorOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func execute(_ context: CommandContext) async throws {
        let target = try await context.target(source, namedBy: "--from")
        let progress = AuthorProgress()
        let plan = author.plan(withoutDDL: withoutDDL)
        let since = since
        let made = try await context.working(progress.text, on: target.connection) {
            try await BundleAuthor(plan, progress: progress.take).changes(in: target, since: since)
        }
        await target.connection.close()
        guard let bundle = made.bundle else {
            throw YesterdayError(
                .nothing, "nothing has changed in \(target.database) since \"\(since)\"",
                detail: (["Writes outside of deployments are not known."] + made.leftOut.map { "Left out: \($0)." }).joined(separator: "\n"),
                hint: "yesterday history --db ...")
        }
        context.output.emit(BundleWrittenOutput(bundle: bundle, path: author.path, leftOut: made.leftOut))
    }
}

/// Which table is being compared, in words.
final class AuthorProgress: Sendable {
    private let state = Mutex("Comparing")

    /// Takes note.
    @Sendable func take(_ table: TableName, _ count: Int) {
        state.withLock { $0 = "Comparing \(table), \(Words.count(Int64(count), "row"))" }
    }

    /// For the line that shows that it goes on.
    var text: String { state.withLock { $0 } }
}
