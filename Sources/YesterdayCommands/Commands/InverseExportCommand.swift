import ArgumentParser
import Synchronization
import YesterdayKit

/// `yesterday inverse export`
struct InverseExportCommand: TargetSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write what a rollback would do as a bundle.",
        discussion: """
            The bundle can be inspected and linted like any other. Deployed to a copy of the database \
            as the deployment left it (restored from a dump, for example), it gives what a rollback \
            gives there. It changes nothing here.

            It holds rows of every table that the deployment changed: keep it where they may be read.
            """)

    @Argument(help: ArgumentHelp("Id or name; the default is the last one.", valueName: "deployment"))
    var deployment: String?

    @Option(
        name: [.customShort("o"), .customLong("output")],
        help: ArgumentHelp("New folder, or new archive if it ends with .tar.gz.", valueName: "path"))
    var path: String

    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func execute(_ context: CommandContext, on target: Target) async throws {
        let lines = Mutex(0)
        let (deployment, path) = (deployment, path)
        let bundle = try await context.working(
            "Exporting, \(Words.count(Int64(lines.withLock { $0 }), "line"))", on: target.connection
        ) {
            try await target.exportInverse(of: deployment, to: path) { count in lines.withLock { $0 = count } }
        }
        context.output.emit(BundleWrittenOutput(bundle: bundle, path: path))
    }
}

/// A bundle that was made out of a database.
struct BundleWrittenOutput: CommandOutput {
    let bundle: LoadedBundle
    let path: String
    /// What is not in it though one might think so.
    var leftOut: [String] = []

    var json: JSONValue {
        [
            "name": .string(bundle.name), "path": .string(path), "digest": .string("sha256:\(bundle.digest)"),
            "files": .integer(Int64(bundle.files.count)), "size": .integer(Int64(bundle.size)),
            "rows": .integer(Int64(bundle.files.reduce(0) { $0 + ($1.entry.table == nil ? 0 : $1.count) })),
            "left_out": .array(leftOut.map { .string($0) }),
        ]
    }

    var document: Document {
        let rows = bundle.files.reduce(0) { $0 + ($1.entry.table == nil ? 0 : $1.count) }
        var document = Document(
            .headline(
                "\(path): \"\(bundle.name)\", \(Words.count(Int64(bundle.files.count), "file")), "
                    + "\(Words.count(Int64(rows), "row")).", leftOut.isEmpty ? .good : .warning),
            .fields([("digest", "sha256:\(bundle.digest)")]))
        if !leftOut.isEmpty {
            document.append(.paragraph("Not in it:\n" + leftOut.joined(separator: "\n")))
        }
        document.append(.next(command: "yesterday bundle inspect \(ShellWord.quoted(path))", purpose: "to look at it"))
        return document
    }
}
