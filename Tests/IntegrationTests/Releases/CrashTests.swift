import Foundation
import PostgresClient
import TestSupport
import Testing
import YesterdayKit

/// Whatever is killed, the same command again completes it.
@Suite("Releases: killed at every point", .timeLimit(.minutes(20)))
struct CrashTests {
    /// Who is killed when. The program that switches code kills the controller that called it, so
    /// that the moment is exact.
    static let points = [
        "before-current", "after-current", "before-keep", "after-keep", "before-start", "after-start", "before-probe",
        "after-probe",
    ]

    @Test(arguments: points)
    func controllerOfADeployment(_ point: String) async throws {
        try await ReleaseFixture.with { fixture in
            #expect(try await fixture.deploy(fixture.release("1")).exitCode == 0)
            let bundle = try await fixture.release("2")
            try fixture.tell("kill-\(point)")
            let killed = try await fixture.deploy(bundle)
            #expect(killed.exitCode == 137, "\(killed.everything)")
            try await fixture.quiet()
            // One or the other, never something between: rows and desired code are one transaction.
            let landed = try await fixture.value("SELECT name FROM workflow WHERE id = 1") == "as in 2"
            let desired = try await fixture.value("SELECT deployment::text || ' ' || cause FROM yesterday.code LIMIT 1")
            #expect(desired == (landed ? "2 deployment" : "1 deployment"))
            #expect(landed == (point.hasSuffix("start") || point.hasSuffix("probe")), "\(point)")
            let again = try await fixture.deploy(bundle)
            #expect(again.exitCode == 0, "\(again.everything)")
            #expect(try await fixture.state() == "on_train confirmed \"as in 2\" 2.tar.gz")
            #expect(try await fixture.value("SELECT count(*)::text FROM yesterday.history WHERE status = 'finished'") == "2")
            // And its rollback is what it would have been.
            #expect(try await fixture.yesterday(["rollback", "--yes"]).exitCode == 0)
            #expect(try await fixture.state() == "off_train confirmed \"as in 1\" 1.tar.gz")
        }
    }

    /// The moments of the second look and the second fetch: after COMMIT, before anything is touched.
    @Test(arguments: ["current", "keep"])
    func controllerBetweenCommitAndSwitch(_ action: String) async throws {
        try await ReleaseFixture.with { fixture in
            #expect(try await fixture.deploy(fixture.release("1")).exitCode == 0)
            // A lease that somebody else holds keeps the switch from beginning until all is prepared.
            let lease = try await fixture.value("SELECT yesterday.take_lease('a test', '1 hour')::text")
            let bundle = try await fixture.release("2")
            async let killed = fixture.deploy(bundle)
            try await fixture.wait { try await fixture.value("SELECT count(*)::text FROM yesterday.history") == "2" }
            #expect(try await fixture.state() == "on_train pending \"as in 2\" 1.tar.gz")
            try fixture.tell("kill-before-\(action)")
            try await fixture.sql("SELECT yesterday.release_lease(\(lease ?? "0"))")
            #expect(try await killed.exitCode == 137)
            try await fixture.quiet()
            // The lease of who was killed holds for a few seconds more, for everybody who cannot see it.
            #expect(["on_train switching \"as in 2\" 1.tar.gz", "on_train failed \"as in 2\" 1.tar.gz"].contains(try await fixture.state()))
            let again = try await fixture.deploy(bundle)
            #expect(again.exitCode == 0, "\(again.everything)")
            #expect(try await fixture.state() == "on_train confirmed \"as in 2\" 2.tar.gz")
        }
    }

