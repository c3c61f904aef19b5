import PostgresClient

/// Makes bundles out of databases in which somebody has worked.
public struct BundleAuthor: Sendable {
    /// How the bundle is called and where it goes.
    public struct Plan: Sendable {
        /// The new folder, or the new archive if it ends with `.tar.gz`.
        public var path: String
        /// Name of the bundle.
        public var name: String
        /// Only tables of this layer.
        public var layer: String?
        /// Name of the deployment that the bundle builds on.
        public var requires: String?
        /// Files with DDL that go into it.
        public var scripts: [String]
        /// Leave DDL out although there was some.
        public var withoutDDL: Bool

        /// A plan.
        public init(
            path: String, name: String, layer: String? = nil, requires: String? = nil, scripts: [String] = [],
            withoutDDL: Bool = false
        ) {
            self.path = path
            self.name = name
            self.layer = layer
            self.requires = requires
            self.scripts = scripts
            self.withoutDDL = withoutDDL
        }
    }

    /// What came of it.
    public struct Result: Sendable {
        /// The bundle; nil if there is nothing to do.
        public let bundle: LoadedBundle?
        /// What is not in it though one might think so, a sentence each.
        public let leftOut: [String]
    }

    private let plan: Plan
    private let progress: @Sendable (TableName, Int) -> Void

    /// - Parameter progress: told which table is compared and how many rows were, now and then.
    public init(_ plan: Plan, progress: @escaping @Sendable (TableName, Int) -> Void = { _, _ in }) {
        self.plan = plan
        self.progress = progress
    }

    // MARK: two databases

    /// A bundle that makes the tracked tables of `target` what those of `source` are. Rows are read
    /// in the order of their keys, so memory does not grow with the tables.
    ///
    /// - Throws: ``YesterdayError`` or ``PostgresClient/PostgresError``.
    public func difference(from source: Target, to target: Target) async throws -> Result {
        try await reading(source.connection) {
            try await reading(target.connection) {
                let left = try await TrackedCatalog(source.connection, layer: plan.layer, partitions: false)
                let right = try await TrackedCatalog(target.connection, layer: plan.layer, partitions: false)
                try check(left, right)
                var bundle = try AuthoredBundle(plan.path)
                for script in plan.scripts { try bundle.add(script: script) }
                for (place, table) in left.tables.enumerated() {
                    let partner = right.tables.first { $0.name == table.name }
                    try await compare(table, partner, source.connection, target.connection, place + 1, &bundle)
                }
                let made = bundle.isEmpty
                    ? nil
                    : try bundle.finish(
                        name: plan.name, note: "Makes \(target.database) what \(source.database) is.", layer: plan.layer,
                        requires: plan.requires)
                let names = Set(left.tables.map(\.name))
                return Result(
                    bundle: made,
                    leftOut: right.tables.filter { !names.contains($0.name) }.map {
                        "table \($0.name): tracked in \(target.database) only, its rows stay"
                    })
            }
        }
    }

