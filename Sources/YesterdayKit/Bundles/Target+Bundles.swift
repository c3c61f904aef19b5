import PostgresClient

extension Target {
    /// Deploys a bundle in one transaction: it lands whole and with its rollback proven, or not
    /// at all.
    ///
    /// - Parameters:
    ///   - isRehearsal: true to do everything but COMMIT.
    ///   - progress: called on the connection's thread.
    /// - Throws: ``YesterdayError``, which says whether anything can have landed.
    public func deploy(
        _ deployment: BundleDeployment, isRehearsal: Bool = false,
        progress: @Sendable (BundleDeployment.Progress) -> Void = { _ in }
    ) async throws -> BundleDeployment.Outcome {
        let path = originalSearchPath
        do {
            try await connection.withSession { try Self.noticeDeath($0) }
            return try await connection.transaction { session in
                let outcome = try deployment.apply(to: session, searchPath: path, progress: progress)
                if isRehearsal { throw Rehearsed(outcome: outcome) }
                return outcome
            }
        } catch let rehearsed as Rehearsed {
            return rehearsed.outcome
        } catch let error as YesterdayError {
            throw error.assuring(Self.rolledBack)
        } catch let error as PostgresError where error.commitOutcomeUnknown {
            throw YesterdayError(error).hinting(
                "Only the database can tell whether \"\(deployment.bundle.name)\" landed: run the same command again, which finds out.")
        } catch let error as PostgresError {
            throw YesterdayError(error).assuring(Self.rolledBack).runningAgainIfLost
        }
    }

    private static let rolledBack = "Nothing was changed: the whole deployment was rolled back."

    /// The last deployment of the target, if it is one of this bundle: a run of the same command has landed it.
    ///
    /// - Throws: ``YesterdayError`` or ``PostgresClient/PostgresError``.
    public func landed(_ bundle: LoadedBundle) async throws -> LandedDeployment? {
        let digest = "sha256:\(bundle.digest)"
        return try await connection.withSession { session in
            let row = try session.query(
                """
                SELECT s.last_deployment AS id, s.code_state NOT IN ('none', 'confirmed') AS pending,
                       EXISTS (SELECT FROM yesterday.code c WHERE c.generation = s.code_generation AND c.cause = 'rollback'
                               AND s.code_state <> 'confirmed') AS rolling_back
                FROM yesterday.status s
                JOIN yesterday.deployment_record d ON d.deployment = s.last_deployment
                WHERE s.last_deployment_status = 'finished' AND d.manifest -> 'bundle' ->> 'digest' = $1
                """, [.text(digest)]
            ).rows.first
            guard let row else { return nil }
            return LandedDeployment(
                id: try row.get("id"), isCodePending: try row.get("pending"), isCodeRollingBack: try row.get("rolling_back"))
        }
    }

    /// Lets the server notice within seconds that this program is gone, even in the middle of a long
    /// statement: until then the target would be locked for a deployment that cannot land.
    static func noticeDeath(_ session: PostgresSession) throws {
        do {
            try session.execute("SET client_connection_check_interval = '2s'")
        } catch let error as PostgresError where error.sqlState == "22023" {
            // Not every operating system of a server can tell; then it is noticed at the next statement.
            return
        }
    }

    /// Leaves the transaction, so that it is rolled back, with what it had found out.
    private struct Rehearsed: Error {
        let outcome: BundleDeployment.Outcome
    }
}

/// A deployment that an earlier run of the same command has landed.
public struct LandedDeployment: Sendable {
    /// Its id on the target.
    public let id: Int64
    /// The code of the target is not what it should be, or nobody has made sure of it.
    let isCodePending: Bool
    /// It is so because a later deployment was rolled back.
    let isCodeRollingBack: Bool
}

extension YesterdayError {
    /// A bundle that cannot be deployed.
    public init(_ error: BundleError) {
        let shown = error.errors.prefix(20)
        var lines = shown.map { "\($0.place): \($0.message)" }
        if error.errors.count > shown.count { lines.append("and \(error.errors.count - shown.count) more") }
        self.init(
            .badInput, error.errors.count == 1 ? error.message : "the bundle has \(error.errors.count) mistakes",
            detail: error.errors.count == 1 ? nil : lines.joined(separator: "\n"), hint: error.hint, cause: error)
    }
}
