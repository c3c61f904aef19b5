import PostgresClient
import TestSupport
import Testing
import YesterdayKit

@Suite("yesterday rollback")
struct RollbackTests {
    private static func deploy(_ target: TestTarget, _ name: String, _ statement: String) async throws {
        let run = try await target.yesterday(["run", "--quiet", "--name", name, "--", "psql", "-qc", statement])
        try #require(run.exitCode == 0, "\(run.everything)")
    }

    private static func names(_ target: TestTarget) async throws -> String? {
        try await target.value("SELECT string_agg(name, ',' ORDER BY id) FROM workflow WHERE id <= 3")
    }

    @Test func asksOneQuestionAndTakesYesForIt() async throws {
        try await TestTarget.with { target in
            try await Self.deploy(target, "A", "UPDATE workflow SET name = 'a' WHERE id = 1")
            for (answer, code) in [("no", 6), ("", 6), ("yes", 0)] {
                let output = try await target.shell(
                    "(sleep 0.5; echo \(answer)) | script -qec \"$YESTERDAY rollback\" /dev/null")
                #expect(Int(output.exitCode) == code, "\(answer): \(output.everything)")
                #expect(output.standardOutput.contains("Roll back deployment 1 \"A\"? [yes/no]"))
                #expect(output.standardOutput.contains("would be rolled back"))
            }
            #expect(try await Self.names(target) == "workflow 1,workflow 2,workflow 3")
        }
    }

    @Test func neverAsksWithoutATerminal() async throws {
        try await TestTarget.with { target in
            try await Self.deploy(target, "A", "UPDATE workflow SET name = 'a' WHERE id = 1")
            let output = try await target.yesterday(["rollback"], input: "yes\n")
            #expect(output.exitCode == 64 && output.standardError.contains("--yes"))
            #expect(try await Self.names(target) == "a,workflow 2,workflow 3")
        }
    }

