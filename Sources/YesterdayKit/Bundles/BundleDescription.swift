/// What `bundle.yaml` says: what the bundle is, and what it holds in which order.
public struct BundleDescription: Sendable, Equatable {
    /// What a bundle ships.
    public enum Kind: String, Sendable, CaseIterable, Codable {
        /// Metadata alone.
        case metadata
        /// Metadata together with code.
        case release
    }

    /// Whether triggers fire for the rows that a bundle writes.
    public enum Triggers: String, Sendable, CaseIterable, Codable {
        /// As always.
        case fire
        /// Only those that fire always; no foreign key cascades, and all are checked afterwards.
        case silent
    }

    /// Name of the patch; the deployment bears it.
    public var name: String
    /// What it ships.
    public var kind: Kind
    /// Why it exists, for people.
    public var note: String?
    /// Name of the deployment that has to be the last one on the target.
    public var requires: String?
    /// Whose metadata it is: every table it writes has to be tracked in this layer.
    public var layer: String?
    /// Whether triggers fire for the rows it writes.
    public var triggers: Triggers
    /// The code that belongs to it.
    public var artifacts: [BundleArtifact]
    /// What is applied, in this order.
    public var contents: [BundleEntry]
}

/// One piece of code of a release.
public struct BundleArtifact: Sendable, Equatable, Codable {
    /// Where the code comes from.
    public enum Kind: String, Sendable, CaseIterable, Codable {
        /// An image in an OCI registry.
        case oci
        /// A zip or tar.gz behind a URL.
        case archive
    }

    /// Name under which a target's runtime is configured.
    public var name: String
    /// Where the code comes from.
    public var type: Kind
    /// `registry/repo:tag`, with `@sha256:...` where it is pinned, or the URL of an archive.
    public var reference: String
    /// SHA-256 of an archive, 64 hexadecimal digits.
    public var sha256: String?

    /// True if the artifact is named by its digest, so that it can never become another one.
    public var isPinned: Bool {
        switch type {
        case .oci: reference.contains("@sha256:")
        case .archive: sha256 != nil
        }
    }
}

/// One step of a bundle: a file and what to do with it.
public struct BundleEntry: Sendable, Equatable {
    /// What the folder of a file says about it.
    public enum Kind: String, Sendable, CaseIterable, Codable {
        case records
        case copies
        case ddl
        case sql

        /// The ending that files of this folder have.
        public var fileExtension: String {
            switch self {
            case .records: "jsonl"
            case .copies: "csv"
            case .ddl, .sql: "sql"
            }
        }
    }

    /// What to do with records.
    public enum RecordMode: String, Sendable, CaseIterable, Codable {
        /// Insert the record, or update the one that has the same key.
        case upsert
        /// Delete the record with this key; without a key, one row that equals the record.
        case delete
        /// Insert the record as it is.
        case insert
    }

    /// How the values of records are written.
    public enum Values: String, Sendable, CaseIterable, Codable {
        /// As people write them: numbers, texts, documents.
        case json
        /// Every value is a text in the form that PostgreSQL itself gives it, or null: exact for
        /// every type.
        case text
    }

    /// What to do with the rows of a data copy.
    public enum CopyMode: String, Sendable, CaseIterable, Codable {
        /// Delete the rows that are there, insert those of the file.
        case replace
        /// Make the table like the file by key: update, insert, delete what is not in the file.
        case merge
    }

    /// What to do.
    public enum Action: Sendable, Equatable {
        /// Metadata records of one table, by key.
        case records(table: TableName, key: [String], mode: RecordMode, values: Values)
        /// A data copy: the rows of a table, or of those for which `condition` holds.
        case copy(table: TableName, key: [String], mode: CopyMode, condition: String?)
        /// Statements.
        case script
    }

    /// The file, relative to the bundle.
    public var file: String
    /// Its folder.
    public var kind: Kind
    /// What to do with it.
    public var action: Action
    /// Tracked tables whose rows are written besides the one of the action: by statements, by
    /// triggers, by foreign keys that cascade.
    public var writes: [TableName] = []
    /// Line of `bundle.yaml` in which the entry begins.
    public var line: Int

    /// Tables whose rows the entry says it writes.
    public var tables: [TableName] {
        table.map { [$0] + writes } ?? writes
    }

    /// The table of the action; nil for scripts.
    public var table: TableName? {
        switch action {
        case .records(let table, _, _, _), .copy(let table, _, _, _): table
        case .script: nil
        }
    }
}
