import Foundation
import Testing
import TestSupport
import YesterdayKit

/// On servers of their own: they are killed, and they run out of prepared transactions.
@Suite("deploy --group --atomic", .serialized)
struct AtomicDeployTests {
    private let amount = "SELECT amount::int FROM apps.rule WHERE code = 'r1'"

    private func with(
        prepared: Int = 4, _ body: (TrainFixture) async throws -> Void
    ) async throws {
        let cluster = try await ThrowawayCluster.start(settings: ["max_prepared_transactions": String(prepared)])
        do {
            try await body(TrainFixture.make(cluster, prefix: "atomic", count: 3))
        } catch {
            await cluster.stop()
            throw error
        }
        await cluster.stop()
    }

    private func prepared(_ train: TrainFixture) async throws -> String? {
        try await train.query("postgres", "SELECT count(*) FROM pg_prepared_xacts").only[0]
    }

    @Test func allOrNone() async throws {
        try await with { train in
            let output = try await train.deploy(train.bundle("p1", amounts: ["r1": 111]), ["--atomic"])
            #expect(output.exitCode == 0, "\(output.everything)")
            #expect(try await train.values(amount) == ["111", "111", "111"])
            #expect(try await train.board() == ["t1": "A", "t2": "A", "t3": "A"])
            #expect(try await prepared(train) == "0")
            for number in 1...3 { try await train.sql(number, "SELECT * FROM rollback_preview()") }

            // One fails where the others are prepared already: a deferred check of one target.
            for number in 1...3 {
                try await train.sql(
                    number,
                    """
                    CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS
                        $$ BEGIN IF EXISTS (SELECT FROM public.orders WHERE id = 99) THEN RAISE EXCEPTION 'not here'; END IF;
                        RETURN NEW; END $$;
                    CREATE TRIGGER refuse BEFORE UPDATE ON apps.rule FOR EACH ROW EXECUTE FUNCTION public.refuse();
                    """)
            }
            try await train.sql(3, "INSERT INTO public.orders VALUES (99, 'r1')")
            let failed = try await train.deploy(train.bundle("p2", amounts: ["r1": 112]), ["--atomic", "--parallel", "1"])
            #expect(failed.exitCode != 0 && failed.standardOutput.contains("not here"), "\(failed.everything)")
            #expect(try await train.values(amount) == ["111", "111", "111"])
            #expect(try await prepared(train) == "0")
            #expect(try await train.board() == ["t1": "A", "t2": "A", "t3": "A"], "the patch is off the train again")

            for (name, sql) in [
                ("notify", "NOTIFY somebody;\n"), ("temporary", "CREATE TEMP TABLE scratch (a int);\n"),
                ("hidden", "DO $$ BEGIN EXECUTE 'NOTIFY somebody'; END $$;\n"),
            ] {
                let refused = try await train.deploy(train.bundle(name, sql: sql), ["--atomic"])
                #expect(refused.exitCode == 65 && refused.standardOutput.contains("0A000"), "\(refused.everything)")
                #expect(try await prepared(train) == "0")
            }
        }
    }

    @Test func roomIsCheckedBeforehand() async throws {
        try await with(prepared: 2) { train in
            let output = try await train.deploy(train.bundle("p1", amounts: ["r1": 111]), ["--atomic"])
            #expect(output.exitCode == 78 && output.standardOutput.contains("max_prepared_transactions is 2"), "\(output.everything)")
            #expect(try await train.values(amount) == ["100", "100", "100"])
        }
    }

    /// The controller is killed at every step; afterwards everything is committed or nothing is, and
    /// the same command completes it.
    @Test func aControllerIsKilledAtEveryStep() async throws {
        try await with { train in
            var value = 100
            for place in [
                "run-begun", "applying:2", "proven:2", "prepared:1", "prepared:3", "deciding", "decided", "committing:1",
                "committed:1", "recorded:1", "committed:3", "recorded:3",
            ] {
                let before = String(value)
                value += 1
                let after = String(value)
                let bundle = try train.bundle("p\(value)", amounts: ["r1": value])
                let options = ["--atomic", "--parallel", "1"]
                let died = try await train.deploy(bundle, options, environment: ["YESTERDAY_CRASH_AT": place])
                #expect(died.exitCode == 137, "\(place): \(died.everything)")
                let recovered = try await train.yesterday(["train", "recover"])
                #expect(recovered.exitCode == 0, "\(place): \(recovered.everything)")
                #expect(try await prepared(train) == "0", "\(place)")
                let values = try await train.values(amount)
                let rows = try await train.board().values
                #expect(!rows.contains { $0.contains("P") }, "\(place): nobody is at it any more: \(rows)")
                let isDecided = ["decided", "committing:1", "committed:1", "recorded:1", "committed:3", "recorded:3"].contains(place)
                #expect(values == Array(repeating: isDecided ? after : before, count: 3), "\(place)")
                let completed = try await train.deploy(bundle, options)
                #expect(completed.exitCode == 0, "\(place): \(completed.everything)")
                #expect(try await train.values(amount) == [after, after, after], "\(place)")
            }
            let rows = Set(try await train.board().values)
            #expect(rows == [String(repeating: "A", count: 12)])
            #expect(try await train.yesterday(["train", "verify"]).exitCode == 0)
            // Each of them can be rolled back, one after the other.
            for _ in 1...12 {
                for number in 1...3 {
                    let last = try await train.sql(number, "SELECT last_deployment FROM yesterday.status").only[0] ?? ""
                    try await train.sql(number, "SELECT * FROM rollback_last('\(last)')")
                }
            }
            #expect(try await train.values(amount) == ["100", "100", "100"])
        }
    }

