import Foundation

/// Reads a file piece by piece, so that a large bundle needs little memory.
final class FileStream {
    /// Size of a piece.
    static let pieceSize = 256 * 1024

    /// Longest line; a file without line ends should not fill the memory.
    static let longestLine = 256 << 20

    /// Why a file cannot be read.
    struct ReadError: Error, Equatable {
        let reason: String
    }

    private let descriptor: Int32
    /// Nil for a file of its own; else the spool, the next byte and how many there are.
    private var part: (spool: Spool, offset: Int, left: Int)?
    private let buffer: UnsafeMutableRawBufferPointer

    /// Opens a file of a bundle.
    init(_ content: BundleContent) throws(ReadError) {
        switch content {
        case .file(let path):
            descriptor = open(path, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { throw ReadError(reason: String(cString: strerror(errno))) }
        case .spooled(let spool, let offset, let size):
            descriptor = spool.descriptor
            part = (spool, offset, size)
        }
        buffer = .allocate(byteCount: Self.pieceSize, alignment: 16)
    }

    deinit {
        if part == nil { close(descriptor) }
        buffer.deallocate()
    }

    /// The next piece, valid until the next call; nil at the end.
    func next() throws(ReadError) -> UnsafeRawBufferPointer? {
        while true {
            let count: Int
            if let part {
                // By position: several streams may read one spool.
                count = pread(descriptor, buffer.baseAddress, min(Self.pieceSize, part.left), off_t(part.offset))
                if count == 0, part.left > 0 { throw ReadError(reason: "the temporary file has become shorter") }
                self.part?.offset += max(count, 0)
                self.part?.left -= max(count, 0)
            } else {
                count = read(descriptor, buffer.baseAddress, Self.pieceSize)
            }
            if count > 0 { return UnsafeRawBufferPointer(rebasing: buffer[..<count]) }
            if count == 0 { return nil }
            guard errno == EINTR else { throw ReadError(reason: String(cString: strerror(errno))) }
        }
    }

    /// Hands every line to `body`, without its line end, with its number from 1. `piece` sees
    /// the pieces before they are split, for a digest or for progress.
    func forEachLine(
        piece: (UnsafeRawBufferPointer) throws -> Void,
        _ body: (UnsafeBufferPointer<UInt8>, Int) throws -> Void
    ) throws {
        var carried: [UInt8] = []
        var number = 0
        func hand(_ line: UnsafeBufferPointer<UInt8>) throws {
            number += 1
            // A byte order mark in front of the file is no text.
            let start = number == 1 && line.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
            let end = line.last == UInt8(ascii: "\r") ? line.count - 1 : line.count
            try body(UnsafeBufferPointer(rebasing: line[start..<end]), number)
        }
        while let raw = try next() {
            try piece(raw)
            let bytes = raw.assumingMemoryBound(to: UInt8.self)
            var start = 0
            while start < bytes.count,
                let found = memchr(bytes.baseAddress! + start, 0x0A, bytes.count - start)
            {
                let end = UnsafeRawPointer(found) - UnsafeRawPointer(bytes.baseAddress!)
                if carried.isEmpty {
                    try hand(UnsafeBufferPointer(rebasing: bytes[start..<end]))
                } else {
                    carried.append(contentsOf: bytes[start..<end])
                    try carried.withUnsafeBufferPointer(hand)
                    carried.removeAll(keepingCapacity: true)
                }
                start = end + 1
            }
            carried.append(contentsOf: bytes[start...])
            guard carried.count <= Self.longestLine else {
                throw ReadError(reason: "line \(number + 1) is longer than \(Self.longestLine >> 20) MB")
            }
        }
        if !carried.isEmpty {
            try carried.withUnsafeBufferPointer(hand)
        }
    }
}
