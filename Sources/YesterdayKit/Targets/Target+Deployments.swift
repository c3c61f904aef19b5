import PostgresClient

/// What a deployment is opened with.
public struct DeploymentRequest: Sendable {
    /// Its name, for people.
    public var name: String
    /// What it will touch, as JSON.
    public var manifest: String?
    /// The code that belongs to it, as JSON.
    public var artifacts: String?
    /// Anything that people should know.
    public var note: String?
    /// True to accept, on record, what cannot be undone.
    public var acceptIrreversible: Bool
    /// Every new session of this role belongs to the deployment while it is open.
    public var joinRole: String?

    /// A request.
    public init(
        name: String, manifest: String? = nil, artifacts: String? = nil, note: String? = nil,
        acceptIrreversible: Bool = false, joinRole: String? = nil
    ) {
        self.name = name
        self.manifest = manifest
        self.artifacts = artifacts
        self.note = note
        self.acceptIrreversible = acceptIrreversible
        self.joinRole = joinRole
    }
}

extension PostgresSession {
    /// Opens a deployment.
    ///
    /// - Parameter scope: `transaction` inside a transaction that has not written yet, or `open`
    ///   outside any.
    /// - Returns: its id.
    /// - Throws: ``PostgresClient/PostgresError``.
    public func beginDeployment(_ request: DeploymentRequest, scope: String) throws -> Int64 {
        try query(
            """
            SELECT yesterday.begin_deployment(name => $1, manifest => $2, artifacts => $3,
                       scope => $4, note => $5, accept_irreversible => $6, join_role => $7) AS id
            """,
            [
                .text(request.name), .jsonb(request.manifest), .jsonb(request.artifacts),
                .text(scope), .text(request.note), .bool(request.acceptIrreversible),
                .text(request.joinRole),
            ]
        ).only.get("id")
    }

    /// Finishes a deployment: checks it, proves its rollback and lets it count.
    ///
    /// - Parameter id: the open deployment; `nil` for the one of this transaction.
    /// - Throws: ``PostgresClient/PostgresError``.
    public func finishDeployment(_ id: Int64?) throws -> Report {
        try Report(
            query("SELECT * FROM yesterday.finish_deployment(deployment => $1)", [.int8(id)]))
    }
}

extension Target {
    /// Opens a deployment that several sessions can join.
    ///
    /// - Throws: ``PostgresClient/PostgresError``.
    public func beginOpenDeployment(_ request: DeploymentRequest) async throws -> Int64 {
        try await connection.withSession { try $0.beginDeployment(request, scope: "open") }
    }

    /// Finishes an open deployment.
    ///
    /// - Throws: ``PostgresClient/PostgresError``.
    public func finishDeployment(_ id: Int64) async throws -> Report {
        try await connection.withSession { try $0.finishDeployment(id) }
    }

    /// Undoes an open deployment.
    ///
    /// - Throws: ``PostgresClient/PostgresError``.
    public func abandonDeployment(_ id: Int64) async throws -> Report {
        try await connection.withSession { session in
            try Report(
                session.query(
                    "SELECT * FROM yesterday.abandon_deployment(deployment => $1)", [.int8(id)]))
        }
    }
}
