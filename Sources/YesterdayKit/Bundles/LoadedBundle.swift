import Digests
import Foundation
import OCIRegistry

/// A bundle that was read and checked, every file of it.
public struct LoadedBundle: Sendable {
    /// One file of the contents, with what was found in it.
    public struct File: Sendable, Equatable {
        /// What the bundle says about it.
        public let entry: BundleEntry
        /// Where its bytes are.
        let content: BundleContent
        /// Size in bytes.
        public let size: Int
        /// SHA-256 of its bytes, hexadecimal.
        public let sha256: String
        /// What ``ChangeCheck`` made of its bytes.
        let check: UInt64
        /// Records, rows or statements in it.
        public let count: Int
        /// Columns that it has values for, in the order in which they first come.
        public let columns: [String]
        /// Keys of the records as JSON objects; nil if there are more than
        /// ``LoadedBundle/mostKeys`` or the file has no records.
        public let keys: [String]?
    }

    /// Most keys of one table that a manifest lists one by one.
    public static let mostKeys = 1000
    /// Largest script; rows belong into records and copies, which are streamed.
    static let largestScript = 64 << 20

    /// What `bundle.yaml` says.
    public let description: BundleDescription
    /// `bundle.yaml`, as it is written.
    let yaml: [UInt8]
    /// The files of the contents, in order.
    public let files: [File]
    /// What looks wrong and does not keep the bundle from being deployed.
    public let warnings: [BundleProblem]

    /// Reads the bundle at `path`, a folder or a `.tar.gz`, with every file of it, and finds
    /// everything that is wrong with it in one go. Memory does not grow with the size of records
    /// and copies; an archive is unpacked into a temporary file that has no name.
    ///
    /// - Parameter progress: told how many bytes were read since the last call.
    /// - Throws: ``BundleError``.
    public init(path: String, progress: @escaping (Int) -> Void = { _ in }) throws {
        try self.init(Self.store(path, progress), shown: path, progress: progress)
    }

    private static func store(_ path: String, _ progress: @escaping (Int) -> Void) throws -> BundleStore {
        if let root = BundlePath.resolve(path) {
            var isFolder: ObjCBool = false
            _ = FileManager.default.fileExists(atPath: root, isDirectory: &isFolder)
            if isFolder.boolValue { return .folder(BundlePath(root: root)) }
            if PackedBundle.isPacked(root) { return .archive(try PackedBundle(path: path, progress: progress)) }
            throw BundleError(
                BundleProblem(
                    .badArchive, file: path, message: "this is neither a folder nor a gzip file",
                    hint: "name a folder, or an archive made by \"yesterday bundle pack\" or tar -czf"))
        }
        throw BundleError(
            BundleProblem(
                .notABundle, file: path, message: "there is no such folder or file",
                hint: "name the folder that holds \(BundleDescription.fileName), or a packed bundle"))
    }

    init(_ store: BundleStore, shown path: String, progress: @escaping (Int) -> Void) throws {
        let yaml = try Self.yaml(store, path)
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        guard let text = String(validating: yaml.dropFirst(yaml.starts(with: mark) ? mark.count : 0), as: UTF8.self) else {
            throw BundleError(
                BundleProblem(
                    .badEncoding, file: BundleDescription.fileName, message: "this is not UTF-8",
                    hint: "save the file in the encoding UTF-8"))
        }
        let description = try BundleDescription(yaml: text)
        var checker = BundleFileChecker(store, progress: progress)
        let files = description.contents.compactMap { checker.check($0) }
        checker.checkUnlisted(description.contents.map(\.file))
        for artifact in description.artifacts where artifact.type == .oci {
            do {
                _ = try RegistryReference(artifact.reference)
            } catch {
                checker.report(
                    .badValue, BundleDescription.fileName, nil,
                    "artifact \(artifact.name): \(error.message)\(error.detail.map { ": \($0)" } ?? "")",
                    error.hint ?? "write registry/repository:tag")
            }
        }
        for artifact in description.artifacts where !artifact.isPinned {
            let message = "the artifact \(artifact.name) is not pinned: \(artifact.reference) can become something else"
            // A tag is resolved when it is deployed; for the bytes behind a URL only the bundle can speak.
            if artifact.type == .oci {
                checker.warn(.unpinnedArtifact, BundleDescription.fileName, message, "add @sha256:... to it")
            } else {
                checker.report(
                    .unpinnedArtifact, BundleDescription.fileName, nil, message, "add its sha256: sha256sum FILE")
            }
        }
        guard !checker.problems.contains(where: { $0.severity == .error }) else {
            throw BundleError(problems: checker.problems)
        }
        self.description = description
        self.yaml = yaml
        self.files = files
        warnings = checker.problems
    }

