import Foundation
import Testing
import TestSupport
import YesterdayKit

/// The registry on a server of its own, which is killed, stays away, and comes back older.
@Suite("train: registry and targets on different servers", .serialized)
struct TrainServersTests {
    private let amount = "SELECT amount::int FROM apps.rule WHERE code = 'r1'"

    private func with(
        targets count: Int = 3, _ body: (TrainFixture) async throws -> Void
    ) async throws {
        try await TrainFixture.withServers(targets: count, body)
    }

    private func prepared(_ train: TrainFixture) async throws -> String? {
        try await train.sql(1, "SELECT count(*) FROM pg_prepared_xacts").only[0]
    }

    private func deploy(_ bundle: String, _ options: String...) -> [String] {
        ["deploy", bundle, "--group", "shops", "--parallel", "1", "--format", "json"] + options
    }

    /// All of it once, with nothing shared but the controller.
    @Test func aRegistryFarAway() async throws {
        try await with { train in
            #expect(try await train.deploy(train.bundle("p1", amounts: ["r1": 111])).exitCode == 0)
            #expect(try await train.deploy(train.bundle("p2", amounts: ["r1": 666]), ["--atomic"]).exitCode == 0)
            try await train.sql(2, "SELECT * FROM rollback_last(reason => 'orders fail')")
            let third = try await train.deploy(train.bundle("p3", amounts: ["r2": 3]))
            #expect(try TrainFixture.outcomes(third) == ["t1": "applied", "t2": "missed", "t3": "applied"], "\(third.everything)")
            let seen = try await train.expect(["train", "plan", "t2"])
            #expect(seen.standardOutput.contains("nobody has planned"), "\(seen.everything)")
            try await train.expect(["train", "plan", "t2", "--reason", "x", "--fix", train.bundle("fix", amounts: ["r1": 112])])
            try await train.expect(["train", "approve", "t2", "--reason", "x", "--yes"])
            try await train.expect(["train", "rehearse", "t2", "--bundles", train.folder])
            try await train.expect(["train", "apply", "t2", "--bundles", train.folder, "--yes"])
            try await train.expect(["train", "clear", "t2", "--reason", "x"])
            #expect(try await train.deploy(train.bundle("fix", amounts: ["r1": 112])).exitCode == 0)
            #expect(try await train.board() == ["t1": "AAAA", "t2": "ARRR", "t3": "AAAA"])
            try await train.expect(["train", "check"])
            try await train.expect(["train", "verify"])
        }
    }

    /// The registry is killed while a group deploy stands at a step; the same command completes it.
    @Test(arguments: ["applying:2", "proven", "committed:1", "committed:3"])
    func theRegistryIsKilledDuringADeploy(place: String) async throws {
        try await with { train in
            let bundle = try train.bundle("p1", amounts: ["r1": 111])
            let died = try await train.yesterday(deploy(bundle), standingStillAt: place) {
                try await train.registryCluster.restart(immediately: true)
            }
            #expect(died.exitCode == 69 && died.said.contains("registry"), "\(place): \(died.said)")
            let completed = try await train.deploy(bundle)
            #expect(completed.exitCode == 0, "\(place): \(completed.everything)")
            #expect(try await train.values(amount) == ["111", "111", "111"])
            #expect(try await train.values("SELECT count(*) FROM yesterday.history WHERE status = 'finished'") == ["1", "1", "1"])
            #expect(try await train.board() == ["t1": "A", "t2": "A", "t3": "A"])
            try await train.expect(["train", "verify"])
        }
    }

    @Test(arguments: ["prepared:2", "deciding", "decided", "committed:1", "recorded:1"])
    func theRegistryIsKilledDuringAnAtomicDeploy(place: String) async throws {
        try await with { train in
            let bundle = try train.bundle("p1", amounts: ["r1": 111])
            let died = try await train.yesterday(deploy(bundle, "--atomic"), standingStillAt: place) {
                try await train.registryCluster.restart(immediately: true)
            }
            #expect(died.exitCode != 0 && died.said.contains("registry"), "\(place): \(died.said)")
            let recovered = try await train.yesterday(["train", "recover"])
            #expect(recovered.exitCode == 0, "\(place): \(recovered.everything)")
            #expect(try await prepared(train) == "0", "\(place)")
            let isDecided = !["prepared:2", "deciding"].contains(place)
            #expect(Set(try await train.values(amount)) == [isDecided ? "111" : "100"], "\(place)")
            let completed = try await train.deploy(bundle, ["--atomic"])
            #expect(completed.exitCode == 0, "\(place): \(completed.everything)")
            #expect(try await train.values(amount) == ["111", "111", "111"])
            #expect(try await train.board() == ["t1": "A", "t2": "A", "t3": "A"])
            try await train.expect(["train", "verify"])
        }
    }

