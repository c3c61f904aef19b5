import Foundation
import PostgresClient
import TestSupport
import Testing
import YesterdayKit

@Suite("yesterday deploy, with the real program on a real server")
struct DeployTests {
    @Test func aBundleLandsWholeAndGoesBackExactly() async throws {
        try await BundleFixture.with { fixture in
            let before = try await fixture.dump()
            let output = try await fixture.deploy(BundleFixture.bundle, ["--format", "json", "--note", "why not"])
            #expect(output.exitCode == 0, "\(output.standardOutput) \(output.standardError)")
            let result = try #require(
                JSONSerialization.jsonObject(with: Data(output.standardOutput.utf8)) as? [String: Any])
            #expect(result["committed"] as? Bool == true)
            let files = try #require(result["files"] as? [[String: Any]])
            func counts(_ index: Int) -> [Int?] {
                ["inserted", "updated", "deleted", "unchanged", "statements"].map { files[index][$0] as? Int }
            }
            #expect(counts(0) == [0, 0, 0, 0, 3])
            #expect(counts(1) == [1, 1, 0, 1, 0])
            #expect(counts(2) == [0, 0, 1, 1, 0])
            #expect(counts(3) == [1, 1, 0, 0, 0])
            #expect(counts(4) == [1, 1, 1, 0, 0])
            #expect(
                try await fixture.value("SELECT string_agg(name, '|' ORDER BY code) FROM apps.country")
                    == "Schweiz, Confederation|Deutschland|Own")
            #expect(
                try await fixture.value("SELECT body FROM apps.rule WHERE code = 'new'")
                    == #"{"deep": [1, 2, {"x": null}]}"#)
            #expect(try await fixture.value("SELECT note FROM yesterday.history") == "why not")
            #expect(
                try await fixture.value("SELECT manifest->'bundle'->>'digest' FROM yesterday.deployment")
                    == result["digest"] as? String)

            try await fixture.connection.query("SELECT * FROM rollback_last()")
            #expect(try await fixture.dump() == before)

            let refused = try await fixture.deploy(BundleFixture.bundle)
            #expect(refused.exitCode == 3)
            #expect(refused.standardError.contains("YD001"))
        }
    }

    /// A job that is run once more after it had succeeded: the one rollback must not be spent on an
    /// empty deployment.
    @Test func theSameBundleAgainIsDeployedAlready() async throws {
        try await BundleFixture.with { fixture in
            #expect(try await fixture.deploy(BundleFixture.bundle).exitCode == 0)
            let again = try await fixture.deploy(BundleFixture.bundle, ["--format", "json"])
            #expect(again.exitCode == 0, "\(again.everything)")
            let document = try again.json()
            #expect(document["already_deployed"] as? Bool == true, "\(again.everything)")
            #expect(document["deployment"] as? Int == 1 && document["committed"] as? Bool == true, "\(again.everything)")
            let words = try await fixture.deploy(BundleFixture.bundle)
            #expect(words.standardOutput.contains("\"apps 2\" is deployed already, as deployment 1"), "\(words.everything)")
            #expect(try await fixture.value("SELECT count(*) FROM yesterday.history") == "1")
            // Trying it is not deploying it, and who means it says so.
            let rehearsal = try await fixture.deploy(["bundle.yaml": Self.small, "sql/1.sql": Self.more], ["--dry-run"])
            #expect(rehearsal.exitCode == 0, "\(rehearsal.everything)")
            for options in [[], ["--again"]] {
                let more = try await fixture.deploy(["bundle.yaml": Self.small, "sql/1.sql": Self.more], options)
                #expect(more.exitCode == 0, "\(more.everything)")
            }
            #expect(try await fixture.value("SELECT count(*) FROM yesterday.history") == "3")
            #expect(try await fixture.value("SELECT changed FROM apps.rule WHERE code = 'r3'") == "2")
            // What was rolled back is not deployed any more.
            try await fixture.connection.execute("SELECT rollback_last(); SELECT yesterday.clear_freeze('test')")
            let third = try await fixture.deploy(["bundle.yaml": Self.small, "sql/1.sql": Self.more], ["--format", "json"])
            #expect(try third.json()["already_deployed"] as? Bool == true, "\(third.everything)")
            try await fixture.connection.execute("SELECT rollback_last(); SELECT yesterday.clear_freeze('test')")
            let fourth = try await fixture.deploy(["bundle.yaml": Self.small, "sql/1.sql": Self.more], ["--format", "json"])
            #expect(try fourth.json()["already_deployed"] as? Bool == false, "\(fourth.everything)")
        }
    }

    private static let small = "name: small\ncontents:\n  - file: sql/1.sql\n    writes: [apps.rule]\n"
    private static let more = "UPDATE apps.rule SET changed = changed + 1 WHERE code = 'r3';\n"

    @Test func aRehearsalChangesNothing() async throws {
        try await BundleFixture.with { fixture in
            let before = try await fixture.dump()
            let output = try await fixture.deploy(BundleFixture.bundle, ["--dry-run"])
            #expect(output.exitCode == 0, "\(output.standardError)")
            #expect(output.standardOutput.contains("can be deployed; nothing was changed"))
            #expect(try await fixture.dump() == before)
            #expect(try await fixture.value("SELECT count(*) FROM yesterday.history") == "0")
        }
    }

    /// Changes to the bundle, the exit code, and what the message has to say.
    @Test(arguments: [
        (["sql/900.sql": "UPDATE apps.rule SET changed = 1;\nSELECT 1 / 0;\n"], 65, "sql/900.sql, line 2: division"),
        (
            ["records/rule.jsonl": "{\"code\": \"r1\"}\n{\"code\": \"x\", \"amount\": \"lots\"}\n"], 65,
            "records/rule.jsonl, line 2: "
        ),
        (["copies/country.csv": "code,nom\nDE,x\n"], 65, "copies/country.csv"),
        (["copies/country.csv": "code,name\nXX,Own\n"], 65, "copies/country.csv"),
        (["sql/900.sql": "SELECT 1;\nCOMMIT;\n"], 65, "sql/900.sql:2: COMMIT cannot stand in a bundle"),
        (["sql/900.sql": "CREATE PROCEDURE p() LANGUAGE plpgsql AS 'BEGIN COMMIT; END';\nCALL p();\n"], 65, "2D000"),
        (["sql/900.sql": "UPDATE apps.theme SET colour = 'red';\n"], 5, "YD013"),
        (["sql/900.sql": "REINDEX (CONCURRENTLY) TABLE apps.rule;\n"], 65, "25001"),
        (["sql/900.sql": "SELECT pg_terminate_backend(pg_backend_pid());\n"], 69, "Nothing was changed"),
        (["sql/900.sql": "SET ROLE nobody_at_all;\n"], 65, "nobody_at_all"),
        (
            ["sql/900.sql": "SELECT set_config('transaction_read_only', 'on', true);\nUPDATE apps.rule SET changed = 1;\n"], 65,
            "made the transaction read only"
        ),
        (["records/rule.jsonl": "{\"code\": }\n"], 65, "records/rule.jsonl:1: this is not JSON"),
        (["copies/country.csv": "code,name\nDE\n"], 65, "copies/country.csv:2: the header names 2 columns"),
        (["bundle.yaml": "name: a\ncolour: red\n"], 65, "bundle.yaml:2: the bundle has no key \"colour\""),
        (["records/screen.jsonl": "{\"code\": \"s1\", \"rule\": \"nowhere\"}\n"], 65, "23503"),
    ])
    func afterAFailureNothingHasChanged(changes: [String: String], exitCode: Int32, message: String) async throws {
        try await BundleFixture.with { fixture in
            let before = try await fixture.dump()
            let output = try await fixture.deployChanged(changes)
            #expect(output.exitCode == exitCode, "\(output.standardError)")
            #expect(output.standardError.contains(message), "\(output.standardError)")
            #expect(output.standardError.contains("Nothing was changed"), "\(output.standardError)")
            #expect(output.standardOutput.isEmpty)
            #expect(try await fixture.dump() == before)
            #expect(try await fixture.value("SELECT count(*) FROM yesterday.history") == "0")
            #expect(try await fixture.value("SELECT state FROM yesterday.status") == "on_train")
        }
    }

    @Test func aRowThatIsNotInTheManifestIsRefused() async throws {
        try await BundleFixture.with { fixture in
            // A trigger that writes another row than the one the bundle names.
            try await fixture.connection.execute(
                """
                CREATE FUNCTION apps.touch() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN UPDATE apps.rule SET changed = changed + 1 WHERE code = 'r7'; RETURN NULL; END $$;
                CREATE TRIGGER touch AFTER UPDATE OF amount ON apps.rule EXECUTE FUNCTION apps.touch();
                """)
            let files = [
                "bundle.yaml": "name: a\ncontents:\n  - file: records/r.jsonl\n    table: apps.rule\n    key: code\n",
                "records/r.jsonl": "{\"code\": \"r1\", \"amount\": 5}\n",
            ]
            let output = try await fixture.deploy(files)
            #expect(output.exitCode == 5)
            #expect(output.standardError.contains("YD013") && output.standardError.contains("r7"))
        }
    }

    @Test func orderLayerAndCaptureAreChecked() async throws {
        try await BundleFixture.with { fixture in
            func files(_ more: String, table: String = "apps.rule", name: String = "step") -> [String: String] {
                [
                    "bundle.yaml":
                        "name: \(name)\n\(more)contents:\n  - file: records/r.jsonl\n    table: \(table)\n    key: code\n",
                    "records/r.jsonl": "{\"code\": \"\(UUID().uuidString)\"}\n",
                ]
            }
            let early = try await fixture.deploy(files("requires: apps 1\n"))
            #expect(early.exitCode == 5 && early.standardError.contains("requires \"apps 1\""))
            let first = try await fixture.deploy(files(""))
            #expect(first.exitCode == 0, "\(first.standardError)")
            let wrong = try await fixture.deploy(files("requires: apps 1\n"))
            #expect(
                wrong.exitCode == 5 && wrong.standardError.contains("The last deployment of this target is \"step\""))
            let right = try await fixture.deploy(files("requires: step\n", name: "step 2"))
            #expect(right.exitCode == 0, "\(right.standardError)")

            let layer = try await fixture.deploy(files("layer: partner\n"))
            #expect(layer.exitCode == 5 && layer.standardError.contains("belongs to another layer"))
            try await fixture.connection.execute("CREATE TABLE public.loose (code text PRIMARY KEY)")
            let loose = try await fixture.deploy(files("", table: "public.loose"))
            #expect(loose.exitCode == 5 && loose.standardError.contains("yesterday track public.loose"))
            let missing = try await fixture.deploy(files("", table: "apps.nowhere"))
            #expect(missing.exitCode == 65 && missing.standardError.contains("does not exist"))
        }
    }

    @Test func aTableThatTheBundleCreatesCanBeFilled() async throws {
        try await BundleFixture.with { fixture in
            let before = try await fixture.dump()
            let files = [
                "bundle.yaml": """
                name: a
                contents:
                  - file: ddl/a.sql
                  - file: records/a.jsonl
                    table: apps.fresh
                    key: code
                """,
                "ddl/a.sql": "CREATE TABLE apps.fresh (code text PRIMARY KEY);\n",
                "records/a.jsonl": "{\"code\": \"one\"}\n",
            ]
            let output = try await fixture.deploy(files)
            #expect(output.exitCode == 0, "\(output.standardError)")
            #expect(try await fixture.value("SELECT count(*) FROM apps.fresh") == "1")
            try await fixture.connection.query("SELECT * FROM rollback_last()")
            #expect(try await fixture.dump() == before)
        }
    }

    @Test func whatCascadesIsDeclared() async throws {
        try await BundleFixture.with { fixture in
            try await fixture.connection.execute(
                """
                CREATE TABLE apps.step (id int PRIMARY KEY, rule text REFERENCES apps.rule (code) ON DELETE CASCADE);
                INSERT INTO apps.step VALUES (1, 'r40'), (2, 'r41');
                """)
            let before = try await fixture.dump()
            func files(_ more: String) -> [String: String] {
                [
                    "bundle.yaml": """
                    name: a
                    contents:
                      - file: records/r.jsonl
                        table: apps.rule
                        key: code
                        mode: delete
                    \(more)
                    """,
                    "records/r.jsonl": "{\"code\": \"r40\"}\n",
                ]
            }
            let undeclared = try await fixture.deploy(files(""))
            #expect(undeclared.exitCode == 5 && undeclared.standardError.contains("apps.step") == true)
            #expect(try await fixture.dump() == before)
            let declared = try await fixture.deploy(files("    writes: [apps.step]"))
            #expect(declared.exitCode == 0, "\(declared.standardError)")
            try await fixture.connection.query("SELECT * FROM rollback_last()")
            #expect(try await fixture.dump() == before)
        }
    }

    @Test func partitionsAreWrittenThroughTheirTable() async throws {
        try await BundleFixture.with { fixture in
            try await fixture.connection.execute(
                """
                CREATE TABLE apps.text (lang text, code text, body text, PRIMARY KEY (lang, code)) PARTITION BY LIST (lang);
                CREATE TABLE apps.text_de PARTITION OF apps.text FOR VALUES IN ('de');
                CREATE TABLE apps.text_rest PARTITION OF apps.text DEFAULT PARTITION BY LIST (lang);
                CREATE TABLE apps.text_rest_fr PARTITION OF apps.text_rest FOR VALUES IN ('fr');
                INSERT INTO apps.text VALUES ('de', 'a', 'eins'), ('fr', 'a', 'un');
                """)
            let before = try await fixture.dump()
            let output = try await fixture.deploy([
                "bundle.yaml": """
                name: a
                contents:
                  - file: records/t.jsonl
                    table: apps.text
                    key: [lang, code]
                """,
                "records/t.jsonl": """
                {"lang": "de", "code": "a", "body": "zwei"}
                {"lang": "fr", "code": "b", "body": "deux"}
                """,
            ])
            #expect(output.exitCode == 0, "\(output.standardError)")
            try await fixture.connection.query("SELECT * FROM rollback_last()")
            #expect(try await fixture.dump() == before)
        }
    }

    @Test func aScriptThatBecomesSomebodyElseDoesSoForItself() async throws {
        try await BundleFixture.with { fixture in
            let output = try await fixture.deployChanged([
                "ddl/010.sql": BundleFixture.bundle["ddl/010.sql"]! + "\nSET ROLE pg_monitor;\nSET search_path = nowhere;\n"
            ])
            #expect(output.exitCode == 0, "\(output.standardError)")
            #expect(try await fixture.value("SELECT deployed_role FROM yesterday.history") == "postgres")
        }
    }

    @Test func onlyDeployersMayDeploy() async throws {
        try await BundleFixture.with { fixture in
            let role = "stranger_\(fixture.database.name)"
            try await fixture.connection.execute("CREATE ROLE \(role) LOGIN; GRANT ALL ON SCHEMA apps TO \(role)")
            let output = try await fixture.deploy(BundleFixture.bundle, user: role)
            #expect(output.exitCode == 77, "\(output.standardError)")
            try await fixture.connection.execute("DROP OWNED BY \(role); DROP ROLE \(role)")
        }
    }

    /// Ends the program in the middle of a long statement: politely, and as a crash would.
    @Test(arguments: [("INT", Int32(130)), ("TERM", 130), ("KILL", 137)])
    func anInterruptionLeavesNothingBehind(signal: String, exitCode: Int32) async throws {
        try await BundleFixture.with { fixture in
            let before = try await fixture.dump()
            let path = try fixture.write(
                BundleFixture.bundle.merging(["sql/900.sql": "SELECT pg_sleep(60);\n"]) { $1 })
            let environment = fixture.database.cluster.environment.merging(["PGDATABASE": fixture.database.name]) { $1 }
            let output = try await Tool("timeout", environment: environment.mapValues { $0 }).output([
                "--preserve-status", "--signal=\(signal)", "8", try YesterdayBinary.path(), "deploy", path,
            ])
            #expect(output.exitCode == exitCode, "\(output.standardError)")
            // A killed program is noticed by the server, in the middle of the statement too.
            let deadline = ContinuousClock.now + .seconds(20)
            let busy = """
                SELECT count(*) FROM pg_stat_activity
                WHERE datname = current_database() AND application_name = 'yesterday' AND pid <> pg_backend_pid()
                    AND state <> 'idle'
                """
            while try await fixture.value(busy) != "0", ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(100))
            }
            #expect(try await fixture.value(busy) == "0")
            #expect(try await fixture.dump() == before)
            #expect(try await fixture.value("SELECT count(*) FROM yesterday.history") == "0")
        }
    }

    @Test func lintAndInspectNeedNoServer() async throws {
        try await BundleFixture.with { fixture in
            let nowhere: [String: String?] = ["PGHOST": "/nowhere"]
            let path = try fixture.write(BundleFixture.bundle)
            let inspect = try await YesterdayBinary.run(["bundle", "inspect", path], environment: nowhere)
            #expect(inspect.exitCode == 0)
            #expect(inspect.standardOutput.contains("merges 2 rows by code, deletes others where source = 'iso'"))
            let lint = try await YesterdayBinary.run(["bundle", "lint", path], environment: nowhere)
            #expect(lint.exitCode == 0 && lint.standardOutput.contains("\"apps 2\" is in order"))

            let broken = try fixture.write(
                BundleFixture.bundle.merging(["records/gone.jsonl": "{\"kode\": 1}\n"]) { $1 })
            let report = try await YesterdayBinary.run(
                ["bundle", "lint", broken, "--format", "json"], environment: nowhere)
            #expect(report.exitCode == 65)
            let result = try #require(
                JSONSerialization.jsonObject(with: Data(report.standardOutput.utf8)) as? [String: Any])
            let problem = try #require((result["problems"] as? [[String: Any]])?.first)
            #expect(problem["file"] as? String == "records/gone.jsonl" && problem["line"] as? Int == 1)
            #expect(problem["code"] as? String == "bad-record")
        }
    }
}

@Suite("yesterday demo --release")
struct ReleaseDemoTests {
    @Test func endsWell() async throws {
        let output = try await YesterdayBinary.run(["demo", "--release", "--format", "json"])
        #expect(output.exitCode == 0, "\(output.everything)")
        let demo = try #require(output.json()["demo"] as? [String: Any])
        #expect(demo["exact"] as? Bool == true, "\(output.everything)")
    }
}

@Suite("yesterday demo")
struct DemoTests {
    @Test func theDemonstrationEndsWell() async throws {
        let output = try await YesterdayBinary.run(["demo", "--format", "json"])
        #expect(output.exitCode == 0, "\(output.standardOutput) \(output.standardError)")
        let result = try #require(
            JSONSerialization.jsonObject(with: Data(output.standardOutput.utf8)) as? [String: Any])
        let demo = try #require(result["demo"] as? [String: Any])
        #expect(demo["exact"] as? Bool == true)
        #expect(demo["lost_orders"] as? Int == 0)
        #expect(demo["rows"] as? Int ?? 0 > 2000)
    }
}
