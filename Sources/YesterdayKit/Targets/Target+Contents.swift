import PostgresClient

/// What is kept about one deployment.
public struct DeploymentContents: Sendable {
    /// A table whose rows it changed.
    public struct Table: Sendable {
        /// Schema and name before the deployment.
        public let name: String
        /// `primary`, `unique` or `row`.
        public let keyKind: String
        /// Rows that a rollback restores.
        public let rowsPrior: Int64?
        /// Rows that a rollback removes.
        public let rowsInserted: Int64?
        /// All columns, for programs.
        public let json: JSONValue
    }

    /// A command of the inverse DDL.
    public struct InverseStep: Sendable {
        /// What it is about.
        public let subject: String
        /// What happens to it.
        public let outcome: String
        /// The SQL.
        public let command: String
        /// All columns, for programs.
        public let json: JSONValue
    }

    /// The tables, by name.
    public let tables: [Table]
    /// The inverse DDL, in the order in which it runs.
    public let inverse: [InverseStep]
    /// What `finish_deployment` reported, what was declared, and the code that belongs to it.
    public let record: JSONValue
    /// The report of finish, as lines.
    public let report: [Report.Line]
    /// Artifacts, one a line: name, before, after.
    public let artifacts: [(name: String, prior: String?, new: String?)]
}

extension Target {
    /// What is kept about one deployment.
    ///
    /// - Throws: ``PostgresClient/PostgresError``.
    public func contents(of deployment: Int64) async throws -> DeploymentContents {
        try await connection.withSession { session in
            let id: [Parameter] = [.int8(deployment)]
            let tables = try session.query(
                """
                SELECT pg_catalog.format('%I.%I', schema_name, table_name) AS table_name, key_kind,
                       rows_prior, rows_inserted
                FROM yesterday.deployment_tables WHERE deployment = $1
                ORDER BY schema_name, table_name
                """, id
            ).rows.map { row in
                DeploymentContents.Table(
                    name: try row.get("table_name"), keyKind: try row.get("key_kind"),
                    rowsPrior: try row.getIfPresent("rows_prior"),
                    rowsInserted: try row.getIfPresent("rows_inserted"), json: row.json)
            }
            let inverse = try session.query(
                """
                SELECT phase, subject, outcome, kind, identity, owner, command, fallback
                FROM yesterday.inverse_ddl WHERE deployment = $1 ORDER BY step
                """, id
            ).rows.map { row in
                DeploymentContents.InverseStep(
                    subject: try row.get("subject"), outcome: try row.get("outcome"),
                    command: try row.get("command"), json: row.json)
            }
            let record = try session.query(
                """
                SELECT manifest, artifacts, prior_artifacts, proof_figures, report
                FROM yesterday.deployment_record WHERE deployment = $1
                """, id
            ).only
            let report = try session.query(
                """
                SELECT line ->> 'subject' AS subject, line ->> 'outcome' AS outcome,
                       (line ->> 'rows')::bigint AS rows, line ->> 'detail' AS detail
                FROM yesterday.deployment_record d,
                     pg_catalog.jsonb_array_elements(
                         CASE pg_catalog.jsonb_typeof(d.report) WHEN 'array' THEN d.report
                         ELSE '[]' END) AS line
                WHERE d.deployment = $1
                """, id)
            let artifacts = try session.query(
                """
                SELECT a.name, d.prior_artifacts -> a.name ->> 'reference' AS prior,
                       d.artifacts -> a.name ->> 'reference' AS new
                FROM yesterday.deployment_record d,
                     pg_catalog.jsonb_object_keys(
                         CASE pg_catalog.jsonb_typeof(d.artifacts) WHEN 'object' THEN d.artifacts
                         ELSE '{}' END) AS a(name)
                WHERE d.deployment = $1
                ORDER BY a.name
                """, id
            ).rows.map { row in
                (
                    name: try row.get("name", as: String.self),
                    prior: try row.getIfPresent("prior", as: String.self),
                    new: try row.getIfPresent("new", as: String.self)
                )
            }
            return DeploymentContents(
                tables: tables, inverse: inverse, record: record.json,
                report: try Report(report).lines, artifacts: artifacts)
        }
    }

    /// Row-level differences that a deployment made: table, key, column, before and now.
    ///
    /// - Parameters:
    ///   - table: only this one; as `yesterday.diff` names it.
    ///   - limit: at most so many; `nil` for all.
    /// - Throws: ``PostgresClient/PostgresError``.
    public func diff(
        _ deployment: Int64, table: String?, limit: Int?
    ) async throws -> [Difference] {
        try await connection.withSession { session in
            try session.query(
                """
                SELECT table_name, row_key, change, column_name, before, now
                FROM yesterday.diff(deployment => $1)
                WHERE $2::text IS NULL OR table_name IN ($2, 'public.' || $2) LIMIT $3
                """,
                [.text(String(deployment)), .text(table), .int8(limit.map { Int64($0) })]
            ).rows.map(Difference.init)
        }
    }
}

/// One column of one row that differs.
public struct Difference: Sendable {
    /// The table.
    public let table: String
    /// The key of the row, as JSON.
    public let key: String
    /// What happened to the row.
    public let change: String
    /// The column; `nil` where the whole row is meant.
    public let column: String?
    /// The value before the deployment.
    public let before: String?
    /// The value now.
    public let now: String?
    /// All columns, for programs.
    public let json: JSONValue

    init(_ row: Row) throws {
        table = try row.getIfPresent("table_name") ?? ""
        key = try row.getIfPresent("row_key") ?? ""
        change = try row.getIfPresent("change") ?? ""
        column = try row.getIfPresent("column_name")
        before = try row.getIfPresent("before")
        now = try row.getIfPresent("now")
        json = row.json
    }
}
