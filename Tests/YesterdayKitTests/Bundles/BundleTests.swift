import Foundation
import Testing

@testable import YesterdayKit

@Suite struct BundleDescriptionTests {
    private func problems(_ yaml: String) -> [BundleProblem] {
        do {
            _ = try BundleDescription(yaml: yaml)
            return []
        } catch let error as BundleError {
            return error.problems
        } catch {
            Issue.record(error)
            return []
        }
    }

    @Test func everythingIsRead() throws {
        let description = try BundleDescription(yaml: BundleFolder.complete["bundle.yaml"]!)
        #expect(description.name == "approval limits 2")
        #expect(description.kind == .metadata)
        #expect(description.requires == "approval limits 1")
        #expect(description.layer == "apps")
        let rule = TableName(schema: "apps", name: "rule")
        #expect(
            description.contents.map(\.action) == [
                .script,
                .records(table: rule, key: ["code"], mode: .upsert, values: .json),
                .records(table: rule, key: ["code"], mode: .delete, values: .json),
                .copy(
                    table: TableName(schema: "apps", name: "currency"), key: [], mode: .replace,
                    condition: "source = 'iso'"),
                .script,
            ])
        #expect(description.contents.map { $0.writes.map(\.description) } == [[], [], [], [], ["apps.screen"]])
        #expect(description.contents.map(\.line) == [6, 7, 10, 14, 17])
    }

    @Test func artifactsMakeARelease() throws {
        let digest = String(repeating: "ab", count: 32)
        let description = try BundleDescription(
            yaml: """
                name: r1
                artifacts:
                  - name: backend
                    oci: registry.example.com/shop/backend:2.4@sha256:\(digest)
                  - name: frontend
                    archive: https://example.com/frontend-2.4.zip
                    sha256: \(digest)
                contents:
                  - file: ddl/1.sql
                """)
        #expect(description.kind == .release)
        #expect(description.artifacts.map(\.isPinned) == [true, true])
    }

    /// A mistake each, with the line and the code that it has to be reported with.
    @Test(arguments: [
        ("", 0, BundleProblem.Code.emptyBundle),
        ("name: a\ncontents: [\n", 3, .badYAML),
        ("name: a\n\tkind: metadata\n", 2, .badYAML),
        ("name: a\nname: b\ncontents: []\n", 1, .badYAML),
        ("- a\n- b\n", 1, .badYAML),
        ("name: a\ncontents: []\n", 2, .emptyBundle),
        ("contents:\n  - file: ddl/1.sql\n", 1, .missingKey),
        ("name: a\n", 1, .missingKey),
        ("name: a\ncolour: red\ncontents:\n  - file: ddl/1.sql\n", 2, .unknownKey),
        ("name: a\nkind: poem\ncontents:\n  - file: ddl/1.sql\n", 2, .badValue),
        ("name:\ncontents:\n  - file: ddl/1.sql\n", 1, .badValue),
        ("name: a\ncontents:\n  - file: ddl/1.sql\n    table: a.b\n", 4, .unknownKey),
        ("name: a\ncontents:\n  - file: ddl/1.sql\n  - file: ddl/1.sql\n", 4, .duplicateEntry),
        ("name: a\ncontents:\n  - file: /etc/passwd\n", 3, .pathTraversal),
        ("name: a\ncontents:\n  - file: ddl/../../x.sql\n", 3, .pathTraversal),
        ("name: a\ncontents:\n  - file: ddl//x.sql\n", 3, .pathTraversal),
        ("name: a\ncontents:\n  - file: x.sql\n", 3, .badValue),
        ("name: a\ncontents:\n  - file: docs/x.sql\n", 3, .badValue),
        ("name: a\ncontents:\n  - file: ddl/x.txt\n", 3, .badValue),
        ("name: a\ncontents:\n  - file: records/x.jsonl\n    table: a.b\n", 3, .missingKey),
        ("name: a\ncontents:\n  - file: records/x.jsonl\n    table: b\n    key: c\n", 4, .badValue),
        ("name: a\ncontents:\n  - file: records/x.jsonl\n    table: a.b\n    key: []\n", 5, .badValue),
        ("name: a\ncontents:\n  - file: records/x.jsonl\n    table: a.b\n    key: [c, c]\n", 5, .badValue),
        ("name: a\ncontents:\n  - file: copies/x.csv\n    table: a.b\n    key: c\n", 5, .unknownKey),
        ("name: a\ncontents:\n  - file: copies/x.csv\n    table: a.b\n    mode: merge\n", 3, .missingKey),
        ("name: a\ncontents:\n  - file: copies/x.csv\n    table: a.b\n    where: a; DROP TABLE b\n", 5, .badSQL),
        ("name: a\ncontents:\n  - file: copies/x.csv\n    table: a.b\n    where: true) OR (true\n", 5, .badSQL),
        ("name: a\nkind: release\ncontents:\n  - file: ddl/1.sql\n", 2, .missingKey),
        ("name: a\nartifacts:\n  - name: x\n    oci: r/x@sha256:12\ncontents:\n  - file: ddl/1.sql\n", 4, .badValue),
        ("name: a\nartifacts:\n  - name: x\n    archive: ftp://r/x\ncontents:\n  - file: ddl/1.sql\n", 4, .badValue),
    ])
    func mistakesHaveALine(yaml: String, line: Int, code: BundleProblem.Code) {
        let problems = problems(yaml)
        #expect(problems.map(\.code) == [code], "\(problems)")
        #expect(problems.first?.line ?? 0 == line, "\(problems)")
        #expect(problems.allSatisfy { $0.file == "bundle.yaml" && !$0.hint.isEmpty })
    }

    @Test func allMistakesAtOnce() {
        let found = problems("nmae: a\nkind: x\ncontents:\n  - file: a.sql\n  - table: b\n")
        #expect(found.map(\.code) == [.unknownKey, .missingKey, .badValue, .badValue, .missingKey])
    }
}

