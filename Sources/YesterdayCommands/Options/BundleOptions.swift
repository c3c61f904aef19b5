import ArgumentParser
import Synchronization
import YesterdayKit

/// Which bundle.
struct BundleOptions: ParsableArguments {
    @Argument(help: ArgumentHelp("The folder with bundle.yaml, or a packed bundle (.tar.gz).", valueName: "bundle"))
    var path: String

    @Option(
        help: ArgumentHelp(
            "The digest it was released with; a bundle that has changed since is refused.", valueName: "sha256:..."))
    var digest: String?

    /// Reads and checks the bundle, every file of it.
    ///
    /// - Throws: ``BundleError``, or ``YesterdayError`` for a digest that is none.
    func read(_ context: CommandContext) async throws -> LoadedBundle {
        let digest = try digest.map { try BundleDigest(parsing: $0) }
        let path = path
        let bytes = Mutex(0)
        return try await context.working("Checking \(path), \(Words.bytes(Int64(bytes.withLock { $0 })))") {
            try LoadedBundle(path: path, digest: digest) { count in bytes.withLock { $0 += count } }
        }
    }

    /// Reads a bundle that has to be in order.
    ///
    /// - Throws: ``YesterdayError``.
    func readDeployable(_ context: CommandContext) async throws -> LoadedBundle {
        let bundle: LoadedBundle
        do {
            bundle = try await read(context)
        } catch let error as BundleError {
            throw YesterdayError(error)
        }
        for warning in bundle.warnings { context.logger.warning("\(warning.place): \(warning.message)") }
        return bundle
    }
}
