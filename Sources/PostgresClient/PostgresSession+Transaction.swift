/// How strictly a transaction keeps others out.
public enum IsolationLevel: String, Sendable {
    /// Every statement sees what was committed before it.
    case readCommitted = "READ COMMITTED"
    /// Every statement sees what was committed before the first.
    case repeatableRead = "REPEATABLE READ"
    /// As if no other transaction ran at the same time.
    case serializable = "SERIALIZABLE"
}

extension PostgresSession {
    /// Runs `body` inside BEGIN and COMMIT; if it throws, inside BEGIN and ROLLBACK.
    ///
    /// - Throws: what `body` throws, and ``PostgresError``; one whose `commitOutcomeUnknown` is
    ///   true if the connection was lost during COMMIT.
    public func transaction<T>(
        isolation: IsolationLevel = .readCommitted, readOnly: Bool = false,
        _ body: (PostgresSession) throws -> T
    ) throws -> T {
        guard !isInTransaction else {
            throw PostgresError(.unexpectedResult, "a transaction is open already")
        }
        try execute(
            "BEGIN ISOLATION LEVEL \(isolation.rawValue) \(readOnly ? "READ ONLY" : "READ WRITE")")
        let result: T
        do {
            result = try body(self)
        } catch {
            // A connection that broke has no transaction any more; the first error is the one
            // that tells why.
            if isOpen { _ = try? execute("ROLLBACK") }
            throw error
        }
        guard isOpen else { throw lostError() }
        do {
            let tag = try execute("COMMIT").last?.commandTag
            guard tag == "COMMIT" else {
                throw PostgresError(
                    .unexpectedResult, "the transaction was rolled back at COMMIT",
                    detail: "A statement in it had failed, and the failure was not passed on.")
            }
        } catch let error as PostgresError where error.code == .connectionLost {
            throw PostgresError(
                .connectionLost, "the connection was lost during COMMIT",
                detail: error.detail,
                hint: "Whether the transaction was committed only the database can tell.",
                server: error.server, commitOutcomeUnknown: true)
        }
        return result
    }
}
