#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Where credentials for a registry come from. They are looked up when a registry asks for them,
/// and not before.
public enum CredentialSource: Sendable {
    /// The files of Podman and Docker, the first that knows the registry:
    /// `$REGISTRY_AUTH_FILE` and no other if that is set, else
    /// `$XDG_RUNTIME_DIR/containers/auth.json`, `~/.config/containers/auth.json`,
    /// `~/.docker/config.json` (`$DOCKER_CONFIG/config.json`).
    case usualFiles
    /// One such file, which must exist.
    case file(String)
    /// These, for whatever registry the client is for.
    case given(Credentials)
    /// None: nobody is asked.
    case anonymous

    /// The credentials for a repository.
    ///
    /// - Parameter repository: `nil` for the registry as a whole.
    /// - Returns: `nil` if nobody has any.
    /// - Throws: ``RegistryError`` with code `invalidCredentials` or `credentialHelperFailed`.
    public func credentials(
        for registry: RegistryName, repository: RepositoryName? = nil
    ) async throws -> Credentials? {
        switch self {
        case .anonymous: return nil
        case .given(let credentials): return credentials
        case .file(let path):
            guard let file = try CredentialFile(path) else { throw Self.missing(path) }
            return try await Self.credentials(in: file, registry, repository)
        case .usualFiles:
            let locations = CredentialLocations(environment: Self.environment)
            for path in locations.paths {
                guard let file = try CredentialFile(path) else {
                    if locations.mustExist { throw Self.missing(path) }
                    continue
                }
                if let found = try await Self.credentials(in: file, registry, repository) { return found }
            }
            return nil
        }
    }

    /// Where was looked, for messages.
    var searched: String {
        switch self {
        case .anonymous: "Credentials are switched off."
        case .given: "The given credentials were used."
        case .file(let path): "Looked in \(path)."
        case .usualFiles:
            "Looked in \(CredentialLocations(environment: Self.environment).paths.joined(separator: ", "))."
        }
    }

    @Sendable private static func environment(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }

    private static func missing(_ path: String) -> RegistryError {
        RegistryError(
            .invalidCredentials, "there is no file \(path) with credentials",
            hint: "Mend REGISTRY_AUTH_FILE or the configuration, or log in: podman login.")
    }

    private static func credentials(
        in file: CredentialFile, _ registry: RegistryName, _ repository: RepositoryName?
    ) async throws -> Credentials? {
        switch try file.answer(for: registry, repository: repository) {
        case nil: nil
        case .credentials(let credentials): credentials
        case .helper(let name, let server): try await CredentialHelper(name).credentials(for: server)
        }
    }
}

/// Where files with credentials may be.
struct CredentialLocations {
    let paths: [String]
    /// True if somebody named the file.
    let mustExist: Bool

    init(environment: (String) -> String?) {
        func value(_ name: String) -> String? { environment(name).flatMap { $0.isEmpty ? nil : $0 } }
        if let named = value("REGISTRY_AUTH_FILE") {
            paths = [named]
            mustExist = true
            return
        }
        let home = value("HOME")
        let candidates = [
            value("XDG_RUNTIME_DIR").map { "\($0)/containers/auth.json" },
            (value("XDG_CONFIG_HOME") ?? home.map { "\($0)/.config" }).map { "\($0)/containers/auth.json" },
            (value("DOCKER_CONFIG") ?? home.map { "\($0)/.docker" }).map { "\($0)/config.json" },
        ]
        paths = candidates.compactMap { $0 }
        mustExist = false
    }
}
