import Foundation
import PostgresClient

/// The demonstration: a platform, a deployment that goes wrong, and the way back, on a real
/// server that is made for it. Everything it tells was read from that server.
public struct Demo: Sendable {
    /// How it ended.
    public struct Outcome: Sendable {
        /// Version of the server, such as `15.4`.
        public let serverVersion: String
        /// Rows that the rollback put back or took away.
        public let rows: Int64
        /// Duration of deployment (proof included) and rollback, in milliseconds.
        public let deployment: Int, rollback: Int
        /// Orders that were acknowledged while all this went on, and those the database lost.
        public let orders: Int, lostOrders: Int
        /// The longest that any order waited, in milliseconds.
        public let longestWait: Int
        /// What is not the same after the rollback as before the deployment.
        public let differences: [String]

        /// True if the rollback was exact and no order was lost.
        public var isGood: Bool { differences.isEmpty && lostOrders == 0 }
    }

    private static let database = "company"

    private let cluster: ThrowawayCluster
    private let tell: @Sendable (DemoScene) -> Void
    private let data: ReferenceData
    private let folder: String

    /// Prepares the demonstration on a server of its own.
    ///
    /// - Parameter tell: told every scene when it is over.
    /// - Throws: ``YesterdayError`` if the reference data is missing.
    public init(on cluster: ThrowawayCluster, tell: @escaping @Sendable (DemoScene) -> Void) throws {
        self.cluster = cluster
        self.tell = tell
        data = try ReferenceData()
        folder =
            FileManager.default.temporaryDirectory
            .appendingPathComponent("yesterday-demo-\(UUID().uuidString)").path
    }

