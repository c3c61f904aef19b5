import Archives
import Foundation

/// A bundle in a `.tar.gz`, unpacked into a spool: no name of the archive ever reaches the file system.
struct PackedBundle: Sendable {
    /// What an archive may unpack to.
    struct Limits: Sendable {
        /// Most files.
        var files = 100_000
        /// Up to this size nobody asks how well it was packed.
        var harmlessSize = 256 << 20
        /// How many times larger than packed the contents may be. What people pack stays below
        /// 50; what is made to fill a disk comes near 1,000.
        var ratio = 250
    }

    private let contents: [String: BundleContent]

    /// True if there is a plain file of that name that begins like a gzip file.
    static func isPacked(_ path: String) -> Bool {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return false }
        guard let stream = try? FileStream(.file(path: path)), let piece = try? stream.next() else { return false }
        return piece.starts(with: [0x1F, 0x8B])
    }

    /// Unpacks the archive at `path`.
    ///
    /// - Parameter progress: told how many bytes of the archive were read since the last call.
    /// - Throws: ``BundleError``.
    init(path: String, limits: Limits = Limits(), progress: @escaping (Int) -> Void = { _ in }) throws {
        do {
            contents = try Self.unpack(path, limits, progress)
        } catch let error as ArchiveError {
            throw BundleError(Self.problem(of: error, path))
        } catch let error as FileStream.ReadError {
            throw BundleError(
                BundleProblem(
                    .unreadableFile, file: path, message: "the archive cannot be read: \(error.reason)",
                    hint: "make it readable"))
        } catch let error as Spool.WriteError {
            throw BundleError(
                BundleProblem(
                    .unreadableFile, file: path, message: "the archive cannot be unpacked: \(error.reason)",
                    hint: "make room there, or name another folder in TMPDIR"))
        }
    }

    private static func problem(of error: ArchiveError, _ path: String) -> BundleProblem {
        let (code, hint): (BundleProblem.Code, String) =
            switch error.code {
            case .truncated: (.badArchive, "fetch the archive again: it is not complete")
            case .corrupt: (.badArchive, "fetch or pack the archive again: its bytes have changed")
            case .notAnArchive: (.badArchive, "name a folder, or an archive made by \"yesterday bundle pack\" or tar -czf")
            case .forbidden: (.forbiddenEntry, "pack plain files and folders only")
            case .tooLarge: (.archiveTooLarge, "if it is meant, unpack it yourself and name the folder")
            case .unavailable: (.unreadableFile, "try again on a machine with more memory")
            }
        return BundleProblem(code, file: path, message: error.message, hint: hint)
    }

    private static func unpack(
        _ path: String, _ limits: Limits, _ progress: @escaping (Int) -> Void
    ) throws -> [String: BundleContent] {
        let file = try FileStream(.file(path: path))
        let gzip = try GzipReader {
            let piece = try file.next()
            progress(piece?.count ?? 0)
            return piece
        }
        var tar = TarReader {
            let piece = try gzip.next()
            guard gzip.unpackedBytes <= max(limits.harmlessSize, limits.ratio * gzip.packedBytes) else {
                throw ArchiveError(
                    .tooLarge, "the archive unpacks to more than \(limits.ratio) times its size: it is made to fill a disk")
            }
            return piece
        }
        let spool = try Spool()
        var end = 0
        var places: [String: (offset: Int, size: Int)] = [:]
        try tar.forEachEntry { entry in
            guard entry.kind != .folder || !entry.path.isEmpty else { return nil }
            if let reason = TarEntry.reasonToRefuse(entry.path) {
                throw BundleError(
                    BundleProblem(
                        .pathTraversal, file: path, message: "the archive holds \"\(entry.path)\", which \(reason)",
                        hint: "pack the bundle with relative paths; do not trust who packed this one"))
            }
            switch entry.kind {
            case .folder: return nil
            case .other(let what):
                throw ArchiveError(.forbidden, "the archive holds \(entry.path), which is \(what)", entry: entry.path)
            case .file: break
            }
            guard places.count < limits.files else {
                throw ArchiveError(.tooLarge, "the archive holds more than \(limits.files) files")
            }
            guard places.updateValue((end, entry.size), forKey: entry.path) == nil else {
                throw BundleError(
                    BundleProblem(
                        .duplicateEntry, file: path, message: "the archive holds \(entry.path) twice",
                        hint: "pack it anew, with every file once"))
            }
            end += entry.size
            return { try spool.append($0) }
        }
        return try withoutFolder(places, path).mapValues { .spooled(spool, offset: $0.offset, size: $0.size) }
    }

    /// `tar -czf b.tar.gz b` puts everything into one folder, `tar -czf b.tar.gz -C b .` does not.
    private static func withoutFolder<Place>(_ places: [String: Place], _ path: String) throws -> [String: Place] {
        let name = BundleDescription.fileName
        if places[name] != nil { return places }
        let folders = places.keys.filter { $0.hasSuffix("/\(name)") && $0.split(separator: "/").count == 2 }
        guard folders.count == 1, let folder = folders.first?.dropLast(name.count) else {
            throw BundleError(
                BundleProblem(
                    .notABundle, file: path,
                    message: folders.isEmpty
                        ? "the archive holds no file \(name)" : "the archive holds \(folders.count) bundles",
                    hint: "a bundle has one \(name), at the top or in the only folder there, see docs/bundles.md"))
        }
        var found: [String: Place] = [:]
        for (name, place) in places {
            if name.hasPrefix(folder) {
                found[String(name.dropFirst(folder.count))] = place
            } else if !name.split(separator: "/").contains(where: { $0.hasPrefix(".") }) {
                throw BundleError(
                    BundleProblem(
                        .unlistedFile, file: path, message: "the archive holds \(name) outside of the bundle \(folder)",
                        hint: "pack the folder \(folder) alone"))
            }
        }
        return found
    }

    /// Looks a file up.
    func find(_ path: String) -> BundlePath.Found {
        guard BundlePath.reasonToRefuse(path) == nil else { return .outside }
        return contents[path].map { .file($0) } ?? .missing
    }

    /// Files under the folders of a bundle, in order of name, without hidden ones.
    func files() -> [String] {
        contents.keys.filter { name in
            let parts = name.split(separator: "/")
            return parts.count > 1 && BundleEntry.Kind(rawValue: String(parts[0])) != nil
                && !parts.contains { $0.hasPrefix(".") }
        }.sorted()
    }
}

/// Where the files of a bundle are: in a folder or in an archive.
enum BundleStore {
    case folder(BundlePath)
    case archive(PackedBundle)

    /// Looks a file up.
    func find(_ path: String) -> BundlePath.Found {
        switch self {
        case .folder(let folder): folder.find(path)
        case .archive(let archive): archive.find(path)
        }
    }

    /// Files under the folders of a bundle, in order of name, without hidden ones.
    func files() -> [String] {
        switch self {
        case .folder(let folder): folder.files()
        case .archive(let archive): archive.files()
        }
    }
}
