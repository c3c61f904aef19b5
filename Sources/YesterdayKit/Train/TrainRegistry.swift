import PostgresClient

/// The registry of the train: a database with the extension `yesterday_train`, seen through one
/// connection. The lock of a group belongs to that connection.
public struct TrainRegistry: Sendable {
    /// The connection, with its search_path pinned.
    public let connection: PostgresConnection
    /// The name of the database.
    public let database: String
    /// Made once for every registry: targets know to which train they belong by it.
    public let id: String
    /// True if the role may write down what targets say of themselves; who may not can still look.
    public let maySync: Bool

    /// Looks whether the database of a connection is a registry.
    ///
    /// - Throws: ``YesterdayError`` with code `configuration` if it is not;
    ///   ``PostgresClient/PostgresError``.
    public init(_ connection: PostgresConnection) async throws {
        self.connection = connection
        let found: (database: String, id: String?, maySync: Bool)
        do {
            found = try await connection.withSession { session in
                _ = try Target.pin(session)
                let isThere = try session.query(
                    "SELECT 1 FROM pg_catalog.pg_extension WHERE extname = 'yesterday_train'"
                ).rows.isEmpty == false
                guard isThere else { return (session.database, nil, false) }
                let row = try session.query(
                    """
                    SELECT train.registry_id() AS id,
                           pg_catalog.has_function_privilege('train.sync_target(text, jsonb)', 'EXECUTE') AS may_sync
                    """
                ).only
                return (session.database, try row.get("id"), try row.get("may_sync"))
            }
        } catch let error as PostgresError {
            throw YesterdayError(error, from: .registry(nil))
        }
        guard let id = found.id else {
            throw YesterdayError(
                .configuration, "the database \"\(found.database)\" is not a registry of trains",
                detail: "It does not have the extension yesterday_train.",
                hint: "Name the registry with --registry or YESTERDAY_REGISTRY, or make one here: yesterday train init")
        }
        database = found.database
        self.id = id
        maySync = found.maySync
    }

    /// Makes a database a registry, or brings one up to the version of the server's files.
    ///
    /// - Returns: the version, and whether anything was done.
    /// - Throws: ``YesterdayError`` with code `configuration` if the server does not have the files.
    public static func initialize(_ connection: PostgresConnection) async throws -> (version: String, outcome: String) {
        try await connection.transaction { session in
            _ = try Target.pin(session)
            let row = try session.query(
                """
                SELECT default_version AS version, installed_version AS installed
                FROM pg_catalog.pg_available_extensions WHERE name = 'yesterday_train'
                """
            ).rows.first
            guard let row else {
                throw YesterdayError(
                    .configuration, "the server does not have the files of the extension yesterday_train",
                    detail: "They must be on the machine of the server: \(session.host).",
                    hint: "There: make -C extension install PG_CONFIG=/path/to/that/server's/pg_config")
            }
            let version: String = try row.get("version")
            guard let installed: String = try row.getIfPresent("installed") else {
                try session.execute("CREATE EXTENSION yesterday_train")
                return (version, "created")
            }
            guard installed != version else { return (version, "unchanged") }
            try session.execute("ALTER EXTENSION yesterday_train UPDATE")
            return (version, "updated from \(installed)")
        }
    }

    /// Connects to a registry.
    ///
    /// - Throws: ``YesterdayError`` that speaks of the registry.
    public static func connection(
        _ settings: ConnectionSettings, onNotice: @escaping @Sendable (ServerMessage) -> Void = { _ in }
    ) async throws -> PostgresConnection {
        do {
            return try await PostgresConnection.connect(settings, onNotice: onNotice)
        } catch let error as PostgresError {
            throw YesterdayError(error, from: .registry(settings.target))
        }
    }

    /// Runs one statement and returns its rows.
    ///
    /// - Throws: ``YesterdayError`` that speaks of the registry.
    @discardableResult
    func query(_ statement: String, _ parameters: [Parameter] = []) async throws -> QueryResult {
        do {
            return try await connection.query(statement, parameters)
        } catch let error as PostgresError {
            throw YesterdayError(error, from: .registry(database))
        }
    }

    /// Runs `body` with the lock of a group, so that no other controller deploys to it or changes
    /// its targets meanwhile. The lock goes with the connection, however this program ends.
    ///
    /// - Throws: ``YesterdayError`` with code `busy`, which names the holder; what `body` throws.
    public func withLock<T: Sendable>(on group: String, _ body: () async throws -> T) async throws -> T {
        try await query("SELECT train.lock_group($1)", [.text(group)])
        let result: T
        do {
            result = try await body()
        } catch {
            // What went wrong first is what counts; a lock that stays ends with the connection.
            _ = try? await query("SELECT train.unlock_group($1)", [.text(group)])
            throw error
        }
        try await query("SELECT train.unlock_group($1)", [.text(group)])
        return result
    }
}

/// A group of the registry.
public struct TrainGroup: Sendable {
    /// Its name.
    public let name: String
    /// Layers in which its targets may differ.
    public let partnerLayers: [String]
    /// All columns, for programs.
    public let json: JSONValue

    init(_ row: Row) throws {
        name = try row.get("group_name")
        partnerLayers = try row.getIfPresent("partner_layers") ?? []
        json = row.json
    }
}

