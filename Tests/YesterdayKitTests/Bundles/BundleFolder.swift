import Foundation

@testable import YesterdayKit

/// A bundle in a temporary folder, which goes away with the object.
final class BundleFolder {
    let path: String

    /// Writes the files; `bundle.yaml` is one of them.
    init(_ files: [String: String]) throws {
        path =
            FileManager.default.temporaryDirectory
            .appendingPathComponent("yesterday-bundle-\(UUID().uuidString)").path
        for (name, text) in files { try write(name, text) }
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    func write(_ name: String, _ text: String) throws {
        try write(name, Data(text.utf8))
    }

    func write(_ name: String, _ data: Data) throws {
        let file = URL(fileURLWithPath: path).appendingPathComponent(name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try data.write(to: file)
    }

    /// Reads the bundle; the folder lives at least as long as that takes.
    func load() throws -> LoadedBundle {
        try LoadedBundle(path: path)
    }

    /// What is wrong with the bundle; empty if nothing is.
    func problems() -> [BundleProblem] {
        do {
            return try load().warnings
        } catch let error as BundleError {
            return error.problems
        } catch {
            return [BundleProblem(.unreadableFile, file: "?", message: "\(error)", hint: "")]
        }
    }

    /// A bundle with something of everything.
    static let complete = [
        "bundle.yaml": """
        name: approval limits 2
        kind: metadata
        requires: approval limits 1
        layer: apps
        contents:
          - file: ddl/010-limit.sql
          - file: records/rule.jsonl
            table: apps.rule
            key: [code]
          - file: records/gone.jsonl
            table: apps.rule
            key: code
            mode: delete
          - file: copies/currency.csv
            table: apps.currency
            where: source = 'iso'
          - file: sql/020-touch.sql
            writes: [apps.screen]
        """,
        "ddl/010-limit.sql": "ALTER TABLE apps.rule ADD COLUMN approver text;\n",
        "records/rule.jsonl": """
        {"code": "limit-1", "amount": 1000.50}
        {"code": "limit-2", "amount": 5000, "approver": "cfo"}

        """,
        "records/gone.jsonl": "{\"code\": \"limit-0\"}\n",
        "copies/currency.csv": "code,name,source\nEUR,Euro,iso\nUSD,\"Dollar, US\",iso\n",
        "sql/020-touch.sql": "UPDATE apps.screen SET touched = now();\n",
    ]

    /// The complete bundle with some files replaced; nil takes one away.
    static func complete(with changes: [String: String?]) throws -> BundleFolder {
        var files = complete
        for (name, text) in changes { files[name] = text }
        return try BundleFolder(files)
    }
}
