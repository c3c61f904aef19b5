import OCIRegistry
import PostgresClient

/// A piece of code that is pinned: it can never become another one.
public struct Artifact: Sendable, Hashable {
    /// Its name, under which a target's runtime is configured.
    public let name: String
    /// Where the code comes from.
    public let kind: BundleArtifact.Kind
    /// `registry/repository:tag@sha256:...`, or the URL of an archive.
    public let reference: String
    /// Which bytes it has.
    public let digest: Digest

    /// An artifact of which all is known.
    public init(name: String, kind: BundleArtifact.Kind, reference: String, digest: Digest) {
        self.name = name
        self.kind = kind
        self.reference = reference
        self.digest = digest
    }

    /// The reference, with the digest where it does not say it itself.
    public var label: String {
        reference.contains(digest.hex) ? reference : "\(reference) (\(digest))"
    }

    /// The artifact as `yesterday.begin_deployment` takes it.
    public var json: JSONValue {
        [
            "name": .string(name), "type": .string(kind.rawValue), "reference": .string(reference),
            "digest": .string(digest.description),
        ]
    }

    /// An artifact as a target keeps it: columns `name`, `type`, `reference`, `digest`.
    ///
    /// - Throws: ``YesterdayError``, ``PostgresClient/PostgresError``.
    init(_ row: Row) throws {
        let type: String = try row.get("type")
        guard let kind = BundleArtifact.Kind(rawValue: type) else {
            throw YesterdayError(
                .configuration, "the type \"\(type)\" of an artifact is not known here",
                detail: "The extension is newer than this program.",
                hint: "Install the same version of both: yesterday doctor")
        }
        self.init(
            name: try row.get("name"), kind: kind, reference: try row.get("reference"),
            digest: try Digest(try row.get("digest", as: String.self)))
    }

    /// The image that an artifact of kind `oci` is, by digest.
    ///
    /// - Throws: ``OCIRegistry/RegistryError``.
    func image() throws -> RegistryReference { try RegistryReference(reference).pinned(to: digest) }

    /// The archive that an artifact of kind `archive` is.
    ///
    /// - Throws: ``OCIRegistry/RegistryError``.
    func archive() throws -> ArchiveReference { try ArchiveReference(url: reference, digest: digest) }
}
