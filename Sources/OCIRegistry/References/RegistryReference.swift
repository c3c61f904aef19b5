/// Where an image is: `[registry[:port]/]repository[:tag][@digest]`.
///
/// Read as Docker and Podman read it: the first component is a registry if it has a dot, a colon
/// or a capital letter, or is `localhost`; else the registry is Docker Hub, and a repository of
/// one component is in `library/`. Grammar of the parts: distribution spec, "Pulling manifests".
public struct RegistryReference: Sendable, Hashable {
    /// The registry.
    public let registry: RegistryName
    /// The repository in it.
    public let repository: RepositoryName
    /// The tag, if the reference has one.
    public let tag: Tag?
    /// The digest, if the reference has one: it decides, and the tag is for people then.
    public let digest: Digest?

    /// Makes a reference of its parts.
    public init(registry: RegistryName, repository: RepositoryName, tag: Tag? = nil, digest: Digest? = nil) {
        self.registry = registry
        self.repository = repository
        self.tag = tag
        self.digest = digest
    }

    /// Reads a reference.
    ///
    /// - Throws: ``RegistryError`` with code `invalidReference` that names what is wrong.
    public init(_ text: String) throws(RegistryError) {
        func refuse(_ reason: String) -> RegistryError {
            RegistryError(
                .invalidReference, "\"\(text)\" is not a reference to an image", detail: reason,
                hint: "Write [REGISTRY[:PORT]/]REPOSITORY[:TAG][@DIGEST].")
        }
        guard !text.isEmpty else { throw refuse("It is empty.") }
        if let scheme = text.firstRange(of: "://") {
            throw refuse("It begins with \"\(text[..<scheme.upperBound])\"; a reference is no URL.")
        }

        var rest = text[...]
        do throws(RegistryError) {
            if let at = rest.firstIndex(of: "@") {
                digest = try Digest(String(rest[rest.index(after: at)...]))
                rest = rest[..<at]
            } else {
                digest = nil
            }
            let lastComponent = rest.lastIndex(of: "/").map { rest.index(after: $0) } ?? rest.startIndex
            if let colon = rest[lastComponent...].firstIndex(of: ":") {
                tag = try Tag(String(rest[rest.index(after: colon)...]))
                rest = rest[..<colon]
            } else {
                tag = nil
            }
            var registry = RegistryName.dockerHub
            if let slash = rest.firstIndex(of: "/"), Self.meansRegistry(rest[..<slash]) {
                registry = try RegistryName(String(rest[..<slash]))
                rest = rest[rest.index(after: slash)...]
            }
            let isShort = registry == .dockerHub && !rest.contains("/") && !rest.isEmpty
            self.registry = registry
            repository = try RepositoryName(isShort ? "library/\(rest)" : String(rest))
        } catch {
            throw refuse([error.message + ".", error.detail].compactMap { $0 }.joined(separator: " "))
        }
    }

    private static func meansRegistry(_ component: Substring) -> Bool {
        component == "localhost" || component.hasPrefix("[")
            || component.utf8.contains { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: ":") }
            || component.utf8.contains { UInt8(ascii: "A")...UInt8(ascii: "Z") ~= $0 }
    }

    /// The same image by digest, as deployments keep it.
    public func pinned(to digest: Digest) -> RegistryReference {
        RegistryReference(registry: registry, repository: repository, tag: tag, digest: digest)
    }

    /// What stands in the path of a request: the digest, else the tag, else `latest`.
    var manifestName: String { digest?.description ?? (tag ?? .latest).text }
}

extension RegistryReference: CustomStringConvertible {
    /// The reference with its registry, in full.
    public var description: String {
        "\(registry)/\(repository)" + (tag.map { ":\($0)" } ?? "") + (digest.map { "@\($0)" } ?? "")
    }
}
