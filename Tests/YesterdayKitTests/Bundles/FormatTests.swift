import Testing

@testable import YesterdayKit

@Suite struct JSONRecordTests {
    private func parse(_ text: String) throws(JSONRecord.SyntaxError) -> [JSONRecord.Field] {
        try Array(text.utf8).withUnsafeBufferPointer { bytes throws(JSONRecord.SyntaxError) in
            try JSONRecord(bytes).fields
        }
    }

    @Test func valuesStayAsWritten() throws {
        let fields = try parse(#" {"a": 1.50, "b\u00e4" : "x\n", "c":null, "d": {"e": [1, true]} ,"f":-0.1E+9} "#)
        #expect(fields.map(\.name) == ["a", "bä", "c", "d", "f"])
        #expect(fields.map(\.value) == ["1.50", #""x\n""#, "null", #"{"e": [1, true]}"#, "-0.1E+9"])
    }

    @Test(arguments: [
        ("", 1), ("[]", 1), ("{", 2), ("{a: 1}", 2), (#"{"a" 1}"#, 6), (#"{"a": }"#, 7), (#"{"a": 1,}"#, 9),
        (#"{"a": 01}"#, 8), (#"{"a": 1.}"#, 9), (#"{"a": tru}"#, 7), (#"{"a": 'x'}"#, 7), (#"{"a": "x}"#, 10),
        (#"{"a": 1} {"b": 2}"#, 10), (#"{"a": 1, "a": 2}"#, 15), (#"{"a": "\x"}"#, 10), (#"{"a": "\u12"}"#, 10),
        (#"{"a": "\ud800"}"#, 14), (#"{"a": "\u0000"}"#, 14), ("{\"a\": \"\t\"}", 8), (#"{"a": NaN}"#, 7),
    ])
    func mistakesHaveAColumn(text: String, column: Int) {
        do {
            _ = try parse(text)
            Issue.record("\(text) was taken")
        } catch {
            #expect(error.column == column, "\(text): \(error.message)")
        }
    }

    @Test func surrogatePairsAndDeepNesting() throws {
        #expect(try parse(#"{"\ud83d\ude00": 1}"#).map(\.name) == ["😀"])
        let deep = String(repeating: "[", count: 300) + String(repeating: "]", count: 300)
        #expect(throws: JSONRecord.SyntaxError.self) { try parse("{\"a\": \(deep)}") }
    }

    @Test func malformedUTF8IsFound() {
        for bytes: [UInt8] in [[0xFF], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xE2, 0x82], [0xF5, 0x80, 0x80, 0x80]] {
            let text = Array("{\"a\": \"".utf8) + bytes + Array("\"}".utf8)
            #expect(throws: JSONRecord.SyntaxError.self) {
                try text.withUnsafeBufferPointer { _ = try JSONRecord($0) }
            }
        }
    }
}

@Suite struct ChangeCheckTests {
    private func value(_ bytes: [UInt8], step: Int) -> UInt64 {
        var check = ChangeCheck()
        for start in stride(from: 0, to: bytes.count, by: step) {
            Array(bytes[start..<min(start + step, bytes.count)]).withUnsafeBytes { check.update($0) }
        }
        return check.value
    }

    @Test func piecesMakeNoDifferenceAndEveryChangeDoes() {
        let bytes = (0..<3000).map { UInt8(truncatingIfNeeded: $0 &* 7919) }
        let whole = value(bytes, step: 5000)
        for step in [1, 2, 6, 7, 8, 13, 64, 1000] { #expect(value(bytes, step: step) == whole, "\(step)") }
        for place in stride(from: 0, to: bytes.count, by: 37) {
            var changed = bytes
            changed[place] ^= 1 << (place % 8)
            #expect(value(changed, step: 64) != whole, "\(place)")
        }
        // What differs in length only, and what was exchanged.
        #expect(value(bytes + [0], step: 64) != whole && value(Array(bytes.dropLast()), step: 64) != whole)
        #expect(value([], step: 1) != value([0], step: 1) && value([0], step: 1) != value([0, 0], step: 1))
        var exchanged = bytes
        exchanged.swapAt(700, 1400)
        #expect(value(exchanged, step: 64) != whole)
    }
}

@Suite struct CSVScannerTests {
    /// Rows of a text that comes in pieces of `step` bytes.
    private func rows(_ text: String, step: Int = 1000) throws -> [[String?]] {
        var scanner = CSVScanner(keepsValues: true)
        var rows: [[String?]] = []
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: step) {
            try Array(bytes[start..<min(start + step, bytes.count)]).withUnsafeBytes {
                try scanner.scan($0) { row, _ in rows.append(row) }
            }
        }
        try scanner.finish { row, _ in rows.append(row) }
        return rows
    }

    @Test(arguments: [1, 2, 3, 7, 1000])
    func fieldsQuotesAndLineEnds(step: Int) throws {
        let text = "a,b,c\r\n1,\"x, \"\"y\"\"\nz\",\r\n,\"\",ü\n\"last\",2,3"
        #expect(try rows(text, step: step) == [["1", "x, \"y\"\nz", nil], [nil, "", "ü"], ["last", "2", "3"]])
    }

    @Test(arguments: [
        ("", 1, "header"), ("a,,b\n", 1, "without a name"), ("a,b,a\n", 1, "twice"),
        ("a,b\n1,2\n1,2,3\n", 3, "this row has 3"), ("a,b\n1,2\n\n3,4\n", 3, "blank"),
        ("a,b\n\"x\ny\",2\n3\n", 4, "this row has 1"), ("a\n\"x\n", 2, "not closed"), ("a\nx\"y\n", 2, "middle"),
        ("a\n\"x\"y\n", 2, "closing quote"), ("a\n\\.\nb\n", 2, "end the data"), ("a,b\n1,\r2\n", 2, "carriage"),
        ("a\nx\u{0}\n", 2, "zero byte"),
    ])
    func mistakesHaveALine(text: String, line: Int, message: String) {
        do {
            _ = try rows(text)
            Issue.record("\(text) was taken")
        } catch let error as CSVScanner.SyntaxError {
            #expect(error.line == line)
            #expect(error.message.contains(message), "\(error.message)")
        } catch {
            Issue.record(error)
        }
    }

    @Test func byteOrderMarkIsNotPartOfAName() throws {
        var scanner = CSVScanner()
        try Array("\u{FEFF}a,b\n1,2\n".utf8).withUnsafeBytes { try scanner.scan($0) }
        try scanner.finish()
        #expect(scanner.header == ["a", "b"])
        #expect(scanner.rows == 1)
    }
}

@Suite struct SQLScriptTests {
    private func split(_ text: String) throws -> [SQLScript.Statement] {
        try SQLScript(Array(text.utf8)).statements
    }

    @Test func semicolonsThatEndNothing() throws {
        let text = """
            -- a comment; with a semicolon
            SELECT 'a;b', E'it\\'s; ok', "c;d", 'x''y;';
            /* one /* nested; */ ; */
            CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $body$
            BEGIN
              RETURN 1; -- $other$ ;
            END;
            $body$;
            CREATE FUNCTION g() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 2 END; END;
            CREATE RULE r AS ON INSERT TO t DO ALSO (DELETE FROM a; DELETE FROM b);
            ;;
            SELECT $1$2, x$y$z FROM t
            """
        let statements = try split(text)
        #expect(statements.map(\.line) == [2, 4, 9, 10, 12])
        #expect(statements[0].text == #"SELECT 'a;b', E'it\'s; ok', "c;d", 'x''y;'"#)
        #expect(statements[2].text.hasSuffix("END; END"))
        #expect(statements[4].text == "SELECT $1$2, x$y$z FROM t")
        #expect(statements.allSatisfy { $0.obstacle == nil })
    }

    @Test(arguments: [
        ("SELECT 'a", 1), ("SELECT 1;\nSELECT $x$ a", 2), ("/* a\n", 1), ("SELECT (1;\n", 2), ("SELECT 1)", 1),
        ("SELECT 1;\n\\copy t from x", 2),
    ])
    func mistakesHaveALine(text: String, line: Int) {
        do {
            _ = try split(text)
            Issue.record("\(text) was taken")
        } catch let error as SQLScript.SyntaxError {
            #expect(error.line == line, "\(error.message)")
        } catch {
            Issue.record(error)
        }
    }

    @Test(arguments: [
        "BEGIN", "begin work", "COMMIT", "/* x */ commit and chain", "END", "ROLLBACK", "rollback work", "ABORT",
        "START TRANSACTION", "PREPARE TRANSACTION 'x'", "COMMIT PREPARED 'x'", "ROLLBACK PREPARED 'x'",
        "set transaction read only", "SET LOCAL transaction_read_only = on", "SET transaction_isolation TO serializable",
    ])
    func transactionControlIsRefused(text: String) throws {
        #expect(try split(text).map { $0.obstacle?.code } == [.transactionControl])
    }

    @Test(arguments: [
        "VACUUM t", "CREATE INDEX CONCURRENTLY i ON t (a)", "create unique index concurrently on t (a)",
        "DROP INDEX CONCURRENTLY i", "REINDEX TABLE CONCURRENTLY t", "REINDEX DATABASE d", "CREATE DATABASE d",
        "ALTER SYSTEM SET a = 1", "ALTER TABLE p DETACH PARTITION c CONCURRENTLY", "DISCARD ALL",
    ])
    func whatNeedsItsOwnTransactionIsRefused(text: String) throws {
        #expect(try split(text).map { $0.obstacle?.code } == [.needsOwnTransaction])
    }

    @Test(arguments: [
        "SAVEPOINT a", "ROLLBACK TO a", "ROLLBACK WORK TO SAVEPOINT a", "RELEASE a", "PREPARE x AS SELECT 1",
        "REFRESH MATERIALIZED VIEW CONCURRENTLY v", "CREATE INDEX i ON t (a)", "SELECT 'COMMIT'",
        "DO $$ BEGIN PERFORM 1; END $$", "UPDATE t SET \"commit\" = 1", "DELETE FROM copy_from",
        "SET CONSTRAINTS ALL IMMEDIATE", "SET LOCAL work_mem = '1MB'", "SET TIME ZONE 'UTC'",
    ])
    func whatMayStay(text: String) throws {
        #expect(try split(text).map { $0.obstacle?.code } == [nil])
    }

    @Test func rowsBelongIntoCopies() throws {
        #expect(try split("COPY t FROM STDIN WITH (FORMAT csv)")[0].obstacle?.code == .badSQL)
    }
}

@Suite struct TableNameTests {
    @Test func quotingFollowsSQL() throws {
        let plain = try TableName(parsing: "sales.rule_2")
        #expect(plain == TableName(schema: "sales", name: "rule_2"))
        #expect(plain.description == "sales.rule_2")
        #expect(plain.sql == #""sales"."rule_2""#)
        let quoted = try TableName(parsing: #""My ""App""".screen"#)
        #expect(quoted == TableName(schema: #"My "App""#, name: "screen"))
        #expect(quoted.description == #""My ""App""".screen"#)
        #expect(try TableName(parsing: quoted.description) == quoted)
    }

    @Test func aQuoteWithACombiningMarkIsStillAQuote() {
        #expect(TableName.quoted("a\"\u{301}b") == "\"a\"\"\u{301}b\"")
    }

    @Test(arguments: [
        "rule", "a.b.c", "Sales.rule", "sales.", ".rule", "sales.rule; DROP", "\"sales.rule", "a b.c", "",
    ])
    func whatIsNoTable(text: String) {
        #expect(throws: TableName.ParseError.self) { try TableName(parsing: text) }
    }
}
