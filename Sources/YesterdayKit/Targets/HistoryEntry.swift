import PostgresClient

/// A row of the view `yesterday.history`.
public struct HistoryEntry: Sendable {
    /// Its id.
    public let id: Int64
    /// Its name.
    public let name: String
    /// `deployment` or `realignment`.
    public let kind: String
    /// `transaction` or `open`.
    public let scope: String
    /// `open`, `finished`, `rolled_back` or `abandoned`.
    public let status: String
    /// What its proof gave.
    public let proof: String?
    /// When it began.
    public let beganAt: Timestamp?
    /// When it was finished.
    public let finishedAt: Timestamp?
    /// When it was rolled back or abandoned.
    public let endedAt: Timestamp?
    /// Who deployed it.
    public let deployedBy: String?
    /// How many tables it changed.
    public let tables: Int64?
    /// How many rows it changed.
    public let rows: Int64?
    /// How many objects its DDL changed.
    public let ddlObjects: Int64?
    /// Size of what is kept for its rollback, in bytes.
    public let shadowBytes: Int64?
    /// True if it can be rolled back, after all later ones.
    public let isRollbackable: Bool
    /// Why it was rolled back.
    public let rollbackReason: String?
    /// What people were to know.
    public let note: String?
    /// All columns, for programs.
    public let json: JSONValue

    init(_ row: Row) throws {
        id = try row.get("id")
        name = try row.getIfPresent("name") ?? ""
        kind = try row.getIfPresent("kind") ?? "deployment"
        scope = try row.getIfPresent("scope") ?? ""
        status = try row.getIfPresent("status") ?? ""
        proof = try row.getIfPresent("proof")
        beganAt = try row.getIfPresent("began_at")
        finishedAt = try row.getIfPresent("finished_at")
        endedAt = try row.getIfPresent("ended_at")
        deployedBy = try row.getIfPresent("deployed_by")
        tables = try row.getIfPresent("tables")
        rows = try row.getIfPresent("rows")
        ddlObjects = try row.getIfPresent("ddl_objects")
        shadowBytes = try row.getIfPresent("shadow_bytes")
        isRollbackable = try row.getIfPresent("rollbackable") ?? false
        rollbackReason = try row.getIfPresent("rollback_reason")
        note = try row.getIfPresent("note")
        json = row.json
    }

    /// True if it has an effect that a rollback would take away.
    public var isInEffect: Bool { status == "open" || status == "finished" }

    /// True if its rollback was rehearsed and compared, on all rows or on those it touched.
    public var isProven: Bool { proof == "proven" || proof == "touched" }

    /// `12 "Release 17.2"`
    public var label: String { "\(id) \"\(name)\"" }
}

extension Target {
    /// Deployments, newest first.
    ///
    /// - Parameter limit: at most so many; `nil` for all.
    /// - Throws: ``PostgresClient/PostgresError``.
    public func history(limit: Int? = nil) async throws -> [HistoryEntry] {
        try await connection.withSession { session in
            try session.query(
                "SELECT * FROM yesterday.history ORDER BY id DESC LIMIT $1",
                [.int8(limit.map { Int64($0) })]
            ).rows.map(HistoryEntry.init)
        }
    }

    /// The newest deployment that has an effect, which is the one that a rollback undoes.
    ///
    /// - Throws: ``PostgresClient/PostgresError``.
    public func lastInEffect() async throws -> HistoryEntry? {
        try await connection.withSession { session in
            try session.query(
                """
                SELECT * FROM yesterday.history WHERE status IN ('open', 'finished')
                ORDER BY id DESC LIMIT 1
                """
            ).rows.first.map(HistoryEntry.init)
        }
    }

    /// A deployment by its id, else by its name.
    ///
    /// - Throws: ``YesterdayError`` with code `nothing` if there is none, or several of that name;
    ///   ``PostgresClient/PostgresError``.
    public func deployment(_ wanted: String) async throws -> HistoryEntry {
        let found = try await connection.withSession { session in
            try session.query(
                """
                SELECT h.* FROM yesterday.history h
                WHERE CASE WHEN EXISTS (SELECT FROM yesterday.history i WHERE i.id::text = $1)
                      THEN h.id::text = $1 ELSE h.name = $1 END
                ORDER BY h.id
                """, [.text(wanted)]
            ).rows.map(HistoryEntry.init)
        }
        guard let first = found.first else {
            throw YesterdayError(
                .nothing, "there is no deployment \"\(wanted)\"",
                detail: "It is neither the id nor the name of a deployment of \(database).",
                hint: "yesterday history lists them.", sqlState: "YD018")
        }
        guard found.count == 1 else {
            throw YesterdayError(
                .nothing, "there are \(found.count) deployments named \"\(wanted)\"",
                detail: "Their ids are \(found.map { String($0.id) }.joined(separator: ", ")).",
                hint: "Give the id instead of the name.", sqlState: "YD018")
        }
        return first
    }
}
