import PostgresClient
import TestSupport
import Testing

@testable import YesterdayKit

/// The comparison of the demonstration has to notice what is not the same.
@Suite struct StateSnapshotTests {
    @Test(arguments: [
        ("SELECT 1", []),
        ("UPDATE a.t SET v = 'y' WHERE id = 2; UPDATE a.t SET v = 'x' WHERE id = 2", []),
        ("UPDATE a.t SET v = 'X' WHERE id = 1", ["a.t: 2 rows before, 2 now, not the same"]),
        ("UPDATE a.t SET v = '' WHERE v IS NULL", ["a.t: 2 rows before, 2 now, not the same"]),
        ("INSERT INTO a.t VALUES (9)", ["a.t: 2 rows before, 3 now, not the same"]),
        ("UPDATE a.u SET n = 2", ["a.u: 1 rows before, 1 now, not the same"]),
        ("COMMENT ON TABLE a.u IS 'x'", ["schema gained"]),
        ("ALTER TABLE a.t ALTER v SET NOT NULL", ["schema"]),
        ("DROP INDEX a.i", ["schema lost"]),
    ])
    func changesAreNoticed(change: String, expected: [String]) async throws {
        try await TestCluster.withDatabase { database in
            let connection = try await database.connect()
            try await connection.execute(
                """
                CREATE SCHEMA a;
                CREATE TABLE a.t (id int PRIMARY KEY, v text);
                CREATE TABLE a.u (n numeric);
                CREATE INDEX i ON a.u (n);
                INSERT INTO a.t VALUES (1, 'x'), (2, NULL);
                INSERT INTO a.u VALUES (1.0);
                """)
            let isNotNull = change.contains("NOT NULL")
            if isNotNull { try await connection.execute("DELETE FROM a.t WHERE v IS NULL") }
            if change.contains("id = 2") { try await connection.execute("UPDATE a.t SET v = 'x' WHERE id = 2") }
            let tables = [TableName(schema: "a", name: "u"), TableName(schema: "a", name: "t")]
            let before = try await StateSnapshot.take(database.cluster, database: database.name, tables: tables)
            try await connection.execute(change)
            let after = try await StateSnapshot.take(database.cluster, database: database.name, tables: tables)
            let differences = after.differences(from: before)
            #expect(differences.isEmpty == expected.isEmpty, "\(differences)")
            for text in expected {
                #expect(differences.contains { $0.hasPrefix(text) }, "\(differences)")
            }
        }
    }
}
