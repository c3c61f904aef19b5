import ArgumentParser
import YesterdayKit

/// `yesterday bundle pack`
struct BundlePackCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "pack",
        abstract: "Pack a bundle into a .tar.gz.",
        discussion: """
            The archive is the same, byte by byte, wherever and whenever it is packed: it holds \
            bundle.yaml and the files that it lists, without times and owners. Its digest is that \
            of the folder.
            """)

    @OptionGroup var bundle: BundleOptions

    @Option(
        name: [.customShort("o"), .customLong("output")], help: ArgumentHelp("Where to write it; the default is made of its name.", valueName: "file"))
    var file: String?

    @Flag(help: "Replace a file of that name.")
    var overwrite = false

    @OptionGroup(title: "Output") var output: OutputOptions

    func execute(_ context: CommandContext) async throws {
        let loaded = try await bundle.readDeployable(context)
        let packer = BundlePacker(loaded)
        let path = file ?? packer.fileName
        let overwrite = overwrite
        let size = try await context.working("Packing \(path)") {
            try packer.write(to: path, overwrites: overwrite)
        }
        context.output.emit(BundlePackOutput(bundle: loaded, path: path, size: size))
    }
}

struct BundlePackOutput: CommandOutput {
    let bundle: LoadedBundle
    let path: String
    let size: Int

    var json: JSONValue {
        [
            "name": .string(bundle.name), "file": .string(path), "size": .integer(Int64(size)),
            "digest": .string("sha256:\(bundle.digest)"),
        ]
    }

    var document: Document {
        Document(
            .headline("\(path): \"\(bundle.name)\", \(Words.bytes(Int64(size))).", .good),
            .fields([("digest", "sha256:\(bundle.digest)")]),
            .next(
                command: "yesterday deploy \(ShellWord.quoted(path)) --digest sha256:\(bundle.digest)",
                purpose: "to deploy exactly this"))
    }
}
