import Foundation
import PostgresClient
import TestSupport
import Testing
import YesterdayKit

/// Bundles that are made out of real databases, and deployed to another that was at the old state.
@Suite("yesterday bundle build and diff, with the real program on a real server")
struct AuthoringTests {
    private static let platform = """
        CREATE EXTENSION yesterday;
        CREATE SCHEMA "My App"; SET search_path = "My App", public;
        CREATE TYPE pair AS (a int, b text);
        CREATE TABLE grp (code text PRIMARY KEY, title text);
        CREATE TABLE rule (
            id int PRIMARY KEY, "Grp" text REFERENCES grp, n numeric, j json, p pair, t text, parent int REFERENCES rule,
            g numeric GENERATED ALWAYS AS (n * 2) STORED, changed timestamptz DEFAULT clock_timestamp());
        CREATE TABLE ident (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text);
        CREATE TABLE loose (a int, b text);
        CREATE TABLE part (lang text, code text, body text, PRIMARY KEY (lang, code)) PARTITION BY LIST (lang);
        CREATE TABLE part_de PARTITION OF part FOR VALUES IN ('de');
        CREATE TABLE part_fr PARTITION OF part FOR VALUES IN ('fr');
        CREATE TABLE other (id int PRIMARY KEY, v text);
        INSERT INTO grp SELECT 'g' || i, 'Group ' || i FROM generate_series(1, 5) i;
        INSERT INTO rule SELECT i, 'g' || (i % 5 + 1), i / 7.0, '{ "a":  1}', (i, 'x'::text)::pair, E'tab\\t"ü" \\\\', NULLIF(1, i) FROM generate_series(1, 3000) i;
        INSERT INTO ident (name) SELECT 'n' || i FROM generate_series(1, 10) i;
        INSERT INTO loose VALUES (1, 'x'), (1, 'x'), (2, NULL), (3, 'z');
        INSERT INTO part VALUES ('de', 'a', 'eins'), ('fr', 'a', 'un'), ('de', 'b', 'zwei');
        INSERT INTO other VALUES (1, 'one'), (2, 'two');
        SELECT yesterday.track_like('My App', '%', layer => 'apps');
        SELECT yesterday.track('other', layer => 'partner');
        SELECT yesterday.track('rule', layer => 'apps', local_columns => '{changed}');
        """

    /// What an author does, in several deployments; some of it is undone by hand again.
    private static let work = [
        """
        INSERT INTO grp VALUES ('g9', 'New'); UPDATE rule SET "Grp" = 'g9', t = 'moved' WHERE id IN (5, 6, 7);
        INSERT INTO rule (id, "Grp", n, j, p, parent) VALUES (4000, 'g9', 1.50, '[1,  2]', (1, 'a,"b'::text)::pair, 4001), (4001, 'g9', NULL, NULL, NULL, NULL);
        UPDATE rule SET n = n + 1 WHERE id = 10
        """,
        """
        DELETE FROM rule WHERE id BETWEEN 2000 AND 2010; UPDATE rule SET n = n - 1 WHERE id = 10;
        INSERT INTO ident (name) VALUES ('new 1'), ('new 2'); DELETE FROM ident WHERE id = 12; UPDATE ident SET name = 'other' WHERE id = 3;
        INSERT INTO loose VALUES (3, 'z'), (4, 'q'); DELETE FROM loose WHERE ctid = (SELECT min(ctid) FROM loose); UPDATE loose SET b = 'y' WHERE a = 2;
        UPDATE part SET lang = 'fr' WHERE code = 'b'; INSERT INTO part VALUES ('de', 'c', 'drei');
        UPDATE other SET v = 'changed' WHERE id = 1; DELETE FROM grp WHERE code = 'g9' AND false
        """,
    ]

