import PostgresClient
import YesterdayKit

/// A database of the shared cluster with the extension in it, a table of metadata under capture
/// (`workflow`, ten rows) and a table of business rows that refer to it (`orders`).
public struct TestTarget: Sendable {
    /// The database.
    public let database: TestDatabase

    /// Makes a target, runs `body` with it, and drops it whatever happens.
    ///
    /// - Throws: ``YesterdayKit/YesterdayError`` if the extension is not installed in the server
    ///   under test: tests that need it fail then.
    public static func with<T: Sendable>(
        _ body: @Sendable (TestTarget) async throws -> T
    ) async throws -> T {
        try await TestCluster.withDatabase { database in
            let target = TestTarget(database: database)
            try await target.set()
            return try await body(target)
        }
    }

    /// A target in a database of a server of its own.
    ///
    /// - Throws: as ``with(_:)``.
    public static func make(on cluster: ThrowawayCluster) async throws -> TestTarget {
        let target = TestTarget(database: TestDatabase(cluster: cluster, name: cluster.superuser))
        try await target.set()
        return target
    }

    private func set() async throws {
        let installed = try await yesterday(["init", "--quiet"])
        guard installed.exitCode == 0 else {
            throw YesterdayError(
                .configuration, "the extension cannot be created in the server under test",
                detail: installed.standardError,
                hint: "make -C extension install PG_CONFIG=... for the PG_CONFIG of the tests")
        }
        try await sql(
            """
            CREATE TABLE workflow (id int PRIMARY KEY, name text NOT NULL, steps jsonb);
            INSERT INTO workflow SELECT i, 'workflow ' || i, '[]' FROM generate_series(1, 10) i;
            CREATE TABLE orders (id int PRIMARY KEY, workflow int REFERENCES workflow);
            INSERT INTO orders SELECT i, i FROM generate_series(1, 10) i;
            """)
        let tracked = try await yesterday(["track", "workflow"])
        guard tracked.exitCode == 0 else {
            throw YesterdayError(.failed, "the table cannot be tracked", detail: tracked.standardError)
        }
    }

    /// Runs the real program against the target.
    public func yesterday(
        _ arguments: [String], user: String? = nil, environment: [String: String?] = [:], input: String = ""
    ) async throws -> Tool.Output {
        try await YesterdayBinary.run(
            arguments, database: database, user: user, environment: environment, input: input)
    }

    /// Runs a shell script with the program as `$YESTERDAY` and psql on the path, the way to try
    /// signals and terminals.
    public func shell(_ script: String, environment: [String: String?] = [:]) async throws -> Tool.Output {
        var variables: [String: String?] = ["NO_COLOR": nil]
        for (name, value) in environment { variables[name] = value }
        for (name, value) in database.cluster.environment { variables[name] = value }
        variables["PGDATABASE"] = database.name
        variables["YESTERDAY"] = try YesterdayBinary.path()
        variables["BIN"] = database.cluster.binDirectory
        // With job control on, programs in the background do not ignore SIGINT.
        return try await Tool("bash", environment: variables).output([
            "-c", "set -m; PATH=$BIN:$PATH\n" + script,
        ])
    }

    /// Runs statements as the superuser.
    @discardableResult
    public func sql(_ statements: String) async throws -> [QueryResult] {
        let connection = try await database.connect()
        let results = try await connection.execute(statements)
        await connection.close()
        return results
    }

    /// The only value of a query, as text.
    public func value(_ query: String) async throws -> String? {
        try await sql(query).last?.only[0]
    }

    /// Schema and rows of everything but the extension's own, by a judge who does not know it.
    public func dump() async throws -> String {
        let text = try await database.cluster.tool("pg_dump").run([
            "--no-owner", "--inserts", "--exclude-schema=yesterday*", database.name,
        ])
        // Newer releases open and close a dump with a random word; rows have no order.
        let lines = text.split(separator: "\n").filter { !$0.hasPrefix("\\") && !$0.hasPrefix("--") }
        let rows = lines.filter { $0.hasPrefix("INSERT ") }.sorted()
        return (lines.filter { !$0.hasPrefix("INSERT ") } + rows).joined(separator: "\n")
    }
}
