import Foundation
import Testing

@testable import Archives

@Suite struct GzipTests {
    /// Packs, in pieces of `step` bytes.
    static func packed(_ bytes: [UInt8], step: Int = 1000) throws -> [UInt8] {
        var out: [UInt8] = []
        try withUnsafeMutablePointer(to: &out) { out in
            let writer = try GzipWriter { out.pointee.append(contentsOf: $0) }
            for start in stride(from: 0, to: bytes.count, by: step) {
                try bytes[start..<min(start + step, bytes.count)].withUnsafeBytes { try writer.write($0) }
            }
            try writer.finish()
        }
        return out
    }

    /// Unpacks, given in pieces of `step` bytes.
    static func unpacked(_ bytes: [UInt8], step: Int = 1000) throws -> [UInt8] {
        try bytes.withUnsafeBytes { all in
            var at = 0
            let reader = try GzipReader {
                guard at < all.count else { return nil }
                defer { at += step }
                return UnsafeRawBufferPointer(rebasing: all[at..<min(at + step, all.count)])
            }
            var out: [UInt8] = []
            while let piece = try reader.next() { out.append(contentsOf: piece) }
            #expect(reader.unpackedBytes == out.count && reader.packedBytes == bytes.count)
            return out
        }
    }

    private static let text = (0..<60_000).flatMap { Array("line \($0 * 7919 % 10_007)\n".utf8) }

    @Test(arguments: [1, 7, 4096, 1 << 20])
    func whatIsPackedComesBack(step: Int) throws {
        let packed = try Self.packed(Self.text, step: max(step, 64))
        #expect(try Self.unpacked(packed, step: step) == Self.text)
        #expect(try Self.unpacked(try Self.packed([]), step: step) == [])
        // Zeros unpack to far more than goes in: much comes out of nothing new.
        let zeros = [UInt8](repeating: 0, count: 3_000_000)
        #expect(try Self.unpacked(try Self.packed(zeros, step: 100_000), step: step) == zeros)
    }

    @Test func severalMembersAreOneStream() throws {
        let packed = try Self.packed(Array("one\n".utf8)) + Self.packed(Array("two\n".utf8))
        for step in [1, 5, 1000] {
            #expect(try Self.unpacked(packed, step: step) == Array("one\ntwo\n".utf8))
        }
    }

    @Test func equalContentsGiveEqualBytesWhateverThePieces() throws {
        #expect(try Self.packed(Self.text, step: 100) == Self.packed(Self.text, step: 1 << 20))
    }

    @Test func damageIsNoticed() throws {
        let packed = try Self.packed(Self.text)
        #expect(throws: ArchiveError.self) { try Self.unpacked([]) }
        for length in [1, 9, 10, 100, packed.count / 2, packed.count - 8, packed.count - 1] {
            #expect(throws: ArchiveError(.truncated, "the archive ends in the middle")) {
                try Self.unpacked(Array(packed[..<length]))
            }
        }
        for place in [0, 1, 2, 3, 12, packed.count / 2, packed.count - 6, packed.count - 1] {
            var bytes = packed
            bytes[place] ^= 0x55
            #expect(throws: ArchiveError.self, "byte \(place)") { try Self.unpacked(bytes) }
        }
        #expect(throws: ArchiveError(.corrupt, "something follows the packed data")) {
            try Self.unpacked(packed + Array("garbage".utf8))
        }
    }
}

@Suite struct TarTests {
    static func archive(_ files: [(String, [UInt8])]) throws -> [UInt8] {
        var out: [UInt8] = []
        try withUnsafeMutablePointer(to: &out) { out in
            var writer = TarWriter { out.pointee.append(contentsOf: $0) }
            for (path, content) in files {
                try writer.begin(path, size: content.count)
                try content.withUnsafeBytes { try writer.write($0) }
                try writer.end()
            }
            try writer.finish()
        }
        return out
    }

    static func entries(_ bytes: [UInt8], step: Int = 700) throws -> [(entry: TarEntry, content: [UInt8])] {
        var found: [(entry: TarEntry, content: [UInt8])] = []
        try bytes.withUnsafeBytes { all in
            var at = 0
            var reader = TarReader {
                guard at < all.count else { return nil }
                defer { at += step }
                return UnsafeRawBufferPointer(rebasing: all[at..<min(at + step, all.count)])
            }
            try withUnsafeMutablePointer(to: &found) { found in
                try reader.forEachEntry { entry in
                    found.pointee.append((entry, []))
                    return { found.pointee[found.pointee.count - 1].content.append(contentsOf: $0) }
                }
            }
        }
        return found
    }

