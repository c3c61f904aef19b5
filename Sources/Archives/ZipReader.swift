import CZlib

/// Reads a zip by its central directory (APPNOTE.TXT 6.3.10): stored and deflated entries, zip64.
///
/// Strict: encrypted entries, other methods, several disks, entries that share bytes and sums that
/// do not fit are errors.
public struct ZipReader {
    private let file: FileBytes
    private static let pieceSize = 256 << 10

    /// A reader of the file at `path`.
    ///
    /// - Throws: ``ArchiveError`` if it cannot be read.
    public init(path: String) throws { file = try FileBytes(path) }

    private struct Entry {
        let entry: TarEntry
        let method: Int
        let checksum: UInt32
        let packedSize: Int
        let offset: Int
    }

    /// Reads the archive to its end, as ``TarReader/forEachEntry(_:)`` does.
    ///
    /// - Throws: ``ArchiveError``, and what `begin` and the sinks throw.
    public func forEachEntry(_ begin: (TarEntry) throws -> TarReader.Sink?) throws {
        let entries = try directory()
        try refuseOverlaps(entries)
        for entry in entries {
            guard let sink = try begin(entry.entry) else { continue }
            try unpack(entry, into: sink)
        }
    }

    /// Entries that share bytes are how a small zip is made to unpack to a large one.
    private func refuseOverlaps(_ entries: [Entry]) throws {
        var end = 0
        for entry in entries.sorted(by: { $0.offset < $1.offset }) {
            guard entry.offset >= end else {
                throw ArchiveError(.forbidden, "entries of the zip share bytes: it is made to fill a disk", entry: entry.entry.path)
            }
            let (sum, overflow) = entry.offset.addingReportingOverflow(entry.packedSize)
            guard !overflow, sum <= file.size else { throw ArchiveError(.truncated, "the zip ends in the middle") }
            end = sum + 30
        }
    }

    // MARK: directory

    private func directory() throws -> [Entry] {
        let (start, size, count) = try findDirectory()
        guard start >= 0, size >= 0, count >= 0, size <= file.size, count <= size / 46 else { throw ArchiveError(.corrupt, "the directory of the zip is damaged") }
        let bytes = try file.exactly(start, size)
        var entries: [Entry] = []
        var at = 0
        for _ in 0..<count {
            guard at + 46 <= bytes.count, bytes.number(at, 4) == 0x0201_4B50 else {
                throw ArchiveError(.corrupt, "the directory of the zip is damaged")
            }
            let nameEnd = at + 46 + bytes.number(at + 28, 2)
            let extraEnd = nameEnd + bytes.number(at + 30, 2)
            let end = extraEnd + bytes.number(at + 32, 2)
            guard end <= bytes.count else { throw ArchiveError(.corrupt, "the directory of the zip is damaged") }
            entries.append(try entry(bytes, at, name: Array(bytes[(at + 46)..<nameEnd]), extra: Array(bytes[nameEnd..<extraEnd])))
            at = end
        }
        return entries
    }

    private func findDirectory() throws -> (start: Int, size: Int, count: Int) {
        let tail = min(file.size, 22 + 65_535)
        let bytes = try file.exactly(file.size - tail, tail)
        guard tail >= 22, let at = stride(from: tail - 22, through: 0, by: -1).first(where: { position in
            bytes.number(position, 4) == 0x0605_4B50 && position + 22 + bytes.number(position + 20, 2) == tail
        }) else { throw ArchiveError(.notAnArchive, "this is not a zip, or its end is missing") }
        guard bytes.number(at + 4, 2) == 0, bytes.number(at + 6, 2) == 0 else {
            throw ArchiveError(.forbidden, "the zip is a part of several")
        }
        let found = (start: bytes.number(at + 16, 4), size: bytes.number(at + 12, 4), count: bytes.number(at + 10, 2))
        guard found.start == 0xFFFF_FFFF || found.size == 0xFFFF_FFFF || found.count == 0xFFFF else { return found }
        let locator = try file.read(file.size - tail + at - 20, 20)
        guard locator.count == 20, locator.number(0, 4) == 0x0706_4B50 else { return found }
        let record = try file.exactly(locator.number(8, 8), 56)
        guard record.number(0, 4) == 0x0606_4B50 else { throw ArchiveError(.corrupt, "the end of the zip is damaged") }
        return (start: record.number(48, 8), size: record.number(40, 8), count: record.number(32, 8))
    }

