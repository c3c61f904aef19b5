import Foundation
import TestSupport
import Testing
import YesterdayKit

@Suite("Releases: code and bundle as one unit", .timeLimit(.minutes(20)))
struct ReleaseTests {
    @Test func forwardAndBackAsOne() async throws {
        try await ReleaseFixture.with { fixture in
            let first = try await fixture.deploy(fixture.release("1", web: "w1"), "--format", "json")
            #expect(first.exitCode == 0, "\(first.everything)")
            #expect(try first.json()["committed"] as? Bool == true)
            #expect(try await fixture.state() == "on_train confirmed \"as in 1\" 1.tar.gz")
            #expect(try fixture.page() == "w1")

            let second = try await fixture.deploy(fixture.release("2", web: "w2"))
            #expect(second.exitCode == 0, "\(second.everything)")
            #expect(second.standardOutput.contains("code and all"), "\(second.everything)")
            #expect(try await fixture.state() == "on_train confirmed \"as in 2\" 2.tar.gz")
            #expect(try fixture.page() == "w2")

            // The current code could be fetched, and is kept where it runs.
            #expect(try await fixture.value("SELECT count(*)::text FROM yesterday.pinned_artifacts WHERE last_checked IS NOT NULL") == "4")
            let shown = try await fixture.yesterday(["show"])
            #expect(shown.standardOutput.contains("1.tar.gz"), "\(shown.everything)")

            let back = try await fixture.yesterday(["rollback", "--yes", "--format", "json"])
            #expect(back.exitCode == 0, "\(back.everything)")
            #expect(try await fixture.state() == "off_train confirmed \"as in 1\" 1.tar.gz")
            #expect(try fixture.page() == "w1")
            // The new code was stopped before the database was rolled back under it.
            #expect(fixture.actions.suffix(3) == ["start", "stop", "start"])

            // Before the first release nothing ran.
            let all = try await fixture.yesterday(["rollback", "1", "--yes"])
            #expect(all.exitCode == 0, "\(all.everything)")
            #expect(try await fixture.state() == "off_train confirmed \"workflow 1\" nothing")
            #expect(!fixture.exists("web/current"))
        }
    }