    /// The platform twice, in two databases of one server; the author works in the first.
    private static func withTwo(
        _ body: @Sendable (TestDatabase, TestDatabase, String) async throws -> Void
    ) async throws {
        try await TestCluster.withDatabase { first in
            let connection = try await first.connect()
            try await connection.execute(platform)
            try await connection.execute(
                "BEGIN; SELECT yesterday.begin_deployment('base'); UPDATE \"My App\".grp SET title = title || '!'; SELECT * FROM yesterday.finish_deployment(); COMMIT")
            await connection.close()
            let second = TestDatabase(cluster: first.cluster, name: "\(first.name)_second")
            let administration = try await first.cluster.connect()
            try await administration.execute("CREATE DATABASE \(SQL.identifier(second.name)) TEMPLATE \(SQL.identifier(first.name))")
            let author = try await first.connect()
            for (number, statements) in work.enumerated() {
                try await author.execute(
                    "SET search_path = \"My App\"; BEGIN; SELECT yesterday.begin_deployment('step \(number)'); \(statements); SELECT * FROM yesterday.finish_deployment(); COMMIT")
            }
            await author.close()
            let path = FileManager.default.temporaryDirectory.appendingPathComponent("authored-\(UUID().uuidString)").path
            defer { try? FileManager.default.removeItem(atPath: path) }
            let result: Result<Void, any Error>
            do {
                result = .success(try await body(first, second, path))
            } catch {
                result = .failure(error)
            }
            try await administration.execute("DROP DATABASE \(SQL.identifier(second.name)) WITH (FORCE)")
            await administration.close()
            try result.get()
        }
    }

    /// Rows of the layer apps, in order, by COPY; columns that are local to a database left out.
    private static func contents(_ database: TestDatabase, layer: String = "apps") async throws -> [String] {
        let connection = try await database.connect()
        var lines: [String] = []
        let queries =
            layer == "apps"
            ? [
                "SELECT * FROM \"My App\".grp ORDER BY 1", "SELECT id, \"Grp\", n, j, p, t, parent, g FROM \"My App\".rule ORDER BY 1",
                "SELECT * FROM \"My App\".ident ORDER BY 1", "SELECT * FROM \"My App\".loose ORDER BY 1, 2",
                "SELECT tableoid::regclass, * FROM \"My App\".part ORDER BY 1, 2, 3",
            ] : ["SELECT * FROM \"My App\".other ORDER BY 1"]
        for query in queries {
            let part = try await connection.withSession { session in
                var part: [String] = []
                try session.copyOut("COPY (\(query)) TO STDOUT") { part.append(String(decoding: $0, as: UTF8.self)) }
                return part
            }
            lines += part
        }
        await connection.close()
        return lines
    }

    private static func author(_ arguments: [String], _ database: TestDatabase) async throws -> Tool.Output {
        try await YesterdayBinary.run(["bundle"] + arguments, database: database)
    }

    @Test func whatChangedSinceADeploymentIsABundle() async throws {
        try await Self.withTwo { first, second, path in
            let built = try await Self.author(
                ["build", "--from", first.name, "--since", "base", "--layer", "apps", "--name", "apps 2", "--requires", "base", "-o", path, "--format", "json"], first)
            #expect(built.exitCode == 0, "\(built.standardError)")
            let bundle = try LoadedBundle(path: path)
            // What was changed and changed back is not in it, and only what was touched is.
            let rows = bundle.files.reduce(0) { $0 + $1.count }
            #expect(rows == 1 + 5 + 11 + 2 + 3 + 2 + 2 + 1, "\(bundle.files.map { "\($0.entry.file) \($0.count)" })")
            let deployed = try await YesterdayBinary.run(["deploy", path], database: second)
            #expect(deployed.exitCode == 0, "\(deployed.standardError)")
            let (wanted, found) = (try await Self.contents(first), try await Self.contents(second))
            #expect(found.difference(from: wanted).isEmpty, "\(found.difference(from: wanted))")
            #expect(try await Self.contents(second, layer: "partner") == ["1\tone\n", "2\ttwo\n"])

            let nothing = try await Self.author(
                ["build", "--from", first.name, "--since", "step 1", "--name", "x", "-o", "\(path)-x"], first)
            #expect(nothing.exitCode == 4 && nothing.standardError.contains("nothing has changed"), "\(nothing.standardError)")
            let unknown = try await Self.author(["build", "--from", first.name, "--since", "never", "--name", "x", "-o", "\(path)-x"], first)
            #expect(unknown.exitCode == 4, "\(unknown.standardError)")
            let again = try await Self.author(["build", "--from", first.name, "--since", "base", "--name", "x", "-o", path], first)
            #expect(again.exitCode == 65 && again.standardError.contains("exists already"))
            // Who named the database by --from is not sent to --db.
            let nobody = try await Self.author(["build", "--from", "host=/nonexistent", "--since", "base", "--name", "x", "-o", "\(path)-x"], first)
            #expect(nobody.exitCode == 69 && nobody.standardError.contains("Check --from"), "\(nobody.standardError)")
            #expect(!nobody.standardError.contains("--db"), "\(nobody.standardError)")
        }
    }

