import Foundation
import PostgresClient
import TestSupport
import Testing
import YesterdayKit

/// The inverse of a deployment as a bundle, deployed to one restored copy of the database; the
/// rollback in another. Both have to end up the same, and as everything was before.
@Suite("yesterday inverse export, with the real program on a real server")
struct InverseTests {
    /// Two databases restored from a dump of one.
    private struct Copies {
        let rolledBack: TestDatabase
        let deployed: TestDatabase
    }

    private static func withCopies<T: Sendable>(
        of database: TestDatabase, _ body: @Sendable (Copies) async throws -> T
    ) async throws -> T {
        let dump = FileManager.default.temporaryDirectory.appendingPathComponent("\(database.name)-\(UUID().uuidString).dump").path
        defer { try? FileManager.default.removeItem(atPath: dump) }
        _ = try await database.cluster.tool("pg_dump").run(["-Fc", "-f", dump, database.name])
        let administration = try await database.cluster.connect()
        let names = ["\(database.name)_rolled_back", "\(database.name)_deployed"]
        let result: Result<T, any Error>
        do {
            for name in names {
                try await administration.execute("CREATE DATABASE \(SQL.identifier(name))")
                _ = try await database.cluster.tool("pg_restore").run(["-d", name, "--exit-on-error", dump])
            }
            result = .success(
                try await body(
                    Copies(
                        rolledBack: TestDatabase(cluster: database.cluster, name: names[0]),
                        deployed: TestDatabase(cluster: database.cluster, name: names[1]))))
        } catch {
            result = .failure(error)
        }
        for name in names {
            try await administration.execute("DROP DATABASE IF EXISTS \(SQL.identifier(name)) WITH (FORCE)")
        }
        await administration.close()
        return try result.get()
    }

    /// Everything but the extension's own, in an order of its own; the judge is pg_dump.
    private static func dump(_ database: TestDatabase) async throws -> String {
        let text = try await database.cluster.tool("pg_dump").run([
            "--exclude-schema=yesterday", "--exclude-schema=yesterday_shadow", database.name,
        ])
        // Rows have no order; newer releases open and close a dump with a random word.
        var lines: [Substring] = []
        var rows: [Substring]?
        for line in text.split(separator: "\n") {
            if line == "\\.", let sorted = rows?.sorted() {
                lines += sorted
                rows = nil
            } else if rows != nil {
                rows?.append(line)
            } else if !line.hasPrefix("\\"), !line.hasPrefix("--"), !line.contains(" TRIGGER yesterday_") {
                // (The triggers of the capture carry a number of ours.)
                lines.append(line)
                if line.hasPrefix("COPY ") { rows = [] }
            }
        }
        return lines.joined(separator: "\n")
    }

    private static func expectSame(_ one: String, _ other: String, _ what: String) {
        let (left, right) = (one.split(separator: "\n"), other.split(separator: "\n"))
        let difference = right.difference(from: left).map { change in
            switch change {
            case .remove(_, let line, _): "- \(line)"
            case .insert(_, let line, _): "+ \(line)"
            }
        }
        #expect(difference.isEmpty, "\(what):\n\(difference.joined(separator: "\n"))")
    }

    private static func withoutPositions(_ dump: String) -> String {
        dump.split(separator: "\n").filter { !$0.contains("pg_catalog.setval(") }.joined(separator: "\n")
    }

    /// Deploys by SQL, exports the inverse, and compares what it does with what the rollback does.
    private static func compare(
        platform: String, deployment: String, isPacked: Bool = false,
        look: @Sendable (LoadedBundle) throws -> Void = { _ in }
    ) async throws {
        try await TestCluster.withDatabase { database in
            let connection = try await database.connect()
            try await connection.execute("CREATE EXTENSION yesterday;\n" + platform)
            let before = try await dump(database)
            try await connection.execute(
                "BEGIN; SELECT yesterday.begin_deployment('release \"1\"');\n\(deployment);\nSELECT * FROM yesterday.finish_deployment(); COMMIT")
            let after = try await dump(database)
            #expect(before != after)
            let path = FileManager.default.temporaryDirectory
                .appendingPathComponent("inverse-\(UUID().uuidString)\(isPacked ? ".tar.gz" : "")").path
            defer { try? FileManager.default.removeItem(atPath: path) }
            let exported = try await YesterdayBinary.run(["inverse", "export", "-o", path], database: database)
            #expect(exported.exitCode == 0, "\(exported.standardError)")
            #expect(try await dump(database) == after)
            for command in ["lint", "inspect"] {
                let output = try await YesterdayBinary.run(["bundle", command, path])
                #expect(output.exitCode == 0, "\(output.standardError)")
            }
            try look(try LoadedBundle(path: path))

            try await withCopies(of: database) { copies in
                let deployed = try await YesterdayBinary.run(["deploy", path], database: copies.deployed)
                #expect(deployed.exitCode == 0, "\(deployed.standardError)")
                let rolledBack = try await YesterdayBinary.run(["rollback", "--yes"], database: copies.rolledBack)
                #expect(rolledBack.exitCode == 0, "\(rolledBack.standardError)")
                let expected = try await dump(copies.rolledBack)
                // A sequence never gives a number twice, rollback or not.
                expectSame(withoutPositions(before), withoutPositions(expected), "rolled back")
                expectSame(expected, try await dump(copies.deployed), "deployed")
                // And it is a deployment like any other: its own rollback leads back.
                let undone = try await YesterdayBinary.run(["rollback", "--yes"], database: copies.deployed)
                #expect(undone.exitCode == 0, "\(undone.standardError)")
                expectSame(withoutPositions(after), withoutPositions(try await dump(copies.deployed)), "undone")
            }
        }
    }