    @Test func twiceUndoesOneDeploymentOnly() async throws {
        try await TestTarget.with { target in
            try await Self.deploy(target, "A", "UPDATE workflow SET name = 'a' WHERE id = 1")
            try await Self.deploy(target, "B", "UPDATE workflow SET name = 'b' WHERE id = 2")
            let first = try await target.yesterday(["rollback", "--yes", "--format", "json", "--reason", "because"])
            let json = try first.json()
            #expect(
                first.exitCode == 0 && ((json["rolled_back"] as? [[String: Any]])?.first?["name"] as? String) == "B")
            let status = json["status"] as? [String: Any]
            #expect(status?["state"] as? String == "off_train" && status?["reason"] as? String == "because")
            let second = try await target.yesterday(["rollback", "--yes"])
            #expect(second.exitCode == 75 && second.standardError.contains("YD006"))
            #expect(second.standardError.contains("yesterday rollback 1"), "\(second.everything)")
            #expect(try await Self.names(target) == "a,workflow 2,workflow 3")
            let named = try await target.yesterday(["rollback", "1", "--yes"])
            #expect(named.exitCode == 0, "\(named.everything)")
            #expect(try await Self.names(target) == "workflow 1,workflow 2,workflow 3")
            let after = try await target.yesterday(["status"])
            #expect(after.standardOutput.contains("none that counts"), "two were rolled back: \(after.standardOutput)")
        }
    }

    @Test func goesBackToANamedDeployment() async throws {
        try await TestTarget.with { target in
            for (number, name) in ["A", "B", "C"].enumerated() {
                try await Self.deploy(target, name, "UPDATE workflow SET name = '\(name)' WHERE id = \(number + 1)")
            }
            let notLast = try await target.yesterday(["rollback", "B", "--yes"])
            #expect(notLast.exitCode == 65 && notLast.standardError.contains("YD004"), "\(notLast.everything)")
            let output = try await target.yesterday([
                "rollback", "--to", "A", "--yes", "--reason", "r", "--format", "json",
            ])
            #expect(output.exitCode == 0, "\(output.everything)")
            let names = (try output.json()["rolled_back"] as? [[String: Any]])?.compactMap { $0["name"] as? String }
            #expect(names == ["C", "B"])
            #expect(try await Self.names(target) == "A,workflow 2,workflow 3")
            let again = try await target.yesterday(["rollback", "--to", "A", "--yes"])
            #expect(again.exitCode == 4)
        }
    }

    @Test func nothingToRollBackIsSaidSo() async throws {
        try await TestTarget.with { target in
            let output = try await target.yesterday(["rollback", "--yes"])
            #expect(output.exitCode == 4 && output.standardError.contains("YD003"))
            let unknown = try await target.yesterday(["rollback", "no such", "--yes", "--format", "json"])
            #expect(unknown.exitCode == 4)
            let error = try unknown.json()["error"] as? [String: Any]
            #expect(error?["sqlstate"] as? String == "YD018" && error?["hint"] is String)
        }
    }

    @Test func previewChangesNothing() async throws {
        try await TestTarget.with { target in
            try await Self.deploy(target, "A", "UPDATE workflow SET name = 'a' WHERE id = 1; CREATE TABLE made ()")
            let before = try await target.dump()
            let output = try await target.yesterday(["preview"])
            #expect(output.exitCode == 0 && output.standardOutput.contains("public.workflow"), "\(output.everything)")
            #expect(output.standardOutput.contains("yesterday rollback"))
            let json = try await target.yesterday(["preview", "A", "--format", "json"]).json()
            #expect((json["report"] as? [[String: Any]])?.isEmpty == false)
            #expect(try await target.dump() == before)
        }
    }

    @Test func drillChangesNothing() async throws {
        try await TestTarget.with { target in
            try await Self.deploy(target, "A", "UPDATE workflow SET name = 'a' WHERE id = 1")
            let before = try await target.dump()
            let output = try await target.yesterday(["drill"])
            #expect(output.exitCode == 0, "\(output.everything)")
            #expect(try await target.dump() == before)
        }
    }

    @Test func controlCLeavesNothingHalfDone() async throws {
        try await TestTarget.with { target in
            try await Self.deploy(target, "A", "UPDATE workflow SET name = 'a' WHERE id = 1")
            // Somebody's lock keeps the rollback waiting, long enough to be interrupted.
            let blocker = try await target.database.connect()
            try await blocker.execute("BEGIN; UPDATE workflow SET name = 'mine' WHERE id = 5")
            let output = try await target.shell(
                """
                PGOPTIONS='-c yesterday.lock_wait=60s' "$YESTERDAY" rollback --yes & pid=$!
                while [ -z "$(psql -Atc "SELECT 1 FROM pg_stat_activity
                    WHERE datname = current_database() AND query LIKE '%rollback_last%' AND state = 'active'
                      AND pid <> pg_backend_pid() AND now() - query_start > '0.3 s'")" ]; do sleep 0.05; done
                kill -INT $pid; wait $pid
                """)
            #expect(output.exitCode == 130, "\(output.everything)")
            try await blocker.execute("ROLLBACK")
            #expect(try await Self.names(target) == "a,workflow 2,workflow 3")
            #expect(try await target.value("SELECT state FROM yesterday.status") == "on_train")
        }
    }

    @Test func aConnectionThatDropsLeavesNothingHalfDone() async throws {
        try await TestTarget.with { target in
            try await Self.deploy(target, "A", "UPDATE workflow SET name = 'a' WHERE id = 1")
            let blocker = try await target.database.connect()
            try await blocker.execute("BEGIN; UPDATE workflow SET name = 'mine' WHERE id = 5")
            let output = try await target.shell(
                """
                PGOPTIONS='-c yesterday.lock_wait=60s' "$YESTERDAY" rollback --yes & pid=$!
                while [ -z "$(psql -Atc "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                    WHERE datname = current_database() AND query LIKE '%rollback_last%' AND state = 'active'
                      AND pid <> pg_backend_pid() AND now() - query_start > '0.3 s'")" ]; do sleep 0.05; done
                wait $pid
                """)
            #expect(output.exitCode == 69 && output.standardError.contains("yesterday status"), "\(output.everything)")
            try await blocker.execute("ROLLBACK")
            #expect(try await Self.names(target) == "a,workflow 2,workflow 3")
            #expect(try await target.value("SELECT state FROM yesterday.status") == "on_train")
        }
    }

    @Test func forceEndsWhoIsInTheWay() async throws {
        try await TestTarget.with { target in
            try await Self.deploy(target, "A", "UPDATE workflow SET name = 'a' WHERE id = 1")
            let blocker = try await target.database.connect()
            try await blocker.execute("BEGIN; UPDATE workflow SET name = 'mine' WHERE id = 5")
            let options = ["PGOPTIONS": "-c yesterday.lock_wait=500ms"] as [String: String?]
            let patient = try await target.yesterday(["rollback", "--yes"], environment: options)
            #expect(patient.exitCode == 75 && patient.standardError.contains("YD017"), "\(patient.everything)")
            let forced = try await target.yesterday(["rollback", "--yes", "--force"], environment: options)
            #expect(forced.exitCode == 0, "\(forced.everything)")
            #expect(try await Self.names(target) == "workflow 1,workflow 2,workflow 3")

            try await target.sql("SELECT yesterday.clear_freeze('test')")
            try await Self.deploy(target, "B", "UPDATE workflow SET name = 'b' WHERE id = 1")
            try await Self.deploy(target, "C", "UPDATE workflow SET name = 'c' WHERE id = 1")
            let other = try await target.database.connect()
            try await other.execute("BEGIN; UPDATE workflow SET name = 'mine' WHERE id = 5")
            let several = ["rollback", "--to", "B", "--yes", "--reason", "test"]
            let waited = try await target.yesterday(several, environment: options)
            #expect(waited.exitCode == 75 && waited.standardError.contains("YD017"), "\(waited.everything)")
            let ended = try await target.yesterday(several + ["--force"], environment: options)
            #expect(ended.exitCode == 0 && ended.standardOutput.contains("terminated"), "\(ended.everything)")
            #expect(try await Self.names(target) == "b,workflow 2,workflow 3")
        }
    }
}