@Suite struct LoadedBundleTests {
    @Test func contentsAreCounted() throws {
        let folder = try BundleFolder(BundleFolder.complete)
        let bundle = try folder.load()
        #expect(bundle.warnings.isEmpty)
        #expect(bundle.files.map(\.count) == [1, 2, 1, 2, 1])
        #expect(
            bundle.files.map(\.columns) == [
                [], ["code", "amount", "approver"], ["code"], ["code", "name", "source"], [],
            ])
        #expect(bundle.tables.map(\.description) == ["apps.currency", "apps.rule", "apps.screen"])
        #expect(
            bundle.size
                == BundleFolder.complete.filter { $0.key != "bundle.yaml" }.reduce(0) { $0 + $1.value.utf8.count })
    }

    @Test func manifestSaysWhatIsWritten() throws {
        let folder = try BundleFolder(BundleFolder.complete)
        let bundle = try folder.load()
        let expected = """
            {"bundle":{"name":"approval limits 2","kind":"metadata","digest":"sha256:\(bundle.digest)",\
            "requires":"approval limits 1","layer":"apps"},\
            "tables":{"apps.currency":{"keys":null,"operations":["insert","update","delete"]},\
            "apps.rule":{"keys":[{"code":"limit-1"},{"code":"limit-2"},{"code":"limit-0"}],\
            "operations":["insert","update","delete"]},\
            "apps.screen":{"keys":null,"operations":["insert","update","delete"]}},\
            "copies":[{"table":"apps.currency","where":"source = 'iso'"}],"objects":"any"}
            """
        #expect(bundle.manifest.text(indent: nil) == expected)
        #expect(try JSONSerialization.jsonObject(with: Data(bundle.manifest.text().utf8)) is [String: Any])
    }

    @Test func aBundleWithoutScriptsDeclaresNoObjects() throws {
        let folder = try BundleFolder([
            "bundle.yaml": "name: a\ncontents:\n  - file: records/a.jsonl\n    table: a.b\n    key: c\n",
            "records/a.jsonl": "{\"c\": 1}\n",
        ])
        #expect(try folder.load().manifest.text(indent: nil).hasSuffix("\"objects\":[]}"))
    }

    @Test func longListsOfKeysAreLeftOut() throws {
        let folder = try BundleFolder([
            "bundle.yaml": "name: a\ncontents:\n  - file: records/a.jsonl\n    table: a.b\n    key: c\n",
            "records/a.jsonl": (0...LoadedBundle.mostKeys).map { "{\"c\": \($0)}\n" }.joined(),
        ])
        let bundle = try folder.load()
        #expect(bundle.files[0].count == LoadedBundle.mostKeys + 1)
        #expect(bundle.declaredTables.map(\.keys) == [nil])
    }

    @Test func digestIsOfTheMeaning() throws {
        let first = try BundleFolder(BundleFolder.complete).load().digest
        // Computed apart from this program, as docs/bundles.md says, in Python.
        #expect(first == "cc3bb70c3d8b05e27671f161b6a2dc8a3c8efad4d4a2c81281d78e5f4d4adaf2")
        let yaml = BundleFolder.complete["bundle.yaml"]!
        let respaced = try BundleFolder.complete(with: [
            "bundle.yaml": "# a comment\n"
                + yaml.replacingOccurrences(of: "key: [code]", with: "key:\n      - \"code\"")
        ])
        #expect(try respaced.load().digest == first)
        for changes in [
            ["bundle.yaml": yaml.replacingOccurrences(of: "limits 2", with: "limits 3")],
            ["bundle.yaml": yaml.replacingOccurrences(of: "mode: delete", with: "mode: upsert")],
            ["copies/currency.csv": "code,name,source\nEUR,Euro,iso\n"],
        ] {
            #expect(try BundleFolder.complete(with: changes).load().digest != first)
        }
    }

    /// A file each, what is wrong with it, and where that has to be reported.
    @Test(arguments: [
        ("records/rule.jsonl", "{\"code\": 1}\n{\"code\": }\n", BundleProblem.Code.badJSON, 2),
        ("records/rule.jsonl", "{\"code\": 1}\n\n{\"amount\": 1}\n", .badRecord, 3),
        ("records/rule.jsonl", "{\"code\": null}\n", .badRecord, 1),
        ("records/rule.jsonl", "{\"code\": 1}\n{\"code\": 1, \"amount\": 2}\n", .duplicateRecord, 2),
        ("records/rule.jsonl", "{\"code\": 1}\n{\"code\": \"1\"}\n", .duplicateRecord, 2),
        ("records/rule.jsonl", "{\"code\": \"ab\"}\n{\"code\": \"\\u0061b\"}\n", .duplicateRecord, 2),
        ("records/rule.jsonl", "{\"code\": 1, \"a\\nb\": 1, \"a\\nb\": 2}\n", .badJSON, 1),
        ("records/rule.jsonl", "", .emptyFile, 0),
        ("records/gone.jsonl", "{\"code\": 1, \"amount\": 2}\n", .badRecord, 1),
        ("copies/currency.csv", "code,name\nEUR\n", .badCSV, 2),
        ("copies/currency.csv", "code,name\n\"EUR,x\n", .badCSV, 2),
        ("copies/currency.csv", "", .badCSV, 1),
        ("copies/currency.csv", "code\n", .emptyFile, 0),
        ("ddl/010-limit.sql", "CREATE TABLE a ();\n\nCOMMIT;\n", .transactionControl, 3),
        ("ddl/010-limit.sql", "\nVACUUM;\n", .needsOwnTransaction, 2),
        ("ddl/010-limit.sql", "SELECT 'a\n", .badSQL, 1),
        ("ddl/010-limit.sql", "-- nothing\n", .emptyFile, 0),
        ("sql/extra.sql", "SELECT 1;\n", .unlistedFile, 0),
    ])
    func mistakesHaveFileAndLine(file: String, text: String, code: BundleProblem.Code, line: Int) throws {
        let problems = try BundleFolder.complete(with: [file: text]).problems()
        #expect(problems.map(\.code) == [code], "\(problems)")
        #expect(problems.first?.file == file)
        #expect(problems.first?.line ?? 0 == line)
        #expect(problems.allSatisfy { !$0.hint.isEmpty })
        // A message is one line, whatever is in the names that it quotes.
        #expect(problems.allSatisfy { !$0.message.contains { $0.isNewline } }, "\(problems)")
    }

    /// What is no name of an image is found before any registry is asked.
    @Test(arguments: ["r.example.com/Shop:1", "https://r.example.com/shop:1", "r.example.com/shop:1:2", "user:word@r.example.com/shop:1"])
    func namesOfImagesAreChecked(image: String) throws {
        let folder = try BundleFolder([
            "bundle.yaml": "name: a\nartifacts:\n  - name: x\n    oci: \(image)\ncontents:\n  - file: sql/a.sql\n",
            "sql/a.sql": "SELECT 1;\n",
        ])
        let errors = folder.problems().filter { $0.severity == .error }
        #expect(errors.map(\.code) == [.badValue], "\(errors)")
    }

    /// Which of two rows with one key is meant, nobody can tell; the later one would win silently.
    @Test func rowsOfAMergeHaveKeysOfTheirOwn() throws {
        func problems(_ csv: String) throws -> [String] {
            try BundleFolder([
                "bundle.yaml": """
                    name: a
                    contents:
                      - file: copies/a.csv
                        table: a.b
                        mode: merge
                        key: [x, y]
                    """,
                "copies/a.csv": csv,
            ]).problems().map { "\($0.code) \($0.line ?? 0)" }
        }
        #expect(try problems("x,z,y\n1,a,2\n1,b,3\n12,a,\"\"\n1,a,\"2\"\n") == ["duplicateRecord 5"])
        #expect(try problems("x,z,y\n1,a,2\n1,b,\n1,b,\n") == ["badCSV 3", "badCSV 4"])
        #expect(try problems("x,z,y\n1,a,2\n,a,12\n").first == "badCSV 3")
        #expect(try problems("x,z,y\n1,a,23\n12,a,3\n") == [])
        #expect(try problems("x,z,y\n" + String(repeating: "1,a,2\n", count: 50)).count == 11)
    }

    /// What some editors write in front of UTF-8 is no part of the text, in no file of a bundle.
    @Test func byteOrderMarksAreNoText() throws {
        let plain = BundleFolder.complete.reduce(into: [:]) { $0[$1.key] = "\u{FEFF}" + $1.value }
        let bundle = try BundleFolder(plain).load()
        #expect(bundle.warnings.isEmpty)
        #expect(bundle.files.map(\.columns) == (try BundleFolder(BundleFolder.complete).load()).files.map(\.columns))
        let folder = try BundleFolder.complete(with: ["records/rule.jsonl": "{\"code\": 1}\n\u{FEFF}{\"code\": 2}\n"])
        #expect(folder.problems().map(\.place) == ["records/rule.jsonl:2"])
    }

    @Test func missingThingsAreNamed() throws {
        #expect(
            try BundleFolder.complete(with: ["ddl/010-limit.sql": nil]).problems().map(\.place) == ["bundle.yaml:6"])
        #expect(try BundleFolder(["a": ""]).problems().map(\.code) == [.notABundle])
        #expect(throws: BundleError.self) { try LoadedBundle(path: "/nowhere/at/all") }
    }

    @Test func linksMayNotLeaveTheBundle() throws {
        let outside = try BundleFolder(["secret.sql": "SELECT 1;\n"])
        let folder = try BundleFolder.complete(with: ["ddl/010-limit.sql": nil])
        let link = "\(folder.path)/ddl/010-limit.sql"
        try FileManager.default.createDirectory(atPath: "\(folder.path)/ddl", withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "\(outside.path)/secret.sql")
        #expect(folder.problems().map(\.code) == [.pathTraversal])
        try FileManager.default.removeItem(atPath: link)
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "../sql/020-touch.sql")
        #expect(folder.problems().isEmpty)
    }

    @Test func aFileFullOfMistakesIsCutShort() throws {
        let folder = try BundleFolder.complete(with: ["records/rule.jsonl": String(repeating: "x\n", count: 500)])
        #expect(folder.problems().count == 11)
    }

    @Test func hiddenFilesAndReadMesAreNobodysBusiness() throws {
        let folder = try BundleFolder.complete(with: ["README.md": "hello", "ddl/.010-limit.sql.swp": "x"])
        #expect(folder.problems().isEmpty)
    }
}
