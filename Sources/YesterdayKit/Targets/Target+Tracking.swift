import PostgresClient

/// Two LIKE patterns, `SCHEMA.TABLE`: which tables a tracking rule is about.
public struct TablePattern: Sendable, Equatable {
    /// Pattern of schemas.
    public let schema: String
    /// Pattern of tables.
    public let table: String

    /// Reads `SCHEMA.TABLE`, divided at the first dot.
    ///
    /// - Throws: ``YesterdayError`` with code `usage` if a half is missing.
    public init(_ text: String) throws {
        let halves = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard halves.count == 2, halves.allSatisfy({ !$0.isEmpty }) else {
            throw YesterdayError(
                .usage, "\"\(text)\" is not a pattern for tables",
                detail: "It takes a LIKE pattern for schemas, a dot, and one for tables.",
                hint: #"For example: --like 'public.ir\_%'"#)
        }
        schema = String(halves[0])
        table = String(halves[1])
    }
}

/// How a table is tracked.
public struct TrackingOptions: Sendable {
    /// Whose metadata it is.
    public var layer: String
    /// What a write outside any deployment gets: `allow` or `refuse`.
    public var outside: String
    /// Columns that identify a row on every target.
    public var naturalKey: [String]
    /// Columns that differ on every target though the targets are aligned.
    public var localColumns: [String]

    /// Options.
    public init(
        layer: String = "platform", outside: String = "allow", naturalKey: [String] = [],
        localColumns: [String] = []
    ) {
        self.layer = layer
        self.outside = outside
        self.naturalKey = naturalKey
        self.localColumns = localColumns
    }
}

/// A row of the view `yesterday.tracked`.
public struct TrackedTable: Sendable {
    /// Schema and name.
    public let name: String
    /// Whose metadata it is.
    public let layer: String
    /// `allow` or `refuse`.
    public let outside: String
    /// `primary`, `unique` or `row`.
    public let keyKind: String
    /// The columns of the key.
    public let keyColumns: [String]
    /// The rule that brought it under capture.
    public let rule: String?
    /// `capturing`, `missing` or `disabled`.
    public let state: String
    /// All columns, for programs.
    public let json: JSONValue

    init(_ row: Row) throws {
        name = "\(try row.get("schema_name", as: String.self)).\(try row.get("table_name", as: String.self))"
        layer = try row.getIfPresent("layer") ?? ""
        outside = try row.getIfPresent("outside") ?? ""
        keyKind = try row.getIfPresent("key_kind") ?? ""
        keyColumns = try row.getIfPresent("key_columns") ?? []
        rule = try row.getIfPresent("rule")
        state = try row.getIfPresent("state") ?? ""
        json = row.json
    }
}

extension Target {
    /// The tables under capture.
    ///
    /// - Throws: ``PostgresClient/PostgresError``.
    public func trackedTables() async throws -> [TrackedTable] {
        try await connection.withSession { session in
            try session.query("SELECT * FROM yesterday.tracked ORDER BY schema_name, table_name")
                .rows.map(TrackedTable.init)
        }
    }

    /// Puts tables under capture, all or none. Names are looked up as psql would.
    ///
    /// - Returns: how many tables each name or pattern brought under capture, in order.
    /// - Throws: ``PostgresClient/PostgresError``.
    @discardableResult
    public func track(
        tables: [String], patterns: [TablePattern], options: TrackingOptions
    ) async throws -> [Int64] {
        @Sendable func columns(_ names: [String]) -> Parameter { .array(names.isEmpty ? nil : names) }
        return try await connection.transaction { session in
            var counts: [Int64] = []
            for table in try resolve(tables, session) {
                counts.append(
                    try session.query(
                        """
                        SELECT yesterday.track(tables => $1::oid, layer => $2, outside => $3,
                                   natural_key => $4, local_columns => $5) AS count
                        """,
                        [
                            .text(table), .text(options.layer), .text(options.outside),
                            columns(options.naturalKey), columns(options.localColumns),
                        ]
                    ).only.get("count"))
            }
            for pattern in patterns {
                counts.append(
                    try session.query(
                        """
                        SELECT yesterday.track_like(schema_pattern => $1, table_pattern => $2,
                                   layer => $3, outside => $4) AS count
                        """,
                        [
                            .text(pattern.schema), .text(pattern.table), .text(options.layer),
                            .text(options.outside),
                        ]
                    ).only.get("count"))
            }
            return counts
        }
    }

    /// Ends the capture of tables, all or none.
    ///
    /// - Returns: how many tables each name or pattern was about, in order.
    /// - Throws: ``PostgresClient/PostgresError``.
    @discardableResult
    public func untrack(tables: [String], patterns: [TablePattern]) async throws -> [Int64] {
        try await connection.transaction { session in
            var counts: [Int64] = []
            for table in try resolve(tables, session) {
                counts.append(
                    try session.query(
                        "SELECT yesterday.untrack(tables => $1::oid) AS count", [.text(table)]
                    ).only.get("count"))
            }
            for pattern in patterns {
                counts.append(
                    try session.query(
                        """
                        SELECT yesterday.untrack_like(schema_pattern => $1, table_pattern => $2)
                               AS count
                        """, [.text(pattern.schema), .text(pattern.table)]
                    ).only.get("count"))
            }
            return counts
        }
    }

    /// OIDs of tables, their names looked up along the search_path that the session came with.
    private func resolve(_ tables: [String], _ session: PostgresSession) throws -> [String] {
        func use(_ path: String) throws {
            try session.query(
                "SELECT pg_catalog.set_config('search_path', $1, true)", [.text(path)])
        }
        try use(originalSearchPath)
        let found = try tables.map { table in
            do {
                return try session.query(
                    "SELECT $1::pg_catalog.regclass::pg_catalog.oid AS oid", [.text(table)]
                ).only.get("oid", as: String.self)
            } catch let error as PostgresError where error.code == .server {
                throw YesterdayError(
                    .badInput, error.message,
                    detail: "It was looked up in \"\(database)\" along the search_path \(originalSearchPath).",
                    hint: "Give the schema, too: schema.table; capitals need quotes of their own: '\"Table\"'.",
                    sqlState: error.sqlState, cause: error)
            }
        }
        try use("pg_catalog, pg_temp")
        return found
    }
}
