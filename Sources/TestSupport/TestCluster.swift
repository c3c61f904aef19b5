import PostgresClient
import YesterdayKit

/// The one PostgreSQL server that the tests of a process share; its watchdog stops it and deletes
/// it when the process ends.
public actor TestCluster {
    private static let instance = TestCluster()
    private var starting: Task<ThrowawayCluster, any Error>?
    private var databases = 0
    private var free = 6
    private var waiting: [CheckedContinuation<Void, Never>] = []

    /// The server, started by whoever asks first. `PG_CONFIG` of the environment says which.
    ///
    /// - Throws: ``YesterdayKit/YesterdayError`` if there is no PostgreSQL server here: tests that
    ///   need one fail then.
    public static func shared() async throws -> ThrowawayCluster {
        try await instance.cluster()
    }

    private func cluster() async throws -> ThrowawayCluster {
        if let starting { return try await starting.value }
        let task = Task {
            try await ThrowawayCluster.start(settings: [
                "max_prepared_transactions": "10", "max_connections": "200",
            ])
        }
        starting = task
        return try await task.value
    }

    /// Swift Testing starts all tests at once; a server, and two cores, take a few at a time.
    private func takeSlot() async -> String {
        if free > 0 {
            free -= 1
        } else {
            await withCheckedContinuation { waiting.append($0) }
        }
        databases += 1
        return "test_\(databases)"
    }

    private func giveSlotBack() {
        if waiting.isEmpty {
            free += 1
        } else {
            waiting.removeFirst().resume()
        }
    }

    /// Makes an empty database, runs `body` with it, and drops it whatever happens.
    public static func withDatabase<T: Sendable>(
        _ body: @Sendable (TestDatabase) async throws -> T
    ) async throws -> T {
        let cluster = try await shared()
        let name = await instance.takeSlot()
        let result: Result<T, any Error>
        do {
            result = .success(try await withDatabase(name, cluster, body))
        } catch {
            result = .failure(error)
        }
        await instance.giveSlotBack()
        return try result.get()
    }

    private static func withDatabase<T: Sendable>(
        _ name: String, _ cluster: ThrowawayCluster, _ body: @Sendable (TestDatabase) async throws -> T
    ) async throws -> T {
        let administration = try await cluster.connect()
        try await administration.execute("CREATE DATABASE \(SQL.identifier(name))")
        let result: Result<T, any Error>
        do {
            result = .success(try await body(TestDatabase(cluster: cluster, name: name)))
        } catch {
            result = .failure(error)
        }
        try await administration.execute("DROP DATABASE \(SQL.identifier(name)) WITH (FORCE)")
        await administration.close()
        return try result.get()
    }
}

/// An empty database of the shared cluster.
public struct TestDatabase: Sendable {
    /// The server.
    public let cluster: ThrowawayCluster
    /// The name of the database.
    public let name: String

    /// A database of that name, which is there already.
    public init(cluster: ThrowawayCluster, name: String) {
        self.cluster = cluster
        self.name = name
    }

    /// A connection string for the database.
    public func connectionString(user: String? = nil) -> String {
        cluster.connectionString(database: name, user: user)
    }

    /// Connects to the database.
    public func connect(
        user: String? = nil, onNotice: @escaping @Sendable (ServerMessage) -> Void = { _ in }
    ) async throws -> PostgresConnection {
        try await cluster.connect(database: name, user: user, onNotice: onNotice)
    }
}