    private static let files: [(String, [UInt8])] = [
        ("bundle.yaml", Array("name: a\n".utf8)), ("empty", []), ("block", [UInt8](repeating: 65, count: 512)),
        (String(repeating: "long/", count: 60) + "n\u{e4}me", [UInt8](repeating: 66, count: 1025)),
    ]

    @Test(arguments: [1, 511, 512, 5000])
    func whatIsWrittenIsRead(step: Int) throws {
        let found = try Self.entries(try Self.archive(Self.files), step: step)
        #expect(found.map(\.entry.path) == Self.files.map(\.0))
        #expect(found.map(\.content) == Self.files.map(\.1))
        #expect(found.allSatisfy { $0.entry.kind == .file && $0.entry.mode == 0o644 })
    }

    /// The judge is tar itself: both ways, in all its formats.
    @Test func tarReadsWhatWeWriteAndWeReadWhatTarWrites() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("tar-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(atPath: "\(folder)/in", withIntermediateDirectories: true)
        func tar(_ arguments: String...) throws {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            process.arguments = ["tar"] + arguments
            process.currentDirectoryURL = URL(fileURLWithPath: folder)
            try process.run()
            process.waitUntilExit()
            try #require(process.terminationStatus == 0)
        }
        try Data(try Self.archive(Self.files)).write(to: URL(fileURLWithPath: "\(folder)/ours.tar"))
        try tar("-xf", "ours.tar", "--one-top-level=out")
        for (name, content) in Self.files {
            let read = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/out/\(name)"))
            #expect(Array(read) == content, "\(name)")
        }
        for format in ["gnu", "pax"] {
            try tar("--format=\(format)", "-cf", "theirs.tar", "out")
            let bytes = try Array(Data(contentsOf: URL(fileURLWithPath: "\(folder)/theirs.tar")))
            let found = try Self.entries(bytes).filter { $0.entry.kind == .file }
            #expect(Set(found.map(\.entry.path)) == Set(Self.files.map { "out/\($0.0)" }))
            for (entry, content) in found {
                #expect(content == Self.files.first { "out/\($0.0)" == entry.path }?.1, "\(entry.path)")
            }
        }
    }

    @Test func damageIsNoticed() throws {
        let whole = try Self.archive(Self.files)
        for length in [0, 1, 511, 512, 600, 1024, 2000, whole.count - 1024] {
            #expect(throws: ArchiveError.self, "\(length)") { try Self.entries(Array(whole[..<length])) }
        }
        var bytes = whole
        bytes[10] ^= 1
        #expect(throws: ArchiveError(.notAnArchive, "what is packed is no tar archive, or it is damaged")) {
            try Self.entries(bytes)
        }
        #expect(throws: ArchiveError(.corrupt, "something follows the end of the archive")) {
            try Self.entries(whole + [1])
        }
    }

    /// Damaged archives are refused or read, never a crash. The mutations are the same every time.
    @Test func mutationsDoNotCrash() throws {
        let whole = try Self.archive(Self.files)
        var state: UInt64 = 88_172_645_463_325_252
        func random(_ below: Int) -> Int {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return Int(state % UInt64(below))
        }
        var read = 0
        for _ in 0..<3000 {
            var bytes = whole
            for _ in 0...random(3) {
                let block = random(bytes.count / 512) * 512
                bytes[block + [0, 100, 124, 130, 136, 156, 257, 345, 511][random(9)]] = UInt8(random(256))
                // With a checksum that holds, the damage gets past the first gate.
                var sum = 8 * 0x20
                for (index, byte) in bytes[block..<block + 512].enumerated() where !(148..<156).contains(index) {
                    sum += Int(byte)
                }
                let digits = String(sum, radix: 8)
                let field = Array((String(repeating: "0", count: 6 - digits.count) + digits + "\u{0} ").utf8)
                bytes.replaceSubrange(block + 148..<block + 156, with: field)
            }
            if (try? Self.entries(bytes)) != nil { read += 1 }
        }
        #expect(read > 100)
    }
}
