import Foundation
import Testing
import TestSupport
import YesterdayKit

@Suite("deploy --group")
struct GroupDeployTests {
    private let amount = "SELECT amount::int FROM apps.rule WHERE code = 'r1'"

    @Test func everyTargetGetsItOnce() async throws {
        try await TrainFixture.with { train in
            let first = try train.bundle("p1", amounts: ["r1": 111], sql: "INSERT INTO apps.screen (code, rule) VALUES ('new', 'r2');\n")
            let output = try await train.deploy(first)
            #expect(output.exitCode == 0, "\(output.everything)")
            #expect(try TrainFixture.outcomes(output) == ["t1": "applied", "t2": "applied", "t3": "applied"])
            #expect(try await train.values(amount) == ["111", "111", "111"])
            #expect(try await train.board() == ["t1": "A", "t2": "A", "t3": "A"])
            // The inverse differs in ids, times and uuids only where there are such: here the prior rows
            // are equal everywhere, but the keys of what was inserted are not.
            #expect(try output.json()["inverse_bundles_stored"] as? Int == 3)

            let again = try await train.deploy(first)
            #expect(again.exitCode == 0, "\(again.everything)")
            #expect(try TrainFixture.outcomes(again) == ["t1": "present", "t2": "present", "t3": "present"])

            let second = try await train.deploy(try train.bundle("p2", amounts: ["r1": 112]), ["--parallel", "1"])
            #expect(second.exitCode == 0, "\(second.everything)")
            #expect(try second.json()["inverse_bundles_stored"] as? Int == 1, "equal inverse bundles are stored once")
            let large = try await train.deploy(try train.bundle("p3", amounts: ["r1": 113]), ["--inverse-limit", "0"])
            #expect(large.exitCode == 0 && large.standardError.contains("is in the target alone"), "\(large.everything)")
            #expect(try large.json()["inverse_bundles_stored"] as? Int == 0)
            for number in 1...3 { try await train.sql(number, "SELECT * FROM rollback_last()") }
            for number in 1...3 { try await train.sql(number, "SELECT yesterday.clear_freeze('test', accept_unaligned => true)") }
            try await train.expect(["train", "sync"])
            #expect(try await train.board() == ["t1": "AAB", "t2": "AAB", "t3": "AAB"])
            #expect(try await train.values("SELECT proof FROM yesterday.history LIMIT 1") == ["proven", "proven", "proven"])
            for number in 1...3 { try await train.sql(number, "SELECT * FROM rollback_last()") }
            #expect(try await train.values(amount) == ["111", "111", "111"])
        }
    }

    @Test func aTargetThatFellOffDoesNotHoldBackItsPeers() async throws {
        try await TrainFixture.with { train in
            #expect(try await train.deploy(train.bundle("p1", amounts: ["r1": 111])).exitCode == 0)
            #expect(try await train.deploy(train.bundle("p2", amounts: ["r1": 666])).exitCode == 0)
            try await train.sql(2, "SELECT * FROM rollback_last(reason => 'orders fail')")

            let sync = try await train.expect(["train", "sync", "--format", "json"])
            #expect(sync.standardOutput.contains("off the train") && sync.standardOutput.contains("rolled back"))
            #expect(try await train.board() == ["t1": "AA", "t2": "AB", "t3": "AA"])

            let output = try await train.deploy(train.bundle("p3", amounts: ["r2": 3]))
            #expect(output.exitCode == 0, "\(output.everything)")
            #expect(try TrainFixture.outcomes(output) == ["t1": "applied", "t2": "missed", "t3": "applied"])
            #expect(try await train.board() == ["t1": "AAA", "t2": "ABM", "t3": "AAA"])
            let board = try await train.expect(["train", "board"])
            #expect(board.standardOutput.contains("t2: OFF THE TRAIN since"), "\(board.everything)")
            #expect(board.standardOutput.contains("orders fail; rolled back: 2 p2; missed: 3 p3."))
            let page = "\(train.folder)/board.html"
            try await train.expect(["train", "board", "--html", page])
            #expect(try String(contentsOfFile: page, encoding: .utf8).contains("<td class=\"rolled_back\">rolled back</td>"))
        }
    }