    @Test(arguments: ["", ".tar.gz"])
    func theDifferenceOfTwoDatabasesIsABundle(suffix: String) async throws {
        try await Self.withTwo { first, second, path in
            // In the second, somebody has been busy outside of any deployment.
            let busy = try await second.connect()
            try await busy.execute(
                "SET search_path = \"My App\"; UPDATE rule SET t = 'own' WHERE id < 4; DELETE FROM rule WHERE id = 2500; INSERT INTO loose VALUES (9, 'own'), (3, 'z'), (3, 'z'); UPDATE rule SET changed = now()")
            await busy.close()
            let path = path + suffix
            defer { try? FileManager.default.removeItem(atPath: path) }
            let arguments = ["diff", "--from", first.name, "--to", second.name, "--layer", "apps", "--name", "level"]
            let made = try await Self.author(arguments + ["-o", path], first)
            #expect(made.exitCode == 0, "\(made.standardError)")
            let deployed = try await YesterdayBinary.run(["deploy", path], database: second)
            #expect(deployed.exitCode == 0, "\(deployed.standardError)")
            let (wanted, found) = (try await Self.contents(first), try await Self.contents(second))
            #expect(found.difference(from: wanted).isEmpty, "\(found.difference(from: wanted))")
            #expect(try await Self.contents(second, layer: "partner") == ["1\tone\n", "2\ttwo\n"])
            let same = try await Self.author(arguments + ["-o", "\(path)-2"], first)
            #expect(same.exitCode == 4 && same.standardError.contains("hold the same rows"), "\(same.standardError)")
        }
    }

    @Test func structureIsNamedAndNotGuessed() async throws {
        try await Self.withTwo { first, second, path in
            let author = try await first.connect()
            try await author.execute(
                """
                BEGIN; SELECT yesterday.begin_deployment('ddl');
                ALTER TABLE "My App".grp ADD COLUMN colour text DEFAULT 'red';
                CREATE TABLE "My App".fresh (id int PRIMARY KEY, v text); INSERT INTO "My App".fresh VALUES (1, 'a'), (2, 'b');
                UPDATE "My App".grp SET colour = 'blue' WHERE code = 'g1';
                SELECT * FROM yesterday.finish_deployment(); COMMIT
                """)
            await author.close()
            let build = ["build", "--from", first.name, "--since", "base", "--layer", "apps", "--name", "apps 2", "-o", path]
            let refused = try await Self.author(build, first)
            #expect(refused.exitCode == 5 && refused.standardError.contains("fresh") && refused.standardError.contains("--ddl"), "\(refused.standardError)")
            // Without DDL the rest is a bundle, and what is not in it is said.
            let without = try await Self.author(build.dropLast() + ["\(path)-without", "--without-ddl", "--format", "json"], first)
            #expect(without.exitCode == 0, "\(without.standardError)")
            #expect(without.standardOutput.contains("made since, so its rows are not in the bundle") && without.standardOutput.contains("DDL of deployment"), "\(without.standardOutput)")
            #expect(without.standardOutput.contains(#"My App\".fresh"#), "\(without.standardOutput)")
            try FileManager.default.removeItem(atPath: "\(path)-without")
            let different = try await Self.author(["diff", "--from", first.name, "--to", second.name, "--name", "x", "-o", path], first)
            #expect(different.exitCode == 5 && different.standardError.contains("column colour"), "\(different.standardError)")

            let script = "\(path).sql"
            defer { try? FileManager.default.removeItem(atPath: script) }
            try Data(
                """
                ALTER TABLE "My App".grp ADD COLUMN colour text DEFAULT 'red';
                CREATE TABLE "My App".fresh (id int PRIMARY KEY, v text);

                """.utf8
            ).write(to: URL(fileURLWithPath: script))
            let built = try await Self.author(build + ["--ddl", script], first)
            #expect(built.exitCode == 0, "\(built.standardError)")
            let deployed = try await YesterdayBinary.run(["deploy", path], database: second)
            #expect(deployed.exitCode == 0, "\(deployed.standardError)")
            let (wanted, found) = (try await Self.contents(first), try await Self.contents(second))
            #expect(found.difference(from: wanted).isEmpty, "\(found.difference(from: wanted))")
            let connection = try await second.connect()
            #expect(try await connection.query("SELECT string_agg(v, ',' ORDER BY id) FROM \"My App\".fresh").only[0] == "a,b")
            await connection.close()
        }
    }
}
