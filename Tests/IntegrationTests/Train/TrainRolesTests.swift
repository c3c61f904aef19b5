import Foundation
import Testing
import TestSupport
import YesterdayKit

/// Who may do what, in the registry and in the targets, which are on different servers: a role that
/// is somebody here is nobody there.
@Suite("train: who may do what", .serialized)
struct TrainRolesTests {
    private static let roles = ["viewer", "deployer", "operator", "admin"]

    private func with(_ body: (TrainFixture) async throws -> Void) async throws {
        try await TrainFixture.withServers(targets: 2) { train in
            for cluster in [train.cluster, train.registryCluster] {
                let connection = try await cluster.connect()
                for role in Self.roles {
                    try await connection.execute("CREATE ROLE \(role) LOGIN; GRANT yesterday_\(role) TO \(role)")
                }
                await connection.close()
            }
            // What the tables of the platform say is no matter of the train.
            for number in 1...2 {
                try await train.sql(
                    number,
                    """
                    GRANT USAGE ON SCHEMA apps, partner TO public;
                    GRANT ALL ON ALL TABLES IN SCHEMA apps, partner, public TO public
                    """)
            }
            try await body(train)
        }
    }

    /// Runs a command as a role of the registry, with the targets reached as a role of theirs.
    private func run(
        _ words: [String], _ train: TrainFixture, registry: String, targets: String
    ) async throws -> Tool.Output {
        for number in 1...2 { try await train.reach(number, as: targets) }
        return try await train.yesterday(words, environment: ["YESTERDAY_REGISTRY": train.registryConninfo(user: registry)])
    }

