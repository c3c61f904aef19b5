import Foundation
import PostgresClient
import TestSupport
import Testing
import YesterdayKit

/// A registry and a few targets, each a database of one server, or the registry on one of its own: the same platform, with ids, times
/// and uuids of its own in each.
struct TrainFixture: Sendable {
    let cluster: ThrowawayCluster
    /// The server of the registry.
    let registryCluster: ThrowawayCluster
    /// Start of the names of all its databases.
    let prefix: String
    let count: Int
    /// Where bundles are written.
    let folder: String

    var registry: String { "\(prefix)_registry" }
    func database(_ number: Int) -> String { "\(prefix)_\(number)" }
    func cluster(of database: String) -> ThrowawayCluster { database == registry ? registryCluster : cluster }
    /// What names the registry, as a role of its server.
    func registryConninfo(user: String? = nil) -> String {
        registryCluster.connectionString(database: registry, user: user)
    }

    private static let platform = """
        CREATE EXTENSION yesterday;
        CREATE SCHEMA apps;
        CREATE TABLE apps.rule (code text PRIMARY KEY, title text, amount numeric(12, 2));
        INSERT INTO apps.rule SELECT 'r' || n, 'Rule ' || n, n * 100 FROM generate_series(1, 20) AS n;
        CREATE TABLE apps.screen (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, code text NOT NULL UNIQUE,
            rule text REFERENCES apps.rule (code), changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
            token uuid NOT NULL DEFAULT gen_random_uuid());
        CREATE SCHEMA partner;
        CREATE TABLE partner.override (rule text PRIMARY KEY, amount numeric(12, 2));
        CREATE TABLE public.orders (id int PRIMARY KEY, rule text REFERENCES apps.rule (code));
        INSERT INTO public.orders VALUES (1, 'r1'), (2, 'r2');
        """

    /// Makes registry and targets, runs `body` with them, and drops them whatever happens.
    static func with<T: Sendable>(
        targets count: Int = 3, registered: Bool = true, _ body: @Sendable (TrainFixture) async throws -> T
    ) async throws -> T {
        try await TestCluster.withDatabase { database in
            let fixture = try await make(database.cluster, prefix: database.name, count: count, registered: registered)
            let result: Result<T, any Error>
            do { result = .success(try await body(fixture)) } catch { result = .failure(error) }
            try await fixture.drop()
            return try result.get()
        }
    }

    /// The same with servers of their own for the targets and for the registry.
    static func withServers(
        targets count: Int, _ body: (TrainFixture) async throws -> Void
    ) async throws {
        let cluster = try await ThrowawayCluster.start(settings: ["max_prepared_transactions": "4"])
        var registry: ThrowawayCluster?
        let result: Result<Void, any Error>
        do {
            let other = try await ThrowawayCluster.start()
            registry = other
            result = .success(try await body(make(cluster, prefix: "apart", count: count, registryOn: other)))
        } catch {
            result = .failure(error)
        }
        await registry?.stop()
        await cluster.stop()
        try result.get()
    }

    static func make(
        _ cluster: ThrowawayCluster, prefix: String, count: Int, registered: Bool = true,
        registryOn registryCluster: ThrowawayCluster? = nil
    ) async throws -> TrainFixture {
        let folder = FileManager.default.temporaryDirectory.appending(path: "train-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let fixture = TrainFixture(
            cluster: cluster, registryCluster: registryCluster ?? cluster, prefix: prefix, count: count, folder: folder)
        for name in [fixture.registry] + (1...count).map(fixture.database) {
            let administration = try await fixture.cluster(of: name).connect()
            try await administration.execute("CREATE DATABASE \(SQL.identifier(name))")
            await administration.close()
        }
        for number in 1...count {
            let connection = try await cluster.connect(database: fixture.database(number))
            try await connection.execute(platform)
            try await connection.execute(
                """
                ALTER TABLE apps.screen ALTER COLUMN id RESTART WITH \(number * 1000);
                INSERT INTO apps.screen (code, rule) SELECT 's' || n, 'r' || n FROM generate_series(1, 10) AS n;
                INSERT INTO partner.override VALUES ('r1', \(number));
                SELECT yesterday.track('apps.rule', layer => 'apps');
                SELECT yesterday.track('apps.screen', layer => 'apps', natural_key => '{code}',
                                       local_columns => '{id,changed_at,token}');
                SELECT yesterday.track_like('apps', '%', layer => 'apps');
                SELECT yesterday.track_like('partner', '%', layer => 'partner');
                """)
            await connection.close()
        }
        try await fixture.expect(["train", "init"])
        try await fixture.expect(["train", "group", "add", "shops"])
        if registered { for number in 1...count { try await fixture.register(number) } }
        return fixture
    }