    /// C, B (metadata alone) and A, rolled back in psql: one switch leads to the code before A.
    @Test func codeIsPositional() async throws {
        try await ReleaseFixture.with { fixture in
            for version in ["1", "2"] { #expect(try await fixture.deploy(fixture.release(version)).exitCode == 0) }
            try await fixture.sql("BEGIN; SELECT yesterday.begin_deployment('B'); UPDATE workflow SET name = 'B' WHERE id = 1; SELECT yesterday.finish_deployment(); COMMIT")
            #expect(try await fixture.state() == "on_train confirmed \"B\" 2.tar.gz")
            #expect(try await fixture.deploy(fixture.release("3")).exitCode == 0)
            let before = fixture.actions.count
            try await fixture.sql("SELECT rollback_last(); SELECT rollback_last('B'); SELECT rollback_last('shop 2')")
            #expect(try await fixture.state() == "off_train pending \"as in 1\" 3.tar.gz")
            let sick = try await fixture.yesterday(["doctor"])
            #expect(sick.exitCode == 1 && sick.standardOutput.contains("yesterday reconcile"), "\(sick.everything)")
            let refused = try await fixture.yesterday(["status"])
            #expect(refused.standardOutput.contains("yesterday reconcile"), "\(refused.everything)")
            let done = try await fixture.yesterday(["reconcile"])
            #expect(done.exitCode == 0, "\(done.everything)")
            #expect(try await fixture.state() == "off_train confirmed \"as in 1\" 1.tar.gz")
            #expect(fixture.actions.count == before + 1)
            // Once more changes nothing.
            let again = try await fixture.yesterday(["reconcile", "--format", "json"])
            #expect(again.exitCode == 0, "\(again.everything)")
            #expect(fixture.actions.count == before + 1)
            #expect(try await fixture.value("SELECT count(*)::text FROM yesterday.switch_attempts") == "4")
        }
    }

    /// A program that says it has started and is well, and did nothing, is not believed.
    @Test func aProgramThatLies() async throws {
        try await ReleaseFixture.with { fixture in
            #expect(try await fixture.deploy(fixture.release("1")).exitCode == 0)
            fixture.untell("log")
            try fixture.tell("lie-start")
            let failed = try await fixture.deploy(fixture.release("2"))
            #expect(failed.exitCode == 7 && failed.standardOutput.contains("says that what runs is"), "\(failed.everything)")
            #expect(try await fixture.state() == "on_train failed \"as in 2\" 1.tar.gz")
            fixture.untell("lie-start")
            #expect(try await fixture.yesterday(["reconcile"]).exitCode == 0)
            #expect(try await fixture.state() == "on_train confirmed \"as in 2\" 2.tar.gz")
            let back = try await fixture.yesterday(["rollback", "--yes"])
            #expect(back.standardOutput.contains("Code is not pending any more"), "\(back.everything)")
        }
    }

    /// What a program has begun ends with it: a start that comes too late must not take the place
    /// of what was put back.
    @Test func whatIsEndedDoesNothingLater() async throws {
        try await ReleaseFixture.with { fixture in
            try await fixture.set("api", "command", "program=switch", "stable=0", "timeout=1")
            try fixture.tell("late-start")
            let failed = try await fixture.deploy(fixture.release("1"))
            #expect(failed.exitCode == 7 && failed.standardOutput.contains("took longer than 1 s"), "\(failed.everything)")
            try await Task.sleep(for: .seconds(2.5))
            #expect(fixture.running == nil)
        }
    }

    /// Who could not take it back is told so while there is nothing to take back.
    @Test func rollbackOnFailureNeedsAnOperator() async throws {
        try await ReleaseFixture.with { fixture in
            let role = "deployer_\(fixture.target.database.name)"
            try await fixture.sql("CREATE ROLE \(role) LOGIN; GRANT yesterday_deployer TO \(role); GRANT ALL ON workflow TO \(role)")
            let bundle = try await fixture.release("1")
            let refused = try await fixture.yesterday(["deploy", bundle, "--rollback-on-failure"], user: role)
            #expect(refused.exitCode == 77 && refused.standardError.contains("GRANT yesterday_operator"), "\(refused.everything)")
            #expect(try await fixture.state() == "on_train none \"workflow 1\" nothing")
            let deployed = try await fixture.yesterday(["deploy", bundle], user: role)
            #expect(deployed.exitCode == 0, "\(deployed.everything)")
            try await fixture.sql("DROP OWNED BY \(role); DROP ROLE \(role)")
        }
    }

    /// What cannot be deployed here yet is said before anything is fetched for it.
    @Test func whatItBuildsOnComesFirst() async throws {
        try await ReleaseFixture.with { fixture in
            let api = try await fixture.archive("2")
            let bundle = try fixture.bundle(
                "2", artifacts: "  - {name: api, archive: \"\(api.url)\", sha256: \(api.sha256)}", requires: "shop 1")
            let refused = try await fixture.deploy(bundle)
            #expect(refused.exitCode == 5 && refused.standardError.contains("requires \"shop 1\""), "\(refused.everything)")
            #expect(refused.standardError.contains("Nothing was changed"), "\(refused.everything)")
            #expect(!fixture.exists("state/log"), "the runtime was asked to keep what is not deployed")
            #expect(try await fixture.deploy(fixture.release("1")).exitCode == 0)
            #expect(try await fixture.deploy(bundle).exitCode == 0)
        }
    }

    @Test func codeThatDoesNotComeUp() async throws {
        try await ReleaseFixture.with { fixture in
            #expect(try await fixture.deploy(fixture.release("1", web: "w1")).exitCode == 0)
            let bad = try await fixture.release("2", web: "w2")
            try fixture.tell("sick", "sha256:\(try await fixture.archive("2").sha256)")
            let failed = try await fixture.deploy(bad)
            #expect(failed.exitCode == 7, "\(failed.everything)")
            #expect(failed.standardOutput.contains("it is sick"), "\(failed.everything)")
            #expect(failed.standardOutput.contains("put back"), "\(failed.everything)")
            // The old code runs on; the target says what is missing, and takes nothing new.
            #expect(try await fixture.state() == "on_train failed \"as in 2\" 1.tar.gz")
            #expect(try fixture.page() == "w1")
            let refused = try await fixture.deploy(fixture.release("3"))
            #expect(refused.exitCode == 7, "\(refused.everything)")
            // The same command completes it when the cause is gone.
            fixture.untell("sick")
            let completed = try await fixture.deploy(bad, "--format", "json")
            #expect(completed.exitCode == 0, "\(completed.everything)")
            #expect(try completed.json()["resumed"] as? Bool == true)
            #expect(try await fixture.state() == "on_train confirmed \"as in 2\" 2.tar.gz")
            #expect(try fixture.page() == "w2")
            let again = try await fixture.deploy(bad)
            #expect(again.exitCode == 0 && again.standardOutput.contains("is deployed already"), "\(again.everything)")
            #expect(try await fixture.value("SELECT count(*)::text FROM yesterday.history") == "2")
        }
    }

    /// A program that hangs is ended, and what ran before runs on.
    @Test func aRuntimeThatHangs() async throws {
        try await ReleaseFixture.with { fixture in
            #expect(try await fixture.deploy(fixture.release("1")).exitCode == 0)
            try await fixture.set("api", "command", "program=switch", "stable=0", "timeout=1")
            try fixture.tell("hold-start")
            let failed = try await fixture.deploy(fixture.release("2"))
            #expect(failed.exitCode == 7, "\(failed.everything)")
            #expect(failed.standardOutput.contains("took longer than 1 s"), "\(failed.everything)")
            #expect(try await fixture.state() == "on_train failed \"as in 2\" 1.tar.gz")
            fixture.untell("hold-start")
            #expect(try await fixture.yesterday(["reconcile"]).exitCode == 0)
            #expect(try await fixture.state() == "on_train confirmed \"as in 2\" 2.tar.gz")
        }
    }

    /// A bundle with other rows and the same code is a deployment, and leaves the code alone; a
    /// rehearsal leaves everything alone.
    @Test func theSameCodeAgain() async throws {
        try await ReleaseFixture.with { fixture in
            let old = try await fixture.archive("0")
            try fixture.tell("runs-api", "sha256:\(old.sha256) \(old.url)\n")
            let rehearsal = try await fixture.deploy(fixture.release("1"), "--dry-run")
            #expect(rehearsal.exitCode == 0, "\(rehearsal.everything)")
            #expect(try await fixture.state() == "on_train none \"workflow 1\" 0.tar.gz")
            #expect(try await fixture.deploy(fixture.release("1")).exitCode == 0)
            let api = try await fixture.archive("1")
            let same = try fixture.bundle("1b", artifacts: "  - {name: api, archive: \"\(api.url)\", sha256: \(api.sha256)}")
            let actions = fixture.actions
            #expect(try await fixture.deploy(same).exitCode == 0)
            #expect(fixture.actions == actions)
            #expect(try await fixture.value("SELECT max(generation)::text FROM yesterday.code") == "2")
            let twice = try await fixture.deploy(same)
            #expect(twice.exitCode == 0, "\(twice.everything)")
            #expect(twice.standardOutput.contains("\"shop 1b\" is deployed already, as deployment 3, and its code runs."), "\(twice.everything)")
            #expect(fixture.actions == actions)
            // Whoever asks for it twice wants it to run: what somebody ended is started.
            fixture.untell("runs-api")
            let third = try await fixture.deploy(same, "--format", "json", "--rollback-on-failure")
            #expect(third.exitCode == 0, "\(third.everything)")
            #expect(try third.json()["already_deployed"] as? Bool == true, "\(third.everything)")
            #expect(try await fixture.state() == "on_train confirmed \"as in 1b\" 1.tar.gz")
            // If it does not come up, the deployment of yesterday is not what is taken back.
            fixture.untell("runs-api")
            try fixture.tell("fail-start")
            let sick = try await fixture.deploy(same, "--rollback-on-failure")
            #expect(sick.exitCode == 7, "\(sick.everything)")
            #expect(sick.standardOutput.contains("told to fail"), "\(sick.everything)")
            fixture.untell("fail-start")
            #expect(try await fixture.yesterday(["reconcile"]).exitCode == 0)
            #expect(try await fixture.state() == "on_train confirmed \"as in 1b\" 1.tar.gz")
            #expect(try await fixture.value("SELECT count(*)::text FROM yesterday.history") == "2")
            let again = try await fixture.deploy(same, "--again")
            #expect(again.exitCode == 0, "\(again.everything)")
            #expect(try await fixture.yesterday(["rollback", "--to", "shop 1", "--yes", "--reason", "test"]).exitCode == 0)
            #expect(try await fixture.state() == "off_train confirmed \"as in 1\" 1.tar.gz")
        }
    }

    @Test func rollbackOnFailure() async throws {
        try await ReleaseFixture.with { fixture in
            #expect(try await fixture.deploy(fixture.release("1")).exitCode == 0)
            try fixture.tell("sick", "sha256:\(try await fixture.archive("2").sha256)")
            let failed = try await fixture.deploy(fixture.release("2"), "--rollback-on-failure")
            #expect(failed.exitCode == 5, "\(failed.everything)")
            #expect(failed.standardOutput.contains("WAS ROLLED BACK"), "\(failed.everything)")
            #expect(failed.standardOutput.contains("Code is not pending any more"), "\(failed.everything)")
            #expect(try await fixture.state() == "off_train confirmed \"as in 1\" 1.tar.gz")
            #expect(try await fixture.value("SELECT reason FROM yesterday.status")?.contains("it is sick") == true)
        }
    }

    /// Somebody types rollback_last() after COMMIT and before the switch: the old code runs on.
    @Test func rolledBackMeanwhile() async throws {
        try await ReleaseFixture.with { fixture in
            #expect(try await fixture.deploy(fixture.release("1")).exitCode == 0)
            let bundle = try await fixture.release("2")
            try fixture.tell("hold-start")
            async let deployed = fixture.deploy(bundle, "--format", "json")
            try await fixture.wait { fixture.exists("state/held-start") }
            #expect(try await fixture.value("SELECT code_state FROM yesterday.status") == "switching")
            // The rollback does not wait for who is switching.
            try await fixture.sql("SET statement_timeout = '5s'; SELECT rollback_last(reason => 'at once')")
            fixture.untell("hold-start")
            let output = try await deployed
            #expect(output.exitCode == 0, "\(output.everything)")
            #expect(try output.json()["rolled_back"] as? Bool == true, "\(output.everything)")
            #expect(try await fixture.state() == "off_train confirmed \"as in 1\" 1.tar.gz")
            #expect(try await fixture.value("SELECT string_agg(outcome, ' ' ORDER BY id) FROM yesterday.switch_attempts") == "confirmed superseded confirmed")
        }
    }

    /// A rollback whose database part is refused leaves the new code running.
    @Test func refusedRollback() async throws {
        try await ReleaseFixture.with { fixture in
            for version in ["1", "2"] { #expect(try await fixture.deploy(fixture.release(version)).exitCode == 0) }
            let blocker = try await fixture.target.database.connect()
            try await blocker.execute("BEGIN; LOCK TABLE workflow IN ACCESS EXCLUSIVE MODE")
            try await fixture.sql("ALTER DATABASE \(fixture.target.database.name) SET yesterday.lock_wait = '300ms'")
            let refused = try await fixture.yesterday(["rollback", "--yes"])
            #expect(refused.exitCode == 75, "\(refused.everything)")
            await blocker.close()
            #expect(try await fixture.state() == "on_train confirmed \"as in 2\" 2.tar.gz")
            // A runtime that fails does not keep the database from being rolled back.
            try fixture.tell("fail-stop")
            try fixture.tell("fail-start")
            let half = try await fixture.yesterday(["rollback", "--yes"])
            #expect(half.exitCode == 7, "\(half.everything)")
            #expect(half.standardOutput.contains("told to fail"), "\(half.everything)")
            #expect(try await fixture.state() == "off_train failed \"as in 1\" 2.tar.gz")
            fixture.untell("fail-start")
            fixture.untell("fail-stop")
            #expect(try await fixture.yesterday(["reconcile"]).exitCode == 0)
            #expect(try await fixture.state() == "off_train confirmed \"as in 1\" 1.tar.gz")
        }
    }

    /// What ran before the first release is known to its rollback.
    @Test func whatRanBeforeIsTakenOver() async throws {
        try await ReleaseFixture.with { fixture in
            let old = try await fixture.archive("0")
            try fixture.tell("runs-api", "sha256:\(old.sha256) \(old.url)\n")
            #expect(try await fixture.deploy(fixture.release("1")).exitCode == 0)
            #expect(try await fixture.value("SELECT string_agg(cause, ' ' ORDER BY generation) FROM yesterday.code") == "adopted deployment")
            #expect(try await fixture.yesterday(["rollback", "--yes"]).exitCode == 0)
            #expect(try await fixture.state() == "off_train confirmed \"workflow 1\" 0.tar.gz")
            // Code that was switched past Yesterday is noticed before anything is changed.
            try await fixture.sql("SELECT yesterday.clear_freeze('test')")
            try fixture.tell("runs-api", "sha256:\(String(repeating: "e", count: 64)) elsewhere\n")
            let refused = try await fixture.deploy(fixture.release("1"))
            #expect(refused.exitCode == 5, "\(refused.everything)")
            #expect(refused.standardError.contains("not what was confirmed"), "\(refused.everything)")
            // ... and put right.
            #expect(try await fixture.yesterday(["reconcile"]).exitCode == 0)
            #expect(try await fixture.state() == "on_train confirmed \"workflow 1\" 0.tar.gz")
        }
    }
}

extension ReleaseFixture {
    /// The page that `web` serves.
    func page() throws -> String { try String(contentsOfFile: "\(folder)/web/current/index.html", encoding: .utf8) }

    /// Waits for something that has to come.
    func wait(_ isThere: () async throws -> Bool) async throws {
        let end = ContinuousClock.now + .seconds(60)
        while try await !isThere() {
            guard ContinuousClock.now < end else { throw YesterdayError(.failed, "waited in vain") }
            try await Task.sleep(for: .milliseconds(50))
        }
    }
}
