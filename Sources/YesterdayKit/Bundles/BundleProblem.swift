/// One thing that is wrong with a bundle, or looks wrong, and where.
public struct BundleProblem: Sendable, Hashable, Codable {
    /// How bad it is: an error keeps the bundle from being deployed.
    public enum Severity: String, Sendable, Codable {
        case error
        case warning
    }

    /// What kind of problem it is. The raw values are stable, for machines.
    public enum Code: String, Sendable, CaseIterable, Codable {
        case notABundle = "not-a-bundle"
        case unreadableFile = "unreadable-file"
        case badYAML = "bad-yaml"
        case unknownKey = "unknown-key"
        case missingKey = "missing-key"
        case badValue = "bad-value"
        case emptyBundle = "empty-bundle"
        case duplicateEntry = "duplicate-entry"
        case missingFile = "missing-file"
        case unlistedFile = "unlisted-file"
        case badArchive = "bad-archive"
        case forbiddenEntry = "forbidden-entry"
        case archiveTooLarge = "archive-too-large"
        case wrongDigest = "wrong-digest"
        case pathTraversal = "path-traversal"
        case emptyFile = "empty-file"
        case badEncoding = "bad-encoding"
        case badJSON = "bad-json"
        case badRecord = "bad-record"
        case duplicateRecord = "duplicate-record"
        case badCSV = "bad-csv"
        case badSQL = "bad-sql"
        case transactionControl = "transaction-control"
        case needsOwnTransaction = "needs-own-transaction"
        case unpinnedArtifact = "unpinned-artifact"
    }

    /// How bad it is.
    public var severity: Severity
    /// What kind of problem it is.
    public var code: Code
    /// The file, relative to the bundle.
    public var file: String
    /// Line in that file, from 1; nil where the whole file is meant.
    public var line: Int?
    /// What is wrong, in one sentence.
    public var message: String
    /// What to do about it.
    public var hint: String

    /// A problem of a bundle.
    public init(
        _ code: Code, severity: Severity = .error, file: String, line: Int? = nil, message: String, hint: String
    ) {
        self.severity = severity
        self.code = code
        self.file = file
        self.line = line
        self.message = Self.oneLine(message)
        self.hint = Self.oneLine(hint)
    }

    /// Names and values come from the bundle, and may hold line ends.
    private static func oneLine(_ text: String) -> String {
        guard text.contains(where: \.isNewline) else { return text }
        return text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).joined(separator: "\\n")
    }

    /// `file:line`, as editors and terminals understand it.
    public var place: String {
        line.map { "\(file):\($0)" } ?? file
    }
}

/// A bundle that cannot be deployed, with everything that was found wrong with it.
public struct BundleError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What was found, errors and warnings, in the order of the bundle.
    public let problems: [BundleProblem]

    /// A bundle with these problems.
    public init(problems: [BundleProblem]) {
        self.problems = problems
    }

    init(_ problem: BundleProblem) {
        problems = [problem]
    }

    /// The problems that keep the bundle from being deployed.
    public var errors: [BundleProblem] {
        problems.filter { $0.severity == .error }
    }

    /// Headline for people.
    public var message: String {
        let errors = errors
        guard let first = errors.first else { return "the bundle has warnings" }
        let more = errors.count == 1 ? "" : " (and \(errors.count - 1) more)"
        return "\(first.place): \(first.message)\(more)"
    }

    /// What to do next.
    public var hint: String {
        errors.first?.hint ?? "look at the warnings with \"yesterday bundle lint\""
    }

    /// The headline.
    public var description: String { message }
}
