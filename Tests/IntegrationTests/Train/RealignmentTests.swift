import Foundation
import Testing
import TestSupport
import YesterdayKit

@Suite("realignment")
struct RealignmentTests {
    private let amount = "SELECT amount::int FROM apps.rule WHERE code = 'r1'"

    /// Three targets of which the second rolled back p2 and missed p3.
    private func with(_ body: @Sendable (TrainFixture, _ fix: String) async throws -> Void) async throws {
        try await TrainFixture.with { train in
            for (name, amounts) in [("p1", ["r1": 111]), ("p2", ["r1": 666, "r4": 444])] {
                try await train.expect(["deploy", train.bundle(name, amounts: amounts), "--group", "shops"])
            }
            try await train.sql(2, "SELECT * FROM rollback_last(reason => 'orders fail')")
            let third = try train.bundle("p3", sql: "UPDATE apps.rule SET title = title || '!' WHERE code = 'r2';\n")
            try await train.expect(["deploy", third, "--group", "shops"])
            try await body(train, try train.bundle("fix", amounts: ["r1": 112]))
        }
    }

    private func train(_ fixture: TrainFixture, _ words: String...) async throws -> Tool.Output {
        try await fixture.yesterday(["train"] + words)
    }

    @Test func theWayBack() async throws {
        try await with { fixture, fix in
            let plan = try await train(fixture, "plan", "t2", "--reason", "ticket 4711", "--fix", fix, "--format", "json")
            #expect(plan.exitCode == 0, "\(plan.everything)")
            let steps = try #require(plan.json()["steps"] as? [[String: Any]])
            #expect(steps.map { $0["kind"] as? String } == ["rolled_back", "missed", "fix"])

            let unsigned = try await train(fixture, "rehearse", "t2", "--bundles", fixture.folder)
            #expect(unsigned.exitCode == 5 && unsigned.standardError.contains("YDT1"), "\(unsigned.everything)")
            let early = try await train(fixture, "approve", "t2", "--step", "2", "--reason", "x")
            #expect(early.exitCode == 65 && early.standardError.contains("YDT05"), "\(early.everything)")
            try await fixture.expect(["train", "approve", "t2", "--reason", "tried", "--yes"])
            let unrehearsed = try await train(fixture, "apply", "t2", "--bundles", fixture.folder, "--yes")
            #expect(unrehearsed.exitCode == 5 && unrehearsed.standardError.contains("YDT11"), "\(unrehearsed.everything)")

            let before = try await fixture.dump(2)
            let rehearsal = try await train(fixture, "rehearse", "t2", "--bundles", fixture.folder, "--format", "json")
            #expect(rehearsal.exitCode == 0, "\(rehearsal.everything)")
            #expect(try rehearsal.json()["peer"] as? String == "t1")
            #expect(try await fixture.dump(2) == before)

            let applied = try await train(fixture, "apply", "t2", "--bundles", fixture.folder, "--yes", "--format", "json")
            #expect(applied.exitCode == 0, "\(applied.everything)")
            #expect(try await fixture.values(amount) == ["666", "112", "666"])
            #expect(try await fixture.board() == ["t1": "AAA.", "t2": "ARRR", "t3": "AAA."])
            #expect(try await fixture.sql(2, "SELECT kind || ' ' || proof FROM yesterday.history LIMIT 1").only[0] == "realignment proven")
            let twice = try await train(fixture, "apply", "t2", "--bundles", fixture.folder, "--yes")
            #expect(twice.exitCode == 5 && twice.standardError.contains("YDT12"), "\(twice.everything)")
            #expect(try await fixture.sql(2, "SELECT state FROM yesterday.status").only[0] == "off_train")

            let cleared = try await train(fixture, "clear", "t2", "--reason", "ticket 4711 is closed")
            #expect(cleared.exitCode == 0, "\(cleared.everything)")
            let over = try await train(fixture, "apply", "t2", "--bundles", fixture.folder, "--yes")
            #expect(over.exitCode == 4 && over.standardError.contains("YDT12"), "\(over.everything)")
            #expect(over.standardError.contains("nothing is to be done"), "\(over.everything)")
            let others = try await fixture.deploy(fix)
            #expect(others.exitCode == 0, "\(others.everything)")
            #expect(try TrainFixture.outcomes(others) == ["t1": "applied", "t2": "present", "t3": "applied"])
            #expect(try await fixture.values(amount) == ["112", "112", "112"])
            let check = try await train(fixture, "check")
            #expect(check.exitCode == 0, "\(check.everything)")

            // One deployment: its rollback takes all of it away.
            try await fixture.sql(2, "SELECT * FROM rollback_last()")
            #expect(try await fixture.dump(2) == before)
            try await fixture.expect(["train", "sync"])
            #expect(try await fixture.board()["t2"] == "ABBB")
        }
    }

