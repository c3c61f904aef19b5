import Foundation
import Testing

@testable import Archives

@Suite struct ZipTests {
    /// `a/b.txt` stored, `c.txt` deflated.
    private static let zip = [UInt8](
        Data(
            base64Encoded: """
                UEsDBBQAAAAAAAAAIQAL+UNWBgAAAAYAAAAHAAAAYS9iLnR4dHN0b3JlZFBLAwQUAAAACAAAACEArzhhtQ4AAABRAAAABQAAAGMudHh0S0lN\
                y0ksSU1RSKESAwBQSwECFAMUAAAAAAAAACEAC/lDVgYAAAAGAAAABwAAAAAAAAAAAAAAgAEAAAAAYS9iLnR4dFBLAQIUAxQAAAAIAAAAIQCv\
                OGG1DgAAAFEAAAAFAAAAAAAAAAAAAACAASsAAABjLnR4dFBLBQYAAAAAAgACAGgAAABcAAAAAAA=
                """)!)

    private static func read(_ bytes: [UInt8]) throws -> [String: String] {
        let file = FileManager.default.temporaryDirectory.appending(path: "zip-\(UUID().uuidString)")
        try Data(bytes).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let found = Found()
        try ZipReader(path: file.path).forEachEntry { entry in
            found.files[entry.path] = ""
            return { found.files[entry.path, default: ""] += String(decoding: $0, as: UTF8.self) }
        }
        return found.files
    }

    private final class Found {
        var files: [String: String] = [:]
    }

    @Test func isRead() throws {
        let files = try Self.read(Self.zip)
        #expect(files == ["a/b.txt": "stored", "c.txt": String(repeating: "deflated ", count: 9)])
    }

    /// A comment is behind it.
    @Test func aCommentIsNoHarm() throws {
        var bytes = Self.zip
        bytes[bytes.count - 2] = 5
        #expect(try Self.read(bytes + Array("hello".utf8)).count == 2)
    }

    @Test func theBeginningOfOneIsNone() throws {
        for count in 0..<Self.zip.count {
            #expect(throws: ArchiveError.self, "\(count) bytes") { try Self.read(Array(Self.zip.prefix(count))) }
        }
    }

    /// Whatever byte is changed to whatever: it is refused or read, and what is read of contents is
    /// what was packed.
    @Test(arguments: [0x00, 0x01, 0x7F, 0x80, 0xFF] as [UInt8])
    func bytesThatChanged(_ value: UInt8) throws {
        let good = Set(["stored", String(repeating: "deflated ", count: 9)])
        for index in Self.zip.indices where Self.zip[index] != value {
            var bytes = Self.zip
            bytes[index] = value
            do {
                let files = try Self.read(bytes)
                #expect(Set(files.values).isSubset(of: good), "byte \(index)")
            } catch is ArchiveError {
                continue
            }
        }
    }

    /// Two entries that share their bytes: how a small zip is made to unpack to a large one.
    @Test func entriesThatOverlap() throws {
        var bytes = Self.zip
        // The offset of the second entry, in the directory: that of the first.
        let second = bytes.count - 22 - 51
        bytes[second + 42] = 0
        let error = #expect(throws: ArchiveError.self) { try Self.read(bytes) }
        #expect(error?.code == .forbidden)
    }
}
