import Foundation
import PostgresClient

/// The demonstration of the train: five partners with a database each, one of which falls off and
/// is led back, on a real server that is made for it. Everything it tells was read from that server.
public struct TrainDemo: Sendable {
    /// How it ended.
    public struct Outcome: Sendable {
        /// The board while one partner was off the train.
        public let boardOff: Board
        /// The board after its realignment.
        public let boardRealigned: Board
        /// The board at the end.
        public let boardEnd: Board
        /// What is not as it should be, found without the help of the train.
        public let differences: [String]

        /// True if all ended as it should.
        public var isGood: Bool { differences.isEmpty }
    }

    static let partners = ["berlin", "lima", "lyon", "osaka", "perth"]
    private static let group = "partners"
    private static let fallen = "osaka"

    private let cluster: ThrowawayCluster
    private let tell: @Sendable (DemoScene) -> Void
    private let folder: String

    /// Prepares the demonstration on a server of its own.
    ///
    /// - Parameter tell: told every scene when it is over.
    public init(on cluster: ThrowawayCluster, tell: @escaping @Sendable (DemoScene) -> Void) {
        self.cluster = cluster
        self.tell = tell
        folder =
            FileManager.default.temporaryDirectory.appendingPathComponent("yesterday-train-\(UUID().uuidString)").path
    }

    /// Plays it.
    ///
    /// - Throws: ``YesterdayError`` or ``PostgresClient/PostgresError`` if something does not go as it should.
    public func run() async throws -> Outcome {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for bundle in TrainDemoBundles.all { try bundle.write(to: path(bundle)) }
        try await buildPartners()
        let connection = try await cluster.connect(database: "registry")
        _ = try await TrainRegistry.initialize(connection)
        let registry = try await TrainRegistry(connection)
        try await register(registry)
        try await placeOrders()

        _ = try await deploy(TrainDemoBundles.limits, registry)
        _ = try await deploy(TrainDemoBundles.regression, registry)
        tell(
            DemoScene(
                "Two patches, all five partners", .typed("yesterday deploy apps-4.2 --group partners", by: "pipeline"),
                .text(
                    "Each partner gets the patch in a transaction of its own, in parallel; its rollback is proven there, "
                        + "and before anything commits it is compared whether all five displace the same."),
                .board(try await registry.board())))

        try await fallOff()
        _ = try await deploy(TrainDemoBundles.training, registry)
        _ = try await deploy(TrainDemoBundles.screens, registry)
        let off = try await registry.board()
        tell(
            DemoScene(
                "The others go on", .typed("yesterday deploy apps-4.4 --group partners", by: "pipeline"),
                .text(
                    "Osaka rolled back in psql, without the registry; the next contact noticed. What it cannot get it "
                        + "misses, and nobody waits for it."),
                .board(off)))

        try await realign(registry)
        let realigned = try await registry.board()
        tell(
            DemoScene(
                "Back on the train",
                .text(
                    "Osaka has everything now: what it had rolled back, what it had missed, and the fix, which is the next "
                        + "patch for the others."),
                .board(realigned)))

        let last = try await deploy(TrainDemoBundles.fix, registry)
        let end = try await registry.board()
        let differences = try await differences(last, end)
        tell(
            DemoScene(
                "Recovery began at one partner and ends at all of them",
                .typed("yesterday deploy apps-4.4.1 --group partners", by: "pipeline"), .board(end),
                differences.isEmpty
                    ? .result(
                        "Compared without Yesterday's help: the metadata of all five is the same, and every order is there.",
                        isGood: true)
                    : .result("NOT as it should be:\n" + differences.joined(separator: "\n"), isGood: false)))
        await registry.connection.close()
        return Outcome(boardOff: off, boardRealigned: realigned, boardEnd: end, differences: differences)
    }

    /// What to type to look around in a cluster that was kept.
    public static func lookAround(_ cluster: ThrowawayCluster) -> [(purpose: String, command: String)] {
        let registry = cluster.connectionString(database: "registry")
        return [
            ("to see the board", "yesterday train board --registry \"\(registry)\""),
            ("to see it in a browser", "yesterday train board --html board.html --registry \"\(registry)\""),
            ("to look into a partner", "\(cluster.binDirectory)/psql \"\(cluster.connectionString(database: fallen))\""),
            ("to stop the server and delete everything", cluster.removalCommand),
        ]
    }