    @Test func aPlanThatIsStaleIsRefused() async throws {
        try await with { fixture, fix in
            try await fixture.expect(["train", "plan", "t2", "--reason", "ticket 4711", "--fix", fix])
            try await fixture.expect(["train", "approve", "t2", "--reason", "tried", "--yes"])
            try await fixture.expect(["train", "rehearse", "t2", "--bundles", fixture.folder])
            // Somebody changes metadata of the target after the rehearsal.
            try await fixture.sql(2, "UPDATE apps.rule SET title = 'by hand' WHERE code = 'r9'")
            let before = try await fixture.dump(2)
            let stale = try await train(fixture, "apply", "t2", "--bundles", fixture.folder, "--yes")
            #expect(stale.exitCode == 5 && stale.standardError.contains("YD023"), "\(stale.everything)")
            #expect(try await fixture.dump(2) == before)
            // The rehearsal says that it would not become like its peers.
            let unlike = try await train(fixture, "rehearse", "t2", "--bundles", fixture.folder)
            #expect(unlike.exitCode == 5 && unlike.standardOutput.contains("apps.rule"), "\(unlike.everything)")
            try await fixture.sql(2, "UPDATE apps.rule SET title = 'Rule 9' WHERE code = 'r9'")
            try await fixture.expect(["train", "rehearse", "t2", "--bundles", fixture.folder])
            try await fixture.expect(["train", "apply", "t2", "--bundles", fixture.folder, "--yes"])
        }
    }

    /// A plan whose fix is refused is not begun.
    @Test func aPlanIsBegunWhole() async throws {
        try await with { fixture, fix in
            let refused = try await train(fixture, "plan", "t2", "--reason", "x", "--fix", fixture.folder + "/p1")
            #expect(refused.exitCode == 5 && refused.standardError.contains("YDT06"), "\(refused.everything)")
            let none = try await train(fixture, "plan", "t2")
            #expect(none.standardOutput.contains("nobody has planned"), "\(none.everything)")
            try await fixture.expect(["train", "plan", "t2", "--reason", "x", "--fix", fix])
        }
    }

