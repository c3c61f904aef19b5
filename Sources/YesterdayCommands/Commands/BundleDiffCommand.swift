import ArgumentParser
import PostgresClient
import YesterdayKit

/// `yesterday bundle diff`
struct BundleDiffCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Make a bundle that makes one database what another one is.",
        discussion: """
            Compares the tracked tables of both, row by row in the order of their keys, and writes \
            what has to be inserted, changed and deleted in --to. Neither database is changed.
            """)

    @Option(name: .customLong("from"), help: ArgumentHelp("The database as it should be.", valueName: "conninfo"))
    var source: String

    @Option(name: .customLong("to"), help: ArgumentHelp("The database that the bundle is for.", valueName: "conninfo"))
    var destination: String

    @OptionGroup var author: AuthorOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func execute(_ context: CommandContext) async throws {
        let source = try await context.target(source, namedBy: "--from")
        let target = try await context.target(destination, namedBy: "--to")
        let progress = AuthorProgress()
        let plan = author.plan()
        let made = try await context.working(progress.text, on: source.connection) {
            try await BundleAuthor(plan, progress: progress.take).difference(from: source, to: target)
        }
        await source.connection.close()
        await target.connection.close()
        guard let bundle = made.bundle else {
            throw YesterdayError(
                .nothing, "the tracked tables of \(source.database) and \(target.database) hold the same rows",
                detail: made.leftOut.isEmpty ? nil : made.leftOut.map { "Left out: \($0)." }.joined(separator: "\n"),
                hint: "There is nothing to deploy.")
        }
        context.output.emit(BundleWrittenOutput(bundle: bundle, path: author.path, leftOut: made.leftOut))
    }
}