    @Test func aTargetThatIsNotLikeItsPeersGetsNothing() async throws {
        try await TrainFixture.with { train in
            try await train.sql(3, "UPDATE apps.rule SET title = 'by hand' WHERE code = 'r7'")
            let before = try await train.dump(3)
            let bundle = try train.bundle("p1", amounts: ["r1": 111])
            let stopped = try await train.deploy(bundle)
            #expect(stopped.exitCode == 5, "\(stopped.everything)")
            #expect(try TrainFixture.outcomes(stopped) == ["t1": "given_up", "t2": "given_up", "t3": "diverged"])
            #expect(stopped.standardOutput.contains("apps.rule"))
            #expect(try await train.values(amount) == ["100", "100", "100"])

            let others = try await train.deploy(bundle, ["--on-failure", "continue"])
            #expect(others.exitCode == 5, "\(others.everything)")
            #expect(try TrainFixture.outcomes(others) == ["t1": "applied", "t2": "applied", "t3": "diverged"])
            #expect(try await train.dump(3) == before)

            let check = try await train.yesterday(["train", "check", "--rows", "--format", "json"])
            #expect(check.exitCode == 0, "t3 is behind now, not diverged: \(check.everything)")
            // Once it is as its peers were, the same command completes it.
            try await train.sql(3, "UPDATE apps.rule SET title = 'Rule 7' WHERE code = 'r7'")
            let completed = try await train.deploy(bundle)
            #expect(completed.exitCode == 0, "\(completed.everything)")
            #expect(try TrainFixture.outcomes(completed) == ["t1": "present", "t2": "present", "t3": "applied"])
        }
    }

    @Test func checkNamesTablesAndRows() async throws {
        try await TrainFixture.with { train in
            let aligned = try await train.yesterday(["train", "check"])
            #expect(aligned.exitCode == 0, "\(aligned.everything)")
            #expect(aligned.standardOutput.contains("aligned") && aligned.standardOutput.contains("as expected in"))
            try await train.sql(
                2,
                "UPDATE apps.rule SET amount = 1 WHERE code = 'r3'; DELETE FROM apps.screen WHERE code = 's9'; INSERT INTO apps.rule VALUES ('own', 'Own', 1)"
            )
            let output = try await train.yesterday(["train", "check", "--rows", "--format", "json"])
            #expect(output.exitCode == 5, "\(output.everything)")
            let group = try #require((output.json()["groups"] as? [[String: Any]])?.first)
            let targets = try #require(group["targets"] as? [[String: Any]])
            let second = try #require(targets.first { $0["target"] as? String == "t2" })
            #expect(second["state"] as? String == "diverged")
            let differences = try #require(second["differences"] as? [[String: Any]])
            let rule = try #require(differences.first { $0["table"] as? String == "apps.rule" && $0["kind"] as? String == "rows" })
            let keys = (rule["keys"] as? [[String: Any]] ?? []).map { ($0["kind"] as? String ?? "", "\($0["key"] ?? "")") }
            #expect(keys.contains { $0.0 == "changed" && $0.1.contains("r3") } && keys.contains { $0.0 == "extra" && $0.1.contains("own") })
            let screen = try #require(differences.first { $0["table"] as? String == "apps.screen" && $0["kind"] as? String == "rows" })
            #expect((screen["keys"] as? [[String: Any]])?.first?["kind"] as? String == "missing")
            #expect(differences.contains { $0["table"] as? String == "partner.override" && $0["expected"] as? Bool == true })
        }
    }

