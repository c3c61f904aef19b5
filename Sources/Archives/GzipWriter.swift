import CZlib

/// Packs with gzip piece by piece. Equal contents give equal bytes: there is no time, no name and
/// no system in the header.
public final class GzipWriter {
    private let sink: (UnsafeRawBufferPointer) throws -> Void
    private let stream: UnsafeMutablePointer<z_stream>
    private let header: UnsafeMutablePointer<gz_header>
    private let output: UnsafeMutablePointer<UInt8>
    private static let pieceSize = 64 * 1024

    /// A writer that hands packed pieces to `sink`, each valid during the call only.
    ///
    /// - Throws: ``ArchiveError`` without memory.
    public init(level: Int = 6, _ sink: @escaping (UnsafeRawBufferPointer) throws -> Void) throws {
        guard let stream = yesterday_deflate_create(Int32(level)) else {
            throw ArchiveError(.unavailable, "there is no memory to pack")
        }
        self.stream = stream
        self.sink = sink
        header = .allocate(capacity: 1)
        header.initialize(to: gz_header())
        output = .allocate(capacity: Self.pieceSize)
        yesterday_deflate_be_anonymous(stream, header)
    }

    deinit {
        yesterday_deflate_free(stream)
        header.deallocate()
        output.deallocate()
    }

    /// Packs some bytes.
    public func write(_ bytes: UnsafeRawBufferPointer) throws {
        var rest = bytes
        while !rest.isEmpty {
            let part = UnsafeRawBufferPointer(rebasing: rest.prefix(1 << 30))
            rest = UnsafeRawBufferPointer(rebasing: rest[part.count...])
            stream.pointee.next_in = UnsafeMutablePointer(
                mutating: part.baseAddress!.assumingMemoryBound(to: UInt8.self))
            stream.pointee.avail_in = UInt32(part.count)
            while stream.pointee.avail_in > 0 { _ = try deflateSome(Z_NO_FLUSH) }
        }
    }

    /// Packs what is left and ends the stream.
    public func finish() throws {
        stream.pointee.next_in = nil
        stream.pointee.avail_in = 0
        while try deflateSome(Z_FINISH) != Z_STREAM_END {}
    }

    private func deflateSome(_ flush: Int32) throws -> Int32 {
        stream.pointee.next_out = output
        stream.pointee.avail_out = UInt32(Self.pieceSize)
        let result = deflate(stream, flush)
        guard result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR else {
            throw ArchiveError(.unavailable, "zlib cannot pack: error \(result)")
        }
        let count = Self.pieceSize - Int(stream.pointee.avail_out)
        if count > 0 { try sink(UnsafeRawBufferPointer(start: output, count: count)) }
        return result
    }
}
