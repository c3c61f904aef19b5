import PostgresClient
import TestSupport
import Testing
import YesterdayKit

@Suite("Connections to a real server")
struct ConnectionTests {
    @Test func cancelsARunningStatement() async throws {
        try await TestCluster.withDatabase { database in
            let connection = try await database.connect()
            let sleeper = Task { try await connection.query("SELECT pg_sleep(60)") }
            let watcher = try await database.connect()
            while try await watcher.query(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'"
            ).only[0] == "0" { try await Task.sleep(for: .milliseconds(20)) }
            try await connection.cancel()
            let error = await #expect(throws: PostgresError.self) { try await sleeper.value }
            #expect(error?.sqlState == "57014")
            #expect(try await connection.query("SELECT 1").only[0] == "1")
        }
    }

    @Test func deliversNotificationsWhileIdleAndWhileBusy() async throws {
        try await TestCluster.withDatabase { database in
            let listener = try await database.connect()
            let stream = try await listener.notifications()
            try await listener.listen("Odd \"name")
            let sender = try await database.connect()
            try await sender.query("SELECT pg_notify('Odd \"name', 'one')")
            var iterator = stream.makeAsyncIterator()
            let first = try await iterator.next()
            #expect(first?.payload == "one" && first?.channel == "Odd \"name")

            async let busy = listener.query("SELECT pg_sleep(0.3)")
            try await sender.query("SELECT pg_notify('Odd \"name', 'two')")
            #expect(try await iterator.next()?.payload == "two")
            _ = try await busy
            await listener.close()
            #expect(try await iterator.next() == nil)
        }
    }