    // MARK: the scenes

    private func buildPartners() async throws {
        let administration = try await cluster.connect()
        for extensionName in ["yesterday", "yesterday_train"] {
            let count = try await administration.query(
                "SELECT count(*) FROM pg_catalog.pg_available_extensions WHERE name = $1", [.text(extensionName)]
            ).only[0]
            guard count != "0" else {
                throw YesterdayError(
                    .configuration, "the extension \(extensionName) is not installed for this PostgreSQL",
                    detail: "Its programs are in \(cluster.binDirectory).",
                    hint: "In the sources: make demo, or make install PG_CONFIG=\(cluster.binDirectory)/pg_config")
            }
        }
        try await administration.execute("CREATE DATABASE registry")
        try await administration.execute("CREATE DATABASE platform")
        let platform = try await cluster.connect(database: "platform")
        try await platform.execute(DemoPlatform.sql)
        try await platform.execute(
            """
            CREATE EXTENSION yesterday;
            SELECT yesterday.track_like('platform', '%', layer => 'platform');
            SELECT yesterday.track('apps.screen', layer => 'apps', natural_key => '{code}', local_columns => '{id}');
            SELECT yesterday.track_like('apps', '%', layer => 'apps');
            SELECT yesterday.track_like('partner', '%', layer => 'partner');
            """)
        await platform.close()
        for (number, name) in Self.partners.enumerated() {
            try await administration.execute("CREATE DATABASE \(SQL.identifier(name)) TEMPLATE platform")
            let partner = try await cluster.connect(database: name)
            // Each partner has rules of its own: that is what its layer is for.
            try await partner.query(
                "INSERT INTO partner.rule_override VALUES ('order-limit', 'FR', $1::numeric)",
                [.text(String(1000 + 100 * number))])
            await partner.close()
        }
        await administration.close()
    }

    private func register(_ registry: TrainRegistry) async throws {
        try await registry.addGroup(Self.group, partnerLayers: nil, note: nil)
        for name in Self.partners {
            let target = try await Target(cluster.connect(database: name))
            try await registry.add(
                TargetRegistration(name: name, group: Self.group, conninfo: cluster.connectionString(database: name)),
                at: target)
            await target.connection.close()
        }
        tell(
            DemoScene(
                "Five partners, one train",
                .text(
                    "Five databases, one for each partner, with the same platform in each. What the vendors ship is the same "
                        + "everywhere; what a partner adds is its own. They get the same patches in the same order."),
                .typed(
                    "yesterday target add berlin --group partners --db ... --time-zone Europe/Berlin --window 01:00-06:00",
                    by: "pipeline"),
                .board(try await registry.board())))
    }

    private func placeOrders() async throws {
        for name in Self.partners {
            let connection = try await cluster.connect(database: name, user: "clerk")
            for amount in ["250.00", "800.00", "9000.00"] {
                try await connection.query("SELECT * FROM business.place_order($1::numeric, 'DE')", [.text(amount)])
            }
            await connection.close()
        }
    }

    private func deploy(_ bundle: DemoBundle, _ registry: TrainRegistry) async throws -> GroupDeployment.Outcome {
        let outcome = try await GroupDeployment(
            LoadedBundle(path: path(bundle)), group: Self.group, registry: registry
        ).run()
        if let error = outcome.firstError { throw error }
        return outcome
    }

    private func fallOff() async throws {
        let connection = try await cluster.connect(database: Self.fallen)
        let report = try Report(
            try await connection.query("SELECT * FROM rollback_last(reason => $1)", ["orders approve themselves"]))
        await connection.close()
        let target = try await Target(cluster.connect(database: Self.fallen))
        let refusal = try await self.refusal("a deployment on a target that is off the train") {
            _ = try await target.deploy(BundleDeployment(LoadedBundle(path: path(TrainDemoBundles.training))))
        }
        await target.connection.close()
        tell(
            DemoScene(
                "3 AM in Osaka: \"Yesterday things were fine.\"",
                .typed("SELECT * FROM rollback_last(reason => 'orders approve themselves');", by: "night shift, Osaka"),
                .headline(report),
                .text("Osaka is off the train. No patch lands there, whoever tries:"), .refusal(refusal)))
    }

