import OCIRegistry

/// Where artifacts come from: registries and servers of archives, and how to talk to them.
public struct ArtifactSource: Sendable {
    /// For every registry and server; `insecureHTTP` is decided by the next property.
    public var settings: RegistrySettings
    /// Registries, and servers of archives, that are spoken to in plain HTTP.
    public var plainRegistries: Set<RegistryName>

    /// A source.
    public init(settings: RegistrySettings = RegistrySettings(), plainRegistries: Set<RegistryName> = []) {
        self.settings = settings
        self.plainRegistries = plainRegistries
    }

    /// What was found out about an artifact.
    public struct Finding: Sendable {
        /// The artifact, pinned.
        public let artifact: Artifact
        /// Bytes of all of it, where they are known.
        public let bytes: Int64?
        /// Where it was found.
        public let place: String
    }

    /// Settings for a server.
    func settings(for server: RegistryName?) -> RegistrySettings {
        var settings = settings
        settings.insecureHTTP = server.map(plainRegistries.contains) ?? false
        return settings
    }

    /// Pins what a bundle names, and makes sure that all of it can be fetched.
    ///
    /// - Throws: ``YesterdayError`` that names the artifact; `CancellationError`.
    public func resolve(_ artifact: BundleArtifact) async throws -> Finding {
        try await naming(artifact.name) {
            switch artifact.type {
            case .oci:
                let reference = try RegistryReference(artifact.reference)
                let check = try await client(of: reference.registry).check(reference)
                return Finding(
                    artifact: Artifact(
                        name: artifact.name, kind: .oci, reference: check.pinned.description, digest: check.digest),
                    bytes: check.size, place: reference.registry.description)
            case .archive:
                guard let sha256 = artifact.sha256 else {
                    throw YesterdayError(
                        .badInput, "the archive \(artifact.reference) is not pinned",
                        detail: "Another file can be there tomorrow, and the rollback would bring back the wrong code.",
                        hint: "Add its sha256 in bundle.yaml: sha256sum FILE")
                }
                return try await check(
                    Artifact(
                        name: artifact.name, kind: .archive, reference: artifact.reference,
                        digest: try Digest("sha256:\(sha256)")))
            }
        }
    }

    /// Makes sure that all of an artifact can be fetched, by digest.
    ///
    /// - Throws: ``YesterdayError`` that names the artifact; `CancellationError`.
    public func check(_ artifact: Artifact) async throws -> Finding {
        try await naming(artifact.name) {
            switch artifact.kind {
            case .oci:
                let image = try artifact.image()
                let check = try await client(of: image.registry).check(image)
                return Finding(artifact: artifact, bytes: check.size, place: image.registry.description)
            case .archive:
                let archive = try artifact.archive()
                let size = try await store(in: "/nonexistent", for: archive).check(archive)
                return Finding(artifact: artifact, bytes: size < 0 ? nil : size, place: archive.description)
            }
        }
    }

    /// Makes sure that a tag still names what was found under it.
    ///
    /// - Parameter asked: what the bundle names; by digest it cannot move.
    /// - Throws: ``YesterdayError``; `CancellationError`.
    func confirm(_ asked: BundleArtifact, names artifact: Artifact) async throws {
        guard asked.type == .oci, !asked.isPinned else { return }
        try await naming(asked.name) {
            let reference = try RegistryReference(asked.reference)
            try await client(of: reference.registry).confirm(reference, names: artifact.digest)
        }
    }

    /// A store of archives in a folder.
    ///
    /// - Throws: ``OCIRegistry/RegistryError``.
    func store(in folder: String, for archive: ArchiveReference) throws -> ArchiveStore {
        try ArchiveStore(folder: folder, settings: settings(for: archive.server))
    }

    private func client(of registry: RegistryName) throws -> RegistryClient {
        try RegistryClient(registry, settings: settings(for: registry))
    }

    private func naming<T>(_ artifact: String, _ body: () async throws -> T) async throws -> T {
        do {
            return try await body()
        } catch let error as RegistryError {
            let plain = YesterdayError(error)
            throw YesterdayError(
                plain.code, "artifact \(artifact): \(plain.message)", detail: plain.detail, hint: plain.hint, cause: error)
        }
    }
}
