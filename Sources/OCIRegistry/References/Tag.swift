/// A tag: a name in a repository that can be moved from one manifest to another.
///
/// Grammar: distribution spec, "Pulling manifests", `<reference>` as a tag.
public struct Tag: Sendable, Hashable, Comparable {
    /// The tag, 1 to 128 characters.
    public let text: String

    /// What a reference without tag and digest means.
    public static let latest = Tag(unchecked: "latest")

    private init(unchecked text: String) { self.text = text }

    /// Reads a tag.
    ///
    /// - Throws: ``RegistryError`` with code `invalidReference`.
    public init(_ text: String) throws(RegistryError) {
        func refuse(_ reason: String) -> RegistryError {
            RegistryError(
                .invalidReference, "\"\(text)\" is not a tag", detail: reason,
                hint: "Letters, digits, \"_\", \".\" and \"-\", at most 128, not beginning with \".\" or \"-\".")
        }
        guard let first = text.utf8.first else { throw refuse("It is empty.") }
        guard text.utf8.count <= 128 else {
            throw refuse("It has \(text.utf8.count) characters; 128 are the limit.")
        }
        guard Grammar.isAlphanumeric(first) || first == UInt8(ascii: "_") else {
            throw refuse("It begins with \"\(text.prefix(1))\".")
        }
        guard text.utf8.allSatisfy({ Grammar.isAlphanumeric($0) || "_.-".utf8.contains($0) }) else {
            throw refuse("It has a character that is not allowed.")
        }
        self.text = text
    }

    /// By the bytes of the text.
    public static func < (first: Tag, second: Tag) -> Bool { first.text < second.text }
}

extension Tag: CustomStringConvertible {
    /// The tag.
    public var description: String { text }
}
