import Foundation
import PostgresClient
import TestSupport
import YesterdayKit

/// A small platform in a database of its own, and bundles for it.
struct BundleFixture: Sendable {
    let database: TestDatabase
    let connection: PostgresConnection
    /// Where bundles are written.
    let folder: String

    private static let platform = """
        CREATE EXTENSION yesterday;
        CREATE SCHEMA apps;
        CREATE TABLE apps.rule (
            code text PRIMARY KEY, title text, amount numeric(12, 2), body jsonb, changed int NOT NULL DEFAULT 0);
        INSERT INTO apps.rule SELECT 'r' || n, 'Rule ' || n, n * 100, '{"n": 1}' FROM generate_series(1, 50) AS n;
        CREATE TABLE apps.screen (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, code text UNIQUE, rule text
            REFERENCES apps.rule (code));
        INSERT INTO apps.screen (code, rule) SELECT 's' || n, 'r' || n FROM generate_series(1, 10) AS n;
        CREATE TABLE apps.country (code char(2) PRIMARY KEY, name text, source text);
        INSERT INTO apps.country VALUES ('DE', 'Germany', 'iso'), ('FR', 'France', 'iso'), ('XX', 'Own', 'own');
        CREATE TABLE apps.theme (code text PRIMARY KEY, colour text);
        INSERT INTO apps.theme VALUES ('day', 'white'), ('night', 'black');
        CREATE TABLE public.orders (id int PRIMARY KEY, rule text REFERENCES apps.rule (code), country char(2)
            REFERENCES apps.country (code));
        INSERT INTO public.orders VALUES (1, 'r1', 'DE'), (2, 'r2', 'XX');
        SELECT yesterday.track_like('apps', '%', layer => 'apps');
        """

    /// A bundle that does something of everything.
    static let bundle = [
        "bundle.yaml": """
        name: apps 2
        layer: apps
        contents:
          - file: ddl/010.sql
          - file: records/rule.jsonl
            table: apps.rule
            key: code
          - file: records/gone.jsonl
            table: apps.rule
            key: code
            mode: delete
          - file: records/screen.jsonl
            table: apps.screen
            key: code
          - file: copies/country.csv
            table: apps.country
            key: code
            mode: merge
            where: source = 'iso'
          - file: sql/900.sql
            writes: [apps.rule]
        """,
        "ddl/010.sql": """
        ALTER TABLE apps.rule ADD COLUMN approver text DEFAULT 'nobody';
        CREATE TABLE apps.delegate (who text PRIMARY KEY);
        CREATE INDEX rule_title ON apps.rule (title);
        """,
        "records/rule.jsonl": """
        {"code": "r1", "amount": 999.90, "approver": "cfo"}
        {"code": "r2", "amount": 200}
        {"code": "new", "title": "New", "amount": 1, "body": {"deep": [1, 2, {"x": null}]}}
        """,
        "records/gone.jsonl": "{\"code\": \"r50\"}\n{\"code\": \"never\"}\n",
        "records/screen.jsonl": "{\"code\": \"s1\", \"rule\": \"r3\"}\n{\"code\": \"s99\", \"rule\": \"r1\"}\n",
        "copies/country.csv": "code,name,source\nDE,Deutschland,iso\nCH,\"Schweiz, Confederation\",iso\n",
        "sql/900.sql": "UPDATE apps.rule SET changed = changed + 1 WHERE amount > 4000;\n",
    ]

    /// Runs a test with the platform.
    static func with<T: Sendable>(_ body: @Sendable (BundleFixture) async throws -> T) async throws -> T {
        try await TestCluster.withDatabase { database in
            let connection = try await database.connect()
            try await connection.execute(platform)
            let folder = FileManager.default.temporaryDirectory
                .appendingPathComponent("yesterday-test-\(UUID().uuidString)").path
            defer { try? FileManager.default.removeItem(atPath: folder) }
            return try await body(BundleFixture(database: database, connection: connection, folder: folder))
        }
    }

    /// Writes a bundle and deploys it with the real program.
    func deploy(
        _ files: [String: String?], _ options: [String] = [], user: String? = nil
    ) async throws -> Tool.Output {
        try await YesterdayBinary.run(["deploy", write(files)] + options, database: database, user: user)
    }

    /// The complete bundle with some files replaced or, with nil, taken away.
    func deployChanged(_ changes: [String: String?], _ options: [String] = []) async throws -> Tool.Output {
        try await deploy(Self.bundle.merging(changes.compactMapValues { $0 }) { $1 }, options)
    }

    /// Writes a bundle into the folder, in place of the one before.
    func write(_ files: [String: String?]) throws -> String {
        try? FileManager.default.removeItem(atPath: folder)
        for case (let name, let text?) in files {
            let file = URL(fileURLWithPath: folder).appendingPathComponent(name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
        return folder
    }

    /// All rows of the platform and its schema, as pg_dump has them.
    func dump() async throws -> String {
        try await database.cluster.tool("pg_dump").run([
            "--exclude-schema=yesterday", "--exclude-schema=yesterday_shadow", "--inserts",
            "--exclude-table-data=yesterday*.*", database.name,
        ]).split(separator: "\n").filter { !$0.contains("restrict ") && !$0.contains("setval") }.sorted()
            .joined(separator: "\n")
    }

    /// One value.
    func value(_ query: String) async throws -> String? {
        try await connection.query(query).only[0]
    }
}
