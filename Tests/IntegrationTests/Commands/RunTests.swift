import PostgresClient
import TestSupport
import Testing
import YesterdayKit

@Suite("yesterday run")
struct RunTests {
    static let change = """
        UPDATE workflow SET steps = '[1]' WHERE id < 4; DELETE FROM orders WHERE id = 9;
        DELETE FROM workflow WHERE id = 9; INSERT INTO workflow VALUES (99, 'new', '{}');
        CREATE TABLE made (a int PRIMARY KEY); ALTER TABLE workflow ADD COLUMN extra text DEFAULT 'x';
        """

    @Test func aToolThatSucceedsIsADeploymentThatGoesBackExactly() async throws {
        try await TestTarget.with { target in
            try await target.sql("DELETE FROM orders WHERE id = 9")
            let before = try await target.dump()
            let run = try await target.yesterday([
                "run", "--name", "Release 1", "--note", "why not", "--", "psql", "-qAtc",
                Self.change + "SELECT 'out of psql'",
            ])
            #expect(run.exitCode == 0, "\(run.everything)")
            #expect(run.standardOutput == "out of psql\n")
            #expect(run.standardError.contains("deployment 1 \"Release 1\": finished, proven"))
            #expect(try await target.value("SELECT status || ' ' || note FROM yesterday.history") == "finished why not")
            #expect(try await target.dump() != before)

            let rollback = try await target.yesterday(["rollback", "--yes", "--reason", "orders fail"])
            #expect(rollback.exitCode == 0, "\(rollback.everything)")
            #expect(rollback.standardOutput.hasPrefix("deployment 1 \"Release 1\": rolled back"))
            #expect(try await target.dump() == before)

            let refused = try await target.yesterday(["run", "--name", "Release 2", "--", "true"])
            #expect(refused.exitCode == 3 && refused.standardError.contains("sqlstate: YD001"))
        }
    }

    @Test func aToolThatFailsIsUndoneAndItsStatusPassedOn() async throws {
        try await TestTarget.with { target in
            let before = try await target.dump()
            let run = try await target.yesterday([
                "run", "--name", "Bad", "--", "sh", "-c", "psql -qc \"UPDATE workflow SET name = 'bad'\"; exit 42",
            ])
            #expect(run.exitCode == 42, "\(run.everything)")
            #expect(run.standardError.contains("sh failed with exit code 42: deployment 1 \"Bad\" was undone"))
            #expect(try await target.dump() == before)
            #expect(try await target.value("SELECT state FROM yesterday.status") == "on_train")
            #expect(try await target.value("SELECT status FROM yesterday.history") == "abandoned")
        }
    }

    @Test func aToolThatASignalEndsIsUndone() async throws {
        try await TestTarget.with { target in
            let run = try await target.yesterday(["run", "--name", "Bad", "--", "sh", "-c", "kill -KILL $$"])
            #expect(run.exitCode == 137, "\(run.everything)")
            #expect(try await target.value("SELECT status FROM yesterday.history") == "abandoned")
        }
    }

    @Test func programsGetOneJSONDocumentAndTheToolsOutputBeside() async throws {
        try await TestTarget.with { target in
            let run = try await target.yesterday([
                "run", "--name", "R", "--format", "json", "--", "psql", "-Atc",
                "UPDATE workflow SET name = 'x' WHERE id = 1 RETURNING 'from the tool'",
            ])
            let json = try run.json()
            #expect(run.exitCode == 0 && run.standardError.contains("from the tool"))
            #expect(json["outcome"] as? String == "finished" && json["deployment"] as? Int == 1)
            let failed = try await target.yesterday([
                "run", "--name", "R", "--format", "json", "--", "sh", "-c", "exit 7",
            ])
            #expect(failed.exitCode == 7)
            #expect(try failed.json()["outcome"] as? String == "abandoned")
            #expect(try failed.json()["command_exit_code"] as? Int == 7)
        }
    }

    @Test func keepsThePGOPTIONSThatAreThere() async throws {
        try await TestTarget.with { target in
            let run = try await target.yesterday(
                [
                    "run", "--name", "R", "--", "psql", "-Atc", "SHOW work_mem", "-c", "SHOW yesterday.deployment",
                    "-c",
                    "\\! echo $YESTERDAY_DEPLOYMENT",
                ],
                environment: ["PGOPTIONS": "-c work_mem=7MB"])
            #expect(run.standardOutput == "7MB\n1\n1\n", "\(run.everything)")
        }
    }

