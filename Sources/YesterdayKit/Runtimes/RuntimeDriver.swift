import OCIRegistry

/// What runs of an artifact.
public struct RuntimeState: Sendable, Equatable {
    /// Which bytes; `nil` if nothing is there, or nobody knows.
    public var digest: Digest?
    /// Where they came from, if the runtime knows.
    public var reference: String?
    /// True if it serves: a container that is up, a link that leads somewhere.
    public var isRunning: Bool
    /// In words, for messages.
    public var description: String

    /// A state.
    public init(digest: Digest? = nil, reference: String? = nil, isRunning: Bool, description: String) {
        self.digest = digest
        self.reference = reference
        self.isRunning = isRunning
        self.description = description
    }

    /// Nothing is there.
    public static let nothing = RuntimeState(isRunning: false, description: "nothing")

    /// True if this is what should run: `nil` for nothing.
    public func isWhatRuns(_ wanted: Artifact?) -> Bool {
        guard let wanted else { return !isRunning }
        return isRunning && digest == wanted.digest
    }
}

/// What brings one artifact of one target to run. Every method may be called again after it was
/// interrupted anywhere, by another process too, and goes on from what it finds.
public protocol RuntimeDriver: Sendable {
    /// For messages: `podman container shop-api`.
    var label: String { get }
    /// When and how long to ask whether it is well.
    var health: HealthCheck { get }
    /// True if the new code is to be stopped before the database is rolled back under it.
    var drainsBeforeRollback: Bool { get }

    /// What runs now.
    ///
    /// - Throws: ``YesterdayError`` if that cannot be told.
    func current() async throws -> RuntimeState

    /// Brings an artifact to where it will be needed and keeps it there, so that nobody collects
    /// it. Does not touch what runs.
    ///
    /// - Returns: where it is kept; `nil` if this runtime keeps nothing.
    func keep(_ artifact: Artifact) async throws -> String?

    /// Makes an artifact run in the place of whatever runs.
    func start(_ artifact: Artifact) async throws

    /// Lets nothing run.
    func stop() async throws

    /// Whether what was started is well so far, asked again and again; the health check asks its
    /// URL besides.
    ///
    /// - Throws: ``YesterdayError`` if it will not become well any more.
    func probe(_ artifact: Artifact) async throws -> HealthCheck.Answer

    /// Clears away what is not needed any more.
    ///
    /// - Parameter needed: what a rollback may go back to, and what runs.
    func retire(except needed: [Artifact]) async throws
}

extension RuntimeDriver {
    /// Does something that must not take for ever; what takes too long is ended.
    ///
    /// - Parameter what: what is done, for messages.
    /// - Throws: ``YesterdayError`` with code `unavailable` when the time is up, and what `body` throws.
    func within<T: Sendable>(_ what: String, _ body: @escaping @Sendable () async throws -> T) async throws -> T {
        let limit = health.actionTimeout
        return try await withThrowingTaskGroup(of: T?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                try await Task.sleep(for: limit)
                return nil
            }
            defer { group.cancelAll() }
            guard let first = try await group.next(), let result = first else {
                throw YesterdayError(
                    .unavailable, "\(label): \(what) took longer than \(limit.components.seconds) s and was ended",
                    hint: "The setting timeout gives it more time.")
            }
            return result
        }
    }

    /// Waits until what was started is well.
    ///
    /// - Throws: ``YesterdayError`` if it does not become so in time.
    func waitUntilHealthy(_ artifact: Artifact) async throws {
        try await health.wait(for: label) { try await probe(artifact) }
    }
}