    @Test(arguments: [false, true])
    func rowsOfAllKindsGoBack(isPacked: Bool) async throws {
        try await Self.compare(
            platform: """
                CREATE SCHEMA "My App"; SET search_path = "My App", public;
                CREATE TYPE mood AS ENUM ('good', 'ba d');
                CREATE TYPE pair AS (a int, b text);
                CREATE DOMAIN short AS varchar(5) CHECK (VALUE <> 'never');
                CREATE TABLE "Rule" (
                    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "Code ""x"" y" text NOT NULL UNIQUE, n numeric(20, 3), f float8,
                    t text, c char(4), d short, m mood, p pair, a text[], ts timestamptz, iv interval, x bytea, j json, jb jsonb,
                    r int4range, u uuid, e bit(3), w money, parent bigint REFERENCES "Rule", changed timestamptz,
                    g numeric GENERATED ALWAYS AS (n * 2) STORED);
                INSERT INTO "Rule" ("Code ""x"" y", n, f, t, c, d, m, p, a, ts, iv, x, j, jb, r, u, e, w) SELECT
                    'r' || i, i / 3.0, i / 7.0, E'tab\\t \\\\N \\n"quote" ü', 'x', 'abc', 'ba d', ROW(i, 'x,"y'::text)::pair, ARRAY['1', 'b c', NULL],
                    '2024-02-29 12:00:00.123456+02', '1 mon 2 days -03:00', '\\x00ff', '{ "z":1,
                    "a" : [1.50] }', '{"b": null}', '[1,5)', '00000000-0000-0000-0000-00000000000a', '101', 12.5
                    FROM generate_series(1, 20) i;
                UPDATE "Rule" SET parent = 1 WHERE id > 10;
                CREATE TABLE position (slot int PRIMARY KEY, who text UNIQUE);
                INSERT INTO position SELECT i, 'w' || i FROM generate_series(1, 6) i;
                CREATE TABLE loose (a int, b text, c json);
                INSERT INTO loose VALUES (1, 'x', '1'), (1, 'x', '1'), (1, 'x', '1'), (2, NULL, '{}'), (3, 'z', NULL);
                CREATE TABLE part (lang text, code text, body text, PRIMARY KEY (lang, code)) PARTITION BY LIST (lang);
                CREATE TABLE part_de PARTITION OF part FOR VALUES IN ('de');
                CREATE TABLE part_fr PARTITION OF part FOR VALUES IN ('fr');
                INSERT INTO part VALUES ('de', 'a', 'eins'), ('fr', 'a', 'un'), ('de', 'b', 'zwei');
                CREATE TABLE base (k int PRIMARY KEY, v text); CREATE TABLE heir (extra int, PRIMARY KEY (k)) INHERITS (base);
                INSERT INTO base VALUES (1, 'base'), (2, 'base'); INSERT INTO heir VALUES (1, 'heir', 1), (2, 'heir', 2);
                CREATE TABLE public.orders (id int PRIMARY KEY, rule bigint REFERENCES "Rule" ON DELETE CASCADE);
                INSERT INTO public.orders VALUES (1, 1), (2, 2);
                CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.changed := now(); RETURN NEW; END $$;
                CREATE TRIGGER stamp BEFORE INSERT OR UPDATE ON "Rule" FOR EACH ROW EXECUTE FUNCTION stamp();
                SELECT yesterday.track_like('My App', '%');
                """,
            deployment: """
                UPDATE "Rule" SET n = n + 1, t = 'new', j = '{}', p = NULL WHERE id IN (1, 2, 12);
                DELETE FROM "Rule" WHERE id IN (13, 14);
                INSERT INTO "Rule" ("Code ""x"" y", n, parent) VALUES ('new 1', 1, 1), ('new 2', 2, 21);
                UPDATE "Rule" SET "Code ""x"" y" = 'r14' WHERE id = 15;
                UPDATE position SET who = who || '!'; UPDATE position SET who = 'w' || (7 - slot);
                UPDATE position SET slot = slot + 10 WHERE slot > 3;
                DELETE FROM loose WHERE ctid = (SELECT min(ctid) FROM loose);
                UPDATE loose SET b = 'y' WHERE a = 2; UPDATE loose SET b = 'yy' WHERE a = 2;
                INSERT INTO loose VALUES (3, 'z', NULL), (4, 'new', '[]'), (4, 'new', '[]');
                UPDATE part SET lang = 'fr' WHERE code = 'b'; INSERT INTO part VALUES ('de', 'c', 'drei');
                UPDATE ONLY base SET v = 'changed' WHERE k = 1; DELETE FROM ONLY base WHERE k = 2; UPDATE heir SET v = 'changed' WHERE k = 2
                """, isPacked: isPacked
        ) { bundle in
            #expect(bundle.description.triggers == .silent && bundle.description.requires == "release \"1\"")
        }
    }

