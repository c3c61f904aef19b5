/// Why an archive cannot be read or written.
public struct ArchiveError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What kind of reason it is.
    public enum Code: Sendable, Equatable {
        /// It is no gzip file, or what is in it is no tar archive.
        case notAnArchive
        /// It ends in the middle.
        case truncated
        /// Its bytes are not those that were packed.
        case corrupt
        /// It holds something that has no business in it: a link, a device, a path that leaves it.
        case forbidden
        /// It unpacks to more than is sensible.
        case tooLarge
        /// The system cannot do it: no memory.
        case unavailable
    }

    /// What kind of reason it is.
    public let code: Code
    /// What is wrong, in one sentence.
    public let message: String
    /// The entry of the archive that is meant; nil where it is the whole archive.
    public let entry: String?

    /// An error about an archive.
    public init(_ code: Code, _ message: String, entry: String? = nil) {
        self.code = code
        // Names come from the archive, and may hold line ends.
        self.message = message.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).joined(separator: "\\n")
        self.entry = entry
    }

    /// The sentence.
    public var description: String { message }
}