    @Test func theCanaryGoesFirst() async throws {
        try await TrainFixture.with { train in
            let bundle = try train.bundle("p1", amounts: ["r1": 111])
            let paused = try await train.deploy(bundle, ["--canary", "t2", "--pause"])
            #expect(paused.exitCode == 0, "\(paused.everything)")
            #expect(try TrainFixture.outcomes(paused) == ["t1": "given_up", "t2": "applied", "t3": "given_up"])
            #expect(try paused.json()["paused"] as? Bool == true)
            #expect(try await train.values(amount) == ["100", "111", "100"])
            let rest = try await train.deploy(bundle, ["--canary", "t2"])
            #expect(try TrainFixture.outcomes(rest) == ["t1": "applied", "t2": "present", "t3": "applied"])

            // What the canary has rolled back does not go on to the others by the same command.
            let second = try train.bundle("p2", amounts: ["r1": 666])
            let waiting = try await train.yesterday(["deploy", second, "--group", "shops", "--canary", "t2", "--pause"])
            #expect(waiting.exitCode == 0 && waiting.standardOutput.contains("--group shops --canary t2"), "\(waiting.everything)")
            try await train.sql(2, "SELECT * FROM rollback_last(reason => 'orders fail')")
            let stopped = try await train.yesterday(["deploy", second, "--group", "shops", "--canary", "t2"])
            #expect(stopped.exitCode == 3 && stopped.standardError.contains("the canary t2 is off the train"), "\(stopped.everything)")
            #expect(stopped.standardError.contains("it rolled it back: orders fail"), "\(stopped.everything)")
            #expect(try await train.values(amount) == ["111", "111", "111"])
            let others = try await train.deploy(second)
            #expect(try TrainFixture.outcomes(others) == ["t1": "applied", "t2": "missed", "t3": "applied"])
            #expect(others.standardOutput.contains("it rolled it back: orders fail"), "\(others.everything)")
        }
    }

