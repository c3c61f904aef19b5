import Foundation
import Testing
import TestSupport
import YesterdayKit

@Suite("train: bad input")
struct TrainBadInputTests {
    @Test func aDatabaseIsRegisteredOnce() async throws {
        try await TrainFixture.with(targets: 2, registered: false) { train in
            try await train.register(1)
            let first = train.cluster.connectionString(database: train.database(1))
            let twice = try await train.yesterday(["target", "add", "again", "--group", "shops", "--db", first])
            #expect(twice.exitCode == 65 && twice.standardError.contains("YDT02"), "\(twice.everything)")
            #expect(twice.standardError.contains("yesterday target remove t1 --reason"), "\(twice.everything)")
            try await train.expect(["train", "group", "add", "others"])
            let elsewhere = try await train.yesterday(["target", "add", "t1", "--group", "others", "--db", first])
            #expect(elsewhere.exitCode == 65 && elsewhere.standardError.contains("YDT02"), "\(elsewhere.everything)")
            let name = try await train.yesterday([
                "target", "add", "t1", "--group", "shops", "--db", train.cluster.connectionString(database: train.database(2)),
            ])
            #expect(name.exitCode == 65 && name.standardError.contains("YDT02"), "\(name.everything)")
            let nowhere = try await train.yesterday(["target", "add", "t2", "--group", "nowhere", "--db", first])
            #expect(nowhere.exitCode == 4, "\(nowhere.everything)")
            let password = try await train.yesterday([
                "target", "add", "t2", "--group", "shops", "--db",
                train.cluster.connectionString(database: train.database(2)) + " password=secret",
            ])
            #expect(password.exitCode != 0 && !password.everything.contains("secret"), "\(password.everything)")
            #expect(try await train.query(train.registry, "SELECT count(*) FROM train.targets").only[0] == "1")
            try await train.expect(["target", "remove", "t1", "--reason", "sold", "--yes"])
            try await train.register(1)
            let list = try await train.expect(["target", "list"])
            #expect(list.standardOutput.contains("t1") && list.standardOutput.contains("shops"))
            let show = try await train.expect(["target", "show", "t1"])
            #expect(show.standardOutput.contains("on_train") || show.standardOutput.contains("on train"), "\(show.everything)")
            let instants = try Regex("\\d:\\d\\d\\.\\d")
            #expect(show.standardOutput.contains("last asked") && !show.standardOutput.contains(instants), "\(show.everything)")
        }
    }

    @Test func aSharedTargetIsRefused() async throws {
        try await TrainFixture.with(targets: 2, registered: false) { train in
            try await train.register(1, ["--shared"])
            try await train.register(2)
            let output = try await train.deploy(train.bundle("p1", amounts: ["r1": 1]), ["--on-failure", "continue"])
            #expect(try TrainFixture.outcomes(output) == ["t1": "blocked", "t2": "applied"], "\(output.everything)")
            #expect(output.standardOutput.contains("YD019"))
            let rollback = try await train.yesterday(["rollback", "--yes"], environment: ["PGDATABASE": train.database(1)])
            #expect(rollback.exitCode != 0, "\(rollback.everything)")
        }
    }

    @Test func orderAndDigestAreLaw() async throws {
        try await TrainFixture.with(targets: 1) { train in
            let first = try train.bundle("p1", amounts: ["r1": 1])
            let skipping = try await train.yesterday(["train", "release", first, "--group", "shops", "--ordinal", "2"])
            #expect(skipping.exitCode == 65 && skipping.standardError.contains("YDT05"), "\(skipping.everything)")
            #expect(skipping.standardError.contains("There is none yet."), "\(skipping.everything)")
            try await train.expect(["train", "release", first, "--group", "shops"])
            let second = try train.bundle("p2", amounts: ["r1": 2])
            try await train.expect(["train", "release", second, "--group", "shops"])
            let early = try await train.deploy(second)
            #expect(early.exitCode == 65 && early.standardOutput.contains("YDT05"), "\(early.everything)")
            #expect(try await train.deploy(first).exitCode == 0)
            let changed = try await train.deploy(train.bundle("p2", amounts: ["r1": 3]))
            #expect(changed.exitCode == 5 && changed.standardOutput.contains("YDT06"), "\(changed.everything)")
            try await train.expect(["train", "withdraw", "2", "--group", "shops", "--reason", "a mistake in it"])
            let corrected = try await train.deploy(train.bundle("p2", amounts: ["r1": 3]))
            #expect(corrected.exitCode == 0, "\(corrected.everything)")
            let withdrawn = try await train.yesterday(["train", "withdraw", "2", "--group", "shops", "--reason", "x"])
            #expect(withdrawn.exitCode != 0, "a patch that a target has stays")
        }
    }

    @Test func anUnreachableTargetStopsBeforeAnythingIsDone() async throws {
        try await TrainFixture.with(targets: 2) { train in
            try await train.query("postgres", "ALTER DATABASE \(train.database(2)) ALLOW_CONNECTIONS false")
            let bundle = try train.bundle("p1", amounts: ["r1": 111])
            let output = try await train.deploy(bundle)
            #expect(output.exitCode == 69, "\(output.everything)")
            #expect(try TrainFixture.outcomes(output) == ["t1": "given_up", "t2": "failed"])
            #expect(try await train.sql(1, "SELECT amount::int FROM apps.rule WHERE code = 'r1'").only[0] == "100")
            let sync = try await train.yesterday(["train", "sync"])
            let check = try await train.yesterday(["train", "check"])
            #expect(check.exitCode == 69 && check.standardOutput.contains("not asked: t2"), "\(check.everything)")
            #expect(sync.exitCode == 69 && sync.standardOutput.contains("cannot be asked"), "\(sync.everything)")
            try await train.query("postgres", "ALTER DATABASE \(train.database(2)) ALLOW_CONNECTIONS true")
            #expect(try await train.deploy(bundle).exitCode == 0)
        }
    }

