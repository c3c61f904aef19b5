import Testing
import YesterdayKit

@Suite("JSON")
struct JSONValueTests {
    @Test func keepsTheOrderOfKeys() {
        let value: JSONValue = ["z": 1, "a": [true, nil, "x"], "m": [:]]
        #expect(value.text(indent: nil) == #"{"z":1,"a":[true,null,"x"],"m":{}}"#)
        #expect(
            value.text() == """
                {
                  "z": 1,
                  "a": [
                    true,
                    null,
                    "x"
                  ],
                  "m": {}
                }
                """)
    }

    @Test func escapesWhatJSONMust() {
        let value = JSONValue.string("\"\\\n\t\u{1}\u{1B}[31m\u{7F}é\u{1F600}")
        #expect(value.text() == #""\"\\\n\t\u0001\u001b[31m\u007fé😀""#)
    }

    @Test func hasNoNumberThatIsNotOne() {
        #expect(
            JSONValue.array([.number(.nan), .number(.infinity), .number(1.5)]).text(indent: nil) == "[null,null,1.5]")
    }

    @Test func passesOnWhatTheServerWrote() {
        let value: JSONValue = ["report": .raw(#"{"a": 1.00}"#)]
        #expect(value.text(indent: nil) == #"{"report":{"a": 1.00}}"#)
    }
}

@Suite("Timestamps")
struct TimestampTests {
    @Test(arguments: [
        ("2026-11-21 23:32:35.5+00", "2026-11-21T23:32:35.500000Z"),
        ("2026-11-21 23:32:35+05:30", "2026-11-21T18:02:35.000000Z"),
        ("2026-01-01 00:00:00.000001-03:30", "2026-01-01T03:30:00.000001Z"),
        ("1899-12-31 23:00:00+00:17:30", "1899-12-31T22:42:30.000000Z"),
    ])
    func readsWhatTheServerWrites(_ text: String, _ iso: String) throws {
        #expect(Timestamp(postgresText: text)?.iso == iso)
    }

    @Test(arguments: ["infinity", "", "2026-11-21", "yesterday", "2026-11-21 23:32+00"])
    func refusesAnythingElse(_ text: String) {
        #expect(Timestamp(postgresText: text) == nil)
    }
}
