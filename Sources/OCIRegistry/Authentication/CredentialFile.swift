#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// One of the files in which Docker and Podman keep credentials (containers-auth.json(5); Docker's
/// `config.json`).
struct CredentialFile: Sendable {
    /// What the file says about a registry.
    enum Answer: Sendable, Equatable {
        case credentials(Credentials)
        /// Ask `docker-credential-NAME` for `server`.
        case helper(name: String, server: String)
    }

    let path: String
    private let document: Document

    /// Reads a file.
    ///
    /// - Returns: `nil` if there is no such file.
    /// - Throws: ``RegistryError`` with code `invalidCredentials`.
    init?(_ path: String) throws {
        do {
            guard let bytes = try LocalFile.contents(of: path, limit: 1 << 20) else { return nil }
            try self.init(bytes, path: path)
        } catch let error as RegistryError where error.code != .invalidCredentials {
            throw Self.invalid(path, [error.message, error.detail].compactMap { $0 }.joined(separator: ": "), error)
        }
    }

    /// Reads the contents of a file.
    init(_ bytes: [UInt8], path: String) throws {
        self.path = path
        do {
            document = try JSONDecoder().decode(Document.self, from: Data(bytes))
        } catch let error as DecodingError {
            throw Self.invalid(path, error.explanation, error)
        }
    }

    private static func invalid(_ path: String, _ reason: String, _ cause: (any Error)?) -> RegistryError {
        RegistryError(
            .invalidCredentials, "the credentials in \(path) cannot be read", detail: reason,
            hint: "Mend the file, or log in again: podman login, docker login.", cause: cause)
    }

    /// What the file says about a repository: the helper of its registry, else the entry with the
    /// longest path that it is in, else the helper for everything.
    ///
    /// - Throws: ``RegistryError`` with code `invalidCredentials` if the entry makes no sense.
    func answer(for registry: RegistryName, repository: RepositoryName?) throws -> Answer? {
        let names = Self.names(of: registry)
        for (key, helper) in document.credHelpers ?? [:] where names.contains(Self.host(of: key)) {
            return .helper(name: try checked(helper), server: Self.server(of: registry))
        }
        let auths = document.auths ?? [:]
        for wanted in Self.keys(for: registry, repository: repository) {
            if let found = try auths[wanted].flatMap({ try credentials(in: $0, key: wanted) }) {
                return .credentials(found)
            }
        }
        // Docker's older keys are URLs: https://index.docker.io/v1/.
        for (key, entry) in auths.sorted(by: { $0.key < $1.key })
        where Self.isURL(key) && names.contains(Self.host(of: key)) {
            if let found = try credentials(in: entry, key: key) { return .credentials(found) }
        }
        if let store = document.credsStore, !store.isEmpty {
            return .helper(name: try checked(store), server: Self.server(of: registry))
        }
        return nil
    }

    /// The keys that fit, from the longest path to the registry alone.
    static func keys(for registry: RegistryName, repository: RepositoryName?) -> [String] {
        var parts = repository?.text.split(separator: "/").map(String.init) ?? []
        var keys: [String] = []
        while !parts.isEmpty {
            keys += names(of: registry).map { "\($0)/\(parts.joined(separator: "/"))" }
            parts.removeLast()
        }
        return keys + names(of: registry)
    }

    private static func names(of registry: RegistryName) -> [String] {
        registry == .dockerHub ? ["docker.io", "index.docker.io", "registry-1.docker.io"] : [registry.description]
    }

    /// What helpers know a registry by.
    private static func server(of registry: RegistryName) -> String {
        registry == .dockerHub ? "https://index.docker.io/v1/" : registry.description
    }

    private static func isURL(_ key: String) -> Bool { key.hasPrefix("https://") || key.hasPrefix("http://") }

    private static func host(of key: String) -> String {
        let rest = key.firstRange(of: "://").map { key[$0.upperBound...] } ?? key[...]
        return rest.prefix { $0 != "/" }.lowercased()
    }

    /// The name becomes a part of a program's name: nothing in it may lead elsewhere.
    private func checked(_ helper: String) throws -> String {
        guard !helper.isEmpty, helper.utf8.allSatisfy({ Grammar.isAlphanumeric($0) || "._-".utf8.contains($0) }) else {
            throw Self.invalid(path, "\"\(helper)\" is not the name of a credential helper.", nil)
        }
        return helper
    }

    private func credentials(in entry: Document.Entry, key: String) throws -> Credentials? {
        if let token = entry.registrytoken, !token.isEmpty { return .registryToken(token) }
        if let token = entry.identitytoken, !token.isEmpty { return .identityToken(token) }
        if let auth = entry.auth, !auth.isEmpty {
            guard let bytes = Base64.decode(auth), let colon = bytes.firstIndex(of: UInt8(ascii: ":")) else {
                throw Self.invalid(path, "\"auth\" of \"\(key)\" is not Base64 of NAME:PASSWORD.", nil)
            }
            return .password(
                username: String(decoding: bytes[..<colon], as: UTF8.self),
                password: String(decoding: bytes[(colon + 1)...], as: UTF8.self))
        }
        if let username = entry.username, let password = entry.password, !username.isEmpty {
            return .password(username: username, password: password)
        }
        return nil
    }

    private struct Document: Decodable, Sendable {
        struct Entry: Decodable, Sendable {
            let auth: String?
            let username: String?
            let password: String?
            let identitytoken: String?
            let registrytoken: String?
        }
        let auths: [String: Entry]?
        let credHelpers: [String: String]?
        let credsStore: String?
    }
}