    @Test(arguments: ["apply-begun", "permit-granted", "realignment-proven", "realigned"])
    func theRegistryIsKilledDuringARealignment(place: String) async throws {
        try await with { train in
            try await train.expect(deploy(train.bundle("p1", amounts: ["r1": 111])))
            try await train.sql(2, "SELECT * FROM rollback_last()")
            try await train.expect(["train", "plan", "t2", "--reason", "x", "--fix", train.bundle("fix", amounts: ["r1": 112])])
            try await train.expect(["train", "approve", "t2", "--reason", "x", "--yes"])
            try await train.expect(["train", "rehearse", "t2", "--bundles", train.folder])
            let apply = ["train", "apply", "t2", "--bundles", train.folder, "--yes"]
            let died = try await train.yesterday(apply, standingStillAt: place) {
                try await train.registryCluster.restart(immediately: true)
            }
            #expect(died.exitCode != 0 && died.said.contains("registry"), "\(place): \(died.said)")
            #expect(try await train.sql(2, "SELECT state FROM yesterday.status").only[0] == "off_train", "no freeze is lifted")
            let completed = try await train.yesterday(apply)
            #expect(completed.exitCode == 0, "\(place): \(completed.everything)")
            #expect(try await train.board() == ["t1": "A.", "t2": "RR", "t3": "A."])
            #expect(
                try await train.sql(2, "SELECT count(*) FROM yesterday.history WHERE kind = 'realignment' AND status = 'finished'")
                    .only[0] == "1")
            #expect(try await train.sql(2, "SELECT state FROM yesterday.status").only[0] == "off_train", "no freeze is lifted")
            try await train.expect(["train", "clear", "t2", "--reason", "done"])
            #expect(try await train.values(amount) == ["111", "112", "111"])
        }
    }

    /// With the registry away nothing is deployed to the group, and a target is rolled back all the same.
    @Test func aRegistryThatStaysAwayHoldsUpNoRollback() async throws {
        try await with(targets: 2) { train in
            let bundle = try train.bundle("p1", amounts: ["r1": 111])
            try await train.expect(deploy(bundle))
            try await train.registryCluster.control("stop", ["--mode", "immediate"])
            for words in [deploy(bundle), ["train", "board"], ["train", "plan", "t1"], ["train", "sync"]] {
                let refused = try await train.yesterday(words)
                #expect(refused.exitCode == 69, "\(refused.everything)")
                #expect(refused.everything.contains("cannot connect to the registry"), "\(refused.everything)")
                #expect(refused.everything.contains("YESTERDAY_REGISTRY"), "\(refused.everything)")
            }
            let rollback = try await train.yesterday(
                ["rollback", "--yes", "--reason", "orders fail"], environment: ["PGDATABASE": train.database(1)])
            #expect(rollback.exitCode == 0, "\(rollback.everything)")
            try await train.registryCluster.control("start")
            #expect(try await train.board()["t1"] != "B", "nobody has told it yet")
            let other = try await train.deploy(train.bundle("p2", amounts: ["r2": 2]))
            #expect(try TrainFixture.outcomes(other) == ["t1": "missed", "t2": "applied"], "\(other.everything)")
            #expect(try await train.sql(1, "SELECT state FROM yesterday.status").only[0] == "off_train")
        }
    }

    /// The registry comes back from a backup that is older than an atomic deployment that hangs half-way.
    @Test(arguments: ["prepared:3", "committed:1"], [true, false])
    func aRegistryThatHasForgottenAnAtomicRun(place: String, knowsPatch: Bool) async throws {
        try await with { train in
            let bundle = try train.bundle("p1", amounts: ["r1": 111])
            if knowsPatch { try await train.expect(["train", "release", bundle, "--group", "shops"]) }
            let backup = "\(train.folder)/registry.sql"
            try await train.registryCluster.tool("pg_dump").run(["--file", backup, train.registry])
            let died = try await train.deploy(
                bundle, ["--atomic", "--parallel", "1"], environment: ["YESTERDAY_CRASH_AT": place])
            #expect(died.exitCode == 137, "\(died.everything)")
            let administration = try await train.registryCluster.connect()
            try await administration.execute("DROP DATABASE \(train.registry) WITH (FORCE)")
            try await administration.execute("CREATE DATABASE \(train.registry)")
            await administration.close()
            try await train.registryCluster.tool("psql").run([
                "--set", "ON_ERROR_STOP=1", "--quiet", "--file", backup, train.registry,
            ])
            let isCommitted = place == "committed:1"
            if isCommitted, !knowsPatch {
                let refused = try await train.yesterday(["train", "recover"])
                #expect(refused.exitCode == 75 && refused.standardError.contains("yesterday train release"), "\(refused.everything)")
                #expect(try await prepared(train) == "2", "nothing was guessed")
                try await train.expect(["train", "release", bundle, "--group", "shops"])
            }
            let recovered = try await train.expect(["train", "recover"])
            #expect(recovered.standardOutput.contains(isCommitted ? "committed" : "rolled back"), "\(recovered.everything)")
            #expect(try await prepared(train) == "0")
            #expect(Set(try await train.values(amount)) == [isCommitted ? "111" : "100"])
            let completed = try await train.deploy(bundle, ["--atomic"])
            #expect(completed.exitCode == 0, "\(completed.everything)")
            #expect(try await train.values(amount) == ["111", "111", "111"])
            #expect(try await train.board() == ["t1": "A", "t2": "A", "t3": "A"])
        }
    }

    /// A controller that stood still while another one settled its run prepares one more transaction.
    @Test func aControllerThatWakesTooLate() async throws {
        try await with { train in
            let bundle = try train.bundle("p1", amounts: ["r1": 111])
            let late = try await train.yesterday(deploy(bundle, "--atomic"), standingStillAt: "proven:3") {
                // Its lock is gone with the registry's sessions; another controller takes over.
                try await train.registryCluster.restart(immediately: true)
                try await train.expect(["train", "recover"])
            }
            #expect(late.exitCode != 0, "\(late.said)")
            #expect(try await prepared(train) == "1")
            let completed = try await train.deploy(bundle, ["--atomic"])
            #expect(completed.exitCode == 0, "\(completed.everything)")
            #expect(try await prepared(train) == "0")
            #expect(try await train.values(amount) == ["111", "111", "111"])
        }
    }
}
