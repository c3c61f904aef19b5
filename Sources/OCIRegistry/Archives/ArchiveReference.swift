/// Where an archive is, and which bytes it must have.
public struct ArchiveReference: Sendable, Hashable {
    enum Place: Sendable, Hashable {
        case file(String)
        case web(HTTPURL)
    }

    /// Its digest.
    public let digest: Digest
    let place: Place

    /// Reads `file:/path`, `file:///path` or `https://host/path` (or `http:`, which a store opens
    /// only by word).
    ///
    /// - Parameter digest: which bytes it must have; SHA-256.
    /// - Throws: ``RegistryError`` with code `invalidReference`.
    public init(url: String, digest: Digest) throws(RegistryError) {
        func refuse(_ reason: String) -> RegistryError {
            RegistryError(
                .invalidReference, "\"\(HTTPURL.display(url))\" is not the URL of an archive", detail: reason,
                hint: "Write https://HOST/PATH or file:///PATH.")
        }
        guard digest.algorithm == .sha256 else {
            throw refuse("Archives are pinned by SHA-256, not by \(digest.algorithm.rawValue).")
        }
        self.digest = digest
        guard url.lowercased().hasPrefix("file:") else {
            place = .web(try HTTPURL(url))
            return
        }
        var path = url.dropFirst("file:".count)
        if path.hasPrefix("//") {
            let authority = path.dropFirst(2).prefix { $0 != "/" }
            guard authority.isEmpty || authority == "localhost" else {
                throw refuse("It names a file of the host \(authority).")
            }
            path = path.dropFirst(2 + authority.count)
        }
        guard path.hasPrefix("/") else { throw refuse("The path is not absolute.") }
        guard let decoded = PercentEncoding.decode(path), !decoded.utf8.contains(0) else {
            throw refuse("The path is not percent-encoded UTF-8.")
        }
        place = .file(decoded)
    }
}

extension ArchiveReference {
    /// The server that has it; `nil` for a file of this machine.
    public var server: RegistryName? {
        guard case .web(let url) = place else { return nil }
        let usualPort = url.scheme == .http ? 80 : 443
        return try? RegistryName(url.port == usualPort ? url.host : "\(url.host):\(url.port)")
    }
}

extension ArchiveReference: CustomStringConvertible {
    /// The URL, without its query.
    public var description: String {
        switch place {
        case .file(let path): "file://\(path)"
        case .web(let url): url.display
        }
    }
}
