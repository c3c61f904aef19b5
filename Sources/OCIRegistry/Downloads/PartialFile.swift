import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A file on its way: beside its place, under a name that has a part of its digest, locked, and
/// moved to its place when it is complete.
final class PartialFile: Sendable {
    private struct State {
        var hash: ContentHash
        /// True until the first piece of an attempt, which says where it belongs.
        var isFresh = true
    }

    private let download: FileDownload
    private let partialPath: String
    private let descriptor: Int32
    private let state: Mutex<State>

    /// Opens what is there already, or begins.
    ///
    /// - Throws: ``RegistryError`` with code `fileFailed` or `busy`.
    init(_ download: FileDownload) throws {
        self.download = download
        partialPath = "\(download.path).\(download.digest.hex.prefix(16)).partial"
        descriptor = try Self.openLocked(partialPath, download.name)
        var hash = ContentHash(download.digest.algorithm)
        do {
            try Self.read(descriptor, partialPath) { hash.update($0) }
        } catch {
            Self.release(descriptor)
            throw error
        }
        state = Mutex(State(hash: hash))
        if let size = download.size, hash.count > size { try startOver() }
    }

    deinit { Self.release(descriptor) }

    /// Bytes there are.
    var count: Int64 { state.withLock { $0.hash.count } }

    /// The digest of the bytes there are.
    var digest: Digest { state.withLock { $0.hash.digest } }

    /// True if nothing more needs to be fetched.
    var isComplete: Bool {
        download.size.map { $0 == count } ?? (count > 0 && digest == download.digest)
    }

    func beginAttempt() { state.withLock { $0.isFresh = true } }

    /// Appends a piece; the first of an attempt is put where its header says.
    ///
    /// - Parameter head: `nil` for what comes from no server.
    func append(_ bytes: UnsafeRawBufferPointer, head: HTTPHead? = nil) throws {
        let count = try state.withLock { state in
            if let head, state.isFresh {
                state.isFresh = false
                if head.status == 200 {
                    try startOver(&state)
                } else if ContentRange(head.headers)?.start != state.hash.count {
                    throw RegistryError(
                        .malformedResponse, "\(head.url.display) answers with a part that was not asked for",
                        hint: "Ask those who run the server.")
                }
            }
            if let size = download.size, state.hash.count + Int64(bytes.count) > size {
                throw RegistryError(
                    .tooLarge, "\(download.name) is larger than it should be",
                    detail: "It should have \(size) bytes.", hint: "Do not use it: it is not what was pinned.")
            }
            try Self.write(bytes, to: descriptor, partialPath)
            state.hash.update(bytes)
            return state.hash.count
        }
        if !bytes.isEmpty { download.progress?(count) }
    }

    /// Forgets all bytes.
    func startOver() throws { try state.withLock { try startOver(&$0) } }

    private func startOver(_ state: inout State) throws {
        guard ftruncate(descriptor, 0) == 0, lseek(descriptor, 0, SEEK_SET) == 0 else {
            throw LocalFile.failure("emptied", partialPath)
        }
        state.hash = ContentHash(download.digest.algorithm)
    }

    /// Takes the file away: what is in it is of no use.
    func discard() throws {
        guard unlink(partialPath) == 0 else { throw LocalFile.failure("removed", partialPath) }
    }

    /// Moves the file to its place, safely on the disk.
    func complete() throws {
        guard fsync(descriptor) == 0 else { throw LocalFile.failure("written", partialPath) }
        guard rename(partialPath, download.path) == 0 else { throw LocalFile.failure("written", download.path) }
        try LocalFile.syncDirectory(of: download.path)
    }

    private static func openLocked(_ path: String, _ name: String) throws -> Int32 {
        while true {
            let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644)
            guard descriptor >= 0 else { throw LocalFile.failure("written", path) }
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
                close(descriptor)
                throw RegistryError(
                    .busy, "another process is fetching \(name)", detail: "It has locked \(path).",
                    hint: "Wait for it, or end it.")
            }
            // Whoever had it before may have moved it to its place between the two calls.
            var (mine, there) = (stat(), stat())
            if fstat(descriptor, &mine) == 0, stat(path, &there) == 0, mine.st_ino == there.st_ino,
                mine.st_dev == there.st_dev
            {
                return descriptor
            }
            release(descriptor)
        }
    }

    /// Unlocks and closes. Closing alone is not enough: a program that is being started has every descriptor of ours
    /// until it is executed, and the lock lives as long as the last of them.
    private static func release(_ descriptor: Int32) {
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    /// Hands everything from the beginning to `body`; the position is at the end then.
    static func read(_ descriptor: Int32, _ path: String, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        try withUnsafeTemporaryAllocation(byteCount: 256 << 10, alignment: 16) { buffer in
            while true {
                #if canImport(Glibc)
                    let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
                #elseif canImport(Musl)
                    let count = Musl.read(descriptor, buffer.baseAddress, buffer.count)
                #else
                    let count = Darwin.read(descriptor, buffer.baseAddress, buffer.count)
                #endif
                if count == 0 { return }
                if count > 0 {
                    try body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
                } else if errno != EINTR {
                    throw LocalFile.failure("read", path)
                }
            }
        }
    }

    private static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, _ path: String) throws {
        var rest = bytes
        while !rest.isEmpty {
            #if canImport(Glibc)
                let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
            #elseif canImport(Musl)
                let count = Musl.write(descriptor, rest.baseAddress, rest.count)
            #else
                let count = Darwin.write(descriptor, rest.baseAddress, rest.count)
            #endif
            if count >= 0 {
                rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
            } else if errno != EINTR {
                throw LocalFile.failure("written", path)
            }
        }
    }
}
