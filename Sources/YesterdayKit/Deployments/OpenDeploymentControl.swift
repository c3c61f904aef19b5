import Logging
import PostgresClient

/// Ends an open deployment, over another connection if the first has broken meanwhile: programs
/// run for hours, and servers fail over.
struct OpenDeploymentControl: Sendable {
    private(set) var target: Target
    private let id: Int64
    private let settings: ConnectionSettings
    private let logger: Logger
    private let onReconnect: @Sendable (PostgresConnection) async -> Void

    init(
        _ target: Target, _ id: Int64, settings: ConnectionSettings, logger: Logger,
        onReconnect: @escaping @Sendable (PostgresConnection) async -> Void
    ) {
        self.target = target
        self.id = id
        self.settings = settings
        self.logger = logger
        self.onReconnect = onReconnect
    }

    /// Gives the connection the name by which others see that somebody is at work.
    func showThatSomebodyIsAtWork() async {
        do {
            try await target.connection.query(
                "SELECT pg_catalog.set_config('application_name', $1, false)",
                [.text(OpenDeployment.applicationNamePrefix + String(id))])
        } catch {
            logger.debug("\(error)")
        }
    }

    mutating func finish() async throws -> Report {
        try await end("finished") { target, id in try await target.finishDeployment(id) }
    }

    /// - Parameter refusal: why it cannot count, for the message if this fails too.
    mutating func abandon(after refusal: PostgresError? = nil) async throws -> Report {
        do {
            return try await end("abandoned") { target, id in
                try await target.abandonDeployment(id)
            }
        } catch {
            let error = error as? YesterdayError ?? YesterdayError(error)
            throw refusal.map { error.adding("It was to be undone because: \($0.message)") } ?? error
        }
    }

    /// Tries more than once what time can mend: sessions of the program that are not quite gone,
    /// and lost connections.
    private mutating func end(
        _ goal: String, _ body: @Sendable (Target, Int64) async throws -> Report
    ) async throws -> Report {
        var attempt = 0
        while true {
            attempt += 1
            do {
                try await reconnectIfNeeded()
                if attempt > 1, let status = try await status(), status != "open" {
                    // The answer of an earlier attempt was lost, not its effect.
                    guard status == goal else {
                        throw YesterdayError(.failed, "deployment \(id) has become \(status) meanwhile")
                    }
                    return Report(subject: "deployment \(id)", outcome: goal)
                }
                return try await body(target, id)
            } catch let error as PostgresError {
                let code = YesterdayError(error).code
                guard code == .busy || code == .unavailable, attempt < 4 else {
                    guard code == .busy || code == .unavailable else { throw error }
                    throw YesterdayError(error).adding(
                        "Deployment \(id) is open still."
                    ).hinting("Later: yesterday finish \(id) keeps it, yesterday abandon \(id) undoes it.")
                }
                logger.warning("\(error.message); trying again")
                try? await Task.sleep(for: .seconds(attempt * attempt))
            }
        }
    }

    private func status() async throws -> String? {
        try await target.connection.query(
            "SELECT status FROM yesterday.history WHERE id = $1", [.int8(id)]
        ).rows.first?.get("status")
    }

    private mutating func reconnectIfNeeded() async throws {
        if (try? await target.connection.query("SELECT 1")) != nil { return }
        let logger = logger
        let connection = try await PostgresConnection.connect(settings) { notice in
            logger.notice("\(notice.message)")
        }
        target = try await Target(connection)
        await onReconnect(connection)
    }
}

extension YesterdayError {
    /// The same error with one more fact.
    func adding(_ fact: String) -> YesterdayError {
        YesterdayError(
            code, message, detail: [detail, fact].compactMap { $0 }.joined(separator: "\n"),
            hint: hint, sqlState: sqlState, context: context, cause: cause)
    }

    init(_ error: any Error) {
        switch error {
        case let error as YesterdayError: self = error
        case let error as PostgresError: self.init(error)
        default: self.init(.failed, "\(error)", cause: error)
        }
    }
}
