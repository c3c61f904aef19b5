/// Digest of a bundle: SHA-256 of its canonical form, in 64 lower-case hexadecimal digits.
public struct BundleDigest: Sendable, Hashable, CustomStringConvertible {
    /// The digits.
    public let hexadecimal: String

    /// Reads `sha256:` and 64 digits, or the digits alone.
    ///
    /// - Throws: ``YesterdayError``.
    public init(parsing text: String) throws {
        let digits = text.hasPrefix("sha256:") ? text.dropFirst(7) : text[...]
        let isDigest =
            digits.utf8.count == 64
            && digits.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
        guard isDigest else {
            throw YesterdayError(
                .usage, "\"\(text)\" is not the digest of a bundle", detail: "It is sha256: and 64 hexadecimal digits.",
                hint: "Copy it whole, as \"yesterday bundle inspect\" shows it.")
        }
        hexadecimal = String(digits)
    }

    /// `sha256:` and the digits.
    public var description: String { "sha256:\(hexadecimal)" }
}

extension LoadedBundle {
    /// Reads a bundle as ``init(path:progress:)`` does, and refuses it if it is not the one that
    /// bears `digest`.
    ///
    /// - Throws: ``BundleError``.
    public init(path: String, digest: BundleDigest?, progress: @escaping (Int) -> Void = { _ in }) throws {
        try self.init(path: path, progress: progress)
        guard let digest, digest.hexadecimal != self.digest else { return }
        throw BundleError(
            BundleProblem(
                .wrongDigest, file: path,
                message: "the bundle was altered: its digest is sha256:\(self.digest), not \(digest)",
                hint: "fetch the bundle again from where it was released; if the change is meant, release it under a new name"
            ))
    }
}