    @Test func sessionsOfARoleJoinWithoutPGOPTIONS() async throws {
        try await TestTarget.with { target in
            let role = "app_of_\(target.database.name)"
            try await target.sql("CREATE ROLE \(role) LOGIN; GRANT ALL ON workflow TO \(role)")
            let run = try await target.yesterday([
                "run", "--name", "R", "--role", role, "--", "env", "-u", "PGOPTIONS", "psql", "-U", role, "-qc",
                "UPDATE workflow SET name = 'by role' WHERE id = 1",
            ])
            #expect(run.exitCode == 0, "\(run.everything)")
            #expect(try await target.value("SELECT rows FROM yesterday.history") == "1")
            let outside = try await target.yesterday([
                "run", "--name", "S", "--", "env", "-u", "PGOPTIONS", "psql", "-qc",
                "UPDATE workflow SET name = 'outside' WHERE id = 2",
            ])
            #expect(
                outside.exitCode == 0 && outside.standardError.contains("nothing was captured"), "\(outside.everything)"
            )
            try await target.sql("DROP OWNED BY \(role); DROP ROLE \(role)")
        }
    }

    @Test func aWriteOutsideTheManifestIsUndone() async throws {
        try await TestTarget.with { target in
            let before = try await target.dump()
            let script = """
                file=$(mktemp) && trap 'rm -f "$file"' EXIT
                echo 'tables: [{table: workflow, operations: [insert]}]' > "$file"
                "$YESTERDAY" run --name M --manifest "$file" -- psql -qc "UPDATE workflow SET name = 'x'"
                """
            let run = try await target.shell(script)
            #expect(run.exitCode != 0, "\(run.everything)")
            #expect(run.standardError.contains("YD013"), "\(run.everything)")
            #expect(try await target.dump() == before)
            #expect(try await target.value("SELECT state FROM yesterday.status") == "on_train")
        }
    }

    @Test(arguments: ["TERM", "INT", "HUP"])
    func aSignalIsPassedOnAndTheDeploymentUndone(_ signal: String) async throws {
        try await TestTarget.with { target in
            let before = try await target.dump()
            let run = try await target.shell(
                """
                dir=$(mktemp -d) && trap 'rm -rf "$dir"' EXIT
                cat > "$dir/tool" <<'END'
                trap 'echo passed on; exit 0' \(signal)
                psql -qc "UPDATE workflow SET name = 'half-way'"
                touch "$1/ready"
                while :; do sleep 0.05; done
                END
                "$YESTERDAY" run --name S -- bash "$dir/tool" "$dir" & pid=$!
                while [ ! -e "$dir/ready" ]; do sleep 0.05; done
                kill -\(signal) $pid
                wait $pid
                """)
            let number = ["TERM": 15, "INT": 2, "HUP": 1][signal]!
            #expect(Int(run.exitCode) == 128 + number, "\(run.everything)")
            #expect(run.standardOutput == "passed on\n")
            #expect(run.standardError.contains("SIG\(signal) came: deployment 1 \"S\" was undone"))
            #expect(try await target.dump() == before)
            #expect(try await target.value("SELECT status FROM yesterday.history") == "abandoned")
        }
    }

    /// The terminal has sent it to both already; a second one would be one too many.
    @Test func controlCReachesTheToolOnce() async throws {
        try await TestTarget.with { target in
            let run = try await target.shell(
                """
                dir=$(mktemp -d) && trap 'rm -rf "$dir"' EXIT
                cat > "$dir/tool" <<'END'
                count=0
                trap 'count=$((count + 1))' INT
                touch "$1/ready"
                for i in 1 2 3 4 5 6 7 8 9 10; do sleep 0.1; done
                echo "got $count"
                exit 3
                END
                (while [ ! -e "$dir/ready" ]; do sleep 0.05; done; printf '\\003'; sleep 2) |
                    script -qec "$YESTERDAY run --name S -- bash $dir/tool $dir" /dev/null
                """)
            #expect(run.exitCode == 130, "\(run.everything)")
            #expect(run.standardOutput.contains("got 1\r\n"), "\(run.everything)")
            #expect(try await target.value("SELECT status FROM yesterday.history") == "abandoned")
        }
    }

    @Test func aCrashLeavesADeploymentThatTheNextCommandNames() async throws {
        try await TestTarget.with { target in
            let before = try await target.dump()
            let atWork = try await target.shell(
                """
                "$YESTERDAY" run --name C -- bash -c '
                    psql -qc "UPDATE workflow SET name = upper(name)"
                    "$YESTERDAY" history >&2; kill -KILL $PPID'
                """)
            #expect(atWork.exitCode == 137)
            #expect(atWork.standardError.contains("a \"yesterday run\" is at work on it now"), "\(atWork.everything)")
            // The server notices a moment later that nobody is there any more.
            while try await target.value(
                "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'yesterday run 1'") != "0"
            { try await Task.sleep(for: .milliseconds(20)) }

            let next = try await target.yesterday(["history"])
            #expect(
                next.standardError.contains("yesterday abandon 1") && next.standardError.contains("yesterday finish 1"))
            let refused = try await target.yesterday(["run", "--name", "D", "--", "true"])
            #expect(refused.exitCode == 75 && refused.standardError.contains("yesterday abandon 1"))
            let status = try await target.yesterday(["status"])
            #expect(status.standardOutput.contains("yesterday abandon 1"))

            let unasked = try await target.yesterday(["abandon"])
            #expect(unasked.exitCode == 64)
            let abandoned = try await target.yesterday(["abandon", "--yes"])
            #expect(abandoned.exitCode == 0, "\(abandoned.everything)")
            #expect(try await target.dump() == before)
            let none = try await target.yesterday(["abandon", "--yes"])
            #expect(none.exitCode == 4)
        }
    }

    @Test func whatACrashLeftCanBeFinished() async throws {
        try await TestTarget.with { target in
            let run = try await target.shell(
                """
                "$YESTERDAY" run --name C -- bash -c '
                    psql -qc "UPDATE workflow SET name = upper(name)"; kill -KILL $PPID'
                """)
            #expect(run.exitCode == 137)
            let finished = try await target.yesterday(["finish", "--format", "json"])
            #expect(finished.exitCode == 0, "\(finished.everything)")
            #expect(try finished.json()["deployment"] as? Int == 1)
            #expect(try await target.value("SELECT status FROM yesterday.history") == "finished")
        }
    }

    @Test func survivesTheLossOfItsOwnConnection() async throws {
        try await TestTarget.with { target in
            let run = try await target.yesterday([
                "run", "--name", "L", "--", "psql", "-qc", "UPDATE workflow SET name = 'x' WHERE id = 1", "-c",
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'yesterday run 1'",
            ])
            #expect(run.exitCode == 0, "\(run.everything)")
            #expect(try await target.value("SELECT status FROM yesterday.history") == "finished")
        }
    }

    @Test func survivesACrashOfTheServer() async throws {
        let cluster = try await ThrowawayCluster.start(settings: ["fsync": "on", "synchronous_commit": "on"])
        do {
            let target = try await TestTarget.make(on: cluster)
            let before = try await target.dump()
            async let running = target.yesterday([
                "run", "--name", "L", "--", "sh", "-c",
                "psql -qc \"UPDATE workflow SET name = 'x' WHERE id = 1\"; touch $PGHOST/ready; sleep 5",
            ])
            while try await Tool("test").output(["-e", cluster.directory + "/ready"]).exitCode != 0 {
                try await Task.sleep(for: .milliseconds(50))
            }
            try await cluster.restart(immediately: true)
            let run = try await running
            #expect(run.exitCode == 0, "\(run.everything)")
            #expect(try await target.value("SELECT status || rows FROM yesterday.history") == "finished1")
            #expect(try await target.yesterday(["rollback", "--yes"]).exitCode == 0)
            #expect(try await target.dump() == before)
        } catch {
            await cluster.stop()
            throw error
        }
        await cluster.stop()
    }

    @Test func waitsForSessionsOfTheToolThatAreNotQuiteGone() async throws {
        try await TestTarget.with { target in
            try await target.sql(
                "ALTER DATABASE \(SQL.identifier(target.database.name)) SET yesterday.lock_wait = '300ms'")
            let run = try await target.shell(
                """
                "$YESTERDAY" run --name L -- bash -c '
                    psql -qc "BEGIN; UPDATE workflow SET name = upper(name) WHERE id = 1; SELECT pg_sleep(2); COMMIT" > /dev/null &
                    sleep 1'
                """)
            #expect(run.exitCode == 0, "\(run.everything)")
            #expect(try await target.value("SELECT status || rows FROM yesterday.history") == "finished1")
        }
    }

    @Test func saysTheWayOutIfItCannotEndWhatItBegan() async throws {
        try await TestTarget.with { target in
            try await target.sql(
                "ALTER DATABASE \(SQL.identifier(target.database.name)) SET yesterday.lock_wait = '100ms'")
            let run = try await target.shell(
                """
                "$YESTERDAY" run --name L -- bash -c '
                    psql -qc "BEGIN; UPDATE workflow SET name = upper(name) WHERE id = 1; SELECT pg_sleep(60)" > /dev/null 2>&1 &
                    sleep 1'
                """)
            #expect(run.exitCode == 75, "\(run.everything)")
            #expect(
                run.standardError.contains("yesterday finish 1") && run.standardError.contains("yesterday abandon 1"))
            #expect(try await target.value("SELECT status FROM yesterday.history") == "open")
        }
    }

    @Test func nothingIsOpenedForAProgramThatIsNotThere() async throws {
        try await TestTarget.with { target in
            let run = try await target.yesterday(["run", "--name", "N", "--", "no-such-program"])
            #expect(run.exitCode == 64)
            #expect(try await target.value("SELECT count(*) FROM yesterday.history") == "0")
        }
    }
}
