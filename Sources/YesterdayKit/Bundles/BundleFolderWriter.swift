import Foundation

/// Writes a bundle into a new folder, which appears under its name when it is complete, or not at all.
final class BundleFolderWriter {
    private let path: String
    private let temporary: String
    private var isFinished = false
    private var handle: NewFile?
    private var current: String?
    private var written: Set<String> = []

    /// Begins.
    ///
    /// - Throws: ``YesterdayError`` if there is something of that name.
    init(_ path: String) throws {
        var path = path
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        self.path = path
        temporary = "\(path).\(getpid()).part"
        guard access(path, F_OK) != 0 else {
            throw YesterdayError(.badInput, "\(path) exists already", hint: "Choose another name with -o.")
        }
        guard mkdir(temporary, 0o700) == 0 else { throw Self.failure(temporary) }
    }

    deinit {
        handle = nil
        if !isFinished { try? FileManager.default.removeItem(atPath: temporary) }
    }

    /// Adds a line to a file of the bundle. The lines of one file come one after the other.
    ///
    /// - Throws: ``YesterdayError``.
    func write(_ line: String, to file: String) throws {
        try begin(file)
        try handle?.write(line + "\n")
    }

    /// Adds bytes to a file of the bundle.
    ///
    /// - Throws: ``YesterdayError``.
    func write(_ bytes: UnsafeRawBufferPointer, to file: String) throws {
        try begin(file)
        try handle?.write(bytes)
    }

    /// Makes a file, which may stay empty.
    func begin(_ file: String) throws {
        guard file != current else { return }
        if let reason = BundlePath.reasonToRefuse(file) {
            throw YesterdayError(.failed, "\"\(file)\" is no path of a file in a bundle: it \(reason)")
        }
        _ = try handle?.finish()
        handle = nil
        guard written.insert(file).inserted else {
            throw YesterdayError(.failed, "the lines of \(file) do not follow each other")
        }
        let target = "\(temporary)/\(file)"
        try FileManager.default.createDirectory(
            atPath: (target as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        handle = try NewFile(target, overwrites: false)
        current = file
    }

    /// Reads back what was written: nothing is handed on that cannot be deployed.
    ///
    /// - Throws: ``YesterdayError``.
    func finish() throws -> LoadedBundle {
        let bundle = try close()
        guard rename(temporary, path) == 0 else { throw Self.failure(path) }
        isFinished = true
        _ = chmod(path, 0o755)
        return bundle
    }

    /// Packs what was written into an archive instead.
    ///
    /// - Throws: ``YesterdayError``.
    func finish(packedAs archive: String) throws -> LoadedBundle {
        let bundle = try close()
        _ = try BundlePacker(bundle).write(to: archive)
        return bundle
    }

    private func close() throws -> LoadedBundle {
        _ = try handle?.finish()
        handle = nil
        do {
            return try LoadedBundle(path: temporary)
        } catch let error as BundleError {
            throw YesterdayError(error)
        }
    }

    private static func failure(_ path: String) -> YesterdayError {
        YesterdayError(.failed, "\(path) cannot be written: \(String(cString: strerror(errno)))")
    }
}