    @Test func tellsListenersThatTheConnectionWasLost() async throws {
        try await TestCluster.withDatabase { database in
            let listener = try await database.connect()
            let stream = try await listener.notifications()
            try await listener.listen("c")
            let pid = try await listener.withSession { $0.backendPID }
            let killer = try await database.connect()
            try await killer.query("SELECT pg_terminate_backend($1)", [.text(String(pid))])
            let error = await #expect(throws: PostgresError.self) {
                for try await _ in stream {}
            }
            #expect(error?.code == .connectionLost)
        }
    }

    @Test func reportsALostConnectionAndWhatIsUnknownAfterIt() async throws {
        try await TestCluster.withDatabase { database in
            let connection = try await database.connect()
            let lost = await #expect(throws: PostgresError.self) {
                try await connection.transaction { session in
                    try session.query("SELECT pg_terminate_backend(pg_backend_pid())")
                }
            }
            #expect(lost?.code == .connectionLost && lost?.commitOutcomeUnknown == false)
            #expect(lost?.sqlState == "57P01")

            // A deferred trigger runs inside COMMIT.
            let other = try await database.connect()
            try await other.execute(
                """
                CREATE TABLE t (a int);
                CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql
                    AS $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;
                CREATE CONSTRAINT TRIGGER die AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED
                    FOR EACH ROW EXECUTE FUNCTION die();
                """)
            let atCommit = await #expect(throws: PostgresError.self) {
                try await other.transaction { try $0.execute("INSERT INTO t VALUES (1)") }
            }
            #expect(atCommit?.code == .connectionLost && atCommit?.commitOutcomeUnknown == true)
        }
    }

    @Test func commitsAndRollsBackAsAWhole() async throws {
        struct Stop: Error {}
        try await TestCluster.withDatabase { database in
            let connection = try await database.connect()
            try await connection.execute("CREATE TABLE t (a int)")
            let isolation = try await connection.transaction(isolation: .serializable) { session in
                try session.execute("INSERT INTO t VALUES (1)")
                return try session.query("SHOW transaction_isolation").only[0]
            }
            #expect(isolation == "serializable")
            await #expect(throws: Stop.self) {
                try await connection.transaction { session in
                    try session.execute("INSERT INTO t VALUES (2)")
                    throw Stop()
                }
            }
            let swallowed = await #expect(throws: PostgresError.self) {
                try await connection.transaction { session in
                    try session.execute("INSERT INTO t VALUES (3)")
                    _ = try? session.execute("SELECT 1/0")
                }
            }
            #expect(swallowed?.code == .unexpectedResult)
            await #expect(throws: PostgresError.self) {
                try await connection.transaction(readOnly: true) { try $0.execute("INSERT INTO t VALUES (4)") }
            }
            #expect(try await connection.query("SELECT array_agg(a) FROM t").only[0] == "{1}")
        }
    }

    /// Ten connections that block at once must not stop each other, on however few cores.
    @Test func blockedConnectionsDoNotStopOthers() async throws {
        try await TestCluster.withDatabase { database in
            let start = ContinuousClock.now
            try await withThrowingTaskGroup { group in
                for _ in 0..<20 {
                    group.addTask {
                        let connection = try await database.connect()
                        try await connection.query("SELECT pg_sleep(1)")
                    }
                }
                try await group.waitForAll()
            }
            #expect(ContinuousClock.now - start < .seconds(10))
        }
    }

    @Test func triesTheNextHostAndPrefersThePrimary() async throws {
        try await TestCluster.withDatabase { database in
            let cluster = database.cluster
            let connection = try await PostgresConnection.connect(
                ConnectionSettings(
                    target: """
                        host=/nonexistent,\(cluster.directory) port=1,\(cluster.port) dbname=\(database.name) \
                        user=postgres target_session_attrs=read-write
                        """))
            #expect(try await connection.withSession { $0.host } == cluster.directory)
            #expect(try await connection.withSession { $0.database } == database.name)
        }
    }

    @Test func saysWhyItCannotConnect() async throws {
        let cluster = try await TestCluster.shared()
        let missing = await #expect(throws: PostgresError.self) {
            try await cluster.connect(database: "no such database")
        }
        // A name with spaces is a wrong connection string, not a missing database.
        #expect(missing?.code == .invalidConnectionSettings)
        let absent = await #expect(throws: PostgresError.self) { try await cluster.connect(database: "absent") }
        #expect(absent?.code == .connectionFailed)
        #expect(absent?.detail?.contains("\"absent\" does not exist") == true)
        let nobody = await #expect(throws: PostgresError.self) {
            try await PostgresConnection.connect(ConnectionSettings(target: "host=/nonexistent password=secret"))
        }
        #expect(nobody?.code == .connectionFailed && nobody?.description.contains("secret") == false)
        let service = await #expect(throws: PostgresError.self) {
            try await PostgresConnection.connect(ConnectionSettings(service: "nosuchservice"))
        }
        #expect(service?.code == .invalidConnectionSettings)
    }

    @Test func saysHowToGiveThePassword() async throws {
        let cluster = try await ThrowawayCluster.start()
        let connection = try await cluster.connect()
        try await connection.execute("CREATE ROLE asked LOGIN PASSWORD 'secret'")
        try await connection.execute(
            """
            COPY (VALUES ('local all asked scram-sha-256'), ('local all all trust'))
                TO '\(cluster.directory)/data/pg_hba.conf';
            """)
        try await connection.execute("SELECT pg_reload_conf(); SELECT pg_sleep(0.2)")
        let target = "host=\(cluster.directory) port=\(cluster.port) dbname=postgres user=asked"
        let none = await #expect(throws: PostgresError.self) {
            try await PostgresConnection.connect(ConnectionSettings(target: target))
        }
        #expect(none?.code == .connectionFailed)
        #expect(none?.hint?.contains(".pgpass") == true && none?.hint?.contains("PGPASSWORD") == true)
        let wrong = await #expect(throws: PostgresError.self) {
            try await PostgresConnection.connect(ConnectionSettings(target: target + " password=wrong"))
        }
        #expect(wrong?.detail?.contains("password authentication failed") == true)
        await cluster.stop()
    }

    @Test func isUnusableAfterClose() async throws {
        let connection = try await TestCluster.shared().connect()
        await connection.close()
        await connection.close()
        let error = await #expect(throws: PostgresError.self) { try await connection.query("SELECT 1") }
        #expect(error?.code == .connectionLost)
    }
}

@Suite("Throwaway clusters")
struct ThrowawayClusterTests {
    @Test func leavesNothingBehind() async throws {
        let cluster = try await ThrowawayCluster.start()
        let pid = try await cluster.connect().withSession { $0.backendPID }
        await cluster.stop()
        #expect(try await Tool("test").output(["-e", cluster.directory]).exitCode == 1)
        #expect(try await Tool("test").output(["-d", "/proc/\(pid)"]).exitCode == 1)
    }

    @Test func saysWhatToInstall() async throws {
        let error = await #expect(throws: YesterdayError.self) {
            try await ThrowawayCluster.start(pgConfig: "/nonexistent/pg_config")
        }
        #expect(error?.code == .configuration && error?.hint?.contains("PG_CONFIG=") == true)
    }
}
