import Foundation
import Testing

@testable import YesterdayKit

/// Damaged input is refused, never a crash. The mutations are the same every time.
@Suite struct MutationTests {
    private struct Generator: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return state
        }
    }

    /// Hands out damaged versions of a text: bytes replaced, taken out, doubled, cut off.
    static func mutations(of text: String, count: Int, _ body: ([UInt8]) throws -> Void) rethrows {
        var generator = Generator(state: 88_172_645_463_325_252)
        let interesting = Array("{}[]\"\\,:;()'$-/*\n\r\t \0e0u\u{FF}".utf8) + [0xFF, 0xC0, 0xE2, 0xF4]
        for _ in 0..<count {
            var bytes = Array(text.utf8)
            for _ in 0..<Int.random(in: 1...4, using: &generator) where !bytes.isEmpty {
                let at = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: bytes[at] = interesting.randomElement(using: &generator)!
                case 1: bytes.remove(at: at)
                case 2: bytes.insert(interesting.randomElement(using: &generator)!, at: at)
                default: bytes.removeSubrange(at...)
                }
            }
            try body(bytes)
        }
    }

    @Test func whatWeTakeForJSONIsJSON() throws {
        var taken = 0
        let text = #"{"code": "a\u00e9\n\"", "n": -1.5e+3, "list": [1, true, null, {"x": "ü😀"}], "o": {}}"#
        Self.mutations(of: text, count: 8000) { bytes in
            guard let record = bytes.withUnsafeBufferPointer({ try? JSONRecord($0) }) else { return }
            taken += 1
            let object = try? JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any]
            #expect(
                object.map { Set($0.keys) } == Set(record.fields.map(\.name)),
                "\(String(decoding: bytes, as: UTF8.self))")
        }
        #expect(taken > 100)
    }

    @Test func whatWeTakeForCSVHasItsColumns() throws {
        var taken = 0
        Self.mutations(of: "a,b,c\n1,\"x, \"\"y\"\"\nz\",\n,\"\",ü\r\n\"last\",2,3", count: 5000) { bytes in
            var scanner = CSVScanner(keepsValues: true)
            var widths: Set<Int> = []
            do {
                try bytes.withUnsafeBytes { try scanner.scan($0) { row, _ in widths.insert(row.count) } }
                try scanner.finish { row, _ in widths.insert(row.count) }
            } catch {
                return
            }
            taken += 1
            #expect(widths.isEmpty || widths == [scanner.header!.count])
        }
        #expect(taken > 100)
    }

    @Test func scriptsNamesAndDescriptionsDoNotCrash() throws {
        let script = """
            CREATE FUNCTION f() RETURNS int AS $x$ BEGIN; RETURN 'a;b'; END $x$; -- c
            /* d /* e */ */ SELECT E'\\'', "q""r" FROM (VALUES (1)) AS t; COMMIT
            """
        Self.mutations(of: script, count: 5000) { bytes in
            guard let script = try? SQLScript(bytes) else { return }
            for statement in script.statements {
                _ = statement.obstacle
                #expect(!statement.text.isEmpty && statement.line >= 1)
            }
        }
        Self.mutations(of: #""My ""App""".rule_2"#, count: 3000) { bytes in
            let text = String(decoding: bytes, as: UTF8.self)
            guard let name = try? TableName(parsing: text) else { return }
            #expect((try? TableName(parsing: name.description)) == name, "\(text)")
        }
        Self.mutations(of: BundleFolder.complete["bundle.yaml"]!, count: 1500) { bytes in
            do {
                _ = try BundleDescription(yaml: String(decoding: bytes, as: UTF8.self))
            } catch let error as BundleError {
                #expect(!error.errors.isEmpty && error.errors.allSatisfy { !$0.hint.isEmpty })
            } catch {
                Issue.record(error)
            }
        }
    }
}
