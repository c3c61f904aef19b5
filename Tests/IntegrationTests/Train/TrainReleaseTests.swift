import Foundation
import Testing
import TestSupport
import YesterdayKit

@Suite("train: releases")
struct TrainReleaseTests {
    /// An archive with one page, as an artifact of a bundle.
    private func artifact(_ version: String, _ train: TrainFixture) async throws -> String {
        let source = "\(train.folder)/src-\(version)"
        try FileManager.default.createDirectory(atPath: source, withIntermediateDirectories: true)
        try version.write(toFile: "\(source)/index.html", atomically: true, encoding: .utf8)
        let file = "\(train.folder)/\(version).tar.gz"
        try await Tool("tar").run(["-C", source, "-czf", file, "."])
        let sum = try await Tool("sha256sum").run([file]).prefix(64)
        return "  - {name: web, archive: \"file://\(file)\", sha256: \(sum)}"
    }

    /// Which page each target shows.
    private func pages(_ train: TrainFixture) -> [String?] {
        (1...train.count).map {
            try? String(contentsOfFile: "\(train.folder)/web\($0)/current/index.html", encoding: .utf8)
        }
    }

    @Test func codeFollowsOnEveryTargetAndOnceAfterARealignment() async throws {
        try await TrainFixture.with { train in
            for number in 1...3 {
                try await train.expect(
                    ["runtime", "set", "web", "symlink", "root=\(train.folder)/web\(number)", "stable=0"],
                    environment: ["PGDATABASE": train.database(number)])
            }
            let loose = try await train.deploy(
                train.bundle("loose", amounts: ["r1": 1], artifacts: "  - {name: web, archive: \"file:///nowhere.tar.gz\"}"))
            #expect(loose.exitCode == 65 && loose.everything.contains("not pinned"), "\(loose.everything)")

            for version in ["v1", "v2"] {
                let bundle = try train.bundle(version, amounts: ["r1": version == "v1" ? 1 : 2], artifacts: await artifact(version, train))
                let output = try await train.deploy(bundle)
                #expect(output.exitCode == 0, "\(output.everything)")
                #expect(pages(train) == [version, version, version])
                let targets = try output.json()["targets"] as? [[String: Any]] ?? []
                #expect(targets.map { $0["code"] as? String } == ["confirmed", "confirmed", "confirmed"])
            }
            let rollback = try await train.yesterday(["rollback", "--yes"], environment: ["PGDATABASE": train.database(2)])
            #expect(rollback.exitCode == 0, "\(rollback.everything)")
            #expect(pages(train) == ["v2", "v1", "v2"])

            let third = try await train.deploy(train.bundle("v3", amounts: ["r2": 3], artifacts: await artifact("v3", train)), ["--atomic"])
            #expect(third.exitCode == 0, "\(third.everything)")
            #expect(pages(train) == ["v3", "v1", "v3"])

            let fix = try train.bundle("fix", amounts: ["r1": 4])
            try await train.expect(["train", "plan", "t2", "--reason", "ticket", "--fix", fix])
            try await train.expect(["train", "approve", "t2", "--reason", "tried", "--yes"])
            // The code in the middle is gone; only the newest is needed.
            try FileManager.default.removeItem(atPath: "\(train.folder)/v2.tar.gz")
            try await train.expect(["train", "rehearse", "t2", "--bundles", train.folder])
            #expect(pages(train) == ["v3", "v1", "v3"])
            let applied = try await train.expect(["train", "apply", "t2", "--bundles", train.folder, "--yes", "--format", "json"])
            #expect(try applied.json()["code"] as? String == "confirmed")
            #expect(pages(train) == ["v3", "v3", "v3"])
        }
    }
}
