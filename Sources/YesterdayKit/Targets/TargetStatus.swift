import PostgresClient

/// The one row of the view `yesterday.status`.
public struct TargetStatus: Sendable {
    /// Whether deployments land.
    public enum State: String, Sendable {
        /// Deployments land.
        case onTrain = "on_train"
        /// Diverged by a rollback; nothing lands.
        case offTrain = "off_train"
        /// Frozen by hand; nothing lands.
        case frozen
    }

    /// A deployment in few words.
    public struct Deployment: Sendable {
        /// Its id.
        public let id: Int64
        /// Its name.
        public let name: String
    }

    /// Whether deployments land.
    public let state: State
    /// Why it is in that state.
    public let reason: String?
    /// Since when.
    public let since: Timestamp?
    /// Who put it there.
    public let setBy: String?
    /// The last deployment that counts.
    public let lastDeployment: Deployment?
    /// `finished`, `open`, ...
    public let lastDeploymentStatus: String?
    /// When it was finished.
    public let lastFinishedAt: Timestamp?
    /// What its proof gave.
    public let lastProof: String?
    /// How many deployments can be rolled back.
    public let rollbackable: Int64
    /// The deployment that is open.
    public let openDeployment: Deployment?
    /// Its scope.
    public let openScope: String?
    /// How many tables are under capture.
    public let trackedTables: Int64
    /// Whether the code that runs is the code that is wanted.
    public let codeState: String?
    /// Which generation of the code should run; `nil` if the target has no code.
    public let codeGeneration: Int64?
    /// What is known about code that is not confirmed.
    public let codeDetail: String?
    /// When the last rollback was.
    public let lastRollbackAt: Timestamp?
    /// What to type next.
    public let nextCommand: String?
    /// All columns, for programs.
    public let json: JSONValue

    /// The command that leads a frozen target back, and for whom: one of a train that has diverged is realigned, and
    /// "yesterday clear" would be refused there.
    public var wayBack: (command: String, purpose: String) {
        guard state == .offTrain, json["alignment"] == .string("unaligned") else {
            return ("yesterday clear --reason \"...\"", "when it is as it should be, an admin types")
        }
        // While code is pending, the next command is another one.
        let plan = nextCommand.flatMap { $0.hasPrefix("yesterday train plan ") ? $0 : nil }
        return (plan ?? "yesterday train plan TARGET", "it has diverged from its peers; a realignment leads it back")
    }

    /// True while what should run of the code is not confirmed; no deployment begins meanwhile.
    public var isCodePending: Bool { codeState.map { !["none", "confirmed"].contains($0) } ?? false }

    init(_ row: Row) throws {
        func deployment(_ id: String, _ name: String) throws -> Deployment? {
            guard let number = try row.getIfPresent(id, as: Int64.self) else { return nil }
            return Deployment(id: number, name: try row.getIfPresent(name) ?? "")
        }
        let name: String = try row.get("state")
        guard let state = State(rawValue: name) else {
            throw YesterdayError(
                .configuration, "the state \"\(name)\" of the target is not known here",
                detail: "The extension is newer than this program.",
                hint: "Install the same version of both: yesterday doctor")
        }
        self.state = state
        reason = try row.getIfPresent("reason")
        since = try row.getIfPresent("since")
        setBy = try row.getIfPresent("set_by")
        lastDeployment = try deployment("last_deployment", "last_deployment_name")
        lastDeploymentStatus = try row.getIfPresent("last_deployment_status")
        lastFinishedAt = try row.getIfPresent("last_finished_at")
        lastProof = try row.getIfPresent("last_proof")
        rollbackable = try row.getIfPresent("rollbackable") ?? 0
        openDeployment = try deployment("open_deployment", "open_deployment_name")
        openScope = try row.getIfPresent("open_scope")
        trackedTables = try row.getIfPresent("tracked_tables") ?? 0
        codeState = try row.getIfPresent("code_state")
        codeGeneration = try row.getIfPresent("code_generation")
        codeDetail = try row.getIfPresent("code_detail")
        lastRollbackAt = try row.getIfPresent("last_rollback_at")
        nextCommand = try row.getIfPresent("next_command")
        json = row.json
    }
}

extension Target {
    /// How the target stands.
    ///
    /// - Throws: ``PostgresClient/PostgresError``.
    public func status() async throws -> TargetStatus {
        try await connection.withSession { session in
            try TargetStatus(session.query("SELECT * FROM yesterday.status").only)
        }
    }

    /// The deployment that is open, and whether somebody is still at work on it.
    ///
    /// - Throws: ``PostgresClient/PostgresError``.
    public func openDeployment() async throws -> OpenDeployment? {
        try await connection.withSession { session in
            let row = try session.query(
                """
                SELECT s.open_deployment AS id, s.open_deployment_name AS name,
                       s.open_scope AS scope,
                       (SELECT pg_catalog.min(a.pid)
                        FROM pg_catalog.pg_stat_activity a
                        WHERE a.datname = pg_catalog.current_database()
                          AND a.application_name = $1 || s.open_deployment) AS pid
                FROM yesterday.status s
                WHERE s.open_deployment IS NOT NULL
                """, [.text(OpenDeployment.applicationNamePrefix)]
            ).rows.first
            return try row.map { row in
                OpenDeployment(
                    id: try row.get("id"), name: try row.getIfPresent("name") ?? "",
                    runnerPID: try row.getIfPresent("pid"))
            }
        }
    }
}

/// A deployment that has begun and not ended.
public struct OpenDeployment: Sendable {
    /// What the connection of `yesterday run` calls itself, followed by the id, for as long as it
    /// works on an open deployment.
    public static let applicationNamePrefix = "yesterday run "

    /// Its id.
    public let id: Int64
    /// Its name.
    public let name: String
    /// Server process of the `yesterday run` that is at work on it, if there is one.
    public let runnerPID: Int64?

    /// What is the matter and how to get out of it.
    public var wayOut: String {
        let what = "deployment \(id) \"\(name)\" is open"
        guard runnerPID == nil else {
            return "\(what): a \"yesterday run\" is at work on it now"
        }
        return """
            \(what), and no "yesterday run" is at work on it any more.
                  Undo it:   yesterday abandon \(id)
                  Keep it:   yesterday finish \(id)
            """
    }
}