    @Test func structureGoesBackWithTheRowsThatItDestroyed() async throws {
        try await Self.compare(
            platform: """
                CREATE SCHEMA app; SET search_path = app, public;
                CREATE TYPE mood AS ENUM ('good', 'bad');
                CREATE TABLE rule (code text PRIMARY KEY, title varchar(40) DEFAULT 'none', old int, mood mood, last text);
                CREATE INDEX rule_title ON rule (title); COMMENT ON TABLE rule IS 'rules';
                INSERT INTO rule SELECT 'r' || i, 'Rule ' || i, i, 'good', 'l' || i FROM generate_series(1, 9) i;
                CREATE TABLE screen (id serial PRIMARY KEY, rule text REFERENCES rule (code), name text NOT NULL);
                INSERT INTO screen (rule, name) SELECT 'r' || i, 'screen ' || i FROM generate_series(1, 5) i;
                CREATE VIEW titles AS SELECT title FROM rule;
                CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';
                CREATE TABLE public.business (id int PRIMARY KEY, kind text, amount numeric);
                INSERT INTO public.business SELECT i, 'k' || i, i * 1.5 FROM generate_series(1, 7) i;
                CREATE TABLE public.archive (id int, "What" text, blank char(3)); INSERT INTO public.archive VALUES (1, 'x', 'a'), (2, NULL, NULL);
                GRANT SELECT ON rule TO PUBLIC;
                SELECT yesterday.track_like('app', '%');
                """,
            deployment: """
                ALTER TABLE app.rule ADD COLUMN extra int DEFAULT 7;
                ALTER TABLE app.rule DROP COLUMN old;
                UPDATE app.rule SET title = 'changed' WHERE code < 'r3';
                DROP INDEX app.rule_title; CREATE INDEX rule_extra ON app.rule (extra);
                ALTER TABLE app.screen RENAME COLUMN name TO label; ALTER TABLE app.screen ALTER COLUMN label DROP NOT NULL;
                INSERT INTO app.screen (rule, label) VALUES ('r1', NULL);
                CREATE TABLE app.fresh (id serial PRIMARY KEY, x text); INSERT INTO app.fresh (x) VALUES ('one');
                CREATE OR REPLACE FUNCTION app.f() RETURNS int LANGUAGE sql AS 'SELECT 2';
                DROP VIEW app.titles; CREATE VIEW app.titles AS SELECT title, extra FROM app.rule;
                ALTER TABLE public.business DROP COLUMN kind; ALTER TABLE public.business ALTER COLUMN amount TYPE int USING 0;
                DROP TABLE public.archive;
                REVOKE SELECT ON app.rule FROM PUBLIC; COMMENT ON TABLE app.rule IS 'new rules'
                """
        ) { bundle in
            #expect(bundle.files.contains { $0.entry.file == "ddl/000-saved.sql" })
        }
    }

