/// Writes a tar archive of plain files. Equal files give equal bytes: every entry has the same
/// owner, mode and time, whatever the files have.
public struct TarWriter {
    private static let blockSize = 512
    private static let zeros = [UInt8](repeating: 0, count: 2 * blockSize)
    private let sink: (UnsafeRawBufferPointer) throws -> Void
    private var left = 0
    private var size = 0

    /// A writer that hands the archive to `sink` in pieces.
    public init(_ sink: @escaping (UnsafeRawBufferPointer) throws -> Void) {
        self.sink = sink
    }

    /// Begins a file; exactly `size` bytes of content have to follow.
    ///
    /// - Throws: what the sink throws.
    public mutating func begin(_ path: String, size: Int) throws {
        precondition(left == 0, "the file before is not complete")
        if path.utf8.count > 100 || size > 0o77777777777 {
            let attributes = Self.attribute("path", path) + Self.attribute("size", String(size))
            try put(Self.header("pax/\(path.utf8.count)", size: attributes.count, type: UInt8(ascii: "x")))
            try put(attributes)
            try put(Self.filling(attributes.count))
        }
        let short = String(decoding: path.utf8.prefix(100), as: UTF8.self)
        try put(Self.header(short, size: size > 0o77777777777 ? 0 : size, type: UInt8(ascii: "0")))
        left = size
        self.size = size
    }

    /// Content of the file that was begun.
    ///
    /// - Throws: ``ArchiveError`` if it is more than was announced, and what the sink throws.
    public mutating func write(_ bytes: UnsafeRawBufferPointer) throws {
        guard bytes.count <= left else { throw ArchiveError(.corrupt, "the file grew while it was packed") }
        left -= bytes.count
        try sink(bytes)
    }

    /// Ends the file.
    ///
    /// - Throws: ``ArchiveError`` if it is less than was announced, and what the sink throws.
    public mutating func end() throws {
        guard left == 0 else { throw ArchiveError(.truncated, "the file shrank while it was packed") }
        try put(Self.filling(size))
    }

    /// Ends the archive.
    public func finish() throws {
        try put(Self.zeros)
    }

    private func put(_ bytes: [UInt8]) throws {
        guard !bytes.isEmpty else { return }
        try bytes.withUnsafeBytes(sink)
    }

    private static func filling(_ size: Int) -> [UInt8] {
        Array(zeros.prefix((blockSize - size % blockSize) % blockSize))
    }

    /// The length counts itself.
    private static func attribute(_ key: String, _ value: String) -> [UInt8] {
        let body = " \(key)=\(value)\n"
        var length = body.utf8.count
        while String(length).utf8.count + body.utf8.count != length {
            length = String(length).utf8.count + body.utf8.count
        }
        return Array("\(length)\(body)".utf8)
    }

    private static func header(_ name: String, size: Int, type: UInt8) -> [UInt8] {
        var block = [UInt8](repeating: 0, count: blockSize)
        func set(_ text: String, at offset: Int, atMost most: Int) {
            for (index, byte) in text.utf8.prefix(most).enumerated() { block[offset + index] = byte }
        }
        func octal(_ number: Int, _ digits: Int) -> String {
            let text = String(number, radix: 8)
            return String(repeating: "0", count: max(0, digits - text.count)) + text
        }
        set(name, at: 0, atMost: 100)
        set(octal(0o644, 7), at: 100, atMost: 8)
        set(octal(0, 7), at: 108, atMost: 8)
        set(octal(0, 7), at: 116, atMost: 8)
        set(octal(size, 11), at: 124, atMost: 12)
        set(octal(0, 11), at: 136, atMost: 12)
        block[156] = type
        set("ustar\u{0}00", at: 257, atMost: 8)
        set("        ", at: 148, atMost: 8)
        set(octal(block.reduce(0) { $0 + Int($1) }, 6) + "\u{0} ", at: 148, atMost: 8)
        return block
    }
}