    /// What a target has of its own may stay, if somebody answers for it; everybody can see that ever after.
    @Test func aTargetThatStaysDifferentIsRealignedOnAcceptanceOnly() async throws {
        try await with { fixture, fix in
            try await fixture.sql(2, "UPDATE apps.rule SET title = 'our own' WHERE code = 'r9'")
            try await fixture.expect(["train", "plan", "t2", "--reason", "x", "--fix", fix])
            try await fixture.expect(["train", "approve", "t2", "--reason", "x", "--yes"])
            let unlike = try await train(fixture, "rehearse", "t2", "--bundles", fixture.folder)
            #expect(unlike.exitCode == 5 && !unlike.standardOutput.contains("train apply"), "\(unlike.everything)")
            #expect(unlike.standardOutput.contains("--accept-unaligned"), "\(unlike.everything)")
            let apply = ["train", "apply", "t2", "--bundles", fixture.folder, "--yes"]
            let unrehearsed = try await fixture.yesterday(apply)
            #expect(unrehearsed.exitCode == 5 && unrehearsed.standardError.contains("YDT11"), "\(unrehearsed.everything)")
            try await fixture.expect(["train", "rehearse", "t2", "--bundles", fixture.folder, "--accept-unaligned"])
            let before = try await fixture.dump(2)
            let refused = try await fixture.yesterday(apply)
            #expect(refused.exitCode == 5, "\(refused.everything)")
            #expect(try await fixture.dump(2) == before)
            try await fixture.expect(["train", "rehearse", "t2", "--bundles", fixture.folder, "--accept-unaligned"])
            let applied = try await fixture.expect(apply + ["--accept-unaligned"])
            #expect(applied.standardOutput.contains("train clear t2 --accept-unaligned"), "\(applied.everything)")
            let unclear = try await train(fixture, "clear", "t2", "--reason", "done")
            #expect(unclear.exitCode == 5 && unclear.standardError.contains("YD024"), "\(unclear.everything)")
            try await fixture.expect(["train", "clear", "t2", "--reason", "r9 is theirs", "--accept-unaligned"])
            try await fixture.expect(["train", "sync"])
            for arguments in [["train", "board"], ["train", "board", "--format", "json"]] {
                let board = try await fixture.expect(arguments)
                #expect(board.standardOutput.contains("r9 is theirs"), "\(board.everything)")
            }
        }
    }

    /// Who may not realign is told so beforehand, and the rehearsal of who may still counts.
    @Test func whoMayNotApplyVoidsNothing() async throws {
        try await with { fixture, fix in
            let role = "operator_\(fixture.prefix)"
            for database in [fixture.registry, fixture.database(2)] {
                try await fixture.query(
                    database,
                    "DO $$ BEGIN CREATE ROLE \(role) LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$; GRANT yesterday_operator TO \(role)")
            }
            try await fixture.expect(["train", "plan", "t2", "--reason", "ticket 4711", "--fix", fix])
            try await fixture.expect(["train", "approve", "t2", "--reason", "tried", "--yes"])
            try await fixture.expect(["train", "rehearse", "t2", "--bundles", fixture.folder])
            // In the target as that role, whatever the registry is reached as.
            try await fixture.reach(2, as: role)
            for step in [["rehearse", "t2"], ["apply", "t2", "--yes"]] {
                let refused = try await fixture.yesterday(["train"] + step + ["--bundles", fixture.folder])
                #expect(refused.exitCode == 77 && refused.standardError.contains("GRANT yesterday_admin"), "\(refused.everything)")
            }
            try await fixture.reach(2, as: nil)
            try await fixture.expect(["train", "apply", "t2", "--bundles", fixture.folder, "--yes"])
            for database in [fixture.database(2), fixture.registry] { try await fixture.query(database, "DROP OWNED BY \(role)") }
            try await fixture.query(fixture.registry, "DROP ROLE \(role)")
        }
    }

    /// Who may not compare does not hear that all is well.
    @Test func nobodyAskedIsNotAligned() async throws {
        try await with { fixture, _ in
            let behind = try await train(fixture, "check")
            #expect(behind.exitCode == 0 && behind.standardOutput.contains("t2 is behind"), "\(behind.everything)")
            let role = "stranger_\(fixture.prefix)"
            try await fixture.query(fixture.registry, "CREATE ROLE \(role) LOGIN")
            for number in 1...3 { try await fixture.reach(number, as: role) }
            let people = try await train(fixture, "check")
            #expect(people.exitCode == 69 && people.standardOutput.contains("no target could be asked"), "\(people.everything)")
            let machines = try await train(fixture, "check", "--format", "json")
            let groups = try machines.json()["groups"] as? [[String: Any]]
            #expect(groups?.first?["aligned"] as? Bool == false, "\(machines.everything)")
            try await fixture.query(fixture.registry, "DROP ROLE \(role)")
        }
    }