    @Test(arguments: ["before-stop", "after-stop", "before-start", "after-start", "before-probe", "after-probe"])
    func controllerOfARollback(_ point: String) async throws {
        try await ReleaseFixture.with { fixture in
            for version in ["1", "2"] { #expect(try await fixture.deploy(fixture.release(version)).exitCode == 0) }
            try fixture.tell("kill-\(point)")
            let killed = try await fixture.yesterday(["rollback", "--yes"])
            #expect(killed.exitCode == 137, "\(killed.everything)")
            try await fixture.quiet()
            let rolledBack = try await fixture.value("SELECT state FROM yesterday.status") == "off_train"
            #expect(rolledBack == !point.hasSuffix("stop"), "\(point)")
            if rolledBack {
                let status = try await fixture.yesterday(["status"])
                #expect(status.standardOutput.contains("yesterday reconcile"), "\(status.everything)")
                // The same command completes it, and undoes no second deployment.
                let again = try await fixture.yesterday(["rollback", "--yes", "--format", "json"] + (point.hasSuffix("probe") ? ["shop 2"] : []))
                #expect(again.exitCode == 0, "\(again.everything)")
                #expect((try again.json()["rolled_back"] as? [Any])?.isEmpty == true, "\(again.everything)")
                #expect(try await fixture.state() == "off_train confirmed \"as in 1\" 1.tar.gz")
                // When that is done it is the double click that is refused.
                let third = try await fixture.yesterday(["rollback", "--yes"])
                #expect(third.exitCode == 75, "\(third.everything)")
            } else {
                let again = try await fixture.yesterday(["rollback", "--yes"])
                #expect(again.exitCode == 0, "\(again.everything)")
            }
            #expect(try await fixture.state() == "off_train confirmed \"as in 1\" 1.tar.gz")
        }
    }

    @Test(arguments: ["before-start", "after-start", "after-probe"])
    func controllerThatReconciles(_ point: String) async throws {
        try await ReleaseFixture.with { fixture in
            for version in ["1", "2"] { #expect(try await fixture.deploy(fixture.release(version)).exitCode == 0) }
            try await fixture.sql("SELECT rollback_last()")
            try fixture.tell("kill-\(point)")
            #expect(try await fixture.yesterday(["reconcile"]).exitCode == 137)
            try await fixture.quiet()
            #expect(try await fixture.yesterday(["reconcile"]).exitCode == 0)
            #expect(try await fixture.state() == "off_train confirmed \"as in 1\" 1.tar.gz")
        }
    }

    /// The server goes down at once, while the code is switched.
    @Test(arguments: ["keep", "start"])
    func server(_ action: String) async throws {
        let cluster = try await ThrowawayCluster.start(settings: ["fsync": "on", "synchronous_commit": "on"])
        let result: Result<Void, any Error>
        do {
            try await ReleaseFixture.with(on: cluster) { fixture in
                #expect(try await fixture.deploy(fixture.release("1")).exitCode == 0)
                let bundle = try await fixture.release("2")
                try fixture.tell("hold-\(action)")
                async let deployed = fixture.deploy(bundle)
                try await fixture.wait { fixture.exists("state/held-\(action)") }
                try await cluster.restart(immediately: true)
                fixture.untell("hold-\(action)")
                let output = try await deployed
                #expect(output.exitCode == 69, "\(output.everything)")
                let landed = action == "start"
                #expect(output.standardError.contains("has landed as deployment") == landed, "\(output.everything)")
                #expect(output.standardError.contains("Nothing was changed.") == !landed, "\(output.everything)")
                #expect(output.standardError.contains("run the same command again"), "\(output.everything)")
                let again = try await fixture.deploy(bundle)
                #expect(again.exitCode == 0, "\(output.everything)\n\(again.everything)")
                #expect(try await fixture.state() == "on_train confirmed \"as in 2\" 2.tar.gz")
            }
            result = .success(())
        } catch {
            result = .failure(error)
        }
        await cluster.stop()
        try result.get()
    }

    /// The same while a deployment is rolled back, before and after its COMMIT.
    @Test(arguments: ["stop", "start"])
    func serverOfARollback(_ action: String) async throws {
        let cluster = try await ThrowawayCluster.start(settings: ["fsync": "on", "synchronous_commit": "on"])
        let result: Result<Void, any Error>
        do {
            try await ReleaseFixture.with(on: cluster) { fixture in
                for version in ["1", "2"] { #expect(try await fixture.deploy(fixture.release(version)).exitCode == 0) }
                try fixture.tell("hold-\(action)")
                async let rolledBack = fixture.yesterday(["rollback", "--yes"])
                try await fixture.wait { fixture.exists("state/held-\(action)") }
                try await cluster.restart(immediately: true)
                fixture.untell("hold-\(action)")
                let output = try await rolledBack
                #expect(output.exitCode == 69, "\(output.everything)")
                // What was stopped is not started while nobody knows whether the database was rolled back.
                #expect(action == "start" || fixture.running == nil, "\(output.everything)")
                let done = "deployment 2 \"shop 2\" is rolled back, CODE PENDING"
                #expect(output.standardError.contains(done) == (action == "start"), "\(output.everything)")
                #expect(output.standardError.contains("run the same command again"), "\(output.everything)")
                let again = try await fixture.yesterday(["rollback", "--yes"])
                #expect(again.exitCode == 0, "\(again.everything)")
                #expect(try await fixture.state() == "off_train confirmed \"as in 1\" 1.tar.gz")
            }
            result = .success(())
        } catch {
            result = .failure(error)
        }
        await cluster.stop()
        try result.get()
    }

    /// The connection on which COMMIT was sent is gone before the answer came: the database tells.
    @Test func connectionDuringCommit() async throws {
        try await ReleaseFixture.with { fixture in
            #expect(try await fixture.deploy(fixture.release("1")).exitCode == 0)
            let bundle = try await fixture.release("2")
            // A deferred trigger of business runs in COMMIT, and ends the session it runs in after the
            // lock is had by nobody else.
            try await fixture.sql(
                """
                CREATE FUNCTION gone() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
                BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;
                CREATE CONSTRAINT TRIGGER gone AFTER UPDATE ON workflow DEFERRABLE INITIALLY DEFERRED
                    FOR EACH ROW EXECUTE FUNCTION gone();
                """)
            let lost = try await fixture.deploy(bundle)
            #expect(lost.exitCode != 0, "\(lost.everything)")
            try await fixture.sql("DROP TRIGGER gone ON workflow")
            #expect(try await fixture.state() == "on_train confirmed \"as in 1\" 1.tar.gz")
            #expect(try await fixture.deploy(bundle).exitCode == 0)
            #expect(try await fixture.state() == "on_train confirmed \"as in 2\" 2.tar.gz")
        }
    }

    /// A lease of a machine that nobody can look at ends by itself.
    @Test func aLeaseOfElsewhere() async throws {
        try await ReleaseFixture.with { fixture in
            for version in ["1", "2"] { #expect(try await fixture.deploy(fixture.release(version)).exitCode == 0) }
            try await fixture.sql("SELECT rollback_last()")
            _ = try await fixture.value("SELECT yesterday.take_lease('yesterday on elsewhere, pid 1 [x:pid:[1]:1:1]', '3 s')::text")
            let start = ContinuousClock.now
            #expect(try await fixture.yesterday(["reconcile"]).exitCode == 0)
            #expect(ContinuousClock.now - start > .seconds(1))
            #expect(try await fixture.state() == "off_train confirmed \"as in 1\" 1.tar.gz")
        }
    }
}

extension ReleaseFixture {
    /// Waits until the server has noticed that a controller is gone.
    func quiet() async throws {
        try await wait {
            try await value(
                "SELECT count(*)::text FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'yesterday%' AND pid <> pg_backend_pid()"
            ) == "0"
        }
    }
}
