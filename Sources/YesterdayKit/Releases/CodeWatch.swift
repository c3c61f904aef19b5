import Logging
import PostgresClient

/// Keeps the code of a target what it should be: at once when a rollback says so, and from time to
/// time in any case. Connects again when the connection is lost; ends when its task is cancelled.
public struct CodeWatch: Sendable {
    /// What happened.
    public enum Event: Sendable {
        /// It listens, on which database.
        case listening(database: String)
        /// Somebody said something on the channel.
        case heard(String)
        /// The code was looked at, and switched if need be.
        case converged(CodeSwitch.Outcome)
        /// It could not be.
        case failed(YesterdayError)
    }

    /// How often to look when nobody says anything.
    public var interval: Duration
    private let settings: ConnectionSettings
    private let switching: CodeSwitch
    private let logger: Logger
    private static let longestPause: Duration = .seconds(30)

    /// A watch over a target.
    public init(_ settings: ConnectionSettings, source: ArtifactSource = ArtifactSource(), interval: Duration = .seconds(30), logger: Logger) {
        self.settings = settings
        self.interval = interval
        self.logger = logger
        switching = CodeSwitch(source: source, logger: logger)
    }

    /// Watches until the task is cancelled.
    ///
    /// - Throws: `CancellationError`.
    public func run(_ report: @escaping @Sendable (Event) async -> Void) async throws {
        var pause: Duration = .milliseconds(500)
        while true {
            try Task.checkCancellation()
            do {
                try await watch(report) { pause = .milliseconds(500) }
            } catch let error as CancellationError {
                throw error
            } catch {
                await report(.failed(YesterdayError(describing: error)))
            }
            try await Task.sleep(for: pause)
            pause = min(pause * 2, Self.longestPause)
        }
    }

    /// One connection, from its beginning to its end.
    private func watch(_ report: @escaping @Sendable (Event) async -> Void, isWell: () -> Void) async throws {
        let target = try await Target(PostgresConnection.connect(settings))
        // The listener is another connection: what is asked on this one must not delay what it hears.
        let ear = try await PostgresConnection.connect(settings)
        let result: Result<Void, any Error>
        do {
            let heard = try await ear.notifications()
            try await ear.listen("yesterday")
            await report(.listening(database: target.database))
            isWell()
            try await listen(target, heard, report)
            result = .success(())
        } catch {
            result = .failure(error)
        }
        await ear.close()
        await target.connection.close()
        try result.get()
    }

    private func listen(
        _ target: Target, _ heard: AsyncThrowingStream<Notification, any Error>,
        _ report: @escaping @Sendable (Event) async -> Void
    ) async throws {
        let interval = interval
        // Several notifications while the code is switched are one reason to look again.
        let (reasons, wake) = AsyncThrowingStream<String?, any Error>.makeStream(bufferingPolicy: .bufferingNewest(1))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                do {
                    for try await notification in heard { wake.yield(notification.payload) }
                    wake.finish()
                } catch {
                    wake.finish(throwing: error)
                }
            }
            group.addTask {
                while true {
                    try await Task.sleep(for: interval)
                    wake.yield(nil)
                }
            }
            defer { group.cancelAll() }
            wake.yield(nil)
            for try await reason in reasons {
                if let reason { await report(.heard(reason)) }
                try await look(target, report)
            }
            try Task.checkCancellation()
        }
    }

    /// A runtime that fails, or somebody else who is switching, is no reason to stop watching.
    private func look(_ target: Target, _ report: @Sendable (Event) async -> Void) async throws {
        do {
            // Not cancelled with the watch: what was begun is finished.
            let switching = switching
            let outcome = try await Task { try await switching.converge(target) }.value
            await report(.converged(outcome))
        } catch let error as YesterdayError where error.code != .unavailable {
            await report(.failed(error))
        }
    }
}