    private func realign(_ registry: TrainRegistry) async throws {
        let realignment = Realignment(of: Self.fallen, registry: registry)
        let bundles = try TrainDemoBundles.all.map { try LoadedBundle(path: path($0)) }
        let fix = try LoadedBundle(path: path(TrainDemoBundles.fix))
        _ = try await realignment.plan(reason: "ticket 4711", fix: fix)
        let plan = try await realignment.sign(step: nil, reason: "the fix was tried with Osaka's rules")
        tell(
            DemoScene(
                "By day: a plan for the way back",
                .typed("yesterday train plan osaka --reason \"ticket 4711\" --fix apps-4.4.1", by: "release manager"),
                .typed("yesterday train approve osaka --reason \"the fix was tried with Osaka's rules\"", by: "expert"),
                .table(
                    columns: ["step", "what", "patch", "signed by"],
                    rows: plan.steps.map {
                        [String($0.number), $0.kind.replacing("_", with: " "), $0.name, $0.signature ?? ""]
                    })))
        let early = try await refusal("applying what nobody rehearsed") { _ = try await realignment.apply(bundles) }
        let rehearsal = try await realignment.rehearse(bundles)
        let applied = try await realignment.apply(bundles)
        try await realignment.clear(reason: "ticket 4711 is closed", acceptUnaligned: false)
        tell(
            DemoScene(
                "Rehearsed on Osaka's own state, then applied",
                .typed("yesterday train apply osaka --bundles .", by: "release manager"), .refusal(early),
                .typed("yesterday train rehearse osaka --bundles .", by: "release manager"),
                .text(
                    "All four steps in one transaction, so that the regression is never live in between; compared with "
                        + "\(rehearsal.peer ?? "nobody") before the fix, and undone again."),
                .typed("yesterday train apply osaka --bundles .", by: "release manager"), .headline(applied.report),
                .typed("yesterday train clear osaka --reason \"ticket 4711 is closed\"", by: "lead engineer")))
    }

    // MARK: surroundings

    private func path(_ bundle: DemoBundle) -> String {
        "\(folder)/\(bundle.name.replacingOccurrences(of: " ", with: "-"))"
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

    /// Compares the databases with each other by what COPY says, and counts orders.
    private func differences(_ last: GroupDeployment.Outcome, _ board: Board) async throws -> [String] {
        var differences: [String] = []
        let names = ["platform.widget", "platform.step_kind", "apps.rule", "apps.workflow", "apps.lookup_value"]
        var first: [String: String] = [:]
        for partner in Self.partners {
            let connection = try await cluster.connect(database: partner)
            for name in names {
                let contents = try await connection.query(
                    "SELECT string_agg(t::text, E'\\n' ORDER BY t::text) AS contents FROM \(name) AS t"
                ).only[0] ?? ""
                if first[name] == nil { first[name] = contents }
                if first[name] != contents { differences.append("\(partner): \(name) is not that of \(Self.partners[0])") }
            }
            let screens = try await connection.query(
                "SELECT string_agg((code, workflow, layout)::text, E'\\n' ORDER BY code) FROM apps.screen").only[0] ?? ""
            if first["apps.screen", default: screens] != screens { differences.append("\(partner): apps.screen") }
            first["apps.screen"] = first["apps.screen"] ?? screens
            let orders = try await connection.query("SELECT count(*) FROM business.purchase_order").only[0]
            if orders != "3" { differences.append("\(partner): \(orders ?? "no") orders of 3") }
            let limit = try await connection.query(
                "SELECT limit_amount::text FROM apps.rule WHERE code = 'order-limit'").only[0]
            if limit != "10000.00" { differences.append("\(partner): the limit is \(limit ?? "unknown")") }
            await connection.close()
        }
        if !(board.groups.first?.targets.allSatisfy { $0.state == .onTrain && $0.position == 5 } ?? false) {
            differences.append("not all of them are on the train at the newest patch")
        }
        return differences
    }
}
