import Logging
import PostgresClient
import Synchronization

/// The right to switch the code of a target, over a connection of its own, renewed as long as it
/// is held. A rollback never waits for it; its holder learns of one by the generation.
final class SwitchLease: Sendable {
    private struct State {
        var newest: Int64
        var lost: YesterdayError?
        var heartbeat: Task<Void, Never>?
    }

    private static let duration = "15 seconds"
    private static let beat: Duration = .seconds(4)

    /// The connection of the lease: what is asked over it does not disturb what the target's other
    /// connection is at.
    let connection: PostgresConnection
    private let number: Int64
    private let state: Mutex<State>

    private init(_ connection: PostgresConnection, _ number: Int64) {
        self.connection = connection
        self.number = number
        state = Mutex(State(newest: 0))
    }

    /// Takes the lease; waits for somebody else's.
    ///
    /// - Parameters:
    ///   - patience: longest wait; a holder that is known to be dead is not waited for.
    ///   - onWait: told once whom it waits for.
    /// - Throws: ``YesterdayError`` with SQLSTATE YD027 if somebody else holds it for longer.
    static func take(
        _ target: Target, patience: Duration, logger: Logger, onWait: @Sendable (String) -> Void = { _ in }
    ) async throws -> SwitchLease {
        let connection = try await PostgresConnection.connect(target.connection.settings)
        do {
            try await connection.withSession { _ = try Target.pin($0) }
            let end = ContinuousClock.now + patience
            var told = false
            while true {
                do {
                    let number = try await attempt(connection)
                    let lease = SwitchLease(connection, number)
                    lease.keepAlive(logger)
                    return lease
                } catch let error as PostgresError where error.sqlState == "YD027" && ContinuousClock.now < end {
                    if !told { onWait(withoutMark(error.detail ?? error.message)) }
                    told = true
                    try await Task.sleep(for: .milliseconds(300))
                }
            }
        } catch {
            await connection.close()
            throw (error as? PostgresError).map { YesterdayError($0) } ?? error
        }
    }

    private static func attempt(_ connection: PostgresConnection) async throws -> Int64 {
        let identity = Machine.identity(ofProcess: ProcessIdentifier.own)
        let holder = "yesterday on \(Machine.name), pid \(ProcessIdentifier.own)" + (identity.map { " [\($0)]" } ?? "")
        return try await connection.withSession { session in
            do {
                return try take(session, holder, insteadOf: nil)
            } catch let error as PostgresError where error.sqlState == "YD027" {
                // Whoever was killed cannot give it back; where that is certain, nobody waits.
                guard let dead = deadHolder(error.detail) else { throw error }
                return try take(session, holder, insteadOf: dead)
            }
        }
    }

    private static func take(_ session: PostgresSession, _ holder: String, insteadOf dead: Int64?) throws -> Int64 {
        try session.query(
            "SELECT yesterday.take_lease(holder => $1, duration => $2, instead_of => $3) AS lease",
            [.text(holder), .text(duration), .int8(dead)]
        ).only.get("lease")
    }

    /// The detail of YD027 for people: without the mark behind the holder's name.
    static func withoutMark(_ detail: String) -> String {
        guard let from = detail.range(of: " ["), let to = detail.range(of: "] since ", range: from.upperBound..<detail.endIndex)
        else { return detail }
        return String(detail[..<from.lowerBound]) + " since " + detail[to.upperBound...]
    }

    /// The lease that the detail of YD027 names, if its holder has ended.
    private static func deadHolder(_ detail: String?) -> Int64? {
        guard let detail, let from = detail.range(of: " ["), let to = detail.range(of: "] since ") else { return nil }
        let identity = String(detail[from.upperBound..<to.lowerBound])
        guard Machine.isDead(identity), let word = detail.range(of: ", lease ", range: to.upperBound..<detail.endIndex)
        else { return nil }
        return Int64(detail[word.upperBound...].prefix { $0.isNumber })
    }

    private func keepAlive(_ logger: Logger) {
        let task = Task { [self] in
            while !Task.isCancelled {
                do {
                    try await Task.sleep(for: Self.beat)
                    try await renew()
                } catch is CancellationError {
                    return
                } catch {
                    logger.debug("the lease is lost: \(error)")
                    return
                }
            }
        }
        state.withLock { $0.heartbeat = task }
    }

    /// Renews the lease and looks what should run now.
    ///
    /// - Returns: the newest generation, 0 if there is none.
    /// - Throws: ``YesterdayError`` if the lease is lost.
    @discardableResult
    func renew() async throws -> Int64 {
        if let lost = state.withLock({ $0.lost }) { throw lost }
        let number = number
        do {
            let newest = try await connection.withSession { session in
                try session.query(
                    "SELECT yesterday.renew_lease(lease => $1, duration => $2) AS generation",
                    [.int8(number), .text(Self.duration)]
                ).only.getIfPresent("generation", as: Int64.self) ?? 0
            }
            state.withLock { $0.newest = newest }
            return newest
        } catch let error as PostgresError {
            let lost = YesterdayError(error)
            state.withLock { $0.lost = lost }
            throw lost
        }
    }

    /// An attempt to switch, as the target began it.
    struct Attempt: Sendable {
        let number: Int64
        let generation: Int64
        let isConfirmed: Bool
        let wanted: [Artifact]
        let gone: [Artifact]
        let cause: String
    }

    /// Begins an attempt; `nil` if the target has no code.
    ///
    /// - Throws: ``PostgresClient/PostgresError``.
    func beginSwitch() async throws -> Attempt? {
        let number = number
        return try await connection.withSession { session in
            try session.transaction { session in
                let row = try session.query(
                    """
                    SELECT s.attempt, s.generation, s.confirmed, s.artifacts, s.gone,
                           (SELECT c.cause FROM yesterday.code c WHERE c.generation = s.generation) AS cause
                    FROM yesterday.begin_switch(lease => $1) s
                    """, [.int8(number)]
                ).rows.first
                guard let row else { return nil }
                func artifacts(_ column: String) throws -> [Artifact] {
                    try session.query(
                        """
                        SELECT e.key AS name, e.value ->> 'type' AS type, e.value ->> 'reference' AS reference,
                               e.value ->> 'digest' AS digest
                        FROM pg_catalog.jsonb_each($1::jsonb) e ORDER BY e.key
                        """, [.jsonb(row.text(column))]
                    ).rows.map { try Artifact($0) }
                }
                return Attempt(
                    number: try row.get("attempt"), generation: try row.get("generation"),
                    isConfirmed: try row.get("confirmed"), wanted: try artifacts("artifacts"),
                    gone: try artifacts("gone"), cause: try row.get("cause"))
            }
        }
    }

    /// Ends an attempt.
    ///
    /// - Returns: `confirmed`, `superseded` or `failed`.
    /// - Throws: ``PostgresClient/PostgresError``.
    func endSwitch(_ attempt: Attempt, switched: Bool, report: JSONValue) async throws -> String {
        try await connection.withSession { session in
            try session.query(
                "SELECT yesterday.end_switch(attempt => $1, switched => $2, report => $3) AS became",
                [.int8(attempt.number), .bool(switched), .jsonb(report.text(indent: nil))]
            ).only.get("became")
        }
    }

    /// Gives the lease back. One that cannot be given back ends by itself.
    func release() async {
        state.withLock { $0.heartbeat }?.cancel()
        let number = number
        _ = try? await connection.query("SELECT yesterday.release_lease(lease => $1)", [.int8(number)])
        await connection.close()
    }
}
