#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Files of this machine.
enum LocalFile {
    /// The error for a call of the system that failed just now.
    static func failure(_ what: String, _ path: String, _ number: Int32 = errno) -> RegistryError {
        RegistryError(
            .fileFailed, "\(path) cannot be \(what)", detail: String(cString: strerror(number)),
            hint: "Check the path, its permissions and the room on the disk.")
    }

    /// - Throws: ``RegistryError`` with the code.
    static func checkReadable(_ path: String, what: String, _ code: RegistryError.Code = .invalidSettings, missing: RegistryError.Code? = nil) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw RegistryError(
                errno == ENOENT ? missing ?? code : code, "the \(what) \(path) cannot be read", detail: String(cString: strerror(errno)),
                hint: "Check the path and its permissions.")
        }
        close(descriptor)
    }

    /// The whole of a small file; `nil` if there is none.
    ///
    /// - Throws: ``RegistryError`` with code `fileFailed` or `tooLarge`.
    static func contents(of path: String, limit: Int) throws -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw failure("read", path)
        }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            let count = read(descriptor, &piece, piece.count)
            if count == 0 { return bytes }
            if count < 0 {
                if errno == EINTR { continue }
                throw failure("read", path)
            }
            bytes.append(contentsOf: piece[..<count])
            guard bytes.count <= limit else {
                throw RegistryError(.tooLarge, "\(path) is larger than \(limit >> 10) KB")
            }
        }
    }

    /// Makes a new name of a file last through a crash.
    static func syncDirectory(of path: String) throws {
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("read", folder) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure("written", folder) }
    }

    /// The digest of a file; `nil` if there is none.
    static func digest(of path: String, algorithm: Digest.Algorithm) throws -> Digest? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw failure("read", path)
        }
        defer { close(descriptor) }
        var hash = ContentHash(algorithm)
        try PartialFile.read(descriptor, path) { hash.update($0) }
        return hash.digest
    }
}
