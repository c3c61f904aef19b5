import Archives
import Foundation
import TestSupport
import Testing

@testable import YesterdayKit

@Suite struct PackedBundleTests {
    /// An archive in a temporary file, which goes away with the object.
    private final class Archive {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("packed-\(UUID().uuidString).tar.gz").path

        init() {}

        init(_ bytes: [UInt8]) throws { try Data(bytes).write(to: URL(fileURLWithPath: path)) }

        deinit { try? FileManager.default.removeItem(atPath: path) }

        func problem(limits: PackedBundle.Limits? = nil) -> BundleProblem? {
            do {
                if let limits {
                    _ = try PackedBundle(path: path, limits: limits)
                } else {
                    _ = try LoadedBundle(path: path)
                }
                return nil
            } catch let error as BundleError {
                return error.errors.first
            } catch {
                return BundleProblem(.unreadableFile, file: "?", message: "\(error)", hint: "")
            }
        }
    }

    /// A tar archive by hand, with what no packer of ours writes.
    private static func tar(_ entries: [(name: String, type: Character, link: String, content: String)]) -> [UInt8] {
        var bytes: [UInt8] = []
        for entry in entries {
            var block = [UInt8](repeating: 0, count: 512)
            func set(_ text: String, at offset: Int) {
                for (index, byte) in text.utf8.enumerated() { block[offset + index] = byte }
            }
            func octal(_ number: Int, _ digits: Int) -> String {
                let text = String(number, radix: 8)
                return String(repeating: "0", count: digits - text.count) + text
            }
            set(entry.name, at: 0)
            set("0000644", at: 100)
            set(octal(entry.content.utf8.count, 11), at: 124)
            set(String(entry.type), at: 156)
            set(entry.link, at: 157)
            set("ustar\u{0}00", at: 257)
            set("        ", at: 148)
            set(octal(block.reduce(0) { $0 + Int($1) }, 6) + "\u{0} ", at: 148)
            bytes += block + Array(entry.content.utf8)
            bytes += [UInt8](repeating: 0, count: (512 - entry.content.utf8.count % 512) % 512)
        }
        return bytes + [UInt8](repeating: 0, count: 1024)
    }

    private static func gzip(_ bytes: [UInt8]) throws -> [UInt8] {
        var out: [UInt8] = []
        try withUnsafeMutablePointer(to: &out) { out in
            let writer = try GzipWriter { out.pointee.append(contentsOf: $0) }
            try bytes.withUnsafeBytes { try writer.write($0) }
            try writer.finish()
        }
        return out
    }

    private typealias Entry = (name: String, type: Character, link: String, content: String)
    private static let yaml: Entry = ("bundle.yaml", "0", "", BundleFolder.complete["bundle.yaml"]!)
    private static var whole: [Entry] {
        BundleFolder.complete.sorted { $0.key < $1.key }.map { ($0.key, "0", "", $0.value) }
    }

