import PostgresClient
import Synchronization
import TestSupport
import Testing

@Suite("Statements on a real server")
struct StatementTests {
    @Test func sendsParametersOfEveryKind() async throws {
        try await TestCluster.withDatabase { database in
            let connection = try await database.connect()
            let row = try await connection.query(
                "SELECT $1::text AS t, $2 + 1 AS n, NOT $3 AS b, $4 AS y, $5 -> 'k' AS j, $6::text[] AS a, $7::int AS z",
                [
                    "it's \u{1F600}", .int8(41), .bool(false), .bytea([0, 255, 1]), .jsonb(#"{"k": [1]}"#),
                    .array(["a,b", nil]), nil,
                ]
            ).only
            #expect(try row.get("t") == "it's \u{1F600}")
            #expect(try row.get("n", as: Int64.self) == 42)
            #expect(try row.get("b", as: Bool.self))
            #expect(try row.get("y") == #"\x00ff01"#)
            #expect(try row.get("j") == "[1]")
            #expect(try row.get("a") == #"{"a,b",NULL}"#)
            #expect(try row.getIfPresent("z", as: Int.self) == nil)
            #expect(throws: PostgresError.self) { try row.get("z", as: Int.self) }
            #expect(throws: PostgresError.self) { try row.get("nosuch", as: Int.self) }
            #expect(throws: PostgresError.self) { try row.get("t", as: Int.self) }
        }
    }

    @Test func refusesNULInsteadOfCuttingTheValueOff() async throws {
        try await TestCluster.withDatabase { database in
            let connection = try await database.connect()
            await #expect(throws: PostgresError.self) {
                try await connection.query("SELECT $1", [.text("a\0b")])
            }
            await #expect(throws: PostgresError.self) { try await connection.query("SELECT 1\0, 2") }
            #expect(try await connection.query("SELECT 1 AS a").only.get("a", as: Int.self) == 1)
        }
    }

    @Test func runsSeveralStatementsAndStopsAtTheFirstError() async throws {
        try await TestCluster.withDatabase { database in
            let connection = try await database.connect()
            let results = try await connection.execute(
                "CREATE TABLE t (a int); INSERT INTO t VALUES (1), (2); SELECT a FROM t ORDER BY a")
            #expect(results.map(\.commandTag) == ["CREATE TABLE", "INSERT 0 2", "SELECT 2"])
            #expect(results[1].affectedRows == 2)
            #expect(results[2].rows.map { $0[0] } == ["1", "2"])

            await #expect(throws: PostgresError.self) {
                try await connection.execute("INSERT INTO t VALUES (3); SELECT 1/0; INSERT INTO t VALUES (4)")
            }
            #expect(try await connection.query("SELECT count(*) FROM t").only[0] == "2")
        }
    }

    @Test func keepsEveryFieldOfAServerError() async throws {
        try await TestCluster.withDatabase { database in
            let connection = try await database.connect()
            try await connection.execute(
                "CREATE SCHEMA s; CREATE TABLE s.t (a int CONSTRAINT a_positive CHECK (a > 0))")
            let check = await #expect(throws: PostgresError.self) {
                try await connection.execute("INSERT INTO s.t VALUES (-1)")
            }
            #expect(check?.code == .server && check?.sqlState == "23514")
            #expect(check?.server?.schema == "s" && check?.server?.table == "t")
            #expect(check?.server?.constraint == "a_positive")
            #expect(check?.server?.detail?.contains("-1") == true)

            let raised = await #expect(throws: PostgresError.self) {
                try await connection.execute(
                    """
                    DO $$ BEGIN RAISE 'm' USING ERRCODE = 'YD001', DETAIL = 'd', HINT = 'h',
                        COLUMN = 'c', DATATYPE = 'dt'; END $$
                    """)
            }
            #expect(raised?.sqlState == "YD001" && raised?.message == "m")
            #expect(raised?.detail == "d" && raised?.hint == "h")
            #expect(raised?.server?.column == "c" && raised?.server?.dataType == "dt")
            #expect(raised?.server?.context?.contains("PL/pgSQL") == true)

            let syntax = await #expect(throws: PostgresError.self) { try await connection.execute("SELECT nosuch") }
            #expect(syntax?.server?.position == 8)
            #expect(syntax?.server?.severity == "ERROR")
        }
    }

    @Test func handsOverNotices() async throws {
        try await TestCluster.withDatabase { database in
            let heard = Mutex<[ServerMessage]>([])
            let connection = try await database.connect { notice in heard.withLock { $0.append(notice) } }
            try await connection.execute("DO $$ BEGIN RAISE WARNING 'careful' USING HINT = 'h'; END $$")
            let notices = heard.withLock { $0 }
            #expect(notices.map(\.message) == ["careful"])
            #expect(notices.first?.severity == "WARNING" && notices.first?.hint == "h")
        }
    }

    @Test func readsRowByRowAndStopsWhenTold() async throws {
        struct Enough: Error {}
        try await TestCluster.withDatabase { database in
            let connection = try await database.connect()
            let sum = try await connection.withSession { session in
                var sum = 0
                try session.forEachRow("SELECT i FROM generate_series(1, $1) i", [.int8(1000)]) {
                    sum += try $0.get("i")
                }
                return sum
            }
            #expect(sum == 500_500)
            await #expect(throws: Enough.self) {
                try await connection.withSession { session in
                    try session.forEachRow("SELECT i FROM generate_series(1, 100000000) i") { _ in throw Enough() }
                }
            }
            await #expect(throws: PostgresError.self) {
                try await connection.withSession { session in
                    try session.forEachRow("SELECT 1 / (3 - i) FROM generate_series(1, 5) i") { _ in }
                }
            }
            #expect(try await connection.query("SELECT 1").only[0] == "1")
        }
    }
}