    /// Only equal tables can be made equal by rows; DDL in the bundle may do the rest.
    private func check(_ left: TrackedCatalog, _ right: TrackedCatalog) throws {
        guard !left.tables.isEmpty else {
            throw YesterdayError(
                .nothing, "the database has no tracked tables\(plan.layer.map { " in the layer \"\($0)\"" } ?? "")",
                hint: "yesterday track")
        }
        var differences: [String] = []
        for table in left.tables {
            guard let partner = right.tables.first(where: { $0.name == table.name }) else {
                differences.append("\(table.name): not tracked in the other database")
                continue
            }
            if partner.key != table.key { differences.append("\(table.name): the keys differ") }
            for (column, type) in table.columns.sorted(by: { $0.key < $1.key }) where partner.columns[column] != type {
                differences.append(
                    "\(table.name): column \(column) is \(type), there \(partner.columns[column] ?? "it is missing")")
            }
        }
        guard !differences.isEmpty, plan.scripts.isEmpty else { return }
        throw YesterdayError(
            .refused, "the two databases differ in structure", detail: differences.joined(separator: "\n"),
            hint: "Add the DDL that makes them equal: --ddl FILE; or compare one layer: --layer NAME.")
    }

    private func compare(
        _ table: TrackedCatalog.Table, _ partner: TrackedCatalog.Table?, _ source: PostgresConnection,
        _ target: PostgresConnection, _ place: Int, _ bundle: inout AuthoredBundle
    ) async throws {
        var rows = bundle.rows(of: AuthoredBundle.Table(name: table.name, key: table.key), place: place)
        var wanted = try await RowCursor(source, table)
        var present: RowCursor?
        if let partner { present = try await RowCursor(target, partner) }
        var want = try await wanted.next()
        var have = try await present?.next()
        var count = 0
        while want != nil || have != nil {
            count += 1
            if count % 10_000 == 0 { progress(table.name, count) }
            let order = want.map { want in have.map { RowCursor.Entry.compare(want, $0) } ?? -1 } ?? 1
            if order <= 0, let entry = want {
                if order < 0 || entry.image != have?.image { try rows.upsert(entry.image) }
                want = try await wanted.next()
            }
            if order >= 0, let entry = have {
                if order > 0 { try rows.delete(entry.key) }
                have = try await present?.next()
            }
        }
        try await wanted.close()
        try await present?.close()
        try bundle.end(rows)
    }

    // MARK: one database over time

    /// A bundle of what deployments after `deployment` changed in the tracked tables of `source`.
    ///
    /// - Throws: ``YesterdayError`` or ``PostgresClient/PostgresError``.
    public func changes(in source: Target, since deployment: String) async throws -> Result {
        try await reading(source.connection) {
            let since = try await source.connection.query("SELECT yesterday._find_deployment($1)", [.text(deployment)]).only[0] ?? ""
            let structure = try await structureChanges(source.connection, since)
            guard structure.isEmpty || plan.withoutDDL || !plan.scripts.isEmpty else {
                throw YesterdayError(
                    .refused, "there was DDL since \"\(deployment)\", which cannot be made into a bundle",
                    detail: structure.prefix(30).joined(separator: "\n"),
                    hint: "Add the commands that were run: --ddl FILE, once for each file; or leave them out: --without-ddl.")
            }
            let catalog = try await TrackedCatalog(source.connection, layer: plan.layer, partitions: true)
            var bundle = try AuthoredBundle(plan.path)
            for script in plan.scripts { try bundle.add(script: script) }
            var leftOut: [String] = []
            for (place, table) in catalog.tables.enumerated() {
                var rows = bundle.rows(of: AuthoredBundle.Table(name: table.name, key: table.key), place: place + 1)
                if try await !collect(table, since, source.connection, &rows) {
                    leftOut.append("table \(table.name): made since, so its rows are not in the bundle either")
                }
                try bundle.end(rows)
            }
            if plan.scripts.isEmpty { leftOut += structure.map { "DDL of \($0)" } }
            let made = bundle.isEmpty
                ? nil
                : try bundle.finish(
                    name: plan.name, note: "What changed in \(source.database) since \"\(deployment)\".", layer: plan.layer,
                    requires: plan.requires)
            return Result(bundle: made, leftOut: leftOut)
        }
    }

    /// Objects that DDL of deployments after that one made, changed or dropped.
    private func structureChanges(_ connection: PostgresConnection, _ since: String) async throws -> [String] {
        try await connection.query(
            """
            SELECT DISTINCT pg_catalog.format('deployment %s: %s', i.deployment, i.subject), i.deployment
            FROM yesterday.inverse_ddl AS i JOIN yesterday.history AS h ON h.id = i.deployment
            WHERE i.deployment > $1::pg_catalog.int8 AND h.status = 'finished' ORDER BY i.deployment, 1
            """, [.text(since)]
        ).rows.map { $0[0] ?? "" }
    }

    /// False if the table was made since and no DDL in the bundle makes it.
    private func collect(
        _ table: TrackedCatalog.Table, _ since: String, _ connection: PostgresConnection, _ rows: inout AuthoredBundle.Rows
    ) async throws -> Bool {
        // The records of the deployments after the one that is named.
        let first: Parameter = .text(String((Int64(since) ?? 0) + 1))
        let names: [Parameter] = [.text(table.name.schema), .text(table.name.name), first]
        let events = try await connection.query(
            "SELECT event, detail FROM yesterday._table_since($1, $2, $3::pg_catalog.int8)", names
        ).rows
        let isNew = events.contains { $0[0] == "created" || $0[0] == "replaced" }
        if isNew, plan.scripts.isEmpty { return false }
        if let event = events.first, !isNew {
            throw YesterdayError(
                .refused, "changes of \(table.name) cannot be told from what it was called before",
                detail: "Since that deployment: \(event[0] ?? "") (\(event[1] ?? "")).",
                hint: "Compare the database with one of the old state instead: yesterday bundle diff.")
        }
        let statement: String
        if isNew {
            statement = "SELECT NULL AS gone, \(table.image("t"))::pg_catalog.text AS image, NULL::pg_catalog.int8 AS net FROM \(table.source) AS t"
        } else if table.key.isEmpty {
            // Nobody else can be told from a row without a key: what counts is how many equal ones there were.
            statement = """
                SELECT n.image::pg_catalog.text AS gone, n.image::pg_catalog.text AS image, n.net
                FROM (SELECT (coalesce(r.image, r.key) - \(Self.literal(table.leftOut))) AS image,
                          pg_catalog.sum(CASE r.op WHEN 'I' THEN -1 ELSE 1 END) AS net
                      FROM yesterday._captured_since($1, $2, $3::pg_catalog.int8) AS c
                      CROSS JOIN LATERAL yesterday._records(c.captured) AS r WHERE r.op <> 'F' GROUP BY 1) AS n
                WHERE n.net <> 0 ORDER BY n.image
                """
        } else {
            let match = try await connection.query(
                "SELECT yesterday._key_match(pg_catalog.to_regclass($1), $2::pg_catalog.name[], 't', 'c.key')",
                [.text(table.name.sql), .array(table.key)]
            ).only[0]
            statement = """
                SELECT CASE WHEN t.tableoid IS NULL AND c.image IS NOT NULL THEN c.key::pg_catalog.text END AS gone,
                    CASE WHEN t.tableoid IS NOT NULL AND \(table.image("t")) IS DISTINCT FROM (c.image - \(Self.literal(table.leftOut)))
                        THEN \(table.image("t"))::pg_catalog.text END AS image, NULL::pg_catalog.int8 AS net
                FROM yesterday._prior_changes($1, $2, $3::pg_catalog.int8) AS c
                LEFT JOIN \(table.source) AS t ON \(match ?? "false") ORDER BY c.key
                """
        }
        try await connection.query(
            "DECLARE yesterday_changes NO SCROLL CURSOR FOR \(statement)", isNew ? [] : names)
        var count = 0
        while true {
            let found = try await connection.query("FETCH 2000 FROM yesterday_changes").rows
            for row in found {
                let net: Int64? = try row.getIfPresent("net")
                let gone = try row.text("gone")
                let image = try row.text("image")
                for _ in 0..<Int(net?.magnitude ?? 1) {
                    if let gone, (net ?? 1) > 0 { try rows.delete(gone) }
                    if let image, (net ?? -1) < 0 { try rows.upsert(image) }
                }
            }
            count += found.count
            progress(table.name, count)
            if found.isEmpty { break }
        }
        try await connection.execute("CLOSE yesterday_changes")
        return true
    }

    private static func literal(_ names: [String]) -> String {
        "ARRAY[\(names.map { "'\($0.replacing("'", with: "''"))'" }.joined(separator: ", "))]::pg_catalog.text[]"
    }

    /// One snapshot for all tables, in a transaction that writes nothing.
    private func reading<T: Sendable>(_ connection: PostgresConnection, _ body: () async throws -> T) async throws -> T {
        try await connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        do {
            let encoding = try await connection.query("SHOW server_encoding").only[0]
            guard encoding == "UTF8" else {
                throw YesterdayError(
                    .configuration, "the database is not in the encoding UTF8", detail: "It is in \(encoding ?? "?").",
                    hint: "Bundles are made out of databases in UTF8.")
            }
            let result = try await body()
            try await connection.execute("COMMIT")
            return result
        } catch {
            // The first error is the one to report; a connection that is lost has no transaction either.
            _ = try? await connection.execute("ROLLBACK")
            throw error
        }
    }
}
