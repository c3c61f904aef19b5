import Foundation

/// Writes a bundle into a new folder, or a new archive, which appears under its name when it is complete, or not at all.
final class BundleFolderWriter {
    private let path: String
    private let temporary: String
    private var isFinished = false
    private var open: [String: NewFile] = [:]
    private var written: Set<String> = []

    /// Begins.
    ///
    /// - Throws: ``YesterdayError`` if there is something of that name.
    init(_ path: String) throws {
        var path = path
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        self.path = path
        temporary = "\(path).\(getpid()).folder"
        guard access(path, F_OK) != 0 else {
            throw YesterdayError(.badInput, "\(path) exists already", hint: "Choose another name with -o.")
        }
        guard mkdir(temporary, 0o700) == 0 else { throw Self.failure(temporary) }
    }

    deinit {
        open = [:]
        if !isFinished { try? FileManager.default.removeItem(atPath: temporary) }
    }

    /// Adds a line to a file of the bundle.
    ///
    /// - Throws: ``YesterdayError``.
    func write(_ line: String, to file: String) throws {
        try handle(file).write(line + "\n")
    }

    /// Copies a file into the bundle.
    ///
    /// - Throws: ``YesterdayError``.
    func copy(_ source: String, to file: String) throws {
        let target = try handle(file)
        do {
            let stream = try FileStream(.file(path: source))
            while let piece = try stream.next() { try target.write(piece) }
        } catch let error as FileStream.ReadError {
            throw YesterdayError(.badInput, "\(source) cannot be read: \(error.reason)", cause: error)
        }
        try end(file)
    }

    /// Ends a file; nothing can be added any more.
    ///
    /// - Throws: ``YesterdayError``.
    func end(_ file: String) throws {
        _ = try open.removeValue(forKey: file)?.finish()
    }

    private func handle(_ file: String) throws -> NewFile {
        if let handle = open[file] { return handle }
        if let reason = BundlePath.reasonToRefuse(file) {
            throw YesterdayError(.failed, "\"\(file)\" is no path of a file in a bundle: it \(reason)")
        }
        guard written.insert(file).inserted else { throw YesterdayError(.failed, "\(file) has ended already") }
        let target = "\(temporary)/\(file)"
        try FileManager.default.createDirectory(
            atPath: (target as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        let handle = try NewFile(target, overwrites: false)
        open[file] = handle
        return handle
    }

    /// Reads back what was written, so that nothing is handed on that cannot be deployed, and
    /// gives it its name; packed, where that name ends with `.tar.gz`.
    ///
    /// - Throws: ``YesterdayError``.
    func finish() throws -> LoadedBundle {
        let bundle = try close()
        if path.hasSuffix(".tar.gz") {
            _ = try BundlePacker(bundle).write(to: path)
        } else {
            guard rename(temporary, path) == 0 else { throw Self.failure(path) }
            isFinished = true
            _ = chmod(path, 0o755)
        }
        return bundle
    }

    private func close() throws -> LoadedBundle {
        for file in open.keys.sorted() { try end(file) }
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