    func drop() async throws {
        try? FileManager.default.removeItem(atPath: folder)
        let administration = try await cluster.connect()
        for name in [registry] + (1...count).map(database) {
            for row in try await administration.query(
                "SELECT gid FROM pg_prepared_xacts WHERE database = $1", [.text(name)]
            ).rows {
                let connection = try await cluster.connect(database: name)
                try await connection.execute("ROLLBACK PREPARED \(SQL.literal(row[0] ?? ""))")
                await connection.close()
            }
            try await administration.execute("DROP DATABASE IF EXISTS \(SQL.identifier(name)) WITH (FORCE)")
        }
        await administration.close()
    }

    func register(_ number: Int, _ options: [String] = []) async throws {
        try await expect(
            ["target", "add", "t\(number)", "--group", "shops", "--db", cluster.connectionString(database: database(number))]
                + options)
    }

    /// Has the registry reach a target as another role from now on; `nil` for the superuser.
    func reach(_ number: Int, as role: String?) async throws {
        let conninfo = cluster.connectionString(database: database(number), user: role)
        try await query(registry, "SELECT train.change_target('t\(number)', conninfo => \(SQL.literal(conninfo)))")
    }

    // MARK: commands

    /// Runs the real program against the registry.
    func yesterday(_ arguments: [String], environment: [String: String?] = [:]) async throws -> Tool.Output {
        var variables: [String: String?] = cluster.environment.mapValues { $0 }
        variables["YESTERDAY_REGISTRY"] = registryConninfo()
        for (name, value) in environment { variables[name] = value }
        return try await YesterdayBinary.run(arguments, environment: variables)
    }

    /// Runs the real program, which has to exit with 0.
    @discardableResult
    func expect(_ arguments: [String], environment: [String: String?] = [:]) async throws -> Tool.Output {
        let output = try await yesterday(arguments, environment: environment)
        guard output.exitCode == 0 else {
            throw YesterdayError(.failed, "yesterday \(arguments.joined(separator: " "))", detail: output.everything)
        }
        return output
    }

    /// Runs the real program until it stands still at a place, does something meanwhile, and lets it go on.
    ///
    /// - Returns: its exit code and all it said.
    func yesterday(
        _ arguments: [String], standingStillAt place: String, meanwhile: @Sendable () async throws -> Void
    ) async throws -> (exitCode: Int32, said: String) {
        let script = """
            log=$1; shift
            "$YESTERDAY" "$@" >"$log" 2>&1 & pid=$!
            for _ in $(seq 1200); do
                case "$(sed 's/.*) //' /proc/$pid/stat 2>/dev/null)" in T*) break ;; esac
                sleep 0.05
            done
            touch "$log.stopped"
            for _ in $(seq 1200); do [ -e "$log.go" ] && break; sleep 0.05; done
            kill -CONT $pid
            wait $pid
            """
        let log = "\(folder)/log-\(UUID().uuidString)"
        var environment: [String: String?] = cluster.environment.mapValues { $0 }
        environment["YESTERDAY_REGISTRY"] = registryConninfo()
        environment["YESTERDAY_STOP_AT"] = place
        environment["YESTERDAY"] = try YesterdayBinary.path()
        let shell = Tool("bash", environment: environment)
        async let running = shell.output(["-c", script, "test", log] + arguments)
        let end = ContinuousClock.now + .seconds(120)
        while !FileManager.default.fileExists(atPath: "\(log).stopped"), ContinuousClock.now < end {
            try await Task.sleep(for: .milliseconds(50))
        }
        let done: Result<Void, any Error>
        do { done = .success(try await meanwhile()) } catch { done = .failure(error) }
        _ = FileManager.default.createFile(atPath: "\(log).go", contents: nil)
        let output = try await running
        try done.get()
        return (output.exitCode, try String(contentsOfFile: log, encoding: .utf8))
    }

