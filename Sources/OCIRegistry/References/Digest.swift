import Digests

/// The name of a piece of content: a hash of its bytes.
///
/// Grammar: OCI image spec, "Descriptor", "Digests"; the two registered algorithms.
public struct Digest: Sendable, Hashable {
    /// How the hash is computed.
    public enum Algorithm: String, Sendable, CaseIterable {
        /// SHA-256, what everybody uses.
        case sha256
        /// SHA-512.
        case sha512

        /// Length of the hash in hexadecimal digits.
        var digits: Int { self == .sha256 ? 64 : 128 }
    }

    /// How the hash is computed.
    public let algorithm: Algorithm
    /// The hash in lower-case hexadecimal digits.
    public let hex: String

    /// Reads `sha256:` or `sha512:` and the hash in lower-case hexadecimal digits.
    ///
    /// - Throws: ``RegistryError`` with code `invalidReference`.
    public init(_ text: String) throws(RegistryError) {
        func refuse(_ reason: String) -> RegistryError {
            RegistryError(
                .invalidReference, "\"\(text)\" is not a digest", detail: reason,
                hint: "Write sha256: and 64 lower-case hexadecimal digits.")
        }
        guard let colon = text.firstIndex(of: ":") else { throw refuse("It has no \":\".") }
        let name = String(text[..<colon])
        guard let algorithm = Algorithm(rawValue: name) else {
            throw refuse("The algorithm \"\(name)\" is not supported; sha256 and sha512 are.")
        }
        let hex = text[text.index(after: colon)...]
        guard hex.utf8.count == algorithm.digits else {
            throw refuse("\(name) has \(algorithm.digits) digits, this has \(hex.utf8.count).")
        }
        guard hex.utf8.allSatisfy({ Grammar.isDigit($0) || UInt8(ascii: "a")...UInt8(ascii: "f") ~= $0 }) else {
            throw refuse("It has a character that is not a lower-case hexadecimal digit.")
        }
        self.algorithm = algorithm
        self.hex = String(hex)
    }

    fileprivate init(_ algorithm: Algorithm, _ hash: [UInt8]) {
        let digits = Array("0123456789abcdef".utf8)
        self.algorithm = algorithm
        hex = String(decoding: hash.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    /// The digest of some bytes.
    public init(of bytes: [UInt8], algorithm: Algorithm = .sha256) {
        var hash = ContentHash(algorithm)
        bytes.withUnsafeBytes { hash.update($0) }
        self = hash.digest
    }
}

extension Digest: CustomStringConvertible {
    /// `algorithm:hex`.
    public var description: String { "\(algorithm.rawValue):\(hex)" }
}

/// The digest of content that comes piece by piece.
struct ContentHash: Sendable {
    private enum State: Sendable {
        case sha256(SHA256)
        case sha512(SHA512)
    }

    private var state: State
    /// Bytes so far.
    private(set) var count: Int64 = 0

    init(_ algorithm: Digest.Algorithm) {
        state =
            switch algorithm {
            case .sha256: .sha256(SHA256())
            case .sha512: .sha512(SHA512())
            }
    }

    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        count += Int64(bytes.count)
        switch state {
        case .sha256(var hash):
            hash.update(bytes)
            state = .sha256(hash)
        case .sha512(var hash):
            hash.update(bytes)
            state = .sha512(hash)
        }
    }

    /// The digest of all bytes so far.
    var digest: Digest {
        switch state {
        case .sha256(let hash): Digest(.sha256, hash.digest())
        case .sha512(let hash): Digest(.sha512, hash.digest())
        }
    }
}
