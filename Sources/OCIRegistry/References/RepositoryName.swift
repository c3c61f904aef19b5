/// The name of a repository in its registry, such as `library/debian`.
///
/// Grammar: distribution spec, "Pulling manifests", `<name>`; at most 255 characters.
public struct RepositoryName: Sendable, Hashable {
    /// The name, components separated by slashes.
    public let text: String

    /// Reads a name.
    ///
    /// - Throws: ``RegistryError`` with code `invalidReference`.
    public init(_ text: String) throws(RegistryError) {
        func refuse(_ reason: String) -> RegistryError {
            RegistryError(
                .invalidReference, "\"\(text)\" is not the name of a repository", detail: reason,
                hint: "Lower-case letters and digits, parted by one of \".\", \"_\", \"__\" or hyphens, and by \"/\".")
        }
        guard !text.isEmpty else { throw refuse("It is empty.") }
        guard text.utf8.count <= 255 else {
            throw refuse("It has \(text.utf8.count) characters; 255 are the limit.")
        }
        for component in text.split(separator: "/", omittingEmptySubsequences: false) {
            if let reason = Self.mistake(in: component) { throw refuse(reason) }
        }
        self.text = text
    }

    /// `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*`, or why not.
    private static func mistake(in component: Substring) -> String? {
        let bytes = Array(component.utf8)
        guard let first = bytes.first, let last = bytes.last else { return "A component is empty." }
        if bytes.contains(where: { UInt8(ascii: "A")...UInt8(ascii: "Z") ~= $0 }) {
            return "\"\(component)\" has capital letters."
        }
        let separators: Set<String> = [".", "_", "__"]
        guard bytes.allSatisfy({ Grammar.isLowerAlphanumeric($0) || "._-".utf8.contains($0) }) else {
            return "\"\(component)\" has a character that is not allowed."
        }
        guard Grammar.isLowerAlphanumeric(first), Grammar.isLowerAlphanumeric(last) else {
            return "\"\(component)\" does not begin and end with a letter or a digit."
        }
        let runs = bytes.split(whereSeparator: Grammar.isLowerAlphanumeric)
            .map { String(decoding: $0, as: UTF8.self) }
        for run in runs where !separators.contains(run) && !run.utf8.allSatisfy({ $0 == Grammar.hyphen }) {
            return "\"\(component)\" has \"\(run)\", which does not part anything."
        }
        return nil
    }
}

extension RepositoryName: CustomStringConvertible {
    /// The name.
    public var description: String { text }
}