    private func entry(_ bytes: [UInt8], _ at: Int, name raw: [UInt8], extra: [UInt8]) throws -> Entry {
        guard let name = String(validating: raw, as: UTF8.self), !raw.contains(0) else {
            throw ArchiveError(.forbidden, "the zip holds a name that is not UTF-8", entry: String(decoding: raw, as: UTF8.self))
        }
        guard bytes.number(at + 8, 2) & 1 == 0 else { throw ArchiveError(.forbidden, "\(name) is encrypted", entry: name) }
        let method = bytes.number(at + 10, 2)
        guard method == 0 || method == 8 else {
            throw ArchiveError(.forbidden, "\(name) is packed by the method \(method), which is not supported", entry: name)
        }
        var sizes = [bytes.number(at + 24, 4), bytes.number(at + 20, 4), bytes.number(at + 42, 4)]
        try widen(&sizes, extra, name)
        guard sizes.allSatisfy({ $0 >= 0 && $0 < 1 << 60 }) else {
            throw ArchiveError(.corrupt, "the zip gives a size that is none", entry: name)
        }
        // The upper half of the attributes is st_mode where a Unix made the entry.
        let mode = bytes.number(at + 5, 1) == 3 ? bytes.number(at + 38, 4) >> 16 : 0
        let kind: TarEntry.Kind =
            switch mode & 0o170000 {
            case 0, 0o100000: name.hasSuffix("/") ? .folder : .file
            case 0o040000: .folder
            case 0o120000: .other("a symbolic link")
            default: .other("neither a file nor a folder")
            }
        var path = name[...]
        while path.hasSuffix("/"), path.count > 1 { path = path.dropLast() }
        return Entry(
            entry: TarEntry(path: String(path), kind: kind, size: sizes[0], mode: mode & 0o7777),
            method: method, checksum: UInt32(bytes.number(at + 16, 4)), packedSize: sizes[1], offset: sizes[2])
    }

    /// Sizes that have no room in 32 bits follow each other in the extra field 1.
    private func widen(_ sizes: inout [Int], _ extra: [UInt8], _ name: String) throws {
        guard sizes.contains(0xFFFF_FFFF) else { return }
        var at = 0
        while at + 4 <= extra.count {
            let length = extra.number(at + 2, 2)
            guard at + 4 + length <= extra.count else { break }
            if extra.number(at, 2) == 1 {
                var from = at + 4
                for index in sizes.indices where sizes[index] == 0xFFFF_FFFF {
                    guard from + 8 <= at + 4 + length else { throw ArchiveError(.corrupt, "the sizes of an entry are damaged", entry: name) }
                    sizes[index] = extra.number(from, 8)
                    from += 8
                }
                return
            }
            at += 4 + length
        }
    }

    // MARK: content

    private func unpack(_ entry: Entry, into sink: TarReader.Sink) throws {
        let path = entry.entry.path
        let header = try file.exactly(entry.offset, 30)
        guard header.number(0, 4) == 0x0403_4B50 else {
            throw ArchiveError(.corrupt, "the zip points to what is no entry", entry: path)
        }
        var at = entry.offset + 30 + header.number(26, 2) + header.number(28, 2)
        let end = at + entry.packedSize
        guard end <= file.size else { throw ArchiveError(.truncated, "the zip ends in the middle", entry: path) }
        var sum = crc32(0, nil, 0)
        var count = 0
        let take: TarReader.Sink = { bytes in
            count += bytes.count
            guard count <= entry.entry.size else {
                throw ArchiveError(.corrupt, "\(path) is larger than the zip says", entry: path)
            }
            sum = crc32_z(sum, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count)
            try sink(bytes)
        }
        let source: () throws -> [UInt8]? = {
            guard at < end else { return nil }
            let piece = try file.exactly(at, min(Self.pieceSize, end - at))
            at += piece.count
            return piece
        }
        if entry.method == 8 {
            try RawInflater().run(source, take, path)
        } else {
            while let piece = try source() { try piece.withUnsafeBytes(take) }
        }
        guard count == entry.entry.size, UInt32(truncatingIfNeeded: sum) == entry.checksum else {
            throw ArchiveError(.corrupt, "\(path) is not what was packed", entry: path)
        }
    }
}

/// Unpacks one deflated entry.
private final class RawInflater {
    private let stream: UnsafeMutablePointer<z_stream>
    private let output = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 16)

    init() throws {
        guard let stream = yesterday_inflate_create_raw() else {
            throw ArchiveError(.unavailable, "there is no memory to unpack")
        }
        self.stream = stream
    }

    deinit {
        yesterday_inflate_free(stream)
        output.deallocate()
    }

    func run(_ source: () throws -> [UInt8]?, _ sink: TarReader.Sink, _ path: String) throws {
        let damaged = ArchiveError(.corrupt, "\(path) is damaged in the zip", entry: path)
        var hasEnded = false
        while var piece = try source() {
            guard !hasEnded else { throw damaged }
            try piece.withUnsafeMutableBytes { bytes in
                stream.pointee.next_in = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
                stream.pointee.avail_in = UInt32(bytes.count)
                repeat {
                    stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
                    stream.pointee.avail_out = UInt32(output.count)
                    let result = inflate(stream, Z_NO_FLUSH)
                    guard result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR else { throw damaged }
                    let count = output.count - Int(stream.pointee.avail_out)
                    if count > 0 { try sink(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(output)[..<count])) }
                    if result == Z_STREAM_END {
                        guard stream.pointee.avail_in == 0 else { throw damaged }
                        hasEnded = true
                        break
                    }
                } while stream.pointee.avail_out == 0 || stream.pointee.avail_in > 0
            }
        }
        guard hasEnded else { throw damaged }
    }
}

extension [UInt8] {
    /// A number of up to 8 bytes, the lowest first; 0 outside.
    fileprivate func number(_ at: Int, _ bytes: Int) -> Int {
        guard at >= 0, at + bytes <= count else { return 0 }
        return Int(truncatingIfNeeded: (0..<bytes).reduce(UInt64(0)) { $0 | UInt64(self[at + $1]) << (8 * UInt64($1)) })
    }
}
