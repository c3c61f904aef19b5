import CZlib

/// Unpacks gzip piece by piece, so that a large file needs little memory.
///
/// Strict: what follows the packed data is an error, and so is an end before the checksum. Several
/// members in one file are one stream, as parallel packers write them.
public final class GzipReader {
    /// Size of the pieces that come out.
    public static let pieceSize = 256 * 1024

    private let source: () throws -> UnsafeRawBufferPointer?
    private let stream: UnsafeMutablePointer<z_stream>
    private let output: UnsafeMutablePointer<UInt8>
    private var input: UnsafeRawBufferPointer = .init(start: nil, count: 0)
    private var isBetweenMembers = true
    private var hasEnded = false
    /// True while zlib may hold bytes for which there was no room.
    private var mayHoldMore = false
    private var members = 0

    /// Bytes taken from the source so far.
    public private(set) var packedBytes = 0
    /// Bytes handed out so far.
    public private(set) var unpackedBytes = 0

    /// A reader of what `source` gives in pieces, each valid until the next is asked for; nil is the end.
    ///
    /// - Throws: ``ArchiveError`` without memory.
    public init(_ source: @escaping () throws -> UnsafeRawBufferPointer?) throws {
        guard let stream = yesterday_inflate_create() else {
            throw ArchiveError(.unavailable, "there is no memory to unpack")
        }
        self.stream = stream
        self.source = source
        output = .allocate(capacity: Self.pieceSize)
    }

    deinit {
        yesterday_inflate_free(stream)
        output.deallocate()
    }

    /// The next piece, valid until the next call; nil at the end.
    ///
    /// - Throws: ``ArchiveError``, and what the source throws.
    public func next() throws -> UnsafeRawBufferPointer? {
        stream.pointee.next_out = output
        stream.pointee.avail_out = UInt32(Self.pieceSize)
        while !hasEnded, stream.pointee.avail_out > 0 {
            if input.isEmpty, !mayHoldMore {
                guard let more = try source() else {
                    try end()
                    break
                }
                input = more
                packedBytes += more.count
                continue
            }
            if isBetweenMembers { try beginMember() }
            try inflateSome()
        }
        let count = Self.pieceSize - Int(stream.pointee.avail_out)
        guard count > 0 else { return nil }
        unpackedBytes += count
        return UnsafeRawBufferPointer(start: output, count: count)
    }

    private func end() throws {
        hasEnded = true
        guard isBetweenMembers else { throw ArchiveError(.truncated, "the archive ends in the middle") }
        guard members > 0 else { throw ArchiveError(.notAnArchive, "the file is empty") }
    }

    private func beginMember() throws {
        guard input[input.startIndex] == 0x1F else {
            throw members == 0
                ? ArchiveError(.notAnArchive, "this is not a gzip file")
                : ArchiveError(.corrupt, "something follows the packed data")
        }
        if members > 0 { inflateReset(stream) }
        isBetweenMembers = false
    }

    private func inflateSome() throws {
        let given = min(input.count, Int(UInt32.max))
        stream.pointee.next_in = input.baseAddress.map {
            UnsafeMutablePointer(mutating: $0.assumingMemoryBound(to: UInt8.self))
        }
        stream.pointee.avail_in = UInt32(given)
        let result = inflate(stream, Z_NO_FLUSH)
        input = UnsafeRawBufferPointer(rebasing: input[(given - Int(stream.pointee.avail_in))...])
        mayHoldMore = stream.pointee.avail_out == 0 && result != Z_STREAM_END
        switch result {
        case Z_OK, Z_BUF_ERROR: return
        case Z_STREAM_END:
            isBetweenMembers = true
            members += 1
        case Z_MEM_ERROR:
            throw ArchiveError(.unavailable, "there is no memory to unpack")
        default:
            let reason = stream.pointee.msg.map { String(cString: $0) } ?? "error \(result)"
            throw members == 0 && unpackedBytes == 0 && reason.contains("header")
                ? ArchiveError(.notAnArchive, "this is not a gzip file: \(reason)")
                : ArchiveError(.corrupt, "the packed data are damaged: \(reason)")
        }
    }
}
