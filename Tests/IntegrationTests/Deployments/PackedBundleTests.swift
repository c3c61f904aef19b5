import Foundation
import TestSupport
import Testing
import YesterdayKit

@Suite("packed bundles and digests, with the real program on a real server")
struct PackedBundleDeploymentTests {
    @Test func anArchiveIsDeployedLikeItsFolder() async throws {
        try await BundleFixture.with { fixture in
            let before = try await fixture.dump()
            let path = try fixture.write(BundleFixture.bundle)
            let archive = "\(path)-packed.tar.gz"
            defer { try? FileManager.default.removeItem(atPath: archive) }
            let packed = try await YesterdayBinary.run(["bundle", "pack", path, "-o", archive, "--format", "json"])
            #expect(packed.exitCode == 0, "\(packed.standardError)")
            let digest = try #require(Self.object(packed.standardOutput)["digest"] as? String)
            let again = try await YesterdayBinary.run(["bundle", "pack", path, "-o", archive])
            #expect(again.exitCode == 65 && again.standardError.contains("exists already"))

            // The folder is gone; what is deployed is the archive.
            try FileManager.default.removeItem(atPath: path)
            for command in ["lint", "inspect"] {
                let output = try await YesterdayBinary.run(["bundle", command, archive, "--digest", digest])
                #expect(output.exitCode == 0, "\(output.standardError)")
            }
            let output = try await YesterdayBinary.run(
                ["deploy", archive, "--digest", digest, "--format", "json"], database: fixture.database)
            #expect(output.exitCode == 0, "\(output.standardError)")
            let result = try Self.object(output.standardOutput)
            #expect(result["digest"] as? String == digest)
            #expect(
                try await fixture.value("SELECT string_agg(name, '|' ORDER BY code) FROM apps.country")
                    == "Schweiz, Confederation|Deutschland|Own")
            try await fixture.connection.query("SELECT * FROM rollback_last()")
            #expect(try await fixture.dump() == before)
        }
    }

    @Test func nothingChangesForAnArchiveThatIsDamaged() async throws {
        try await BundleFixture.with { fixture in
            let before = try await fixture.dump()
            let path = try fixture.write(BundleFixture.bundle)
            let archive = "\(path)-packed.tar.gz"
            defer { try? FileManager.default.removeItem(atPath: archive) }
            _ = try await YesterdayBinary.run(["bundle", "pack", path, "-o", archive])
            let whole = try Data(contentsOf: URL(fileURLWithPath: archive))
            try whole.prefix(whole.count - 20).write(to: URL(fileURLWithPath: archive))
            let output = try await YesterdayBinary.run(["deploy", archive], database: fixture.database)
            #expect(output.exitCode == 65 && output.standardError.contains("the archive ends in the middle"))
            #expect(try await fixture.dump() == before)
            #expect(try await fixture.value("SELECT count(*) FROM yesterday.history") == "0")
        }
    }

    @Test func aBundleThatWasAlteredIsRefused() async throws {
        try await BundleFixture.with { fixture in
            let path = try fixture.write(BundleFixture.bundle)
            let inspected = try await YesterdayBinary.run(["bundle", "inspect", path, "--format", "json"])
            let bundle = try #require(Self.object(inspected.standardOutput)["bundle"] as? [String: Any])
            let digest = try #require(bundle["digest"] as? String)
            let change = ["records/gone.jsonl": "{\"code\": \"r49\"}\n"]
            let before = try await fixture.dump()
            let altered = try await fixture.deployChanged(change, ["--digest", digest])
            #expect(altered.exitCode == 65 && altered.standardError.contains("the bundle was altered"))
            let nonsense = try await fixture.deployChanged(change, ["--digest", "sha256:123"])
            #expect(nonsense.exitCode == 64, "\(nonsense.standardError)")
            #expect(try await fixture.dump() == before)

            // The target knows what it got under that name, also after a rollback.
            #expect(try await fixture.deploy(BundleFixture.bundle).exitCode == 0)
            try await fixture.connection.execute(
                "SELECT * FROM rollback_last(); SELECT yesterday.clear_freeze('mended')")
            let known = try await fixture.deployChanged(change)
            #expect(known.exitCode == 5, "\(known.standardError)")
            #expect(known.standardError.contains("was altered since it was deployed here"))
            #expect(known.standardError.contains(digest) && known.standardError.contains("rolled back"))
            #expect(try await fixture.dump() == before)
            let own = try #require(
                known.standardError.split(separator: "--digest ").last?.prefix { !$0.isWhitespace })
            let meant = try await fixture.deployChanged(change, ["--digest", String(own)])
            #expect(meant.exitCode == 0, "\(meant.standardError)")
        }
    }

    private static func object(_ text: String) throws -> [String: Any] {
        try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }
}