    /// Plays it.
    ///
    /// - Throws: ``YesterdayError`` or ``PostgresClient/PostgresError`` if something does not go as it should.
    public func run() async throws -> Outcome {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let version = try await buildPlatform()
        let shop = DemoShop(try await connect("clerk"))
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await shop.open() }
            do {
                let outcome = try await play(shop, version)
                try await group.waitForAll()
                return outcome
            } catch {
                // The shop ends by itself; what went wrong first is what counts.
                try? shop.close()
                throw error
            }
        }
    }

    /// What to type to look around in a cluster that was kept.
    public static func lookAround(_ cluster: ThrowawayCluster) -> [(purpose: String, command: String)] {
        func psql(_ user: String) -> String {
            "\(cluster.binDirectory)/psql \"\(cluster.connectionString(database: database, user: user))\""
        }
        return [
            ("as the one on night duty, who may roll back", psql("night_shift")),
            ("as the lead engineer, who may clear the freeze", psql("lead_engineer")),
            ("to stop the server and delete everything", cluster.removalCommand),
        ]
    }

    // MARK: the scenes

    private func play(_ shop: DemoShop, _ version: String) async throws -> Outcome {
        let pipeline = try await Target(connect("pipeline"))
        let night = try await connect("night_shift")
        let tables = try await trackedTables()

        try await shop.wait(for: 20)
        _ = try await deploy(DemoBundle.referenceData(data), on: pipeline, "Reference data arrives")
        let before = try await StateSnapshot.take(cluster, database: Self.database, tables: tables)
        try await shop.wait(for: 20)

        let orderBefore = try await shop.place("25000.00", "DE")
        let deployment = try await deploy(
            DemoBundle.regression(data), on: pipeline, "11 PM: release 4.2 is deployed")
        try await showRegression(shop, orderBefore)

        tell(
            DemoScene(
                "3 AM: \"Yesterday things were fine.\" What would a rollback do?",
                .typed("SELECT * FROM rollback_preview();", by: "night_shift"),
                .report(try Report(try await night.query("SELECT * FROM rollback_preview()")))))
        let start = ContinuousClock.now
        let report = try Report(
            try await night.query("SELECT * FROM rollback_last(reason => $1)", ["orders approve themselves"]))
        let rollback = milliseconds(ContinuousClock.now - start)
        tell(
            DemoScene(
                "The one question is answered with yes",
                .typed("SELECT * FROM rollback_last(reason => 'orders approve themselves');", by: "night_shift"),
                .headline(report), .text("Done in \(rollback) ms, while the shop was open.")))

        let after = try await StateSnapshot.take(cluster, database: Self.database, tables: tables)
        try await shop.wait(for: 20)
        let orderAfter = try await shop.place("25000.00", "DE")
        let differences = after.differences(from: before)
        compare(before, after, differences, orderBefore, orderAfter)

        try await showFreeze(pipeline, night)
        try await showClearing(pipeline, shop)

        try shop.close()
        let lost = try await lostOrders(shop)
        let outcome = Outcome(
            serverVersion: version, rows: report.lines.first?.rows ?? 0, deployment: deployment, rollback: rollback,
            orders: shop.count, lostOrders: lost, longestWait: shop.longestWait, differences: differences)
        await pipeline.connection.close()
        await night.close()
        return outcome
    }

    private func buildPlatform() async throws -> String {
        let administration = try await cluster.connect()
        let available = try await administration.query(
            "SELECT count(*) FROM pg_catalog.pg_available_extensions WHERE name = 'yesterday'"
        ).only[0]
        guard available != "0" else {
            throw YesterdayError(
                .configuration, "the extension yesterday is not installed for this PostgreSQL",
                detail: "Its programs are in \(cluster.binDirectory).",
                hint: "In the sources: make demo, or make install PG_CONFIG=\(cluster.binDirectory)/pg_config")
        }
        try await administration.execute("CREATE DATABASE \(Self.database)")
        await administration.close()
        let connection = try await cluster.connect(database: Self.database)
        try await connection.execute(DemoPlatform.sql)
        try await connection.execute(
            """
            CREATE EXTENSION yesterday;
            GRANT yesterday_deployer TO pipeline;
            GRANT yesterday_operator TO night_shift;
            GRANT yesterday_admin TO lead_engineer;
            SELECT yesterday.track_like('platform', '%', layer => 'platform');
            SELECT yesterday.track_like('apps', '%', layer => 'apps');
            SELECT yesterday.track_like('partner', '%', layer => 'partner');
            """)
        let version = try await connection.query("SHOW server_version").only[0] ?? ""
        let layers = try await connection.query(
            """
            SELECT layer, count(*), string_agg(table_name, ', ' ORDER BY table_name)
            FROM yesterday.tracked GROUP BY layer ORDER BY array_position('{platform,apps,partner}', layer)
            """
        ).rows.map { row in (0..<3).map { row[$0] ?? "" } }
        await connection.close()
        tell(
            DemoScene(
                "A platform whose behaviour is rows",
                .text(
                    "A server of its own (PostgreSQL \(version)) with a small purchasing platform. Three authors write "
                        + "its metadata, and all of it is under capture:"),
                .table(columns: ["layer", "tables", "names"], rows: layers),
                .text(
                    "Business is not metadata: orders are placed by a session of its own from here to the end, and "
                        + "rules decide which of them need an approval.")))
        return version
    }

    /// Deploys a bundle and tells of it; returns the duration in milliseconds.
    private func deploy(_ bundle: DemoBundle, on target: Target, _ title: String) async throws -> Int {
        let start = ContinuousClock.now
        let outcome = try await target.deploy(BundleDeployment(load(bundle)))
        let duration = milliseconds(ContinuousClock.now - start)
        let files = outcome.files.map { file in
            [
                file.file, file.table?.description ?? "statements: \(file.statements)",
                file.table == nil
                    ? "" : "\(file.inserted) inserted, \(file.updated) updated, \(file.deleted) deleted",
            ]
        }
        tell(
            DemoScene(
                title, .typed("yesterday deploy \(folderName(bundle))", by: "pipeline"),
                .table(columns: ["file", "goes to", "rows"], rows: files), .headline(outcome.report),
                .text("Applied, its rollback rehearsed and compared, and committed, in \(duration) ms.")))
        return duration
    }

    private func showRegression(_ shop: DemoShop, _ before: DemoShop.Order) async throws {
        let first = shop.count
        try await shop.wait(for: 60)
        let now = try await shop.place("25000.00", "DE")
        let wrong = shop.orders(from: first).filter { $0.decision == "approved" && (Double($0.amount) ?? 0) > 2000 }
        let sum = Int(wrong.reduce(0) { $0 + (Double($1.amount) ?? 0) })
        tell(
            DemoScene(
                "Something is wrong: a zero too many",
                .table(
                    columns: ["an order over 25,000.00", "decision"],
                    rows: [["before 4.2", before.decision], ["with 4.2", now.decision]]),
                .text(
                    "\(wrong.count) of \(shop.count - first) orders since then were approved although they are above "
                        + "every limit of yesterday, \(sum) in sum.")))
    }

    private func compare(
        _ before: StateSnapshot, _ after: StateSnapshot, _ differences: [String], _ orderBefore: DemoShop.Order,
        _ orderAfter: DemoShop.Order
    ) {
        var rows = zip(before.contents, after.contents).map { old, new in
            [
                old.table.description, "\(old.rows) rows \(old.sha256.prefix(12))",
                "\(new.rows) rows \(new.sha256.prefix(12))", old.sha256 == new.sha256 ? "same" : "DIFFERENT",
            ]
        }
        rows.append([
            "schema, by pg_dump", "\(before.schema.count) lines", "\(after.schema.count) lines",
            before.schema == after.schema ? "same" : "DIFFERENT",
        ])
        rows.append([
            "an order over 25,000.00", orderBefore.decision, orderAfter.decision,
            orderBefore.decision == orderAfter.decision ? "same" : "DIFFERENT",
        ])
        tell(
            DemoScene(
                "Is it really yesterday? Compared without Yesterday's help",
                .table(columns: ["what", "before the deployment", "after the rollback", "verdict"], rows: rows),
                differences.isEmpty
                    ? .result("Every row and every line of the schema is as it was.", isGood: true)
                    : .result("NOT the same:\n" + differences.prefix(20).joined(separator: "\n"), isGood: false)))
    }

    private func showFreeze(_ pipeline: Target, _ night: PostgresConnection) async throws {
        let again = try await refusal("a second rollback") {
            _ = try await night.query("SELECT * FROM rollback_last()")
        }
        let next = try await refusal("a deployment on a target that is off the train") {
            _ = try await pipeline.deploy(BundleDeployment(load(DemoBundle.regression(data))))
        }
        tell(
            DemoScene(
                "A nervous second click, and the next deployment: both are refused",
                .typed("SELECT * FROM rollback_last();", by: "night_shift"), .refusal(again),
                .typed("yesterday deploy apps-4.2", by: "pipeline"), .refusal(next)))
    }

    private func showClearing(_ pipeline: Target, _ shop: DemoShop) async throws {
        let lead = try await connect("lead_engineer")
        try await lead.query("SELECT yesterday.clear_freeze($1)", ["limit of order-limit corrected in 4.2.1"])
        await lead.close()
        let outcome = try await pipeline.deploy(BundleDeployment(load(DemoBundle.correction(data))))
        let small = try await shop.place("8000.00", "DE")
        let large = try await shop.place("25000.00", "DE")
        tell(
            DemoScene(
                "In the morning a human clears the way, and the corrected release lands",
                .typed(
                    "SELECT yesterday.clear_freeze('limit of order-limit corrected in 4.2.1');", by: "lead_engineer"),
                .typed("yesterday deploy apps-4.2.1", by: "pipeline"), .headline(outcome.report),
                .table(
                    columns: ["an order over", "decision"],
                    rows: [["8,000.00", small.decision], ["25,000.00", large.decision]])))
    }

    /// What a command that has to fail fails with.
    private func refusal(_ what: String, _ body: () async throws -> Void) async throws -> YesterdayError {
        do {
            try await body()
        } catch let error as YesterdayError where error.sqlState?.hasPrefix("YD") == true {
            return error
        } catch let error as PostgresError where error.sqlState?.hasPrefix("YD") == true {
            return YesterdayError(error)
        }
        throw YesterdayError(.failed, "\(what) was not refused")
    }

    // MARK: surroundings

    private func connect(_ user: String) async throws -> PostgresConnection {
        try await cluster.connect(database: Self.database, user: user)
    }

    private func folderName(_ bundle: DemoBundle) -> String {
        bundle.name.replacingOccurrences(of: " ", with: "-")
    }

    private func load(_ bundle: DemoBundle) throws -> LoadedBundle {
        let path = "\(folder)/\(folderName(bundle))"
        try bundle.write(to: path)
        return try LoadedBundle(path: path)
    }

    private func trackedTables() async throws -> [TableName] {
        let connection = try await cluster.connect(database: Self.database)
        let tables = try await connection.query("SELECT schema_name, table_name FROM yesterday.tracked").rows.map {
            TableName(schema: $0[0] ?? "", name: $0[1] ?? "")
        }
        await connection.close()
        return tables
    }

    /// Orders that the shop was told are placed and that the database does not have like that.
    private func lostOrders(_ shop: DemoShop) async throws -> Int {
        let connection = try await cluster.connect(database: Self.database)
        let rows = try await connection.query("SELECT id, amount, decision FROM business.purchase_order").rows
        await connection.close()
        var kept: [Int64: DemoShop.Order] = [:]
        for row in rows {
            let order = DemoShop.Order(
                id: try row.get("id"), amount: try row.get("amount"), decision: try row.get("decision"))
            kept[order.id] = order
        }
        return shop.orders().count { kept[$0.id] != $0 }
    }
}
