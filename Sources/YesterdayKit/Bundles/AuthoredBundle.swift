import Foundation

/// A bundle that is made out of databases: collects rows that are to be written and rows that are
/// to go, table by table, and writes bundle.yaml at the end.
struct AuthoredBundle {
    /// A table whose rows go into it.
    struct Table: Sendable {
        let name: TableName
        /// Empty: the table has no key.
        let key: [String]
    }

    private let writer: BundleFolderWriter
    private var scripts: [String] = []
    private var upserts: [(table: Table, file: String)] = []
    private var deletions: [(table: Table, file: String)] = []

    init(_ path: String) throws {
        writer = try BundleFolderWriter(path)
    }

    /// True if nothing was put into it.
    var isEmpty: Bool { scripts.isEmpty && upserts.isEmpty && deletions.isEmpty }

    /// Adds a file with DDL, which comes before all rows.
    mutating func add(script path: String) throws {
        let name = (path as NSString).lastPathComponent.unicodeScalars.map { scalar -> Character in
            scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || "._-".unicodeScalars.contains(scalar))
                ? Character(scalar) : "-"
        }
        let stem = String(name).hasSuffix(".sql") ? String(name.dropLast(4)) : String(name)
        let file = "ddl/\(Self.number(scripts.count + 1))-\(stem).sql"
        try writer.copy(path, to: file)
        scripts.append(file)
    }

    /// Begins with the rows of a table.
    func rows(of table: Table, place: Int) -> Rows {
        let plain = "\(table.name.schema).\(table.name.name)".unicodeScalars.map { scalar -> Character in
            scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || scalar == "." || scalar == "_")
                ? Character(scalar) : "-"
        }
        return Rows(
            table: table, writer: writer, upserted: "records/\(Self.number(place))-\(String(plain)).jsonl",
            deleted: "records/\(Self.number(place))-\(String(plain))-deleted.jsonl")
    }

    /// Ends with the rows of a table.
    mutating func end(_ rows: Rows) throws {
        if rows.upserts > 0 {
            upserts.append((rows.table, rows.upserted))
            try writer.end(rows.upserted)
        }
        if rows.deletions > 0 {
            deletions.append((rows.table, rows.deleted))
            try writer.end(rows.deleted)
        }
    }

    /// Rows of one table on their way into the bundle.
    struct Rows {
        let table: Table
        fileprivate let writer: BundleFolderWriter
        fileprivate let upserted: String
        fileprivate let deleted: String
        private(set) var upserts = 0
        private(set) var deletions = 0

        /// A row that has to be there: a JSON object of texts.
        mutating func upsert(_ image: String) throws {
            try writer.write(image, to: upserted)
            upserts += 1
        }

        /// A row that has to go: its key, or without one the whole row.
        mutating func delete(_ key: String) throws {
            try writer.write(key, to: deleted)
            deletions += 1
        }
    }

    /// Writes bundle.yaml. Parents are written before children and deleted after them: tables came
    /// in that order.
    func finish(name: String, note: String, layer: String?, requires: String?) throws -> LoadedBundle {
        func quoted(_ text: String) -> String { JSONValue.string(text).text(indent: nil) }
        var lines = ["name: \(quoted(name))", "note: \(quoted(note))"]
        if let requires { lines.append("requires: \(quoted(requires))") }
        if let layer { lines.append("layer: \(quoted(layer))") }
        lines.append("contents:")
        for script in scripts { lines.append("  - file: \(quoted(script))") }
        for (entries, isDeletion) in [(upserts, false), (deletions.reversed(), true)] {
            for (table, file) in entries {
                lines.append("  - file: \(quoted(file))")
                lines.append("    table: \(quoted(table.name.description))")
                if !table.key.isEmpty {
                    lines.append("    key: [\(table.key.map(quoted).joined(separator: ", "))]")
                }
                if isDeletion || table.key.isEmpty { lines.append("    mode: \(isDeletion ? "delete" : "insert")") }
                lines.append("    values: text")
            }
        }
        for line in lines { try writer.write(line, to: BundleDescription.fileName) }
        return try writer.finish()
    }

    private static func number(_ number: Int) -> String {
        String(repeating: "0", count: max(0, 3 - String(number).count)) + String(number)
    }
}