    @Test func aFolderAndItsArchiveAreTheSame() throws {
        let folder = try BundleFolder(BundleFolder.complete)
        let bundle = try folder.load()
        let archive = Archive()
        let size = try BundlePacker(bundle).write(to: archive.path)
        let packed = try LoadedBundle(path: archive.path)
        #expect(packed.digest == bundle.digest && packed.description == bundle.description)
        #expect(packed.manifest.text() == bundle.manifest.text())
        #expect(packed.files.map(\.sha256) == bundle.files.map(\.sha256))
        #expect(try Data(contentsOf: URL(fileURLWithPath: archive.path)).count == size)

        // Packed again, from another place, at another time, and from the archive: the same bytes.
        let copy = try BundleFolder(BundleFolder.complete)
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o600, .modificationDate: Date(timeIntervalSince1970: 1)],
            ofItemAtPath: "\(copy.path)/sql/020-touch.sql")
        try copy.write("README.md", "not part of it")
        for source in [copy.path, archive.path] {
            let again = Archive()
            _ = try BundlePacker(LoadedBundle(path: source)).write(to: again.path)
            #expect(FileManager.default.contentsEqual(atPath: again.path, andPath: archive.path), "\(source)")
        }
        #expect(throws: YesterdayError.self) { try BundlePacker(bundle).write(to: archive.path) }
        _ = try BundlePacker(bundle).write(to: archive.path, overwrites: true)
        let left = try FileManager.default.contentsOfDirectory(atPath: FileManager.default.temporaryDirectory.path)
        #expect(!left.contains { $0.hasSuffix(".part") && $0.hasPrefix("packed-") })
    }

    @Test func tarsOwnArchivesAreTaken() async throws {
        let folder = try BundleFolder(BundleFolder.complete)
        let digest = try folder.load().digest
        let name = URL(fileURLWithPath: folder.path).lastPathComponent
        for arguments in [
            ["-czf", "ARCHIVE", "-C", folder.path, "."], ["-czf", "ARCHIVE", "-C", "\(folder.path)/..", name],
            ["--format=pax", "-czf", "ARCHIVE", "-C", "\(folder.path)/..", name],
        ] {
            let archive = Archive()
            let output = try await Tool("tar").output(arguments.map { $0 == "ARCHIVE" ? archive.path : $0 })
            try #require(output.exitCode == 0, "\(output.standardError)")
            #expect(try LoadedBundle(path: archive.path).digest == digest, "\(arguments)")
        }
    }

    @Test(arguments: [
        ([("../evil.sql", "0", "", "x")], BundleProblem.Code.pathTraversal, "leaves the archive"),
        ([("ddl/../../evil.sql", "0", "", "x")], .pathTraversal, "leaves the archive"),
        ([("/etc/evil.sql", "0", "", "x")], .pathTraversal, "is an absolute path"),
        ([("ddl\\evil.sql", "0", "", "x")], .pathTraversal, "has a backslash"),
        ([("ddl//evil.sql", "0", "", "x")], .pathTraversal, "has an empty part"),
        ([("ddl/\u{1B}[2J.sql", "0", "", "x")], .pathTraversal, "control character"),
        ([("../evil/", "5", "", "")], .pathTraversal, "leaves the archive"),
        ([("ddl/evil.sql", "2", "/etc/passwd", "")], .forbiddenEntry, "ddl/evil.sql, which is a symbolic link"),
        ([("ddl", "2", "/etc", ""), ("ddl/passwd", "0", "", "x")], .forbiddenEntry, "ddl, which is a symbolic link"),
        ([("ddl/evil.sql", "1", "bundle.yaml", "")], .forbiddenEntry, "a hard link"),
        ([("ddl/evil.sql", "3", "", "")], .forbiddenEntry, "a device"),
        ([("ddl/evil.sql", "4", "", "")], .forbiddenEntry, "a device"),
        ([("ddl/evil.sql", "6", "", "")], .forbiddenEntry, "a pipe"),
        ([("ddl/evil.sql", "S", "", "")], .forbiddenEntry, "a sparse file"),
        ([("ddl/evil.sql", "V", "", "")], .forbiddenEntry, "unknown type"),
        ([("sql/020-touch.sql", "0", "", "x")], .duplicateEntry, "sql/020-touch.sql twice"),
        ([("bundle.yaml", "0", "", "name: other")], .duplicateEntry, "bundle.yaml twice"),
        ([("ddl/extra.sql", "0", "", "SELECT 1;")], .unlistedFile, "not in contents"),
    ] as [([(String, Character, String, String)], BundleProblem.Code, String)])
    func whatHasNoBusinessInABundleIsRefused(
        more: [(String, Character, String, String)], code: BundleProblem.Code, message: String
    ) throws {
        #expect(try Archive(Self.gzip(Self.tar(Self.whole))).problem() == nil)
        let archive = try Archive(Self.gzip(Self.tar(Self.whole + more.map { ($0.0, $0.1, $0.2, $0.3) })))
        let problem = try #require(archive.problem())
        #expect(problem.code == code && problem.message.contains(message), "\(problem)")
        #expect(!problem.hint.isEmpty)
    }

    @Test func damagedArchivesAreRefused() throws {
        let whole = try Self.gzip(Self.tar(Self.whole))
        for length in [2, 10, 20, whole.count / 2, whole.count - 9, whole.count - 1] {
            let problem = try #require(try Archive(Array(whole[..<length])).problem())
            #expect(problem.code == .badArchive && problem.message.contains("ends in the middle"), "\(problem)")
        }
        var changed = whole
        changed[changed.count / 2] ^= 0xFF
        #expect(try Archive(changed).problem()?.code == .badArchive)
        changed = whole
        changed[changed.count - 6] ^= 0xFF
        #expect(try Archive(changed).problem()?.message.contains("incorrect data check") == true)
        #expect(try Archive(whole + [1, 2, 3]).problem()?.message.contains("something follows") == true)
        #expect(try Archive(Self.gzip(Array("just text".utf8))).problem()?.code == .badArchive)
        // A tar that was cut off before it was packed: gzip itself is in order.
        let tar = Self.tar(Self.whole)
        for length in [tar.count - 1024, 1500, 512, 0] {
            #expect(try Archive(Self.gzip(Array(tar[..<length]))).problem()?.code == .badArchive, "\(length)")
        }
        #expect(try Archive(Array("PK\u{3}\u{4}".utf8)).problem()?.message.contains("neither a folder nor") == true)
        #expect(try Archive([]).problem()?.code == .badArchive)
    }

    @Test func whereTheBundleIsHasToBeClear() throws {
        let elsewhere: Entry = ("other/bundle.yaml", "0", "", "name: b")
        #expect(try Archive(Self.gzip(Self.tar([("a.txt", "0", "", "")]))).problem()?.code == .notABundle)
        let inFolder = Self.whole.map { ("app/\($0.name)", $0.type, $0.link, $0.content) as Entry }
        #expect(try Archive(Self.gzip(Self.tar(inFolder))).problem() == nil)
        #expect(try Archive(Self.gzip(Self.tar(inFolder + [elsewhere]))).problem()?.message.contains("2 bundles") == true)
        let beside: Entry = ("README", "0", "", "x")
        #expect(try Archive(Self.gzip(Self.tar(inFolder + [beside]))).problem()?.code == .unlistedFile)
        let hidden: Entry = ("._app", "0", "", "x")
        #expect(try Archive(Self.gzip(Self.tar(inFolder + [hidden]))).problem() == nil)
    }

    @Test func bombsAreDefused() throws {
        // 8 MB of zeros in 8 kB; the limits are lowered so that the test needs no disk.
        let zeros: Entry = ("copies/zeros.csv", "0", "", String(repeating: "0", count: 8 << 20))
        let archive = try Archive(Self.gzip(Self.tar([Self.yaml, zeros])))
        var limits = PackedBundle.Limits()
        #expect(archive.problem(limits: limits) == nil)
        limits.harmlessSize = 1 << 20
        let problem = try #require(archive.problem(limits: limits))
        #expect(problem.code == .archiveTooLarge && problem.message.contains("250 times"), "\(problem)")
        limits = PackedBundle.Limits()
        limits.files = 3
        #expect(try Archive(Self.gzip(Self.tar(Self.whole))).problem(limits: limits)?.code == .archiveTooLarge)
    }

    @Test func anAlteredBundleIsRefused() throws {
        let folder = try BundleFolder(BundleFolder.complete)
        let digest = try BundleDigest(parsing: "sha256:\(folder.load().digest)")
        _ = try LoadedBundle(path: folder.path, digest: digest)
        try folder.write("sql/020-touch.sql", BundleFolder.complete["sql/020-touch.sql"]! + " ")
        #expect {
            _ = try LoadedBundle(path: folder.path, digest: digest)
        } throws: { error in
            (error as? BundleError)?.errors.map(\.code) == [.wrongDigest]
        }
        for text in ["", "sha256:", "sha256:abc", "md5:" + digest.hexadecimal, digest.hexadecimal.uppercased()] {
            #expect(throws: YesterdayError.self, "\(text)") { try BundleDigest(parsing: text) }
        }
        #expect(try BundleDigest(parsing: digest.hexadecimal) == digest)
    }
}