    private static func yaml(_ store: BundleStore, _ shown: String) throws -> [UInt8] {
        let name = BundleDescription.fileName
        switch store.find(name) {
        case .file(let content):
            do {
                return try BundleFileChecker.contents(of: content, limit: 1 << 20)
            } catch let error as FileStream.ReadError {
                throw BundleError(
                    BundleProblem(
                        .unreadableFile, file: name, message: "the file cannot be read: \(error.reason)",
                        hint: "make it readable"))
            }
        default:
            throw BundleError(
                BundleProblem(
                    .notABundle, file: shown, message: "the folder holds no file \(name)",
                    hint: "a bundle is a folder with \(name) in it, see docs/bundles.md"))
        }
    }

    /// Name of the patch.
    public var name: String { description.name }

    /// Size of all files of the contents, in bytes.
    public var size: Int { files.reduce(0) { $0 + $1.size } }

    /// Tables whose rows the bundle writes, in order of name.
    public var tables: [TableName] {
        Set(description.contents.flatMap(\.tables)).sorted()
    }

    /// SHA-256 over the canonical form of the bundle, hexadecimal.
    ///
    /// The canonical form is what `bundle.yaml` means, as JSON with sorted keys, and the digest,
    /// size and path of each file in the order of the contents. Neither the layout of the YAML
    /// nor times, modes, owners or a packed form of the bundle change it.
    public var digest: String {
        var hash = SHA256()
        hash.update(Array("yesterday bundle 1\n\(description.canonicalJSON)\n".utf8))
        for file in files {
            hash.update(Array("\(file.sha256) \(file.size) \(file.entry.file)\n".utf8))
        }
        return hash.hexDigest()
    }
}

extension BundleDescription {
    /// What the description means, as JSON with sorted keys and without blanks.
    var canonicalJSON: String {
        JSONValue.members([
            ("artifacts", .array(artifacts.map(\.json))),
            ("contents", .array(contents.map(\.json))),
            ("kind", .string(kind.rawValue)),
            ("layer", layer.map { .string($0) }),
            ("name", .string(name)),
            ("note", note.map { .string($0) }),
            ("requires", requires.map { .string($0) }),
            ("triggers", triggers == .fire ? nil : .string(triggers.rawValue)),
        ]).text(indent: nil)
    }
}

extension BundleArtifact {
    /// The artifact as JSON with sorted keys.
    public var json: JSONValue {
        .members([
            ("name", .string(name)), ("reference", .string(reference)),
            ("sha256", sha256.map { .string($0) }), ("type", .string(type.rawValue)),
        ])
    }
}

extension BundleEntry {
    fileprivate var json: JSONValue {
        let writes: JSONValue? = writes.isEmpty ? nil : .array(writes.map { .string($0.description) })
        return switch action {
        case .records(let table, let key, let mode, let values):
            .members([
                ("file", .string(file)), ("key", .array(key.map { .string($0) })),
                ("mode", .string(mode.rawValue)), ("table", .string(table.description)),
                ("values", values == .json ? nil : .string(values.rawValue)), ("writes", writes),
            ])
        case .copy(let table, let key, let mode, let condition):
            .members([
                ("file", .string(file)), ("key", .array(key.map { .string($0) })),
                ("mode", .string(mode.rawValue)), ("table", .string(table.description)),
                ("where", condition.map { .string($0) }), ("writes", writes),
            ])
        case .script:
            .members([("file", .string(file)), ("writes", writes)])
        }
    }
}

extension JSONValue {
    /// An object; members without a value are left out.
    static func members(_ members: [(key: String, value: JSONValue?)]) -> JSONValue {
        .object(members.compactMap { member in member.value.map { Member(member.key, $0) } })
    }
}
