import Foundation

/// A file that appears under its name when it is complete, or not at all.
final class NewFile {
    private let path: String
    private let temporary: String
    private let descriptor: Int32
    private let overwrites: Bool
    private var isFinished = false
    private var size = 0

    /// Begins to write a file.
    ///
    /// - Throws: ``YesterdayError`` if there is one and `overwrites` is false, or none can be made.
    init(_ path: String, overwrites: Bool) throws {
        self.path = path
        self.overwrites = overwrites
        temporary = "\(path).\(getpid()).part"
        guard overwrites || access(path, F_OK) != 0 else { throw Self.exists(path) }
        descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw Self.failure(path) }
    }

    deinit {
        close(descriptor)
        if !isFinished { unlink(temporary) }
    }

    /// Writes at the end.
    ///
    /// - Throws: ``YesterdayError``.
    func write(_ bytes: UnsafeRawBufferPointer) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let part = UnsafeRawBufferPointer(rebasing: rest)
            #if canImport(Darwin)
                let count = Darwin.write(descriptor, part.baseAddress, part.count)
            #else
                let count = Glibc.write(descriptor, part.baseAddress, part.count)
            #endif
            if count > 0 {
                rest = rest.dropFirst(count)
                size += count
            } else if errno != EINTR {
                throw Self.failure(path)
            }
        }
    }

    /// Writes text at the end, in UTF-8.
    ///
    /// - Throws: ``YesterdayError``.
    func write(_ text: String) throws {
        var text = text
        try text.withUTF8 { try write(UnsafeRawBufferPointer($0)) }
    }

    /// Gives the file its name; on disk before that, so that a crash leaves no half of it.
    ///
    /// - Returns: its size.
    /// - Throws: ``YesterdayError``.
    func finish() throws -> Int {
        guard fsync(descriptor) == 0 else { throw Self.failure(path) }
        if overwrites {
            guard rename(temporary, path) == 0 else { throw Self.failure(path) }
            isFinished = true
        } else {
            // Not rename, which would replace what somebody else has put there meanwhile.
            guard link(temporary, path) == 0 else { throw errno == EEXIST ? Self.exists(path) : Self.failure(path) }
        }
        return size
    }

    private static func exists(_ path: String) -> YesterdayError {
        YesterdayError(
            .badInput, "\(path) exists already", hint: "Choose another name with -o, or say --overwrite.")
    }

    private static func failure(_ path: String) -> YesterdayError {
        YesterdayError(.failed, "\(path) cannot be written: \(String(cString: strerror(errno)))")
    }
}