/// A patch of the train.
public struct TrainPatch: Sendable, Equatable {
    /// Its place on the train, counted from 1.
    public let ordinal: Int64
    /// Its name.
    public let name: String
    /// `metadata` or `release`.
    public let kind: String
    /// `sha256:` and the digest of its bundle.
    public let digest: String

    init(_ row: Row) throws {
        ordinal = try row.get("ordinal")
        name = try row.get("name")
        kind = try row.get("kind")
        digest = try row.get("digest")
    }

    /// `4 "apps 4.2"`
    public var label: String { "\(ordinal) \"\(name)\"" }
}

/// A target as it is registered.
public struct RegisteredTarget: Sendable {
    /// Its name.
    public let name: String
    /// The group that it is in.
    public let group: String
    /// How to reach it; never holds a password.
    public let conninfo: String
    /// False if other partners share the database.
    public let isDedicated: Bool
    /// Ordinal up to which every patch is in effect.
    public let position: Int64
    /// How it stood when it was last asked: `on_train`, `off_train`, `frozen`, or `unknown`.
    public let state: String
    /// All columns, for programs.
    public let json: JSONValue

    init(_ row: Row) throws {
        name = try row.get("target")
        group = try row.get("group_name")
        conninfo = try row.get("conninfo")
        isDedicated = try row.get("dedicated")
        position = try row.getIfPresent("position") ?? 0
        state = try row.getIfPresent("state") ?? "unknown"
        json = row.json
    }
}

extension TrainRegistry {
    /// The groups, by name.
    public func groups() async throws -> [TrainGroup] {
        try await query("SELECT * FROM train.groups ORDER BY group_name").rows.map(TrainGroup.init)
    }

    /// A group by its name.
    ///
    /// - Throws: ``YesterdayError`` with code `nothing` if there is none.
    public func group(_ name: String) async throws -> TrainGroup {
        let all = try await groups()
        if let found = all.first(where: { $0.name == name }) { return found }
        throw YesterdayError(
            .nothing, "there is no group \"\(name)\" in the registry \(database)",
            detail: all.isEmpty ? "It has no groups yet." : "It has: \(all.map(\.name).joined(separator: ", ")).",
            hint: "yesterday train group add \(ShellWord.quoted(name)) makes one.", sqlState: "YDT01")
    }

    /// Targets, in order of canary and name.
    ///
    /// - Parameter group: those of this group; `nil` for all.
    public func targets(of group: String? = nil) async throws -> [RegisteredTarget] {
        try await targets(of: group, name: nil)
    }

    private func targets(of group: String?, name: String?) async throws -> [RegisteredTarget] {
        try await query(
            """
            SELECT t.*, p."position", p.in_step
            FROM train.targets AS t JOIN train.position AS p ON p.target = t.target
            WHERE ($1::text IS NULL OR t.group_name = $1) AND ($2::text IS NULL OR t.target = $2)
            ORDER BY t.group_name, t.canary NULLS LAST, t.target
            """, [.text(group), .text(name)]
        ).rows.map(RegisteredTarget.init)
    }

    /// A target by its name.
    ///
    /// - Throws: ``YesterdayError`` with code `nothing` if there is none.
    public func target(_ name: String) async throws -> RegisteredTarget {
        guard let found = try await targets(of: nil, name: name).first else {
            throw YesterdayError(
                .nothing, "there is no target \"\(name)\" in the registry \(database)",
                hint: "yesterday target list shows them.", sqlState: "YDT01")
        }
        return found
    }

    /// The patches of a group, in order.
    public func patches(of group: String) async throws -> [TrainPatch] {
        try await query("SELECT * FROM train.patches WHERE group_name = $1 ORDER BY ordinal", [.text(group)])
            .rows.map(TrainPatch.init)
    }

    /// Puts a bundle on the train of a group, as its next patch; the same bundle again stays where
    /// it is.
    ///
    /// - Returns: its ordinal.
    public func release(_ bundle: LoadedBundle, group: String, ordinal: Int64? = nil) async throws -> Int64 {
        try await query(
            """
            SELECT train.release_patch(group_name => $1, name => $2, kind => $3, digest => $4, requires => $5,
                       artifacts => $6, manifest => $7, note => $8, ordinal => $9::integer) AS ordinal
            """,
            [
                .text(group), .text(bundle.name), .text(bundle.description.kind.rawValue),
                .text(bundle.trainDigest), .text(bundle.description.requires),
                .jsonb(bundle.artifacts?.text(indent: nil)), .jsonb(bundle.manifest.text(indent: nil)),
                .text(bundle.description.note), .text(ordinal.map { String($0) }),
            ]
        ).only.get("ordinal")
    }
}

extension TrainRegistry {
    /// Takes the last patch off the train again, as long as no target ever had it.
    public func withdraw(_ ordinal: Int64, group: String, reason: String) async throws {
        try await withLock(on: group) { try await withdrawLocked(ordinal, group: group, reason: reason) }
    }

    func withdrawLocked(_ ordinal: Int64, group: String, reason: String) async throws {
        try await query(
            "SELECT train.withdraw_patch($1, $2::integer, $3)",
            [.text(group), .text(String(ordinal)), .text(reason)])
    }
}

extension LoadedBundle {
    /// The digest as manifests and the registry have it.
    var trainDigest: String { "sha256:\(digest)" }
}
