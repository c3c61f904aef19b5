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
            throw error.leavingNothingBehind
        } catch let error as PostgresError where error.commitOutcomeUnknown {
            throw YesterdayError(error).hinting("Look whether \"\(deployment.bundle.name)\" landed: yesterday history")
        } catch let error as PostgresError {
            throw YesterdayError(error).leavingNothingBehind
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

extension YesterdayError {
    fileprivate var leavingNothingBehind: YesterdayError {
        let assurance = "Nothing was changed: the whole deployment was rolled back."
        return YesterdayError(
            code, message, detail: detail.map { "\($0)\n\(assurance)" } ?? assurance, hint: hint, sqlState: sqlState,
            context: context, cause: cause)
    }

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
