#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The bytes of an archive's file, wherever one wants to read.
final class FileBytes {
    /// Its size when it was opened.
    let size: Int
    private let descriptor: Int32

    /// - Throws: ``ArchiveError`` if it cannot be read.
    init(_ path: String) throws {
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.failure(path) }
        var facts = stat()
        guard fstat(descriptor, &facts) == 0 else {
            let error = Self.failure(path)
            close(descriptor)
            throw error
        }
        size = Int(facts.st_size)
    }

    deinit { close(descriptor) }

    private static func failure(_ path: String) -> ArchiveError {
        ArchiveError(.unavailable, "\(path) cannot be read: \(String(cString: strerror(errno)))")
    }

    /// Up to `count` bytes from `offset` on; fewer at the end of the file only.
    func read(_ offset: Int, _ count: Int) throws -> [UInt8] {
        guard offset >= 0, count >= 0 else { throw ArchiveError(.corrupt, "the archive points outside of itself") }
        var bytes = [UInt8](repeating: 0, count: min(count, max(0, size - offset)))
        var done = 0
        while done < bytes.count {
            let got = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress! + done, $0.count - done, off_t(offset + done)) }
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { throw ArchiveError(.unavailable, "the archive cannot be read: \(String(cString: strerror(errno)))") }
            if got == 0 { break }
            done += got
        }
        bytes.removeLast(bytes.count - done)
        return bytes
    }

    /// Exactly `count` bytes.
    func exactly(_ offset: Int, _ count: Int) throws -> [UInt8] {
        let bytes = try read(offset, count)
        guard bytes.count == count else { throw ArchiveError(.truncated, "the archive ends in the middle") }
        return bytes
    }
}