    @Test func aFailureStopsTheOthersOrDoesNot() async throws {
        try await TrainFixture.with { train in
            let bundle = try train.bundle("p1", sql: "UPDATE apps.rule SET amount = 111 WHERE code = 'r1';\n")
            // Business data of one target makes the statement fail there, and there only.
            try await train.sql(
                2,
                """
                CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS
                    $$ BEGIN RAISE EXCEPTION 'not here'; END $$;
                CREATE TRIGGER refuse BEFORE UPDATE ON apps.rule FOR EACH ROW EXECUTE FUNCTION public.refuse();
                """)
            let check = try await train.yesterday(["train", "check"])
            #expect(check.exitCode == 5, "a trigger is structure: \(check.everything)")
            for number in [1, 3] {
                try await train.sql(
                    number,
                    """
                    CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS
                        $$ BEGIN IF EXISTS (SELECT FROM public.orders WHERE id = 99) THEN RAISE EXCEPTION 'not here'; END IF;
                        RETURN NEW; END $$;
                    CREATE TRIGGER refuse BEFORE UPDATE ON apps.rule FOR EACH ROW EXECUTE FUNCTION public.refuse();
                    """)
            }
            try await train.sql(
                2,
                """
                CREATE OR REPLACE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS
                    $$ BEGIN IF EXISTS (SELECT FROM public.orders WHERE id = 99) THEN RAISE EXCEPTION 'not here'; END IF;
                    RETURN NEW; END $$;
                INSERT INTO public.orders VALUES (99, 'r1')
                """)
            let stopped = try await train.deploy(bundle)
            #expect(stopped.exitCode != 0)
            #expect(try TrainFixture.outcomes(stopped) == ["t1": "given_up", "t2": "failed", "t3": "given_up"], "\(stopped.everything)")
            #expect(stopped.standardOutput.contains("not here"))
            #expect(stopped.standardError.contains("it is not on the train"), "\(stopped.everything)")
            #expect(try stopped.json()["withdrawn"] as? Bool == true)
            let told = try await train.yesterday(["deploy", bundle, "--group", "shops"])
            #expect(told.standardOutput.hasPrefix("\"p1\" is not on the train of shops: on 0 of 3 targets"), "\(told.everything)")
            #expect(try await train.values(amount) == ["100", "100", "100"])
            #expect(
                try await train.query(train.registry, "SELECT count(*) FROM train.patches").only[0] == "0",
                "a new patch that landed nowhere is off the train again")
            let went = try await train.deploy(bundle, ["--on-failure", "continue"])
            #expect(try TrainFixture.outcomes(went) == ["t1": "applied", "t2": "failed", "t3": "applied"], "\(went.everything)")
            #expect(try await train.values(amount) == ["111", "100", "111"])
            #expect(try await train.board()["t2"] == "F")
            try await train.sql(2, "DELETE FROM public.orders WHERE id = 99")
            #expect(try await train.deploy(bundle).exitCode == 0)
            #expect(try await train.board()["t2"] == "A")
        }
    }

    @Test func windowsAndFreezesAreObeyed() async throws {
        try await TrainFixture.with(targets: 2, registered: false) { train in
            try await train.register(1)
            // A window of one minute that was twelve hours ago on a clock of its own.
            let zone = "Asia/Kathmandu"
            let past = try await train.query(
                train.registry, "SELECT to_char((now() AT TIME ZONE '\(zone)') - interval '12 hours', 'HH24:MI')"
            ).only[0] ?? ""
            let end = try await train.query(
                train.registry,
                "SELECT to_char((now() AT TIME ZONE '\(zone)') - interval '12 hours' + interval '1 minute', 'HH24:MI')"
            ).only[0] ?? ""
            try await train.register(2, ["--time-zone", zone, "--window", "\(past)-\(end)"])
            let bundle = try train.bundle("p1", amounts: ["r1": 111])
            let closed = try await train.deploy(bundle)
            #expect(closed.exitCode == 75 && closed.standardOutput.contains("YDT14"), "\(closed.everything)")
            #expect(try await train.values(amount) == ["100", "100"])
            let outside = try await train.deploy(bundle, ["--outside-window", "ticket 4711"])
            #expect(outside.exitCode == 0, "\(outside.everything)")

            let next = try train.bundle("p2", amounts: ["r1": 112])
            let frozen = try await train.expect(["train", "freeze", "--group", "shops", "--reason", "audit", "--format", "json"])
            let id = try #require(frozen.json()["freeze"] as? Int)
            let blocked = try await train.deploy(next, ["--outside-window", "ticket 4712"])
            #expect(blocked.exitCode == 3 && blocked.standardOutput.contains("audit"), "\(blocked.everything)")
            #expect(blocked.standardOutput.contains("yesterday train override \(id) --for"), "\(blocked.everything)")
            let board = try await train.expect(["train", "board"])
            #expect(board.standardOutput.contains("No patch lands: audit"), "\(board.everything)")
            try await train.expect(["train", "override", String(id), "--for", "1 hour", "--reason", "the auditor agrees", "--target", "t1"])
            let one = try await train.deploy(next, ["--on-failure", "continue", "--outside-window", "ticket 4712"])
            #expect(try TrainFixture.outcomes(one) == ["t1": "applied", "t2": "blocked"], "\(one.everything)")
            try await train.expect(["train", "clear-freeze", String(id), "--reason", "audit is over"])
            for words in [
                ["calendar", "add", "x", "--group", "shops", "--reason", "x", "--from", "nonsense", "--to", "2026-01-02 00:00"],
                ["override", String(id), "--for", "a while", "--reason", "x"],
            ] {
                let unread = try await train.yesterday(["train"] + words)
                #expect(unread.exitCode == 65 && unread.standardError.contains("hint: A moment is written as"), "\(unread.everything)")
            }
            #expect(try await train.deploy(next, ["--outside-window", "ticket 4712"]).exitCode == 0)

            try await train.expect([
                "train", "calendar", "add", "always", "--target", "t1", "--reason", "every day", "--from",
                "2020-01-01 00:00", "--to", "2020-01-01 23:59:59", "--every", "1 day",
            ])
            let list = try await train.expect(["train", "calendar"])
            #expect(list.standardOutput.contains("always: every day"), "\(list.everything)")
            let third = try await train.deploy(
                try train.bundle("p3", amounts: ["r1": 113]), ["--outside-window", "x", "--on-failure", "continue"])
            #expect(try TrainFixture.outcomes(third) == ["t1": "blocked", "t2": "applied"], "\(third.everything)")
        }
    }

    @Test func aFreezeSetInPsqlIsMirroredAndNeverLiftedByTheRegistry() async throws {
        try await TrainFixture.with(targets: 2) { train in
            try await train.sql(1, "SELECT yesterday.freeze('inventory')")
            let output = try await train.deploy(train.bundle("p1", amounts: ["r1": 111]), ["--on-failure", "continue"])
            #expect(try TrainFixture.outcomes(output) == ["t1": "blocked", "t2": "applied"], "\(output.everything)")
            let board = try await train.expect(["train", "board"])
            #expect(board.standardOutput.contains("t1: FROZEN"), "\(board.everything)")
            // The registry is gone: the target stays frozen, and is rolled back and cleared without it.
            try await train.query("postgres", "DROP DATABASE \(train.registry) WITH (FORCE)")
            let refused = try await train.deploy(train.bundle("p2", amounts: ["r1": 112]))
            #expect(refused.exitCode == 69, "\(refused.everything)")
            #expect(try await train.sql(1, "SELECT state FROM yesterday.status").only[0] == "frozen")
            let rollback = try await train.yesterday(["rollback", "--yes"], environment: ["PGDATABASE": train.database(2)])
            #expect(rollback.exitCode == 0, "\(rollback.everything)")
            for said in [rollback, try await train.yesterday(["status"], environment: ["PGDATABASE": train.database(2)])] {
                #expect(said.standardOutput.contains("yesterday train plan t2") && !said.standardOutput.contains("yesterday clear"), "\(said.everything)")
            }
            #expect(try await train.values(amount) == ["100", "100"])
        }
    }

    @Test func twoOperatorsDoNotMeet() async throws {
        try await TrainFixture.with(targets: 1) { train in
            let other = try await train.cluster.connect(database: train.registry)
            try await other.query("SELECT train.lock_group('shops')")
            let output = try await train.deploy(train.bundle("p1", amounts: ["r1": 111]))
            #expect(output.exitCode == 75 && output.standardOutput.contains("YDT03"), "\(output.everything)")
            await other.close()
            #expect(try await train.deploy(train.bundle("p1", amounts: ["r1": 111])).exitCode == 0)
        }
    }

    @Test func anInterruptionIsCancelledOnEveryTarget() async throws {
        try await TrainFixture.with { train in
            let bundle = try train.bundle("p1", amounts: ["r1": 111], sql: "SELECT pg_sleep(300);\n")
            var environment: [String: String?] = train.cluster.environment.mapValues { $0 }
            environment["YESTERDAY_REGISTRY"] = train.cluster.connectionString(database: train.registry)
            environment["YESTERDAY"] = try YesterdayBinary.path()
            environment["PSQL"] = "\(train.cluster.binDirectory)/psql"
            // Once every target sleeps; with job control on, the program does not ignore SIGINT.
            let output = try await Tool("bash", environment: environment).output([
                "-c",
                """
                set -m
                "$YESTERDAY" deploy "$1" --group shops --format json & pid=$!
                for _ in $(seq 600); do
                    n=$("$PSQL" -XAtd postgres -c "SELECT count(*) FROM pg_stat_activity WHERE datname LIKE '$2%' AND wait_event = 'PgSleep'")
                    [ "$n" = 3 ] && break
                    sleep 0.1
                done
                kill -INT $pid
                wait $pid
                """, "test", bundle, train.prefix,
            ])
            #expect(output.exitCode == 130, "\(output.everything)")
            #expect(try TrainFixture.outcomes(output) == ["t1": "failed", "t2": "failed", "t3": "failed"])
            #expect(try await train.values(amount) == ["100", "100", "100"])
            #expect(try await train.values("SELECT count(*) FROM yesterday.history") == ["0", "0", "0"])
        }
    }

    @Test(arguments: ["applying:1", "applying:3", "proven", "committed:1", "committed:3"])
    func aControllerThatDiedIsCompletedByTheNext(place: String) async throws {
        try await TrainFixture.with { train in
            let bundle = try train.bundle("p1", amounts: ["r1": 111])
            let died = try await train.deploy(bundle, ["--parallel", "1"], environment: ["YESTERDAY_CRASH_AT": place])
            #expect(died.exitCode == 137, "\(died.everything)")
            // The server notices at once, but not before this does.
            while try await train.query(train.registry, "SELECT count(*) FROM train.group_lock_holder('shops')").only[0] != "0" {
                try await Task.sleep(for: .milliseconds(20))
            }
            let board = try await train.expect(["train", "board", "--format", "json"]).standardOutput
            #expect(board.contains("interrupted") && !board.contains("applying"), "\(board)")
            let completed = try await train.deploy(bundle)
            #expect(completed.exitCode == 0, "\(completed.everything)")
            #expect(try await train.values(amount) == ["111", "111", "111"])
            #expect(try await train.values("SELECT count(*) FROM yesterday.history WHERE status = 'finished'") == ["1", "1", "1"])
            #expect(try await train.board() == ["t1": "A", "t2": "A", "t3": "A"])
            #expect(try await train.yesterday(["train", "verify"]).exitCode == 0)
        }
    }
}
