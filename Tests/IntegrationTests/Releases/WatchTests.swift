import Foundation
import TestSupport
import Testing
import YesterdayKit

@Suite("yesterday watch", .timeLimit(.minutes(20)))
struct WatchTests {
    /// The real program in the background, until the test ends it.
    ///
    /// Unchecked: `Process` is not Sendable; only the test that began it uses it.
    private final class Background: @unchecked Sendable {
        let process = Process()
        let log: String

        init(
            _ fixture: ReleaseFixture, _ arguments: [String], name: String = "watch", through program: String? = nil
        ) throws {
            log = "\(fixture.folder)/\(name).log"
            try "".write(toFile: log, atomically: false, encoding: .utf8)
            let binary = try YesterdayBinary.path()
            process.executableURL = URL(filePath: program ?? binary)
            process.arguments = program == nil ? arguments : [binary] + arguments
            var environment = ProcessInfo.processInfo.environment
            environment.merge(fixture.target.database.cluster.environment) { $1 }
            environment["PGDATABASE"] = fixture.target.database.name
            environment["YESTERDAY_PROGRAMS"] = "\(fixture.folder)/programs"
            process.environment = environment
            process.standardError = FileHandle(forWritingAtPath: log)
            process.standardOutput = process.standardError
            try process.run()
        }

        var text: String { (try? String(contentsOfFile: log, encoding: .utf8)) ?? "" }

        func end(_ signal: Int32) -> Int32 {
            kill(process.processIdentifier, signal)
            process.waitUntilExit()
            return process.terminationStatus
        }
    }

    @Test func followsARollbackInPsql() async throws {
        try await ReleaseFixture.with { fixture in
            for version in ["1", "2"] { #expect(try await fixture.deploy(fixture.release(version)).exitCode == 0) }
            // It would look by itself once a day: what it does, it does because it heard.
            let watch = try Background(fixture, ["watch", "--every", "86400", "--verbose"])
            try await fixture.wait { watch.text.contains("watching the code") }
            try await fixture.sql("SELECT rollback_last(reason => 'by hand')")
            try await fixture.wait { try await fixture.state() == "off_train confirmed \"as in 1\" 1.tar.gz" }
            // The connection goes; it comes again and misses nothing.
            try await fixture.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'yesterday watch' AND datname = current_database()")
            try await fixture.sql("SELECT rollback_last('shop 1')")
            try await fixture.wait { try await fixture.state() == "off_train confirmed \"workflow 1\" nothing" }
            #expect(watch.end(SIGTERM) == 0, "\(watch.text)")
        }
    }

    /// A deployment and a watch at once: one switches, both end well.
    @Test func besideADeployment() async throws {
        try await ReleaseFixture.with { fixture in
            let watch = try Background(fixture, ["watch", "--every", "1"])
            try await fixture.wait { watch.text.contains("watching the code") }
            for version in ["1", "2", "3"] {
                let output = try await fixture.deploy(fixture.release(version))
                #expect(output.exitCode == 0, "\(output.everything)")
            }
            #expect(try await fixture.state() == "on_train confirmed \"as in 3\" 3.tar.gz")
            let back = try await fixture.yesterday(["rollback", "--yes"])
            #expect(back.exitCode == 0, "\(back.everything)")
            #expect(try await fixture.state() == "off_train confirmed \"as in 2\" 2.tar.gz")
            // Code that somebody changes past it is put right again.
            try fixture.tell("runs-api", "sha256:\(String(repeating: "e", count: 64)) elsewhere\n")
            try await fixture.wait { fixture.running == "2.tar.gz" }
            #expect(watch.end(SIGINT) == 0, "\(watch.text)")
        }
    }

    /// What it has begun it finishes; then it ends.
    @Test func finishesWhatItHasBegun() async throws {
        try await ReleaseFixture.with { fixture in
            for version in ["1", "2"] { #expect(try await fixture.deploy(fixture.release(version)).exitCode == 0) }
            try fixture.tell("hold-start")
            let watch = try Background(fixture, ["watch"])
            try await fixture.wait { watch.text.contains("watching the code") }
            try await fixture.sql("SELECT rollback_last()")
            try await fixture.wait { fixture.exists("state/held-start") }
            kill(watch.process.processIdentifier, SIGTERM)
            try await fixture.wait { watch.text.contains("ending") }
            fixture.untell("hold-start")
            watch.process.waitUntilExit()
            #expect(watch.process.terminationStatus == 0, "\(watch.text)")
            #expect(try await fixture.state() == "off_train confirmed \"as in 1\" 1.tar.gz")
        }
    }

    /// A terminal that goes away does not end what was told to outlive it.
    @Test func staysUnderNohup() async throws {
        try await ReleaseFixture.with { fixture in
            let watch = try Background(fixture, ["watch"], through: "/usr/bin/nohup")
            try await fixture.wait { watch.text.contains("watching the code") }
            kill(watch.process.processIdentifier, SIGHUP)
            try await Task.sleep(for: .seconds(1))
            #expect(watch.process.isRunning, "\(watch.text)")
            #expect(watch.end(SIGTERM) == 0, "\(watch.text)")
        }
    }
}
