/// What a server wants to see before it answers (RFC 9110, "WWW-Authenticate").
struct AuthenticationChallenge: Sendable, Equatable {
    /// In lower case: `basic`, `bearer`.
    let scheme: String
    /// Names in lower case.
    let parameters: [String: String]

    /// Reads the challenges of all `WWW-Authenticate` fields of an answer, in order. What cannot be
    /// read ends the list: a challenge that is half understood is no help.
    static func all(in headers: HTTPHeaders) -> [AuthenticationChallenge] {
        headers.all("WWW-Authenticate").flatMap { field in
            var scanner = Scanner(field)
            return scanner.challenges()
        }
    }

    private struct Scanner {
        private let bytes: [UInt8]
        private var position = 0

        init(_ text: String) { bytes = Array(text.utf8) }

        mutating func challenges() -> [AuthenticationChallenge] {
            var found: [AuthenticationChallenge] = []
            var scheme: String?
            var parameters: [String: String] = [:]
            func complete() {
                if let scheme { found.append(AuthenticationChallenge(scheme: scheme, parameters: parameters)) }
                parameters = [:]
            }
            while true {
                skip { $0 == UInt8(ascii: ",") || Self.isSpace($0) }
                guard let name = token() else { break }
                skip(Self.isSpace)
                if scheme != nil, take("=") {
                    skip(Self.isSpace)
                    guard let value = take("\"") ? quoted() : token() else { break }
                    parameters[name.lowercased()] = value
                } else {
                    complete()
                    scheme = name.lowercased()
                    skipToken68()
                }
            }
            complete()
            return found
        }

        private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

        private static func isTokenCharacter(_ byte: UInt8) -> Bool {
            Grammar.isAlphanumeric(byte) || "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }

        private mutating func skip(_ fits: (UInt8) -> Bool) {
            while position < bytes.count, fits(bytes[position]) { position += 1 }
        }

        private mutating func take(_ character: Unicode.Scalar) -> Bool {
            guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
            position += 1
            return true
        }

        private mutating func token() -> String? {
            let start = position
            skip(Self.isTokenCharacter)
            return position > start ? String(decoding: bytes[start..<position], as: UTF8.self) : nil
        }

        private mutating func quoted() -> String? {
            var value: [UInt8] = []
            while position < bytes.count {
                var byte = bytes[position]
                position += 1
                if byte == UInt8(ascii: "\"") { return String(decoding: value, as: UTF8.self) }
                if byte == UInt8(ascii: "\\") {
                    guard position < bytes.count else { return nil }
                    byte = bytes[position]
                    position += 1
                }
                value.append(byte)
            }
            return nil
        }

        /// Steps over the one opaque word that some schemes have in the place of parameters.
        private mutating func skipToken68() {
            let start = position
            skip { Grammar.isAlphanumeric($0) || "-._~+/".utf8.contains($0) }
            skip { $0 == UInt8(ascii: "=") }
            let end = position
            skip(Self.isSpace)
            if end == start || (position < bytes.count && bytes[position] != UInt8(ascii: ",")) { position = start }
        }
    }
}
