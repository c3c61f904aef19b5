import Foundation
import PostgresClient
import TestSupport
import Testing

@testable import YesterdayKit

/// The files of a bundle on their way into real tables, without a deployment around them.
@Suite struct BundleFilesTests {
    private static let schema = """
        CREATE SCHEMA "My App";
        CREATE DOMAIN "My App".document AS jsonb;
        CREATE TYPE "My App".colour AS ENUM ('red', 'green');
        CREATE DOMAIN "My App".title AS varchar(20) NOT NULL DEFAULT 'untitled';
        CREATE TABLE "My App"."Rule" (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            code text NOT NULL UNIQUE,
            "Limit" numeric(12, 2),
            tags text[] DEFAULT '{none}',
            body "My App".document,
            raw json,
            colour "My App".colour,
            title "My App".title,
            doubled numeric GENERATED ALWAYS AS ("Limit" * 2) STORED);
        CREATE TABLE "My App".orders (id int PRIMARY KEY, rule text REFERENCES "My App"."Rule" (code));
        CREATE TABLE "My App".loose (a int, b text);
        """

    /// Runs the files of a bundle in one transaction and returns what each did.
    private func apply(_ files: [String: String], _ database: TestDatabase) async throws
        -> [BundleDeployment.AppliedFile]
    {
        let folder = try BundleFolder(files)
        let bundle = try folder.load()
        let connection = try await database.connect()
        defer { withExtendedLifetime(folder) {} }
        return try await connection.transaction { session in
            try bundle.files.map { file in
                switch file.entry.action {
                case .records(let table, let key, let mode, let values):
                    try RecordFile(file, session, table: table, key: key, values: values)
                        .apply(mode: mode) { _ in }
                case .copy(let table, let key, let mode, let condition):
                    try CopyFile(file, session, table: table, key: key, condition: condition)
                        .apply(mode: mode) { _ in }
                case .script: try ScriptFile(file, session).apply { _ in }
                }
            }
        }
    }

