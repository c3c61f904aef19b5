/// What proves to a registry who asks. Shows nothing of itself when printed.
public enum Credentials: Sendable, Equatable {
    /// A name and a password or access token.
    case password(username: String, password: String)
    /// A token that is exchanged for access tokens (token spec of distribution, "OAuth2").
    case identityToken(String)
    /// A token that is sent as it is.
    case registryToken(String)

    /// The header for basic authentication; `nil` where there is no password.
    var basicHeader: String? {
        guard case .password(let username, let password) = self else { return nil }
        return "Basic " + Base64.encode(Array("\(username):\(password)".utf8))
    }
}

extension Credentials: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The kind, and nothing secret.
    public var description: String {
        switch self {
        case .password: "a user name and a password"
        case .identityToken: "an identity token"
        case .registryToken: "a registry token"
        }
    }
    /// As ``description``.
    public var debugDescription: String { description }
    /// Nothing: `dump` and test frameworks print what a mirror shows.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// Base64 (RFC 4648), as far as authentication needs it.
enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
            for position in 0..<4 {
                text.append(position <= group.count ? alphabet[bits >> (18 - 6 * position) & 63] : UInt8(ascii: "="))
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// `nil` if it is not Base64; padding may be missing.
    static func decode(_ text: String) -> [UInt8]? {
        let digits = text.utf8.reversed().drop { $0 == UInt8(ascii: "=") }.reversed()
        guard digits.count % 4 != 1, text.utf8.count - digits.count <= 2 else { return nil }
        var bytes: [UInt8] = []
        var (bits, count) = (0, 0)
        for digit in digits {
            guard let value = alphabet.firstIndex(of: digit) else { return nil }
            bits = (bits << 6 | value) & 0xFFFF
            count += 6
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> count))
            }
        }
        return bytes
    }
}