    @Test func whatRefersToRowsThatAreNotThereIsRefused() async throws {
        try await BundleFixture.with { fixture in
            let files = [
                "bundle.yaml": """
                name: a
                triggers: silent
                contents:
                  - file: records/r.jsonl
                    table: apps.rule
                    key: code
                    mode: delete
                """,
                "records/r.jsonl": "{\"code\": \"r1\"}\n",
            ]
            let before = try await fixture.dump()
            // r1 has orders and a screen.
            let refused = try await fixture.deploy(files)
            #expect(refused.exitCode == 5, "\(refused.standardError)")
            #expect(refused.standardError.contains("break the constraint") && refused.standardError.contains("(r1)"))
            #expect(try await fixture.dump() == before)
            let harmless = try await fixture.deploy(files.merging(["records/r.jsonl": "{\"code\": \"r40\"}\n"]) { $1 })
            #expect(harmless.exitCode == 0, "\(harmless.standardError)")

            let role = "stranger_\(fixture.database.name)"
            try await fixture.connection.execute(
                "CREATE ROLE \(role) LOGIN; GRANT yesterday_deployer TO \(role); GRANT USAGE ON SCHEMA apps TO \(role); GRANT ALL ON ALL TABLES IN SCHEMA apps TO \(role)")
            let output = try await fixture.deploy(
                files.merging(["records/r.jsonl": "{\"code\": \"r41\"}\n", "bundle.yaml": files["bundle.yaml"]!.replacing("name: a", with: "name: b")]) { $1 }, user: role)
            #expect(output.exitCode == 77 && output.standardError.contains("session_replication_role"), "\(output.standardError)")
            try await fixture.connection.execute("DROP OWNED BY \(role); DROP ROLE \(role)")
        }
    }

    @Test func theCodeOfBeforeIsNamedByItsDigest() async throws {
        try await BundleFixture.with { fixture in
            func artifacts(_ digit: String) -> String {
                let digest = "sha256:" + String(repeating: digit, count: 64)
                return """
                    {"web": {"type": "oci", "reference": "registry.example.com/web:\(digit)@\(digest)", "digest": "\(digest)"},
                     "front": {"type": "archive", "reference": "https://example.com/\(digit).zip", "digest": "\(digest)"}}
                    """
            }
            for digit in ["1", "2"] {
                try await fixture.connection.execute(
                    """
                    BEGIN; SELECT yesterday.begin_deployment('r\(digit)', artifacts => '\(artifacts(digit))');
                    UPDATE apps.rule SET title = '\(digit)' WHERE code = 'r3';
                    SELECT * FROM yesterday.finish_deployment(); COMMIT;
                    UPDATE yesterday.code_generation SET confirmed_at = now(), confirmed_by = session_user, confirmed_role = session_user, confirmed_how = 'test'
                    """)
            }
            let path = "\(fixture.folder)-inverse"
            defer { try? FileManager.default.removeItem(atPath: path) }
            let output = try await YesterdayBinary.run(["inverse", "export", "r2", "-o", path], database: fixture.database)
            #expect(output.exitCode == 0, "\(output.standardError)")
            let ones = String(repeating: "1", count: 64)
            let bundle = try LoadedBundle(path: path)
            #expect(bundle.description.kind == .release)
            #expect(
                bundle.description.artifacts.map { [$0.name, $0.reference, $0.sha256] } == [
                    ["front", "https://example.com/1.zip", ones], ["web", "registry.example.com/web:1@sha256:\(ones)", nil],
                ])
        }
    }

    @Test func onlyWhoMaySeeTheRowsGetsTheInverse() async throws {
        try await BundleFixture.with { fixture in
            #expect(try await fixture.deploy(BundleFixture.bundle).exitCode == 0)
            let role = "viewer_\(fixture.database.name)"
            try await fixture.connection.execute(
                "CREATE ROLE \(role) LOGIN; GRANT yesterday_viewer TO \(role); GRANT USAGE ON SCHEMA apps TO \(role)")
            let path = "\(fixture.folder)-inverse"
            defer { try? FileManager.default.removeItem(atPath: path) }
            func export() async throws -> Tool.Output {
                try await YesterdayBinary.run(["inverse", "export", "-o", path], database: fixture.database, user: role)
            }
            let refused = try await export()
            #expect(refused.exitCode == 77 && refused.standardError.contains("permission denied for prior rows"), "\(refused.standardError)")
            #expect(!FileManager.default.fileExists(atPath: path))
            try await fixture.connection.execute("GRANT SELECT ON ALL TABLES IN SCHEMA apps TO \(role)")
            let seen = try await export()
            #expect(seen.exitCode == 0, "\(seen.standardError)")
            try FileManager.default.removeItem(atPath: path)
            try await fixture.connection.execute("ALTER TABLE apps.rule ENABLE ROW LEVEL SECURITY")
            #expect(try await export().exitCode == 77)
            try await fixture.connection.execute("GRANT yesterday_admin TO \(role)")
            let again = try await export()
            #expect(again.exitCode == 0, "\(again.standardError)")
            try await fixture.connection.execute("DROP OWNED BY \(role); DROP ROLE \(role)")
        }
    }
}
