/// Reads a tar archive piece by piece: ustar, with the extensions of POSIX (pax) and GNU for long
/// names and large sizes.
public struct TarReader {
    private static let blockSize = 512
    /// Longest name, and longest set of extended attributes.
    private static let longestExtension = 1 << 20

    private let source: () throws -> UnsafeRawBufferPointer?
    private var rest = UnsafeRawBufferPointer(start: nil, count: 0)

    /// A reader of what `source` gives in pieces, each valid until the next is asked for; nil is the end.
    public init(_ source: @escaping () throws -> UnsafeRawBufferPointer?) {
        self.source = source
    }

    /// Takes the content of an entry, piece by piece.
    public typealias Sink = (UnsafeRawBufferPointer) throws -> Void

    /// Reads the archive to its end.
    ///
    /// - Parameter begin: called for each entry in order; what it returns gets the content, and
    ///   where it returns nil the content is skipped.
    /// - Throws: ``ArchiveError``, and what the source, `begin` and the sinks throw.
    public mutating func forEachEntry(_ begin: (TarEntry) throws -> Sink?) throws {
        var attributes: [String: [UInt8]] = [:]
        var longName: [UInt8]?
        while let header = try header() {
            switch header.type {
            case UInt8(ascii: "L"):
                longName = Array(try metadata(header).prefix { $0 != 0 })
            case UInt8(ascii: "K"):
                _ = try metadata(header)  // the target of a link, which is refused in any case
            case UInt8(ascii: "x"):
                attributes = try Self.paxAttributes(try metadata(header))
            case UInt8(ascii: "g"):
                _ = try Self.paxAttributes(try metadata(header))
            default:
                let entry = try Self.entry(header, attributes, longName)
                let content = try begin(entry)
                try take(entry.size) { try content?($0) }
                attributes = [:]
                longName = nil
            }
        }
        guard attributes.isEmpty, longName == nil else {
            throw ArchiveError(.corrupt, "the archive ends after a name without a file")
        }
        try expectNothingMore()
    }

    // MARK: entries

    private struct Header {
        let name: [UInt8]
        let size: Int
        let mode: Int
        let type: UInt8
    }

    private static func entry(
        _ header: Header, _ attributes: [String: [UInt8]], _ longName: [UInt8]?
    ) throws -> TarEntry {
        let raw = attributes["path"] ?? longName ?? header.name
        guard let name = String(validating: raw, as: UTF8.self), !raw.contains(0) else {
            throw ArchiveError(
                .forbidden, "the archive holds a name that is not UTF-8", entry: String(decoding: raw, as: UTF8.self))
        }
        var size = header.size
        if let given = attributes["size"] {
            guard let number = Int(String(decoding: given, as: UTF8.self)), number >= 0 else {
                throw ArchiveError(.corrupt, "the archive gives a size that is no number", entry: name)
            }
            size = number
        }
        if attributes.keys.contains(where: { $0.hasPrefix("GNU.sparse") }) {
            throw ArchiveError(.forbidden, "\(name) is a sparse file, which is not supported", entry: name)
        }
        let kind: TarEntry.Kind =
            switch header.type {
            case UInt8(ascii: "0"), 0, UInt8(ascii: "7"): name.hasSuffix("/") ? .folder : .file
            case UInt8(ascii: "5"): .folder
            case UInt8(ascii: "1"): .other("a hard link")
            case UInt8(ascii: "2"): .other("a symbolic link")
            case UInt8(ascii: "3"), UInt8(ascii: "4"): .other("a device")
            case UInt8(ascii: "6"): .other("a pipe")
            case UInt8(ascii: "S"): .other("a sparse file")
            default: .other("of the unknown type \(Unicode.Scalar(header.type).escaped(asASCII: true))")
            }
        var path = name[...]
        while path.hasPrefix("./") { path = path.dropFirst(2) }
        while path.hasSuffix("/"), path.count > 1 { path = path.dropLast() }
        if path == "." { path = "" }
        // Only files have a content; some packers give the size of the target for links.
        return TarEntry(path: String(path), kind: kind, size: kind == .file ? size : 0, mode: header.mode)
    }

    /// Records of the form `<length> <key>=<value>\n`.
    private static func paxAttributes(_ bytes: [UInt8]) throws -> [String: [UInt8]] {
        let damaged = ArchiveError(.corrupt, "the extended attributes of an entry are damaged")
        var attributes: [String: [UInt8]] = [:]
        var at = 0
        while at < bytes.count {
            guard let blank = bytes[at...].firstIndex(of: 0x20), blank - at < 20,
                let length = Int(String(decoding: bytes[at..<blank], as: UTF8.self)), length > 0,
                at + length <= bytes.count, bytes[at + length - 1] == 0x0A, blank + 1 < at + length,
                let equals = bytes[(blank + 1)..<(at + length)].firstIndex(of: UInt8(ascii: "="))
            else { throw damaged }
            attributes[String(decoding: bytes[(blank + 1)..<equals], as: UTF8.self)] =
                Array(bytes[(equals + 1)..<(at + length - 1)])
            at += length
        }
        return attributes
    }

