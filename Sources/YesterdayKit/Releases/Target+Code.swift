import OCIRegistry
import PostgresClient

/// How the code of a target stands.
public struct CodeStatus: Sendable {
    /// `none`, `confirmed`, `pending`, `switching` or `failed`.
    public let state: String
    /// The generation that should run; `nil` if the target has no code.
    public let generation: Int64?
    /// What made it: `deployment`, `rollback` or `adopted`.
    public let cause: String?
    /// The deployment that made it, or whose rollback did.
    public let deployment: Int64?
    /// What is known about code that is not confirmed.
    public let detail: String?
    /// What should run, by name.
    public let artifacts: [Artifact]

    /// True while what should run is not confirmed.
    public var isPending: Bool { state != "none" && state != "confirmed" }
}

/// An artifact that must not be garbage-collected.
public struct PinnedArtifact: Sendable {
    /// The artifact.
    public let artifact: Artifact
    /// True if it runs or should run.
    public let isInUse: Bool
    /// Deployments whose code it is, or whose rollback goes back to it.
    public let deployments: String?
    /// When all of it was last found.
    public let lastChecked: Timestamp?
    /// Where.
    public let checkedIn: String?
    /// All columns, for programs.
    public let json: JSONValue
}

extension Target {
    /// How the code stands.
    ///
    /// - Throws: ``PostgresClient/PostgresError``.
    public func code() async throws -> CodeStatus {
        try await connection.withSession { session in
            let row = try session.query(
                "SELECT state, generation, cause, deployment, detail FROM yesterday.code ORDER BY generation DESC LIMIT 1"
            ).rows.first
            guard let row else {
                return CodeStatus(state: "none", generation: nil, cause: nil, deployment: nil, detail: nil, artifacts: [])
            }
            return CodeStatus(
                state: try row.get("state"), generation: try row.get("generation"), cause: try row.get("cause"),
                deployment: try row.getIfPresent("deployment"), detail: try row.getIfPresent("detail"),
                artifacts: try session.query(
                    """
                    SELECT artifact AS name, type, reference, digest FROM yesterday.artifacts WHERE digest IS NOT NULL
                    """
                ).rows.map { try Artifact($0) })
        }
    }

    /// What was last confirmed to run.
    ///
    /// - Throws: ``PostgresClient/PostgresError``.
    public func confirmedArtifacts() async throws -> [Artifact] {
        try await connection.withSession { session in
            try session.query(
                """
                SELECT e.key AS name, e.value ->> 'type' AS type, e.value ->> 'reference' AS reference,
                       e.value ->> 'digest' AS digest
                FROM (SELECT c.artifacts FROM yesterday.code c WHERE c.confirmed_at IS NOT NULL
                      ORDER BY c.generation DESC LIMIT 1) g, pg_catalog.jsonb_each(g.artifacts) e
                ORDER BY e.key
                """
            ).rows.map { try Artifact($0) }
        }
    }

    /// How artifacts are switched.
    ///
    /// - Throws: ``PostgresClient/PostgresError``.
    public func runtimes() async throws -> [RuntimeConfiguration] {
        try await connection.withSession { session in
            try session.query("SELECT artifact, driver, settings FROM yesterday.runtimes").rows.map { row in
                RuntimeConfiguration(
                    artifact: try row.get("artifact"), driver: try row.get("driver"),
                    settings: try row.getIfPresent("settings"))
            }
        }
    }

    /// Says how an artifact is switched.
    ///
    /// - Parameter settings: an object, as JSON.
    /// - Throws: ``PostgresClient/PostgresError``.
    public func setRuntime(_ artifact: String, driver: String, settings: String) async throws {
        try await connection.query(
            "SELECT yesterday.set_runtime(artifact => $1, driver => $2, settings => $3)",
            [.text(artifact), .text(driver), .jsonb(settings)])
    }

    /// Lets an artifact be switched by hand.
    ///
    /// - Throws: ``PostgresClient/PostgresError``.
    public func unsetRuntime(_ artifact: String) async throws {
        try await connection.query("SELECT yesterday.unset_runtime(artifact => $1)", [.text(artifact)])
    }

    /// What must not be garbage-collected.
    ///
    /// - Throws: ``PostgresClient/PostgresError``.
    public func pinnedArtifacts() async throws -> [PinnedArtifact] {
        try await connection.withSession { session in
            try session.query(
                """
                SELECT artifact, artifact AS name, type, reference, digest, in_use,
                       pg_catalog.array_to_string(deployments, ', ') AS deployments, last_checked, checked_in
                FROM yesterday.pinned_artifacts
                """
            ).rows.map { row in
                PinnedArtifact(
                    artifact: try Artifact(row), isInUse: try row.get("in_use"),
                    deployments: try row.getIfPresent("deployments"), lastChecked: try row.getIfPresent("last_checked"),
                    checkedIn: try row.getIfPresent("checked_in"), json: row.json)
            }
        }
    }

    /// Keeps that all of an artifact was found just now.
    ///
    /// - Throws: ``PostgresClient/PostgresError``.
    public func noteCheck(_ artifact: Artifact, place: String, bytes: Int64?) async throws {
        try await connection.query(
            "SELECT yesterday.note_artifact_check(digest => $1, reference => $2, place => $3, bytes => $4)",
            [.text(artifact.digest.description), .text(artifact.reference), .text(place), .int8(bytes)])
    }

    /// Takes over what runs already.
    ///
    /// - Throws: ``PostgresClient/PostgresError``.
    public func adopt(_ artifacts: [Artifact], reason: String) async throws {
        try await connection.query(
            "SELECT yesterday.adopt_artifacts(artifacts => $1, reason => $2)",
            [.jsonb(JSONValue.array(artifacts.map(\.json)).text(indent: nil)), .text(reason)])
    }

    /// Artifacts that the rollback of a deployment switches: those that it brought.
    ///
    /// - Throws: ``PostgresClient/PostgresError``.
    func artifactNames(ofDeployments ids: [Int64]) async throws -> Set<String> {
        let list = ids.map { String($0) as String? }
        return try await connection.withSession { session in
            Set(
                try session.query(
                    """
                    SELECT DISTINCT k.name
                    FROM yesterday.deployment_record d
                    JOIN yesterday.history h ON h.id = d.deployment AND h.status = 'finished',
                         pg_catalog.jsonb_object_keys(d.artifacts) AS k(name)
                    WHERE d.deployment = ANY ($1::bigint[])
                    """, [.array(list)]
                ).rows.map { try $0.get("name", as: String.self) })
        }
    }
}
