import PostgresClient
import Synchronization
import TestSupport
import Testing

@Suite("COPY on a real server")
struct CopyTests {
    struct Broken: Error, Equatable {}

    @Test func copiesInAndOut() async throws {
        try await TestCluster.withDatabase { database in
            let connection = try await database.connect()
            try await connection.execute("CREATE TABLE t (a int, b text)")
            let left = Mutex(50_000)
            let copied = try await connection.copyIn("COPY t FROM STDIN") {
                left.withLock { left in
                    guard left > 0 else { return nil }
                    left -= 1
                    return Array("\(left)\tline \(left)\n".utf8)
                }
            }
            #expect(copied == 50_000)
            let bytes = Mutex(0)
            let rows = try await connection.copyOut("COPY t TO STDOUT") { line in
                bytes.withLock { $0 += line.count }
            }
            #expect(rows == 50_000)
            #expect(bytes.withLock { $0 } == (0..<50_000).reduce(0) { $0 + "\($1)\tline \($1)\n".utf8.count })
        }
    }

    @Test func leavesNothingWhenTheSenderFails() async throws {
        try await TestCluster.withDatabase { database in
            let connection = try await database.connect()
            try await connection.execute("CREATE TABLE t (a int)")
            let error = await #expect(throws: PostgresError.self) {
                let first = Mutex(true)
                try await connection.copyIn("COPY t FROM STDIN") {
                    guard
                        first.withLock({ first in
                            defer { first = false }; return first
                        })
                    else { throw Broken() }
                    return Array("1\n".utf8)
                }
            }
            #expect(error?.code == .copyInterrupted && error?.cause is Broken)
            #expect(try await connection.query("SELECT count(*) FROM t").only[0] == "0")
        }
    }

    @Test func reportsTheServersErrorWithItsLine() async throws {
        try await TestCluster.withDatabase { database in
            let connection = try await database.connect()
            try await connection.execute("CREATE TABLE t (a int)")
            let sent = Mutex(false)
            let error = await #expect(throws: PostgresError.self) {
                try await connection.copyIn("COPY t FROM STDIN") {
                    sent.withLock { sent in
                        defer { sent = true }
                        return sent ? nil : Array("1\nx\n".utf8)
                    }
                }
            }
            #expect(error?.sqlState == "22P02")
            #expect(error?.server?.context?.contains("line 2") == true)
            #expect(try await connection.query("SELECT 1").only[0] == "1")
        }
    }

    @Test func stopsWhenTheReceiverFails() async throws {
        try await TestCluster.withDatabase { database in
            let connection = try await database.connect()
            let error = await #expect(throws: PostgresError.self) {
                try await connection.copyOut("COPY (SELECT generate_series(1, 100000000)) TO STDOUT") { _ in
                    throw Broken()
                }
            }
            #expect(error?.code == .copyInterrupted && error?.cause is Broken)
            #expect(try await connection.query("SELECT 1").only[0] == "1")
        }
    }

    @Test(arguments: ["COPY t FROM STDIN", "COPY t TO STDOUT"])
    func refusesCopyWhereItIsNotHandled(_ statement: String) async throws {
        try await TestCluster.withDatabase { database in
            let connection = try await database.connect()
            try await connection.execute("CREATE TABLE t (a int); INSERT INTO t VALUES (1)")
            for attempt in 0..<4 {
                let error = await #expect(throws: PostgresError.self) {
                    switch attempt {
                    case 0: try await connection.query(statement)
                    case 1: try await connection.execute(statement)
                    case 2: _ = try await connection.withSession { try $0.forEachRow(statement) { _ in } }
                    default:
                        if statement.contains("FROM") {
                            _ = try await connection.copyOut(statement) { _ in }
                        } else {
                            _ = try await connection.copyIn(statement) { nil }
                        }
                    }
                }
                #expect(error?.code == .unexpectedResult)
                #expect(try await connection.query("SELECT count(*) FROM t").only[0] == "1")
            }
        }
    }

    @Test func refusesAnotherStatementInTheMiddle() async throws {
        try await TestCluster.withDatabase { database in
            let connection = try await database.connect()
            let error = await #expect(throws: PostgresError.self) {
                try await connection.withSession { session in
                    try session.copyOut("COPY (SELECT 1) TO STDOUT") { _ in try session.execute("SELECT 1") }
                }
            }
            #expect((error?.cause as? PostgresError)?.code == .unexpectedResult)
        }
    }
}
