import PostgresClient
import TestSupport
import Testing
import YesterdayKit

@Suite("Commands that look and set up")
struct LookTests {
    @Test func historyShowAndDiffTellWhatADeploymentDid() async throws {
        try await TestTarget.with { target in
            let run = try await target.yesterday([
                "run", "-q", "--name", "Release \"1\"", "--", "psql", "-qc", RunTests.change,
            ])
            #expect(run.exitCode == 0, "\(run.everything)")

            let history = try await target.yesterday(["history", "--format", "json"]).json()
            let first = try #require((history["deployments"] as? [[String: Any]])?.first)
            #expect(first["id"] as? Int == 1 && first["name"] as? String == "Release \"1\"")
            #expect(first["rollbackable"] as? Bool == true && (first["began_at"] as? String)?.hasSuffix("Z") == true)
            #expect(history["has_more"] as? Bool == false)

            let show = try await target.yesterday(["show", "Release \"1\"", "--ddl"])
            #expect(show.exitCode == 0 && show.standardOutput.contains("DROP TABLE public.made;"), "\(show.everything)")
            let contents = try await target.yesterday(["show", "--format", "json"]).json()
            let table = try #require((contents["tables"] as? [[String: Any]])?.first)
            #expect(table["rows_prior"] as? Int == 4 && table["rows_inserted"] as? Int == 1)
            #expect((contents["inverse_ddl"] as? [[String: Any]])?.isEmpty == false)
            #expect((contents["record"] as? [String: Any])?["report"] is [Any])

            let diff = try await target.yesterday(["diff", "1", "--format", "json"]).json()
            let changes = try #require(diff["differences"] as? [[String: Any]])
            #expect(
                changes.contains { $0["change"] as? String == "updated" && $0["column_name"] as? String == "steps" })
            let limited = try await target.yesterday(["diff", "--limit", "1"])
            #expect(limited.standardOutput.contains("yesterday diff 1 --limit 0"))
            let other = try await target.yesterday(["diff", "--table", "public.orders"])
            #expect(other.standardOutput.contains("no differences"))
        }
    }

    @Test func nothingIsTooWideOrTooColourfulForAPipe() async throws {
        try await TestTarget.with { target in
            let status = try await target.yesterday(["status"])
            #expect(status.exitCode == 0 && !status.standardOutput.contains("\u{1B}"))
            let terminal = try await target.shell(
                "script -qec \"stty cols 60; $YESTERDAY track\" /dev/null < /dev/null", environment: ["TERM": "xterm"])
            #expect(terminal.standardOutput.contains("\u{1B}["))
            let plain = try await target.shell(
                "script -qec \"stty cols 60; $YESTERDAY track\" /dev/null < /dev/null",
                environment: ["TERM": "xterm", "NO_COLOR": "1"])
            #expect(plain.exitCode == 0 && !plain.standardOutput.contains("\u{1B}"))
            let lines = plain.standardOutput.split(whereSeparator: \.isNewline)
            #expect(
                lines.allSatisfy { $0.count <= 60 } && lines.contains { $0.contains("public.workflow") },
                "\(plain.everything)")
        }
    }

    @Test func freezeHoldsUntilItIsCleared() async throws {
        try await TestTarget.with { target in
            let frozen = try await target.yesterday(["freeze", "--reason", "audit"])
            #expect(frozen.exitCode == 0 && frozen.standardOutput.contains("FROZEN"), "\(frozen.everything)")
            let refused = try await target.yesterday(["run", "--name", "x", "--format", "json", "--", "true"])
            #expect(refused.exitCode == 3)
            let error = try refused.json()["error"] as? [String: Any]
            #expect(error?["code"] as? String == "frozen" && error?["sqlstate"] as? String == "YD001")
            let cleared = try await target.yesterday(["clear", "--reason", "audit is over", "--format", "json"])
            #expect((try cleared.json()["status"] as? [String: Any])?["state"] as? String == "on_train")
            let run = try await target.yesterday(["run", "--name", "x", "--", "true"])
            #expect(run.exitCode == 0, "\(run.everything)")
        }
    }

    @Test func tracksTablesPatternsAndLaterTables() async throws {
        try await TestTarget.with { target in
            try await target.sql("CREATE SCHEMA meta; CREATE TABLE meta.\"Odd \"\"name\" (a int PRIMARY KEY, b text)")
            let tracked = try await target.yesterday([
                "track", "meta.\"Odd \"\"name\"", "--layer", "partner", "--outside", "refuse", "--natural-key", "b",
            ])
            #expect(tracked.exitCode == 0, "\(tracked.everything)")
            let rule = try await target.yesterday(["track", "--like", "meta.ir\\_%"])
            #expect(rule.exitCode == 0, "\(rule.everything)")
            try await target.sql("CREATE TABLE meta.ir_view (a int PRIMARY KEY); CREATE TABLE meta.irview (a int)")
            let list = try await target.yesterday(["track", "--format", "json"]).json()
            let tables = try #require(list["tables"] as? [[String: Any]])
            #expect(tables.compactMap { $0["table_name"] as? String } == ["Odd \"name", "ir_view", "workflow"])
            #expect(tables[0]["outside"] as? String == "refuse" && tables[0]["layer"] as? String == "partner")

            let untracked = try await target.yesterday([
                "untrack", "workflow", "--like", "meta.ir\\_%", "--format", "json",
            ])
            #expect(try untracked.json()["tracked_tables"] as? Int == 1)
            let unknown = try await target.yesterday(["track", "workflow", "nosuch"])
            #expect(unknown.exitCode == 65 && unknown.standardError.contains("nosuch"))
            #expect(try await target.value("SELECT count(*) FROM yesterday.tracked") == "1")
        }
    }

    @Test func doctorFindsWhatIsBrokenAndSaysHowToMendIt() async throws {
        try await TestTarget.with { target in
            let healthy = try await target.yesterday(["doctor", "--format", "json"])
            #expect(healthy.exitCode == 0, "\(healthy.everything)")
            #expect(try healthy.json()["healthy"] as? Bool == true)

            try await target.sql("SET yesterday.x = ''; ALTER TABLE workflow DISABLE TRIGGER ALL")
            let trigger = try await target.value(
                "SELECT evtname FROM pg_event_trigger WHERE evtname LIKE 'yesterday%' ORDER BY 1 LIMIT 1")
            try await target.sql("ALTER EVENT TRIGGER \(trigger ?? "") DISABLE")
            let sick = try await target.yesterday(["doctor"])
            #expect(sick.exitCode == 1, "\(sick.everything)")
            #expect(sick.standardOutput.contains("not capturing: public.workflow (disabled)"))
            #expect(sick.standardOutput.contains("ALTER EVENT TRIGGER \(trigger ?? "?") ENABLE ALWAYS;"))
            // What it says is what mends it.
            try await target.sql("ALTER EVENT TRIGGER \(trigger ?? "") ENABLE ALWAYS")
            #expect(try await target.yesterday(["track", "public.workflow"]).exitCode == 0)
            let mended = try await target.yesterday(["doctor"])
            #expect(mended.exitCode == 0, "\(mended.everything)")
        }
    }

    @Test func doctorFindsWhatMayBeCalledInThePlaceOfAVerb() async throws {
        try await TestTarget.with { target in
            try await target.sql(
                """
                CREATE FUNCTION rollback_last() RETURNS text LANGUAGE sql AS 'SELECT ''nothing''::text';
                CREATE SCHEMA "o'dd; x";
                CREATE FUNCTION "o'dd; x".rollback_last() RETURNS text LANGUAGE sql AS 'SELECT ''nothing''::text';
                CREATE FUNCTION "o'dd; x".rollback_preview("a b" int DEFAULT 1, deployment text DEFAULT NULL)
                    RETURNS int LANGUAGE sql AS 'SELECT 1';
                GRANT CREATE ON SCHEMA public TO PUBLIC;
                """)
            // The one stands in the way, the other is called indeed.
            await #expect(throws: PostgresError.self) { try await target.sql("SELECT * FROM rollback_last()") }
            let called = try await target.shell(
                """
                PGOPTIONS="-c search_path=\\\"o'dd;\\\\ x\\\",public" psql -Atc 'SELECT rollback_last()'
                """)
            #expect(called.standardOutput == "nothing\n", "\(called.everything)")
            let sick = try await target.yesterday(["doctor", "--format", "json"])
            #expect(sick.exitCode == 1, "\(sick.everything)")
            let checks = try #require(try sick.json()["checks"] as? [[String: Any]])
            let verbs = try #require(checks.first { $0["check"] as? String == "verbs" })
            #expect(verbs["state"] as? String == "failure")
            let schema = try #require(checks.first { $0["check"] as? String == "schema of the verbs" })
            #expect(schema["state"] as? String == "warning")
            // What it says is what mends it.
            try await target.sql(try #require(verbs["mend"] as? String))
            try await target.sql(try #require(schema["mend"] as? String))
            let mended = try await target.yesterday(["doctor", "--format", "json"])
            #expect(mended.exitCode == 0 && !mended.standardOutput.contains("schema of the verbs"))
            #expect(try await target.value("SELECT count(*) FROM yesterday.impostors") == "0")
        }
    }

    @Test func initGrantsAndPreloadsAndDoesNoHarmTwice() async throws {
        try await TestTarget.with { target in
            let role = "ops_of_\(target.database.name)"
            try await target.sql("CREATE ROLE \(role) LOGIN")
            let before = try await target.yesterday(["doctor", "--format", "json"])
            #expect(before.standardOutput.contains("do not load the library"))
            for expected in ["granted", "unchanged"] {
                let output = try await target.yesterday(["init", "--operator", role, "--preload", "--format", "json"])
                #expect(output.exitCode == 0, "\(output.everything)")
                let steps = try #require(try output.json()["steps"] as? [[String: Any]])
                #expect(
                    steps.contains {
                        $0["subject"] as? String == "role yesterday_operator" && $0["outcome"] as? String == expected
                    })
                #expect(try output.json()["preloaded"] as? Bool == true)
            }
            let seen = try await target.yesterday(["status"], user: role)
            #expect(seen.exitCode == 0)
            let forbidden = try await target.yesterday(["clear", "--reason", "x"], user: role)
            #expect(forbidden.exitCode == 77 && forbidden.standardError.contains("42501"))
            try await target.sql("DROP OWNED BY \(role); DROP ROLE \(role)")
        }
    }

    /// Who lacks a role is told which one, and how it is granted; the roles are those that the server asks for.
    @Test func whoLacksARoleIsToldWhich() async throws {
        try await TestTarget.with { target in
            let role = "nobody_of_\(target.database.name)"
            try await target.sql("CREATE ROLE \(role) LOGIN")
            let run = try await target.yesterday(["run", "-q", "--name", "first", "--", "psql", "-qc", RunTests.change])
            #expect(run.exitCode == 0, "\(run.everything)")
            for (command, lacking) in [
                (["status"], "yesterday_viewer"), (["rollback", "--yes"], "yesterday_operator"),
                (["clear", "--reason", "x"], "yesterday_admin"), (["track", "workflow"], "yesterday_admin"),
                (["run", "--name", "x", "--", "true"], "yesterday_deployer"),
            ] {
                if command[0] != "status" {
                    try await target.sql("GRANT yesterday_viewer TO \(role)")
                }
                let output = try await target.yesterday(command, user: role)
                #expect(
                    output.exitCode == 77 && output.standardError.contains("GRANT \(lacking) TO"),
                    "\(command): \(output.everything)")
            }
            try await target.sql("DROP OWNED BY \(role); DROP ROLE \(role)")
            for (role, functions) in YesterdayError.rolesOfFunctions {
                for function in functions {
                    #expect(
                        try await target.value(
                            """
                            SELECT count(*) > 0 AND bool_and(has_function_privilege('\(role)', p.oid, 'EXECUTE')
                                AND NOT EXISTS (SELECT FROM unnest('{yesterday_viewer,yesterday_deployer,yesterday_operator}'::text[]) l
                                                WHERE pg_has_role('\(role)', l, 'USAGE') AND l <> '\(role)'
                                                AND has_function_privilege(l, p.oid, 'EXECUTE')))
                            FROM pg_proc p WHERE p.proname = '\(function)' AND p.pronamespace IN ('yesterday'::regnamespace, 'public'::regnamespace)
                            """) == "t", "\(function): \(role)")
                }
            }
        }
    }

    @Test func aDatabaseWithoutTheExtensionIsNoTarget() async throws {
        try await TestCluster.withDatabase { database in
            let status = try await YesterdayBinary.run(["status"], database: database)
            #expect(status.exitCode == 78 && status.standardError.contains("yesterday init"))
            let doctor = try await YesterdayBinary.run(["doctor"], database: database)
            #expect(doctor.exitCode == 1 && doctor.standardOutput.contains("yesterday init"))
        }
    }

    /// An operator somebody puts into public must not run with the rights of whoever looks.
    @Test func nothingOfUsersTakesTheplaceOfAnOperator() async throws {
        try await TestTarget.with { target in
            try await target.sql(
                """
                CREATE TABLE trap (who text);
                CREATE FUNCTION spring(text, text) RETURNS boolean LANGUAGE plpgsql
                    AS $$ BEGIN INSERT INTO public.trap VALUES (session_user); RETURN $1 OPERATOR(pg_catalog.=) $2; END $$;
                CREATE OPERATOR = (LEFTARG = text, RIGHTARG = text, FUNCTION = spring);
                """)
            let database = try SQL.identifier(target.database.name)
            try await target.sql("ALTER DATABASE \(database) SET search_path = public, pg_catalog")
            for command in [["status"], ["history"], ["doctor"], ["track"], ["preview"], ["show"]] {
                _ = try await target.yesterday(command)
            }
            _ = try await target.yesterday(["run", "--name", "x", "--", "true"])
            _ = try await target.yesterday(["show", "x"])
            _ = try await target.yesterday(["rollback", "--yes"])
            #expect(try await target.value("SELECT count(*) FROM trap") == "0")
        }
    }
}