    /// Somebody ends by hand what holds up a rollback, although its peers commit: the group goes on, and the patch
    /// is deployed there anew.
    @Test func whatSomebodyRolledBackByHandIsToldAndDeployedAnew() async throws {
        try await with { train in
            #expect(try await train.deploy(train.bundle("p0", amounts: ["r2": 2])).exitCode == 0)
            let bundle = try train.bundle("p1", amounts: ["r1": 111])
            let died = try await train.deploy(bundle, ["--atomic"], environment: ["YESTERDAY_CRASH_AT": "decided"])
            #expect(died.exitCode == 137, "\(died.everything)")
            let waiting = try await train.yesterday(
                ["rollback", "--yes"], environment: ["PGDATABASE": train.database(1), "PGOPTIONS": "-c yesterday.lock_wait=100ms"])
            #expect(waiting.exitCode == 75 && waiting.standardError.contains("yesterday train recover"), "\(waiting.everything)")
            let gid = try await train.sql(1, "SELECT gid FROM pg_prepared_xacts WHERE database = current_database()").only[0] ?? ""
            try await train.sql(1, "ROLLBACK PREPARED '\(gid)'")
            let recovered = try await train.yesterday(["train", "recover"])
            #expect(recovered.exitCode == 5 && recovered.standardOutput.contains("the patch is lost on t1"), "\(recovered.everything)")
            #expect(try await train.values(amount) == ["100", "111", "111"])
            #expect(try await train.board() == ["t1": "AF", "t2": "AA", "t3": "AA"])
            #expect(try await train.yesterday(["train", "recover"]).exitCode == 0, "that is settled")
            let completed = try await train.deploy(bundle)
            #expect(completed.exitCode == 0, "\(completed.everything)")
            #expect(try await train.values(amount) == ["111", "111", "111"])
            #expect(try await train.board() == ["t1": "AA", "t2": "AA", "t3": "AA"])
            #expect(try await train.yesterday(["train", "verify"]).exitCode == 0)
        }
    }

    /// PostgreSQL lets the role that prepared end it, or a superuser: anybody else is told who that is.
    @Test func anotherRoleIsToldWhoMayRecover() async throws {
        try await with { train in
            let bundle = try train.bundle("p1", amounts: ["r1": 111])
            let died = try await train.deploy(bundle, ["--atomic"], environment: ["YESTERDAY_CRASH_AT": "decided"])
            #expect(died.exitCode == 137, "\(died.everything)")
            for database in [train.registry] + (1...3).map(train.database) {
                try await train.query(
                    database,
                    "DO $$ BEGIN CREATE ROLE second LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$; GRANT yesterday_admin TO second")
            }
            for number in 1...3 { try await train.reach(number, as: "second") }
            let refused = try await train.yesterday(["train", "recover"])
            #expect(refused.exitCode == 77 && refused.standardError.contains("or a superuser: yesterday train recover"), "\(refused.everything)")
            try await train.query("postgres", "ALTER ROLE second SUPERUSER")
            let recovered = try await train.yesterday(["train", "recover"])
            #expect(recovered.exitCode == 0, "\(recovered.everything)")
            #expect(try await train.values(amount) == ["111", "111", "111"])
        }
    }

    /// The server dies while the controller stands still at a step, and comes back.
    @Test(arguments: ["prepared:2", "decided", "committed:1"])
    func theServersAreKilled(place: String) async throws {
        try await with { train in
            let bundle = try train.bundle("p1", amounts: ["r1": 111])
            let command = ["deploy", bundle, "--group", "shops", "--atomic", "--parallel", "1", "--format", "json"]
            let died = try await train.yesterday(command, standingStillAt: place) {
                try await train.cluster.restart(immediately: true)
            }
            #expect(died.exitCode != 0, "registry and targets were on it: \(died.said)")
            let recovered = try await train.yesterday(["train", "recover"])
            #expect(recovered.exitCode == 0, "\(place): \(recovered.everything)")
            #expect(try await prepared(train) == "0", "\(place)")
            let values = Set(try await train.values(amount))
            let isDecided = ["decided", "committed:1"].contains(place)
            #expect(values == [isDecided ? "111" : "100"], "\(place)")
            let completed = try await train.deploy(bundle, ["--atomic"])
            #expect(completed.exitCode == 0, "\(place): \(completed.everything)")
            #expect(try await train.values(amount) == ["111", "111", "111"])
        }
    }
}