    /// Deploys a bundle to the group.
    func deploy(
        _ bundle: String, _ options: [String] = [], environment: [String: String?] = [:]
    ) async throws -> Tool.Output {
        try await yesterday(
            ["deploy", bundle, "--group", "shops", "--format", "json"] + options, environment: environment)
    }

    /// Outcomes by target of a deployment that was written as JSON.
    static func outcomes(_ output: Tool.Output) throws -> [String: String] {
        let targets = try output.json()["targets"] as? [[String: Any]] ?? []
        return Dictionary(
            targets.map { ($0["target"] as? String ?? "", $0["outcome"] as? String ?? "") },
            uniquingKeysWith: { first, _ in first })
    }

    /// The rows of the board, a character a patch, by target.
    func board() async throws -> [String: String] {
        let rows = try await query(registry, "SELECT target, applications FROM train.board('shops')").rows
        return Dictionary(rows.map { ($0[0] ?? "", $0[1] ?? "") }, uniquingKeysWith: { first, _ in first })
    }

    // MARK: databases

    @discardableResult
    func query(_ database: String, _ statement: String) async throws -> QueryResult {
        let connection = try await cluster(of: database).connect(database: database)
        let result = try await connection.execute(statement).last
        await connection.close()
        guard let result else { throw YesterdayError(.failed, "no result") }
        return result
    }

    @discardableResult
    func sql(_ number: Int, _ statement: String) async throws -> QueryResult {
        try await query(database(number), statement)
    }

    /// One value of each target.
    func values(_ statement: String) async throws -> [String?] {
        var values: [String?] = []
        for number in 1...count { values.append(try await sql(number, statement).only[0]) }
        return values
    }

    /// Rows and schema of a target, as pg_dump has them.
    func dump(_ number: Int) async throws -> String {
        try await cluster.tool("pg_dump").run([
            "--exclude-schema=yesterday", "--exclude-schema=yesterday_shadow", "--inserts",
            "--exclude-table-data=yesterday*.*", database(number),
        ]).split(separator: "\n").filter { !$0.contains("restrict ") && !$0.contains("setval") }.sorted()
            .joined(separator: "\n")
    }

    // MARK: bundles

    /// Writes a bundle that sets amounts of rules and runs a script.
    ///
    /// - Parameter artifacts: lines of YAML.
    func bundle(
        _ name: String, amounts: [String: Int] = [:], sql: String? = nil, artifacts: String? = nil
    ) throws -> String {
        let code = artifacts.map { "kind: release\nartifacts:\n\($0)\n" } ?? ""
        var yaml = "name: \(name)\nlayer: apps\n\(code)contents:\n"
        var files: [String: String] = [:]
        if !amounts.isEmpty {
            yaml += "  - file: records/rule.jsonl\n    table: apps.rule\n    key: code\n"
            files["records/rule.jsonl"] = amounts.sorted { $0.key < $1.key }
                .map { "{\"code\": \"\($0.key)\", \"amount\": \($0.value)}\n" }.joined()
        }
        if let sql {
            yaml += "  - file: sql/900.sql\n    writes: [apps.rule, apps.screen]\n"
            files["sql/900.sql"] = sql
        }
        files["bundle.yaml"] = yaml
        let path = "\(folder)/\(name.replacing(" ", with: "-"))"
        try? FileManager.default.removeItem(atPath: path)
        for (file, text) in files {
            let url = URL(filePath: path).appending(path: file)
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: url)
        }
        return path
    }
}
