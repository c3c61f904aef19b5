import Testing
import YesterdayKit

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

@Suite("Manifests in files")
struct ManifestFileTests {
    private func withFile<T>(_ content: [UInt8], _ body: (String) throws -> T) throws -> T {
        var template = Array("/tmp/yesterday-manifest-XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        try #require(descriptor >= 0)
        let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer { unlink(path) }
        #expect(write(descriptor, content, content.count) == content.count)
        close(descriptor)
        return try body(path)
    }

    @Test(arguments: [
        (#"{"tables": [{"table": "a", "max": 10, "keys": null, "ok": true}]}"#),
        "tables:\n  - table: a\n    max: 10\n    keys:\n    ok: true\n",
    ])
    func areJSONOrYAML(_ text: String) throws {
        let json = try withFile(Array(text.utf8)) { try ManifestFile.json(at: $0) }
        #expect(json == #"{"tables":[{"table":"a","max":10,"keys":null,"ok":true}]}"#)
    }

    @Test func keepTextThatLooksLikeANumberApart() throws {
        let json = try withFile(Array(#"{"a": "10", "b": "true", "c": 1.5, "d": "ü"}"#.utf8)) {
            try ManifestFile.json(at: $0)
        }
        #expect(json == #"{"a":"10","b":"true","c":1.5,"d":"ü"}"#)
    }

    @Test(arguments: ["[1]", "text", "", "a: [1", "a: 1\na: 2\n", "{\"a\": 1, \"a\": 2}"])
    func areRefusedWithTheFileNamed(_ text: String) throws {
        try withFile(Array(text.utf8)) { path in
            let error = #expect(throws: YesterdayError.self) { try ManifestFile.json(at: path) }
            #expect(error?.code == .badInput && error?.message.contains(path) == true)
        }
    }

    @Test func areRefusedIfTheyAreNotUTF8OrNotThere() throws {
        try withFile([0x61, 0x3A, 0xFF]) { path in
            _ = #expect(throws: YesterdayError.self) { try ManifestFile.json(at: path) }
        }
        let missing = #expect(throws: YesterdayError.self) { try ManifestFile.json(at: "/nonexistent.yaml") }
        #expect(missing?.code == .badInput)
    }
}
