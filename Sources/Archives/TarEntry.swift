/// What an archive says about one thing in it.
public struct TarEntry: Sendable, Equatable {
    /// What it is.
    public enum Kind: Sendable, Equatable {
        case file
        case folder
        /// Anything else: links, devices, pipes; the text says which.
        case other(String)
    }

    /// Its path, without `./` before it and without `/` behind it.
    public let path: String
    /// What it is.
    public let kind: Kind
    /// Size of its content in bytes.
    public let size: Int
    /// Permission bits.
    public let mode: Int

    /// Why a path is refused by everybody who unpacks, or nil: an archive may name nothing outside
    /// of the place where it is unpacked.
    public static func reasonToRefuse(_ path: String) -> String? {
        if path.hasPrefix("/") { return "is an absolute path" }
        if path.unicodeScalars.contains("\\") { return "has a backslash" }
        for part in path.split(separator: "/", omittingEmptySubsequences: false) {
            if part == ".." { return "leaves the archive" }
            if part.isEmpty || part == "." { return "has an empty part" }
        }
        return path.unicodeScalars.contains { $0.properties.generalCategory == .control }
            ? "holds a control character" : nil
    }
}