    @Test func aRegistryFromAnOlderBackupIsBroughtForward() async throws {
        try await TrainFixture.with(targets: 2) { train in
            try await train.expect(["train", "release", train.bundle("p1", amounts: ["r1": 1]), "--group", "shops"])
            let backup = "\(train.folder)/registry.sql"
            try await train.cluster.tool("pg_dump").run(["--file", backup, train.registry])
            #expect(try await train.deploy(train.bundle("p1", amounts: ["r1": 1])).exitCode == 0)
            try await train.sql(1, "SELECT * FROM rollback_last()")
            try await train.query("postgres", "DROP DATABASE \(train.registry) WITH (FORCE)")
            try await train.query("postgres", "CREATE DATABASE \(train.registry)")
            try await train.cluster.tool("psql").run(["--set", "ON_ERROR_STOP=1", "--quiet", "--file", backup, train.registry])
            #expect(try await train.board() == ["t1": ".", "t2": "."])
            try await train.expect(["train", "sync"])
            #expect(try await train.board() == ["t1": "B", "t2": "A"])
            #expect(try await train.yesterday(["train", "verify"]).exitCode == 0)
        }
    }

    /// The registry has forgotten two patches, of which the second changes whatever it finds: neither is applied again,
    /// and no other one gets their places.
    @Test func whatARegistryHasForgottenComesBackInOrder() async throws {
        try await TrainFixture.with(targets: 2) { train in
            #expect(try await train.deploy(train.bundle("p1", amounts: ["r1": 1])).exitCode == 0)
            let backup = "\(train.folder)/registry.sql"
            try await train.cluster.tool("pg_dump").run(["--file", backup, train.registry])
            let second = try train.bundle("p2", amounts: ["r2": 2])
            let third = try train.bundle("p3", sql: "UPDATE apps.rule SET amount = amount + 1 WHERE code = 'r1';\n")
            for bundle in [second, third] { #expect(try await train.deploy(bundle).exitCode == 0) }
            try await train.query("postgres", "DROP DATABASE \(train.registry) WITH (FORCE)")
            try await train.query("postgres", "CREATE DATABASE \(train.registry)")
            try await train.cluster.tool("psql").run(["--set", "ON_ERROR_STOP=1", "--quiet", "--file", backup, train.registry])

            let other = try train.bundle("p4", amounts: ["r4": 4])
            for bundle in [third, other] {
                let refused = try await train.yesterday(["deploy", bundle, "--group", "shops"])
                #expect(refused.exitCode == 65 && refused.standardError.contains("YDT05"), "\(refused.everything)")
                #expect(refused.standardError.contains("the registry has forgotten patch 2 \"p2\""), "\(refused.everything)")
                #expect(refused.standardError.contains("yesterday train release"), "\(refused.everything)")
            }
            try await train.expect(["train", "release", second, "--group", "shops"])
            // The deployment itself puts the next one back, and sees that it is there.
            let again = try await train.deploy(third)
            #expect(try TrainFixture.outcomes(again) == ["t1": "present", "t2": "present"], "\(again.everything)")
            #expect(try await train.values("SELECT amount::int FROM apps.rule WHERE code = 'r1'") == ["2", "2"])
            #expect(try await train.deploy(other).exitCode == 0)
            #expect(try await train.board() == ["t1": "AAAA", "t2": "AAAA"])
        }
    }

    @Test func whoeverChangesTheLogIsFound() async throws {
        try await TrainFixture.with(targets: 1) { train in
            #expect(try await train.yesterday(["train", "verify"]).exitCode == 0)
            try await train.query(
                train.registry,
                "SET session_replication_role = replica; ALTER TABLE train.event DISABLE TRIGGER ALL; UPDATE train.event SET reason = 'nothing happened' WHERE id = 2"
            )
            let output = try await train.yesterday(["train", "verify"])
            #expect(output.exitCode == 5 && output.standardOutput.contains("event 2"), "\(output.everything)")
        }
    }

    /// Whatever registry the environment names: what is named on the command line is made one.
    @Test func theDatabaseOnTheCommandLineBecomesTheRegistry() async throws {
        try await TrainFixture.with(targets: 1) { train in
            let made = try await train.expect([
                "train", "init", "--db", train.cluster.connectionString(database: train.database(1)),
            ])
            #expect(made.standardOutput.hasPrefix("\(train.database(1)): the registry"), "\(made.everything)")
            #expect(try await train.sql(1, "SELECT count(*) FROM pg_extension WHERE extname = 'yesterday_train'").only[0] == "1")
        }
    }

    @Test func aRegistryThatIsNoneIsNamed() async throws {
        try await TestTarget.with { target in
            let output = try await target.yesterday(["train", "board"], environment: ["YESTERDAY_REGISTRY": nil])
            #expect(output.exitCode == 78 && output.standardError.contains("yesterday train init"), "\(output.everything)")
        }
    }
}
