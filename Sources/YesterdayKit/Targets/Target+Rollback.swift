import PostgresClient

extension Target {
    /// What a rollback would do, without doing it.
    ///
    /// - Parameter deployment: id or name; `nil` for the last.
    /// - Throws: ``PostgresClient/PostgresError``.
    public func preview(_ deployment: String?) async throws -> Report {
        try await connection.withSession { session in
            try Report(
                session.query(
                    "SELECT * FROM \(verb("rollback_preview"))(deployment => $1)",
                    [.text(deployment)]))
        }
    }

    /// Rolls back the last deployment.
    ///
    /// - Parameters:
    ///   - deployment: id or name of the one that is expected to be the last; `nil` for whatever
    ///     is the last.
    ///   - force: true to end sessions that hold locks for too long.
    /// - Throws: ``PostgresClient/PostgresError``.
    public func rollBack(
        _ deployment: String?, reason: String?, force: Bool
    ) async throws -> Report {
        try await connection.withSession { session in
            try Report(
                session.query(
                    """
                    SELECT * FROM \(verb("rollback_last"))(deployment => $1, reason => $2,
                                                           force => $3)
                    """, [.text(deployment), .text(reason), .bool(force)]))
        }
    }

    /// Rolls back every deployment after the named one, newest first, in one transaction.
    ///
    /// - Parameter force: true to end sessions that hold locks for too long.
    /// - Throws: ``PostgresClient/PostgresError``.
    public func rollBack(
        toAfter deployment: Int64, reason: String?, force: Bool
    ) async throws -> Report {
        try await connection.withSession { session in
            try Report(
                session.query(
                    """
                    SELECT * FROM yesterday.rollback_to(deployment => $1, reason => $2,
                                                        force => $3)
                    """, [.text(String(deployment)), .text(reason), .bool(force)]))
        }
    }

    /// Rehearses the rollback of the last deployment and undoes the rehearsal.
    ///
    /// - Parameter lockBusiness: also where business tables cannot be read meanwhile; without
    ///   it such a drill is refused.
    /// - Throws: ``PostgresClient/PostgresError``.
    public func drill(lockBusiness: Bool = false) async throws -> Report {
        try await connection.withSession {
            try Report(
                $0.query(
                    "SELECT * FROM yesterday.drill(lock_business => $1)",
                    [.text(lockBusiness ? "true" : "false")]))
        }
    }

    /// Lets no deployment land from now on.
    ///
    /// - Throws: ``PostgresClient/PostgresError``.
    public func freeze(reason: String) async throws {
        try await connection.query("SELECT yesterday.freeze(reason => $1)", [.text(reason)])
    }

    /// Lets deployments land again.
    ///
    /// - Throws: ``PostgresClient/PostgresError``.
    public func clearFreeze(reason: String) async throws {
        try await connection.query("SELECT yesterday.clear_freeze(reason => $1)", [.text(reason)])
    }
}