    /// A bundle of one records file.
    private func records(_ lines: String, mode: String = "upsert", table: String = #"'"My App"."Rule"'"#)
        -> [String: String]
    {
        [
            "bundle.yaml": """
            name: a
            contents:
              - file: records/a.jsonl
                table: \(table)
                key: code
                mode: \(mode)
            """,
            "records/a.jsonl": lines,
        ]
    }

    private func withRules<T: Sendable>(_ body: @Sendable (TestDatabase, PostgresConnection) async throws -> T)
        async throws -> T
    {
        try await TestCluster.withDatabase { database in
            let connection = try await database.connect()
            try await connection.execute(Self.schema)
            return try await body(database, connection)
        }
    }

    private func contents(_ connection: PostgresConnection, _ columns: String) async throws -> [String] {
        try await connection.query(#"SELECT concat_ws('|', \#(columns)) FROM "My App"."Rule" ORDER BY code"#)
            .rows.map { $0[0] ?? "" }
    }

    @Test func recordsAreInsertedUpdatedAndLeftAlone() async throws {
        try await withRules { database, connection in
            let first = try await apply(
                records(
                    """
                    {"code": "a", "Limit": 1000.50, "tags": ["x", "y"], "body": {"b": [1]}, "raw": {"z":1,  "a":2}}
                    {"code": "b", "Limit": 12345678.90, "colour": "green"}
                    {"code": "c'); DROP TABLE x;--", "Limit": null}

                    """), database)
            #expect(first.map(\.inserted) == [3])
            #expect(
                try await contents(connection, #"code, "Limit", tags, body, raw, colour, doubled"#) == [
                    #"a|1000.50|{x,y}|{"b": [1]}|{"z":1,  "a":2}|2001.00"#,
                    "b|12345678.90|{none}|green|24691357.80", "c'); DROP TABLE x;--|{none}",
                ])
            let before = try await contents(connection, "code, xmin, id")
            // One equal, one changed, one new; fields that are not named stay.
            let second = try await apply(
                records(
                    """
                    {"code": "a", "Limit": 1000.50}
                    {"code": "b", "Limit": 1}
                    {"code": "d"}
                    """), database)
            #expect(second.map { [$0.inserted, $0.updated, $0.deleted, $0.unchanged] } == [[1, 1, 0, 1]])
            let after = try await contents(connection, "code, xmin, id")
            #expect(after[0] == before[0])
            #expect(after[1] != before[1])
            #expect(try await contents(connection, #"code, "Limit", colour"#)[1] == "b|1.00|green")
            // Identity columns were asked for new numbers by new rows only.
            #expect(try await contents(connection, "id") == ["1", "2", "3", "4"])
        }
    }

    @Test func deletionsGoByKey() async throws {
        try await withRules { database, connection in
            _ = try await apply(records("{\"code\": \"a\"}\n{\"code\": \"b\"}\n"), database)
            let applied = try await apply(records("{\"code\": \"b\"}\n{\"code\": \"x\"}\n", mode: "delete"), database)
            #expect(applied.map { [$0.deleted, $0.unchanged] } == [[1, 1]])
            #expect(try await contents(connection, "code") == ["a"])
        }
    }

    @Test func manyBatchesKeepTheirOrder() async throws {
        try await withRules { database, connection in
            let lines = (0..<1700).map { "{\"code\": \"r\($0)\", \"Limit\": \($0)}" }.joined(separator: "\n")
            #expect(try await apply(records(lines), database).map(\.inserted) == [1700])
            let inOrder = try await connection.query(
                #"SELECT bool_and(code = 'r' || (id - 1)) FROM "My App"."Rule""#
            ).only[0]
            #expect(inOrder == "t")
        }
    }

    /// Lines of a records file, what the error has to say, and the line that it has to name.
    @Test(arguments: [
        ("{\"code\": \"a\"}\n{\"code\": \"b\", \"Limit\": \"much\"}\n", "line 2", "22P02"),
        ("{\"code\": \"a\", \"Limit\": 1}\n\n{\"code\": \"b\", \"Limit\": 12345678901}\n", "line 3", "22003"),
        ("{\"code\": \"a\", \"title\": \"a title of 24 characters\"}\n", "line 1", "22001"),
        ("{\"code\": \"a\", \"title\": null}\n", "line 1", "23502"),
        ("{\"code\": \"a\"}\n{\"code\": \"b\", \"colour\": \"blue\"}\n", "line 2", "22P02"),
    ])
    func aRecordThatFailsIsNamed(lines: String, place: String, sqlState: String) async throws {
        try await withRules { database, connection in
            do {
                _ = try await apply(records(lines), database)
                Issue.record("it was taken")
            } catch let failure as RecordWriter.Failure {
                #expect("line \(failure.lines.lowerBound)" == place)
                #expect(failure.lines.count == 1)
                #expect(failure.error.sqlState == sqlState)
            }
            #expect(try await contents(connection, "code").isEmpty)
        }
    }

    @Test func anUnknownColumnIsNamed() async throws {
        try await withRules { database, _ in
            do {
                _ = try await apply(records("{\"code\": \"a\"}\n{\"code\": \"b\", \"shade\": \"blue\"}\n"), database)
                Issue.record("it was taken")
            } catch let error as RecordStatements.UnknownColumn {
                #expect(error.column == "shade" && error.line == 2)
            }
        }
    }

    @Test func aKeyHasToBeUnique() async throws {
        try await withRules { database, _ in
            let files = [
                "bundle.yaml":
                    "name: a\ncontents:\n  - file: records/a.jsonl\n    table: '\"My App\".loose'\n    key: a\n",
                "records/a.jsonl": "{\"a\": 1}\n",
            ]
            await #expect(throws: YesterdayError.self) { try await apply(files, database) }
        }
    }

    /// Everything that a table without a key, and every kind of value, need.
    private static let anything = """
        CREATE TYPE mood AS ENUM ('good', 'ba d');
        CREATE TYPE pair AS (a int, b text);
        CREATE DOMAIN short AS varchar(5);
        CREATE TABLE public.anything (
            i int, b boolean, n numeric, f float8, t text, c char(4), d short, m mood, p pair, a text[], ts timestamptz,
            iv interval, x bytea, j json, jb jsonb, r int4range, u uuid, e bit(3), w money,
            g int GENERATED ALWAYS AS (i * 2) STORED);
        CREATE TABLE public.counted (
            code text PRIMARY KEY, number int GENERATED ALWAYS AS IDENTITY UNIQUE, title text);
        """

    private static let rows = #"""
        {"i": "7", "b": "t", "n": "1.500", "f": "0.1", "t": "a\tb\\N\"\nü", "c": "x   ", "d": "abc", "m": "ba d", "p": "(1,\"x,y\")", "a": "{1,\"b c\",NULL}", "ts": "2024-02-29 12:00:00.123456+00", "iv": "1 mon 2 days -03:00:00", "x": "\\x00ff", "j": "{ \"z\":1,\n  \"a\" : 2}", "jb": "{\"a\": null}", "r": "[1,5)", "u": "00000000-0000-0000-0000-00000000000a", "e": "101", "w": "$12.50"}
        {"i": null, "b": null, "n": "NaN", "f": "-Infinity", "t": "", "c": null, "d": "", "m": null, "p": "(,)", "a": "{}", "ts": "infinity", "iv": null, "x": "\\x", "j": "null", "jb": "null", "r": "empty", "u": null, "e": null, "w": null}
        """#

    private func anything(_ lines: String, _ more: String) -> [String: String] {
        [
            "bundle.yaml": "name: a\ncontents:\n  - file: records/a.jsonl\n    table: public.anything\n\(more)",
            "records/a.jsonl": lines,
        ]
    }

    @Test func valuesAsTextAreExactAndRowsNeedNoKey() async throws {
        try await withRules { database, connection in
            try await connection.execute(Self.anything)
            let insert = "    mode: insert\n    values: text\n"
            let lines = (Self.rows + "\n" + Self.rows).split(separator: "\n").joined(separator: "\n")
            #expect(try await apply(anything(lines, insert), database).map(\.inserted) == [4])
        
            // The judge is the server: each value is given back as the text that it came as.
            let columns = ["i", "b", "n", "f", "t", "c", "d", "m", "p", "a", "ts", "iv", "x", "j", "jb", "r", "u", "e", "w"]
            try await connection.execute("SET TimeZone = 'UTC'; SET lc_monetary = 'C'")
            for (row, found) in try await connection.query("SELECT * FROM anything LIMIT 2").rows.enumerated() {
                let wanted = try #require(
                    JSONSerialization.jsonObject(with: Data(Self.rows.split(separator: "\n")[row].utf8))
                        as? [String: Any])
                for column in columns { #expect(try found.text(column) == wanted[column] as? String, "\(column)") }
            }
            #expect(try await connection.query("SELECT g FROM anything WHERE i = 7 LIMIT 1").only[0] == "14")

            // One of two equal rows goes for each record, whatever the types can compare.
            let delete = "    mode: delete\n    values: text\n"
            let first = Self.rows.split(separator: "\n").map(String.init)
            let gone = try await apply(anything("\(first[0])\n\(first[1])\n\(first[1])\n\(first[1])\n", delete), database)
            #expect(gone.map { [$0.deleted, $0.unchanged] } == [[3, 1]])
            #expect(try await connection.query("SELECT i, j::text FROM anything").rows.map { [$0[0], $0[1]] }
                == [["7", "{ \"z\":1,\n  \"a\" : 2}"]])
        }
    }

    @Test func anIdentityThatIsAlwaysGeneratedComesBack() async throws {
        try await withRules { database, connection in
            try await connection.execute(Self.anything)
            try await connection.execute("INSERT INTO counted (code, title) VALUES ('a', 'x'), ('b', 'y')")
            func records(_ lines: String) -> [String: String] {
                [
                    "bundle.yaml":
                        "name: a\ncontents:\n  - file: records/a.jsonl\n    table: public.counted\n    key: code\n",
                    "records/a.jsonl": lines,
                ]
            }
            let applied = try await apply(
                records(
                    """
                    {"code": "a", "number": 1, "title": "same number"}
                    {"code": "b", "number": 17, "title": "another number"}
                    {"code": "c", "number": 18, "title": "new"}
                    """), database)
            #expect(applied.map { [$0.inserted, $0.updated, $0.deleted, $0.unchanged] } == [[1, 2, 0, 0]])
            #expect(
                try await connection.query("SELECT concat_ws(' ', code, number, title) FROM counted ORDER BY code").rows.map { $0[0] }
                    == ["a 1 same number", "b 17 another number", "c 18 new"])
        }
    }

    private func copy(_ csv: String, _ more: String) -> [String: String] {
        [
            "bundle.yaml": "name: a\ncontents:\n  - file: copies/a.csv\n    table: '\"My App\".\"Rule\"'\n\(more)",
            "copies/a.csv": csv,
        ]
    }

    @Test func copiesReplaceWhatTheirConditionNames() async throws {
        try await withRules { database, connection in
            _ = try await apply(copy("code,Limit,body\na,1,\"{\"\"x\"\": 1}\"\nb,2,\nz,9,null\n", ""), database)
            #expect(
                try await contents(connection, #"code, "Limit", body"#) == [
                    "a|1.00|{\"x\": 1}", "b|2.00", "z|9.00|null",
                ])
            let applied = try await apply(
                copy("code,Limit\nc,3\n", "    where: \"\\\"Limit\\\" < 5 -- small\"\n"), database)
            #expect(applied.map { [$0.inserted, $0.deleted] } == [[1, 2]])
            #expect(try await contents(connection, "code") == ["c", "z"])
        }
    }

    @Test func mergedCopiesLeaveReferencedRowsInPlace() async throws {
        try await withRules { database, connection in
            _ = try await apply(
                copy("code,Limit,body\na,1,\nb,2,\"{\"\"x\"\": [1, 2]}\"\nc,3,\nz,99,\n", ""), database)
            try await connection.execute(#"INSERT INTO "My App".orders VALUES (1, 'a'), (2, 'b')"#)
            let before = try await contents(connection, "code, xmin, id")
            let merged = copy(
                "code,Limit,body,tags\na,1.00,,{none}\nb,20,\"{\"\"x\"\": [1, 2]}\",\"{q,\"\"r s\"\"}\"\nd,4,,\n",
                "    mode: merge\n    key: code\n    where: '\"Rule\".\"Limit\" < 50'\n")
            let applied = try await apply(merged, database)
            #expect(applied.map { [$0.inserted, $0.updated, $0.deleted, $0.unchanged] } == [[1, 1, 1, 1]])
            #expect(
                try await contents(connection, #"code, "Limit", body, tags"#) == [
                    "a|1.00|{none}", #"b|20.00|{"x": [1, 2]}|{q,"r s"}"#, "d|4.00", "z|99.00|{none}",
                ])
            #expect(try await contents(connection, "code, xmin, id")[0] == before[0])
        }
    }

    @Test func mergedCopiesTakeNoBrokenValues() async throws {
        let csv = "code,body\na,\"1},{\"\"code\"\":\"\"x\"\"\"\n"
        try await withRules { database, connection in
            do {
                _ = try await apply(copy(csv, "    mode: merge\n    key: code\n"), database)
                Issue.record("it was taken")
            } catch let error as YesterdayError {
                #expect(error.message.contains("not JSON"))
                #expect(error.message.contains("line 2"))
            }
        }
    }

    @Test func scriptsNameTheLineThatFails() async throws {
        try await withRules { database, _ in
            let files = [
                "bundle.yaml": "name: a\ncontents:\n  - file: ddl/a.sql\n",
                "ddl/a.sql": "CREATE TABLE a (b int);\n\n-- next\nINSERT INTO a\n  VALUES (1),\n  ('x');\n",
            ]
            do {
                _ = try await apply(files, database)
                Issue.record("it was taken")
            } catch let error as YesterdayError {
                #expect(error.message.hasPrefix("ddl/a.sql, line 6: "))
                #expect(error.sqlState == "22P02")
            }
        }
    }

    @Test func nothingHidesBehindASemicolon() async throws {
        // What the splitter takes for one statement the server has to take for one, too.
        try await withRules { database, connection in
            _ = try await apply(
                [
                    "bundle.yaml": "name: a\ncontents:\n  - file: ddl/a.sql\n",
                    "ddl/a.sql": """
                    CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 2 END; END;
                    CREATE RULE r AS ON DELETE TO "My App".loose DO ALSO (SELECT 1; SELECT 2);
                    DO $a$ BEGIN EXECUTE 'SELECT 1; SELECT 2'; END $a$;
                    """,
                ], database)
            #expect(try await connection.query("SELECT f()").only[0] == "2")
        }
    }

    @Test func aFileThatChangesMeanwhileIsNoticed() async throws {
        try await withRules { database, connection in
            let folder = try BundleFolder(copy("code\na\n", ""))
            let bundle = try folder.load()
            try folder.write("copies/a.csv", "code\nb\n")
            let other = try await database.connect()
            await #expect(throws: YesterdayError.self) {
                try await other.transaction { session in
                    let table = TableName(schema: "My App", name: "Rule")
                    _ = try CopyFile(bundle.files[0], session, table: table, key: [], condition: nil)
                        .apply(mode: .replace) { _ in }
                }
            }
            #expect(try await contents(connection, "code").isEmpty)
        }
    }
}