    // MARK: headers

    /// The next header; nil at the block of zeros that ends the archive.
    private mutating func header() throws -> Header? {
        guard let block = try block() else {
            throw ArchiveError(.truncated, "the archive ends before its end mark")
        }
        guard block.contains(where: { $0 != 0 }) else { return nil }
        guard let stated = Self.number(block[148..<156]) else { throw Self.noTar }
        // The checksum counts its own field as blanks; very old packers counted with signs.
        var unsigned = 0
        var signed = 0
        for (index, byte) in block.enumerated() {
            let counted = (148..<156).contains(index) ? 0x20 : byte
            unsigned += Int(counted)
            signed += Int(Int8(bitPattern: counted))
        }
        guard stated == unsigned || stated == signed else { throw Self.noTar }
        guard let size = Self.number(block[124..<136]) else {
            throw ArchiveError(.corrupt, "the archive gives a size that is no number")
        }
        var name = Array(block[0..<100].prefix { $0 != 0 })
        // GNU's own format, which ends its magic with a blank, uses the place of the prefix otherwise.
        if block[257..<263].elementsEqual("ustar\0".utf8) {
            let prefix = block[345..<500].prefix { $0 != 0 }
            if !prefix.isEmpty { name = prefix + [UInt8(ascii: "/")] + name }
        }
        return Header(name: name, size: size, mode: Self.number(block[100..<108]) ?? 0o644, type: block[156])
    }

    private static let noTar = ArchiveError(.notAnArchive, "what is packed is no tar archive, or it is damaged")

    /// A number in octal digits or, where it is too large for them, in binary.
    private static func number(_ field: ArraySlice<UInt8>) -> Int? {
        if let first = field.first, first & 0x80 != 0 {
            guard first == 0x80 else { return nil }
            return field.dropFirst().reduce(Int?(0)) { sum, byte in
                sum.flatMap { $0 > Int.max >> 9 ? nil : $0 << 8 | Int(byte) }
            }
        }
        let digits = field.drop { $0 == 0x20 }.prefix { $0 != 0 && $0 != 0x20 }
        return digits.isEmpty ? 0 : Int(String(decoding: digits, as: UTF8.self), radix: 8).flatMap { $0 < 0 ? nil : $0 }
    }

    // MARK: bytes

    private mutating func fill() throws -> Bool {
        while rest.isEmpty {
            guard let more = try source() else { return false }
            rest = more
        }
        return true
    }

    /// The next block, nil where the archive ends.
    private mutating func block() throws -> [UInt8]? {
        var block: [UInt8] = []
        block.reserveCapacity(Self.blockSize)
        while block.count < Self.blockSize {
            guard try fill() else {
                guard block.isEmpty else { throw ArchiveError(.truncated, "the archive ends in the middle") }
                return nil
            }
            let taken = min(rest.count, Self.blockSize - block.count)
            block.append(contentsOf: rest[..<taken])
            rest = UnsafeRawBufferPointer(rebasing: rest[taken...])
        }
        return block
    }

    private mutating func metadata(_ header: Header) throws -> [UInt8] {
        guard header.size <= Self.longestExtension else {
            throw ArchiveError(.tooLarge, "the archive holds a name that is longer than 1 MB")
        }
        var bytes: [UInt8] = []
        try take(header.size) { bytes.append(contentsOf: $0) }
        return bytes
    }

    /// Hands over `size` bytes and skips those that fill the last block.
    private mutating func take(_ size: Int, _ sink: Sink) throws {
        var left = size
        while left > 0 {
            guard try fill() else { throw ArchiveError(.truncated, "the archive ends in the middle of a file") }
            let taken = min(rest.count, left)
            try sink(UnsafeRawBufferPointer(rebasing: rest[..<taken]))
            rest = UnsafeRawBufferPointer(rebasing: rest[taken...])
            left -= taken
        }
        left = (Self.blockSize - size % Self.blockSize) % Self.blockSize
        while left > 0 {
            guard try fill() else { throw ArchiveError(.truncated, "the archive ends in the middle of a file") }
            let taken = min(rest.count, left)
            rest = UnsafeRawBufferPointer(rebasing: rest[taken...])
            left -= taken
        }
    }

    /// After the end mark come zeros, if anything: packers fill up to the length of a tape's record.
    private mutating func expectNothingMore() throws {
        while try fill() {
            guard rest.allSatisfy({ $0 == 0 }) else {
                throw ArchiveError(.corrupt, "something follows the end of the archive")
            }
            rest = UnsafeRawBufferPointer(start: nil, count: 0)
        }
    }
}