    /// Clearing is one decision in two databases: what ends in between is completed by the same command.
    @Test(arguments: ["clearing", "cleared"])
    func clearingIsCompletedByTheNext(place: String) async throws {
        try await with { fixture, fix in
            try await fixture.expect(["train", "plan", "t2", "--reason", "ticket 4711", "--fix", fix])
            try await fixture.expect(["train", "approve", "t2", "--reason", "tried", "--yes"])
            try await fixture.expect(["train", "rehearse", "t2", "--bundles", fixture.folder])
            try await fixture.expect(["train", "apply", "t2", "--bundles", fixture.folder, "--yes"])
            let clear = ["train", "clear", "t2", "--reason", "done"]
            let died = try await fixture.yesterday(clear, environment: ["YESTERDAY_CRASH_AT": place])
            #expect(died.exitCode == 137, "\(died.everything)")
            let state = try await fixture.sql(2, "SELECT state FROM yesterday.status").only[0]
            #expect(state == (place == "clearing" ? "off_train" : "on_train"))
            let completed = try await fixture.yesterday(clear)
            #expect(completed.exitCode == 0, "\(place): \(completed.everything)")
            #expect(try await fixture.sql(2, "SELECT state FROM yesterday.status").only[0] == "on_train")
            #expect(try await fixture.query(fixture.registry, "SELECT state FROM train.realignments").only[0] == "cleared")
        }
    }

    @Test func otherBundlesAreRefused() async throws {
        try await with { fixture, fix in
            try await fixture.expect(["train", "plan", "t2", "--reason", "ticket 4711", "--fix", fix])
            try await fixture.expect(["train", "approve", "t2", "--reason", "tried", "--yes"])
            _ = try fixture.bundle("p3", sql: "UPDATE apps.rule SET title = 'other' WHERE code = 'r2';\n")
            let other = try await train(fixture, "rehearse", "t2", "--bundles", fixture.folder)
            #expect(other.exitCode == 5 && other.standardError.contains("YDT06"), "\(other.everything)")
            let unaligned = try await train(fixture, "clear", "t2", "--reason", "it will do")
            #expect(unaligned.exitCode == 5 && unaligned.standardError.contains("YD024"), "\(unaligned.everything)")
            let accepted = try await train(fixture, "clear", "t2", "--reason", "it will do", "--accept-unaligned")
            #expect(accepted.exitCode == 0, "\(accepted.everything)")
            let board = try await train(fixture, "board")
            #expect(board.standardOutput.contains("let back on the train without being aligned"), "\(board.everything)")
        }
    }

    /// The controller dies on the way; the same command completes it, or it is rehearsed again.
    @Test(arguments: ["apply-begun", "permit-granted", "realignment-proven", "realigned"])
    func aControllerThatDiedIsCompletedByTheNext(place: String) async throws {
        try await with { fixture, fix in
            try await fixture.expect(["train", "plan", "t2", "--reason", "ticket 4711", "--fix", fix])
            try await fixture.expect(["train", "approve", "t2", "--reason", "tried", "--yes"])
            try await fixture.expect(["train", "rehearse", "t2", "--bundles", fixture.folder])
            let apply = ["train", "apply", "t2", "--bundles", fixture.folder, "--yes"]
            let died = try await fixture.yesterday(apply, environment: ["YESTERDAY_CRASH_AT": place])
            #expect(died.exitCode == 137, "\(died.everything)")
            let completed = try await fixture.yesterday(apply)
            #expect(completed.exitCode == 0, "\(place): \(completed.everything)")
            #expect(try await fixture.board() == ["t1": "AAA.", "t2": "ARRR", "t3": "AAA."])
            #expect(try await fixture.sql(2, "SELECT count(*) FROM yesterday.history WHERE kind = 'realignment' AND status = 'finished'").only[0] == "1")
            try await fixture.expect(["train", "clear", "t2", "--reason", "done"])
            #expect(try await fixture.values(amount) == ["666", "112", "666"])
        }
    }
}

@Suite("yesterday demo --train")
struct TrainDemoTests {
    @Test func itEndsWell() async throws {
        let output = try await YesterdayBinary.run(["demo", "--train", "--format", "json"])
        #expect(output.exitCode == 0, "\(output.everything)")
        let demo = try #require(output.json()["demo"] as? [String: Any])
        #expect(demo["good"] as? Bool == true)
    }
}
