/// The name of a registry: a host, and a port where it is not the usual one.
public struct RegistryName: Sendable, Hashable {
    /// A host name, an IPv4 address, or an IPv6 address in brackets; as it was written, because a
    /// capital letter may be all that makes the beginning of a reference a registry.
    public let host: String
    /// The port; `nil` for the usual one of the protocol.
    public let port: Int?

    /// Docker Hub, which every reference without a registry means.
    public static let dockerHub = RegistryName(uncheckedHost: "docker.io")

    private init(uncheckedHost: String) {
        host = uncheckedHost
        port = nil
    }

    /// Reads `host`, `host:port`, `[address]` or `[address]:port`.
    ///
    /// The names that Docker Hub had before (`index.docker.io`, `registry-1.docker.io`) are read
    /// as `docker.io`.
    ///
    /// - Throws: ``RegistryError`` with code `invalidReference`.
    public init(_ text: String) throws(RegistryError) {
        func refuse(_ reason: String) -> RegistryError {
            RegistryError(
                .invalidReference, "\"\(text)\" is not the name of a registry", detail: reason,
                hint: "Write HOST or HOST:PORT, without https:// and without a path.")
        }
        var host = text[...]
        var port: Int?
        let end = text.hasPrefix("[") ? text.firstIndex(of: "]") ?? text.endIndex : text.startIndex
        if let colon = text[end...].firstIndex(of: ":") {
            let digits = text[text.index(after: colon)...]
            guard let number = Int(digits), (1...65535).contains(number),
                digits.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 })
            else { throw refuse("The port \"\(digits)\" is not a number from 1 to 65535.") }
            port = number
            host = text[..<colon]
        }
        if host.hasPrefix("[") {
            let address = host.dropFirst().dropLast()
            guard host.hasSuffix("]"), !address.isEmpty,
                address.utf8.allSatisfy({ Character(UnicodeScalar($0)).isHexDigit || $0 == UInt8(ascii: ":") })
            else { throw refuse("\"\(host)\" is not an IPv6 address in brackets.") }
        } else {
            guard !host.isEmpty else { throw refuse("The host is missing.") }
            for label in host.split(separator: ".", omittingEmptySubsequences: false) {
                let fits =
                    !label.isEmpty && label.utf8.allSatisfy { Grammar.isAlphanumeric($0) || $0 == Grammar.hyphen }
                    && label.first != "-" && label.last != "-"
                guard fits else {
                    throw refuse("A host is made of letters, digits, dots and hyphens; \"\(label)\" does not fit.")
                }
            }
        }
        if port == nil, ["docker.io", "index.docker.io", "registry-1.docker.io"].contains(host.lowercased()) {
            self = .dockerHub
            return
        }
        self.host = String(host)
        self.port = port
    }

    /// Where the API of the registry is, `host` or `host:port`; not its name for Docker Hub.
    var apiAuthority: String {
        self == .dockerHub ? "registry-1.docker.io" : description
    }
}

extension RegistryName: CustomStringConvertible {
    /// `host` or `host:port`.
    public var description: String { port.map { "\(host):\($0)" } ?? host }
}

/// Classes of characters in the grammar of references; all of it is ASCII.
enum Grammar {
    static let hyphen = UInt8(ascii: "-")

    static func isDigit(_ byte: UInt8) -> Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte }

    static func isLowerAlphanumeric(_ byte: UInt8) -> Bool {
        isDigit(byte) || UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte
    }

    static func isAlphanumeric(_ byte: UInt8) -> Bool {
        isLowerAlphanumeric(byte) || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte
    }
}
