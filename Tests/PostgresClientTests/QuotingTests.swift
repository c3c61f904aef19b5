import PostgresClient
import Testing

@Suite("Quoting")
struct QuotingTests {
    @Test func quotesIdentifiers() throws {
        #expect(try SQL.identifier("order") == #""order""#)
        #expect(try SQL.identifier(#"a"b"#) == #""a""b""#)
        #expect(try SQL.identifier("Übung", "a.b") == #""Übung"."a.b""#)
    }

    /// A combining mark merges with the quote into one Character; the quote must be doubled still.
    @Test func quotesAQuoteThatCarriesACombiningMark() throws {
        #expect(
            try SQL.identifier("x\"\u{301}; --").unicodeScalars.elementsEqual("\"x\"\"\u{301}; --\"".unicodeScalars))
        #expect(try SQL.literal("x'\u{301}").unicodeScalars.elementsEqual("'x''\u{301}'".unicodeScalars))
    }

    @Test func quotesLiterals() throws {
        #expect(try SQL.literal("it's") == "'it''s'")
        #expect(try SQL.literal(#"a\'b"#) == #" E'a\\''b'"#)
    }

    @Test(arguments: ["", "a\0b"])
    func refusesWhatCannotBeAName(_ name: String) {
        #expect(throws: PostgresError.self) { try SQL.identifier(name) }
    }

    @Test func refusesNULInALiteral() {
        #expect(throws: PostgresError.self) { try SQL.literal("a\0b") }
    }
}

@Suite("Arrays")
struct ArrayTests {
    @Test(
        arguments: [
            [], ["a"], ["a", nil, "b c"], ["NULL", "null"], [#"quo"te"#, #"back\slash"#, "{}", "a,b", ""],
        ] as [[String?]])
    func survivesTheRoundTrip(_ elements: [String?]) throws {
        #expect(try PostgresArray.elements(PostgresArray.text(elements)) == elements)
    }

    @Test func readsWhatTheServerWrites() throws {
        #expect(try PostgresArray.elements(#"{id,"two words",NULL,"a\"b"}"#) == ["id", "two words", nil, #"a"b"#])
    }

    @Test(arguments: ["", "{", "{a", "{{a},{b}}", "{a}b", #"{"a"#, "[0:1]={a,b}"])
    func refusesAnythingElse(_ text: String) {
        #expect(throws: PostgresError.self) { try PostgresArray.elements(text) }
    }
}
