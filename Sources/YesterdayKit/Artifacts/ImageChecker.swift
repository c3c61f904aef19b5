import OCIRegistry

/// Makes sure that images can be fetched, from whatever registries they are in.
public struct ImageChecker: Sendable {
    /// What was found out about one image.
    public struct Finding: Sendable {
        /// The image, as it was asked for.
        public let reference: RegistryReference
        /// All of it is there, or why not.
        public let result: Result<ImageCheck, RegistryError>
    }

    private let settings: RegistrySettings
    private let plainRegistries: Set<RegistryName>

    /// A checker.
    ///
    /// - Parameters:
    ///   - settings: for every registry; `insecureHTTP` is decided by the next parameter.
    ///   - plainRegistries: registries that are spoken to in plain HTTP.
    public init(settings: RegistrySettings = RegistrySettings(), plainRegistries: Set<RegistryName> = []) {
        self.settings = settings
        self.plainRegistries = plainRegistries
    }

    /// Looks for every image, one after the other.
    ///
    /// - Parameters:
    ///   - references: the images.
    ///   - platform: for which platform they are needed.
    /// - Returns: a finding for each, in the order of the references.
    /// - Throws: `CancellationError`; ``OCIRegistry/RegistryError`` if the settings cannot be used.
    ///   What is wrong with an image is in its finding.
    public func check(_ references: [RegistryReference], platform: Platform = .host) async throws -> [Finding] {
        var clients: [RegistryName: RegistryClient] = [:]
        var findings: [Finding] = []
        for reference in references {
            let client = try clients[reference.registry] ?? self.client(for: reference.registry)
            clients[reference.registry] = client
            do {
                let check = try await client.check(reference, platform: platform)
                findings.append(Finding(reference: reference, result: .success(check)))
            } catch let error as RegistryError {
                findings.append(Finding(reference: reference, result: .failure(error)))
            }
        }
        return findings
    }

    private func client(for registry: RegistryName) throws -> RegistryClient {
        var settings = settings
        settings.insecureHTTP = plainRegistries.contains(registry)
        return try RegistryClient(registry, settings: settings)
    }
}