    /// A command, and who may: all others are told that they may not, and by whom.
    private func only(
        _ allowed: Set<String>, _ words: [String], _ train: TrainFixture, code: Int32 = 0
    ) async throws {
        let name = words.joined(separator: " ")
        for role in Self.roles where !allowed.contains(role) {
            let output = try await run(words, train, registry: role, targets: role)
            #expect(output.exitCode == 77, "\(name) as \(role): \(output.everything)")
            #expect(
                output.everything.contains("the registry refused") || output.everything.contains("the target")
                    || output.everything.contains("may not realign"), "\(name) as \(role): \(output.everything)")
        }
        for role in Self.roles where allowed.contains(role) {
            let output = try await run(words, train, registry: role, targets: role)
            #expect(output.exitCode == code, "\(name) as \(role): \(output.everything)")
        }
    }

    @Test func everyCommandByRole() async throws {
        try await with { train in
            let everybody = Set(Self.roles)
            let first = try train.bundle("p1", amounts: ["r1": 111])
            try await only(["deployer", "admin"], ["deploy", first, "--group", "shops"], train)
            try await train.sql(2, "SELECT * FROM rollback_last(reason => 'orders fail')")
            try await only(["deployer", "operator", "admin"], ["train", "sync"], train)

            // Looking.
            for words in [
                ["train", "board"], ["target", "list"], ["target", "show", "t1"], ["train", "calendar"],
                ["train", "group", "list"], ["train", "verify"], ["train", "plan", "t2"], ["train", "check"],
                ["train", "check", "--rows"],
            ] { try await only(everybody, words, train) }

            try await only(["deployer", "operator", "admin"], ["train", "recover"], train)
            try await only(
                ["deployer", "admin"], ["train", "release", train.bundle("p2", amounts: ["r1": 2]), "--group", "shops"], train)
            try await only(["admin"], ["train", "group", "add", "more"], train)
            try await only(["operator", "admin"], ["train", "freeze", "--target", "t1", "--reason", "audit"], train)
            try await only(["admin"], ["train", "override", "1", "--for", "1 hour", "--reason", "x"], train)
            let overridden = try await run(["train", "calendar"], train, registry: "viewer", targets: "viewer")
            #expect(overridden.standardOutput.contains("Freeze 1 does not count for anybody until"), "\(overridden.everything)")
            try await only(["admin"], ["train", "clear-freeze", "1", "--reason", "x"], train)
            try await train.expect(["train", "clear-freeze", "2", "--reason", "x"])
            try await only(
                ["admin"],
                [
                    "train", "calendar", "add", "christmas", "--group", "shops", "--reason", "x", "--from", "2030-12-24 00:00",
                    "--to", "2030-12-26 00:00",
                ], train)
            try await train.expect(["train", "withdraw", "2", "--group", "shops", "--reason", "x"])

            // The way back.
            let fix = try train.bundle("fix", amounts: ["r1": 112])
            for role in ["viewer", "deployer"] {
                let plan = try await run(
                    ["train", "plan", "t2", "--reason", "x", "--fix", fix], train, registry: role, targets: role)
                #expect(plan.exitCode == 77 && plan.standardError.contains("the registry refused"), "\(plan.everything)")
            }
            let plan = try await run(
                ["train", "plan", "t2", "--reason", "x", "--fix", fix], train, registry: "operator", targets: "operator")
            #expect(plan.exitCode == 0, "\(plan.everything)")
            try await only(everybody, ["train", "plan", "t2"], train)
            for role in ["viewer", "deployer"] {
                let sign = try await run(
                    ["train", "approve", "t2", "--reason", "x", "--yes"], train, registry: role, targets: role)
                #expect(sign.exitCode == 77 && sign.standardError.contains("the registry refused"), "\(sign.everything)")
            }
            let sign = try await run(
                ["train", "approve", "t2", "--reason", "x", "--yes"], train, registry: "operator", targets: "operator")
            #expect(sign.exitCode == 0, "\(sign.everything)")
            try await only(["admin"], ["train", "rehearse", "t2", "--bundles", train.folder], train)
            for role in ["viewer", "deployer", "operator"] {
                let apply = try await run(
                    ["train", "apply", "t2", "--bundles", train.folder, "--yes"], train, registry: role, targets: role)
                #expect(apply.exitCode == 77, "\(role): \(apply.everything)")
            }
            // An operator of the registry who is an admin in the target is enough.
            let apply = try await run(
                ["train", "apply", "t2", "--bundles", train.folder, "--yes"], train, registry: "operator", targets: "admin")
            #expect(apply.exitCode == 0, "\(apply.everything)")
            try await only(["admin"], ["train", "clear", "t2", "--reason", "x"], train)
            #expect(try await train.values("SELECT state FROM yesterday.status") == ["on_train", "on_train"])
        }
    }

    /// Registry and target are told apart in the refusal, and nothing is done half.
    @Test func whoRefusesIsNamed() async throws {
        try await with { train in
            let bundle = try train.bundle("p1", amounts: ["r1": 111])
            let target = try await run(["deploy", bundle, "--group", "shops"], train, registry: "admin", targets: "viewer")
            #expect(target.exitCode == 77 && target.everything.contains("the target refused"), "\(target.everything)")
            let registry = try await run(["deploy", bundle, "--group", "shops"], train, registry: "viewer", targets: "admin")
            #expect(registry.exitCode == 77 && registry.everything.contains("the registry refused"), "\(registry.everything)")
            #expect(try await train.values("SELECT amount::int FROM apps.rule WHERE code = 'r1'") == ["100", "100"])
            #expect(try await run(["deploy", bundle, "--group", "shops"], train, registry: "deployer", targets: "deployer").exitCode == 0)
            try await train.sql(2, "SELECT * FROM rollback_last()")
            let clear = try await run(
                ["train", "clear", "t2", "--reason", "x", "--accept-unaligned"], train, registry: "admin", targets: "operator")
            #expect(clear.exitCode == 77 && clear.standardError.contains("the target t2 refused"), "\(clear.everything)")
            let other = try await run(
                ["train", "clear", "t2", "--reason", "x", "--accept-unaligned"], train, registry: "operator", targets: "admin")
            #expect(other.exitCode == 77 && other.standardError.contains("the registry refused"), "\(other.everything)")
            #expect(
                try await train.sql(2, "SELECT state FROM yesterday.status").only[0] == "off_train",
                "what the registry refuses is not done in the target")
            // A role that nobody has given anything.
            for cluster in [train.cluster, train.registryCluster] {
                let connection = try await cluster.connect()
                try await connection.execute("CREATE ROLE nobody_here LOGIN")
                await connection.close()
            }
            let stranger = try await run(["train", "board"], train, registry: "nobody_here", targets: "admin")
            #expect(stranger.exitCode == 77 && stranger.standardError.contains("the registry refused"), "\(stranger.everything)")
            let unseen = try await run(["train", "check"], train, registry: "viewer", targets: "nobody_here")
            #expect(unseen.exitCode == 69 && unseen.everything.contains("no target could be asked"), "\(unseen.everything)")
        }
    }
}
