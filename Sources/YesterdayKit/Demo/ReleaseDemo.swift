import Archives
import Digests
import Foundation
import Logging
import PostgresClient

/// The demonstration of releases: metadata in rows and code in archives go forward as one, and come
/// back as one, also by a line in psql. On a real server and real folders that are made for it.
public struct ReleaseDemo: Sendable {
    /// How it ended.
    public struct Outcome: Sendable {
        /// Version of the server, such as `15.4`.
        public let serverVersion: String
        /// Duration of the second release, and of the way back in the database and in the code, in
        /// milliseconds.
        public let deployment: Int, rollback: Int, reconcile: Int
        /// What is not the same after the rollback as before the release.
        public let differences: [String]

        /// True if the rollback was exact.
        public var isGood: Bool { differences.isEmpty }
    }

    private static let database = "shop"
    private static let screens = TableName(schema: "apps", name: "screen")

    private let cluster: ThrowawayCluster
    private let tell: @Sendable (DemoScene) -> Void
    private let logger: Logger
    private let folder: String

    /// Prepares the demonstration on a server of its own.
    ///
    /// - Parameter tell: told every scene when it is over.
    public init(on cluster: ThrowawayCluster, logger: Logger, tell: @escaping @Sendable (DemoScene) -> Void) {
        self.cluster = cluster
        self.logger = logger
        self.tell = tell
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("yesterday-demo-\(UUID().uuidString)").path
    }

