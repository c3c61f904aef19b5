import Foundation
import Testing

@testable import YesterdayKit

/// docs/bundle.schema.json and the parser take the same.
@Suite struct SchemaTests {
    private static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    private let schema: SchemaValidator

    init() throws {
        schema = try SchemaValidator(Self.text("docs/bundle.schema.json"))
    }

    /// What no schema can say; the schema itself names them.
    private static let inexpressible: Set<BundleProblem.Code> = [.duplicateEntry, .badSQL]

    /// Nil for what is not YAML; else whether schema and parser take it.
    private func verdicts(_ yaml: String) throws -> (schema: Bool, parser: Bool, problems: [BundleProblem])? {
        guard let instance = SchemaValidator.instance(yaml: yaml) else { return nil }
        var problems: [BundleProblem] = []
        do {
            _ = try BundleDescription(yaml: yaml)
        } catch let error as BundleError {
            problems = error.errors.filter { !Self.inexpressible.contains($0.code) }
        }
        return (try schema.accepts(instance), problems.isEmpty, problems)
    }

    private func expectAgreement(_ yaml: String) throws -> Bool? {
        guard let verdicts = try verdicts(yaml) else { return nil }
        #expect(verdicts.schema == verdicts.parser, "\(yaml)\n\(verdicts.problems)")
        return verdicts.parser
    }

    @Test func examplesAreTaken() throws {
        var corpus = [BundleFolder.complete["bundle.yaml"]!, try Self.text("examples/approval-limits/bundle.yaml")]
        corpus += try Self.text("docs/bundles.md").components(separatedBy: "\n```yaml\n").dropFirst().map {
            $0.components(separatedBy: "\n```").first ?? ""
        }
        #expect(corpus.count >= 4)
        for yaml in corpus { #expect(try expectAgreement(yaml) == true, "\(yaml)") }
    }

    /// One thing after the other in its place in a bundle that is in order.
    @Test func theyAgreeValueByValue() throws {
        let digest = String(repeating: "ab", count: 32)
        let values = [
            "x", "''", "~", "null", "42", "4.2", "true", "[]", "{}", "[x]", "[x, x]", "[x, y]", "{a: b}", "' x'", "'x '",
            "\"a\\tb\"", "\"a\\0b\"", "ü", "metadata", "release", "upsert", "delete", "insert", "replace", "merge", "silent",
            "fire", "off", "text", "json", "Public.a", "public.a", "'\"My App\".\"R\"\"x\"'", "a", "a.b.c", "a.", ".a",
            "'\"\".a'", "1a.b", "a$.b", "ä.ö", "[public.a]", "[public.a, Bad.B]", "a = 1", "2024-01-01",
            String(repeating: "n", count: 200), String(repeating: "n", count: 201), "a.\(String(repeating: "n", count: 64))",
            "records/a.jsonl", "records/a.csv", "copies/a.csv", "ddl/a.sql", "sql/a.sql", "sql/x/y.sql", "sql/../a.sql",
            "/sql/a.sql", "sql//a.sql", "sql/./a.sql", "sql/.a.sql", "'sql\\a.sql'", "a.sql", "other/a.sql", "sql/..sql", "records/.jsonl",
            "'repo:1@sha256:\(digest)'", "repo:1@sha256:12", "https://x/a.zip", "http://x/a.zip", "file:a.zip", digest,
            digest.uppercased(),
        ]
        let entries: [(String, [String])] = [
            ("records/a.jsonl", ["table", "key", "mode", "values", "writes", "where", "colour"]),
            ("copies/a.csv", ["table", "key", "mode", "values", "writes", "where", "colour"]),
            ("sql/a.sql", ["table", "key", "mode", "values", "writes", "where", "colour"]),
        ]
        var taken = 0
        var refused = 0
        func tried(_ yaml: String) throws {
            if let verdict = try expectAgreement(yaml) { if verdict { taken += 1 } else { refused += 1 } }
        }
        let script = "  - file: sql/z.sql\n"
        for value in values {
            for key in ["name", "kind", "note", "requires", "layer", "triggers", "artifacts", "contents", "colour"] {
                let others = ["name: n", "contents:\n\(script)"].filter { !$0.hasPrefix("\(key):") }
                try tried("\(key): \(value)\n\(others.joined(separator: "\n"))")
                try tried("\(key): \(value)\nartifacts: [{name: a, oci: x}]\n\(others.joined(separator: "\n"))")
            }
            try tried("name: n\ncontents:\n  - file: \(value)\n")
            try tried("name: n\ncontents:\n  - file: \(value)\n    table: a.b\n    key: c\n")
            try tried("name: n\ncontents:\n  - file: \(value)\n    table: a.b\n")
            for (file, keys) in entries {
                for key in keys {
                    for base in ["", "    table: a.b\n", "    table: a.b\n    key: c\n", "    table: a.b\n    mode: \(file.hasPrefix("r") ? "insert" : "merge")\n"]
                    where !base.contains("    \(key): ") {
                        try tried("name: n\ncontents:\n  - file: \(file)\n\(base)    \(key): \(value)\n")
                    }
                }
            }
            for key in ["name", "oci", "archive", "sha256", "colour"] {
                for base in ["", "name: a, ", "name: a, oci: x, ", "name: a, archive: 'file:x', ", "name: a, oci: x, archive: 'file:x', "]
                where !base.contains("\(key): ") {
                    try tried("name: n\ncontents: []\nartifacts:\n  - {\(base)\(key): \(value)}\n")
                }
            }
        }
        #expect(taken > 500 && refused > 2000, "\(taken) \(refused)")
    }

    @Test func whatIsNoBundleIsRefusedByBoth() throws {
        for yaml in [
            "[]", "x", "name: a", "contents: []", "name: a\ncontents: []", "name: a\ncontents: [x]",
            "name: a\nkind: release\ncontents: [{file: sql/a.sql}]", "name: a\nkind: release\nartifacts: []\ncontents: [{file: sql/a.sql}]",
            "name: a\nkind: metadata\nartifacts: [{name: a, oci: x}]\ncontents: []",
        ] {
            #expect(try expectAgreement(yaml) == false, "\(yaml)")
        }
        for yaml in [
            "name: a\nartifacts: [{name: a, oci: x}]\ncontents: []", "name: a\nkind: metadata\nartifacts: []\ncontents: [{file: sql/a.sql}]",
        ] {
            #expect(try expectAgreement(yaml) == true, "\(yaml)")
        }
    }

    @Test func theyAgreeOnWhatWasDamaged() throws {
        var verdicts: [Bool] = []
        MutationTests.mutations(of: BundleFolder.complete["bundle.yaml"]!, count: 1500) { bytes in
            guard let text = String(validating: bytes, as: UTF8.self) else { return }
            do {
                if let verdict = try expectAgreement(text) { verdicts.append(verdict) }
            } catch {
                Issue.record(error)
            }
        }
        #expect(verdicts.count { $0 } > 50 && verdicts.count { !$0 } > 200, "\(verdicts.count)")
    }
}
