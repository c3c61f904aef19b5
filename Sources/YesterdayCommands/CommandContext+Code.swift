import PostgresClient
import YesterdayKit

extension CommandContext {
    /// Does something that goes on in the database and outside of it: shows that it goes on, and
    /// lets Ctrl-C end it, the statement on the server and the program that is waited for.
    func workingOutside<T: Sendable>(
        _ what: @autoclosure @escaping @Sendable () -> String, on connection: PostgresConnection,
        _ body: @escaping @Sendable () async throws -> T
    ) async throws -> T {
        try await working(what(), on: connection) {
            let work = Task { try await body() }
            let watch = Task {
                for await _ in SignalMonitor.signals() {
                    work.cancel()
                    return
                }
            }
            defer { watch.cancel() }
            return try await work.value
        }
    }

    /// Tells where the code is, in the log.
    func note(_ progress: CodeSwitch.Progress) {
        switch progress {
        case .waiting(let holder): logger.notice("waiting: somebody else is switching the code. \(holder)")
        case .step(let artifact, let step): logger.info("\(artifact): \(step)")
        }
    }
}
