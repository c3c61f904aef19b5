#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Unpacks a `.tar.gz` or a zip into a folder: plain files and folders, nothing outside of it.
public struct TreeUnpacker: Sendable {
    /// Most files and folders.
    public var mostEntries = 200_000
    /// Most bytes in all.
    public var mostBytes = 8 << 30
    /// Up to this size nobody asks how well it was packed.
    public var harmlessSize = 256 << 20
    /// How many times larger than packed the contents may be.
    public var ratio = 250

    /// An unpacker with the usual limits.
    public init() {}

    /// Unpacks the archive at `path` into `folder`, which must not exist, and makes it last.
    ///
    /// - Returns: how many files there were.
    /// - Throws: ``ArchiveError``; what was unpacked until then stays for the caller to remove.
    @discardableResult
    public func unpack(_ path: String, into folder: String) throws -> Int {
        let packed = try FileBytes(path)
        let head = try packed.read(0, 4)
        guard mkdir(folder, 0o755) == 0 else { throw Self.failure("made", folder) }
        var tree = Tree(root: folder, limits: self, packedSize: packed.size)
        if head.starts(with: [0x1F, 0x8B]) {
            var at = 0
            let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 16)
            defer { piece.deallocate() }
            let gzip = try GzipReader {
                let bytes = try packed.read(at, piece.count)
                at += bytes.count
                piece.copyBytes(from: bytes)
                return bytes.isEmpty ? nil : UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(piece)[..<bytes.count])
            }
            var tar = TarReader { try gzip.next() }
            try tar.forEachEntry { try tree.begin($0) }
        } else if head.starts(with: [0x50, 0x4B]) {
            try ZipReader(path: path).forEachEntry { try tree.begin($0) }
        } else {
            throw ArchiveError(.notAnArchive, "this is neither a tar.gz nor a zip")
        }
        try tree.end()
        return tree.files
    }

    fileprivate static func failure(_ what: String, _ path: String) -> ArchiveError {
        ArchiveError(.unavailable, "\(path) cannot be \(what): \(String(cString: strerror(errno)))")
    }

    /// The folder while it grows. It holds nothing that we did not make, and we make no links: a
    /// path below it stays below it.
    private struct Tree {
        let root: String
        let limits: TreeUnpacker
        let packedSize: Int
        private(set) var files = 0
        private var bytes = 0
        private var kinds: [String: Bool] = [:]
        private var open: OpenFile?

        init(root: String, limits: TreeUnpacker, packedSize: Int) {
            self.root = root
            self.limits = limits
            self.packedSize = packedSize
        }

        mutating func begin(_ entry: TarEntry) throws -> TarReader.Sink? {
            try finishFile()
            if entry.path.isEmpty, entry.kind == .folder { return nil }
            if let reason = TarEntry.reasonToRefuse(entry.path) {
                throw ArchiveError(.forbidden, "the archive holds \"\(entry.path)\", which \(reason)", entry: entry.path)
            }
            switch entry.kind {
            case .other(let what):
                throw ArchiveError(.forbidden, "the archive holds \(entry.path), which is \(what)", entry: entry.path)
            case .folder:
                try makeFolder(entry.path[...])
                return nil
            case .file: break
            }
            if let slash = entry.path.lastIndex(of: "/") { try makeFolder(entry.path[..<slash]) }
            guard kinds.updateValue(false, forKey: entry.path) == nil else {
                throw ArchiveError(.forbidden, "the archive holds \(entry.path) twice", entry: entry.path)
            }
            try count(entry.size)
            let file = try OpenFile("\(root)/\(entry.path)", isExecutable: entry.mode & 0o111 != 0)
            open = file
            files += 1
            return { try file.write($0) }
        }

        private mutating func count(_ size: Int) throws {
            let (sum, overflow) = bytes.addingReportingOverflow(size)
            guard !overflow, sum <= limits.mostBytes,
                sum <= max(limits.harmlessSize, packedSize.multipliedReportingOverflow(by: limits.ratio).partialValue)
            else {
                throw ArchiveError(.tooLarge, "the archive unpacks to more than is sensible: it is made to fill a disk")
            }
            bytes = sum
            guard kinds.count <= limits.mostEntries else {
                throw ArchiveError(.tooLarge, "the archive holds more than \(limits.mostEntries) files")
            }
        }

        private mutating func makeFolder(_ path: Substring) throws {
            switch kinds[String(path)] {
            case true: return
            case false:
                throw ArchiveError(.forbidden, "the archive holds \(path) as a file and as a folder", entry: String(path))
            default: break
            }
            if let slash = path.lastIndex(of: "/") { try makeFolder(path[..<slash]) }
            guard mkdir("\(root)/\(path)", 0o755) == 0 else { throw TreeUnpacker.failure("made", "\(root)/\(path)") }
            kinds[String(path)] = true
            try count(0)
        }

        private mutating func finishFile() throws {
            try open?.finish()
            open = nil
        }

        mutating func end() throws {
            try finishFile()
            // Names last when their folder was written out.
            for folder in kinds.filter(\.value).keys.map({ "\(root)/\($0)" }) + [root] { try TreeUnpacker.sync(folder) }
        }
    }

    /// Makes the names in a folder last through a crash.
    ///
    /// - Throws: ``ArchiveError``.
    public static func sync(_ folder: String) throws {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("read", folder) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure("written", folder) }
    }

    private final class OpenFile {
        private let path: String
        private var descriptor: Int32

        init(_ path: String, isExecutable: Bool) throws {
            self.path = path
            descriptor = Self.create(path, isExecutable ? 0o755 : 0o644)
            guard descriptor >= 0 else { throw TreeUnpacker.failure("made", path) }
        }

        private static func create(_ path: String, _ mode: mode_t) -> Int32 {
            open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode)
        }

        deinit { if descriptor >= 0 { close(descriptor) } }

        func write(_ bytes: UnsafeRawBufferPointer) throws {
            var rest = bytes
            while !rest.isEmpty {
                let count = Self.put(descriptor, rest)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { throw TreeUnpacker.failure("written", path) }
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            }
        }

        private static func put(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
            #if canImport(Glibc)
                Glibc.write(descriptor, bytes.baseAddress, bytes.count)
            #elseif canImport(Musl)
                Musl.write(descriptor, bytes.baseAddress, bytes.count)
            #else
                Darwin.write(descriptor, bytes.baseAddress, bytes.count)
            #endif
        }

        func finish() throws {
            guard fsync(descriptor) == 0, close(descriptor) == 0 else { throw TreeUnpacker.failure("written", path) }
            descriptor = -1
        }
    }
}