    /// Plays it.
    ///
    /// - Throws: ``YesterdayError`` or ``PostgresClient/PostgresError`` if something does not go as it should.
    public func run() async throws -> Outcome {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let version = try await buildPlatform()
        let target = try await Target(connect("pipeline"))
        for name in ["api", "web"] {
            let admin = try await Target(connect("lead_engineer"))
            try await admin.setRuntime(name, driver: "symlink", settings: #"{"root": "\#(folder)/machine/\#(name)", "stable": 0}"#)
            await admin.connection.close()
        }
        _ = try await release("1", on: target)
        let before = try await state()
        tell(
            DemoScene(
                "A shop: screens are rows, pages and server are archives",
                .text(
                    "A server of its own (PostgreSQL \(version)), and a machine that is a folder: a symbolic link each says "
                        + "what runs. Release 1 is there:"),
                .typed("yesterday runtime set web symlink root=/srv/web", by: "lead_engineer"),
                .typed("yesterday deploy shop-1", by: "pipeline"), try await shown(target)))

        let start = ContinuousClock.now
        let outcome = try await release("2", on: target)
        let deployment = milliseconds(ContinuousClock.now - start)
        tell(
            DemoScene(
                "11 PM: release 2 lands, screens, pages and server",
                .typed("yesterday deploy shop-2", by: "pipeline"),
                .table(columns: ["artifact", "pinned"], rows: outcome.artifacts.map { [$0.name, $0.digest.description] }),
                .table(columns: ["artifact", "code", "detail"], rows: lines(outcome.code)), try await shown(target),
                .text("Both versions were fetched and are kept, so that there is a way back; the rollback was proven; all in \(deployment) ms.")))

        try await showAlteredArchive(target)
        return try await rollBack(target, before, version, deployment)
    }

    // MARK: the scenes

    private func showAlteredArchive(_ target: Target) async throws {
        let bundle = try writeRelease("3")
        try Data("something else".utf8).write(to: URL(fileURLWithPath: "\(folder)/store/web-3.tar.gz"))
        do {
            _ = try await deploy(bundle, on: target)
        } catch let error as YesterdayError {
            tell(
                DemoScene(
                    "Release 3: somebody has altered an archive", .typed("yesterday deploy shop-3", by: "pipeline"),
                    .refusal(error), .text("Refused before anything was changed."), try await shown(target)))
            return
        }
        throw YesterdayError(.failed, "an archive that was altered was not refused")
    }

    private func rollBack(_ target: Target, _ before: State, _ version: String, _ deployment: Int) async throws -> Outcome {
        let night = try await connect("night_shift")
        var start = ContinuousClock.now
        let report = try Report(try await night.query("SELECT * FROM rollback_last(reason => $1)", ["orders cannot be saved"]))
        let rollback = milliseconds(ContinuousClock.now - start)
        tell(
            DemoScene(
                "3 AM: nobody has the program at hand, psql is enough",
                .typed("SELECT * FROM rollback_last(reason => 'orders cannot be saved');", by: "night_shift"), .report(report),
                try await shown(target),
                .text("The screens are back after \(rollback) ms. Which code should run is back, too; what runs follows, and says so until it has.")))
        start = .now
        let code = try await CodeSwitch(logger: logger).converge(try await Target(night))
        let reconcile = milliseconds(ContinuousClock.now - start)
        tell(
            DemoScene(
                "The code follows", .typed("yesterday reconcile", by: "night_shift"),
                .table(columns: ["artifact", "code", "detail"], rows: lines(code)), try await shown(target),
                .text("\"yesterday watch\" would have done that at once, by itself.")))
        let after = try await state()
        let differences = after.differences(from: before)
        tell(
            DemoScene(
                "Is it really yesterday? Compared without Yesterday's help",
                .table(
                    columns: ["what", "before release 2", "after the rollback"],
                    rows: [
                        ["screens", String(before.rows.contents[0].sha256.prefix(12)), String(after.rows.contents[0].sha256.prefix(12))],
                        ["schema, by pg_dump", "\(before.rows.schema.count) lines", "\(after.rows.schema.count) lines"],
                        ["page that is served", before.web, after.web], ["server that runs", before.api, after.api],
                    ]),
                differences.isEmpty
                    ? .result("Rows, schema, pages and server are as they were.", isGood: true)
                    : .result("NOT the same:\n" + differences.joined(separator: "\n"), isGood: false)))
        await target.connection.close()
        await night.close()
        return Outcome(
            serverVersion: version, deployment: deployment, rollback: rollback, reconcile: reconcile, differences: differences)
    }

    private func lines(_ outcome: CodeSwitch.Outcome?) -> [[String]] {
        (outcome?.lines ?? []).map { line in
            // Full digests would make lines of a meter.
            [line.artifact, line.outcome, line.detail.replacing(/[0-9a-f]{52}(?=[^0-9a-f]|$)/, with: "...").replacing(folder, with: "")]
        }
    }

    // MARK: what is true

    private struct State {
        let rows: StateSnapshot
        let web: String
        let api: String

        func differences(from before: State) -> [String] {
            var found = rows.differences(from: before.rows)
            if web != before.web { found.append("the page was \(before.web), and is \(web)") }
            if api != before.api { found.append("the server was \(before.api), and is \(api)") }
            return found
        }
    }

    private func state() async throws -> State {
        State(
            rows: try await StateSnapshot.take(cluster, database: Self.database, tables: [Self.screens]),
            web: try served("web", "index.html"), api: try served("api", "bin/server"))
    }

    private func served(_ name: String, _ file: String) throws -> String {
        try String(contentsOfFile: "\(folder)/machine/\(name)/current/\(file)", encoding: .utf8)
    }

    private func shown(_ target: Target) async throws -> DemoScene.Part {
        let status = try await target.status()
        let fields = try await target.connection.query("SELECT fields FROM apps.screen WHERE name = 'order'").only[0]
        return .table(
            columns: ["what", "is"],
            rows: [
                ["the order screen", fields ?? ""], ["the page", try served("web", "index.html")],
                ["the server", try served("api", "bin/server")], ["code", status.codeState ?? ""],
                ["next", status.nextCommand ?? ""],
            ])
    }

    // MARK: surroundings

    private func connect(_ user: String) async throws -> PostgresConnection {
        try await cluster.connect(database: Self.database, user: user)
    }

    private func buildPlatform() async throws -> String {
        let administration = try await cluster.connect()
        try await administration.execute("CREATE DATABASE \(Self.database)")
        for role in ["pipeline", "night_shift", "lead_engineer"] { try await administration.execute("CREATE ROLE \(role) LOGIN") }
        await administration.close()
        let connection = try await cluster.connect(database: Self.database)
        try await connection.execute(
            """
            CREATE EXTENSION yesterday;
            CREATE SCHEMA apps;
            CREATE TABLE apps.screen (name text PRIMARY KEY, fields text NOT NULL);
            INSERT INTO apps.screen VALUES ('order', 'as it was delivered'), ('invoice', 'order, amount, due');
            GRANT yesterday_deployer TO pipeline;
            GRANT yesterday_operator TO night_shift;
            GRANT yesterday_admin TO lead_engineer;
            GRANT USAGE ON SCHEMA apps TO pipeline, night_shift;
            GRANT ALL ON apps.screen TO pipeline;
            GRANT SELECT ON apps.screen TO night_shift;
            SELECT yesterday.track('apps.screen', layer => 'apps');
            """)
        let version = try await connection.query("SHOW server_version").only[0] ?? ""
        await connection.close()
        return version
    }

    private func release(_ version: String, on target: Target) async throws -> ReleaseDeployment.Outcome {
        let outcome = try await deploy(writeRelease(version), on: target)
        guard outcome.code?.isConfirmed == true else {
            throw YesterdayError(.failed, "release \(version) was not switched", detail: lines(outcome.code).joined().joined(separator: " "))
        }
        return outcome
    }

    private func deploy(_ bundle: String, on target: Target) async throws -> ReleaseDeployment.Outcome {
        do {
            return try await ReleaseDeployment(BundleDeployment(LoadedBundle(path: bundle)), source: ArtifactSource(), logger: logger)
                .run(on: target)
        } catch let error as BundleError {
            throw YesterdayError(error)
        }
    }

    /// A bundle and its archives, on disk.
    private func writeRelease(_ version: String) throws -> String {
        let path = "\(folder)/shop-\(version)"
        for part in ["\(path)/records", "\(folder)/store"] {
            try FileManager.default.createDirectory(atPath: part, withIntermediateDirectories: true)
        }
        let web = try pack("web-\(version)", ["index.html": "page \(version)", "js/app.js": "// \(version)"])
        let api = try pack("api-\(version)", ["bin/server": "server \(version)"])
        try DemoBundle.release(
            version, web: (url: "file://\(folder)/store/web-\(version).tar.gz", sha256: web),
            api: (url: "file://\(folder)/store/api-\(version).tar.gz", sha256: api)
        ).write(to: path)
        return path
    }

    /// Packs an archive; returns its SHA-256.
    private func pack(_ name: String, _ files: [String: String]) throws -> String {
        let collected = Collected()
        let gzip = try GzipWriter { collected.bytes.append(contentsOf: $0) }
        var tar = TarWriter { try gzip.write($0) }
        for (file, text) in files.sorted(by: { $0.key < $1.key }) {
            try tar.begin(file, size: text.utf8.count)
            try Array(text.utf8).withUnsafeBytes { try tar.write($0) }
            try tar.end()
        }
        try tar.finish()
        try gzip.finish()
        try Data(collected.bytes).write(to: URL(fileURLWithPath: "\(folder)/store/\(name).tar.gz"))
        var hash = SHA256()
        hash.update(collected.bytes)
        return hash.hexDigest()
    }

    private final class Collected {
        var bytes: [UInt8] = []
    }
}
