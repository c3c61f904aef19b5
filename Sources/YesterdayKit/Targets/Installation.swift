import PostgresClient

/// Puts the extension into a database and says who may do what.
public struct Installation: Sendable {
    /// The four roles.
    public enum Role: String, Sendable, CaseIterable {
        /// May look.
        case viewer = "yesterday_viewer"
        /// May deploy.
        case deployer = "yesterday_deployer"
        /// May roll back.
        case `operator` = "yesterday_operator"
        /// May track, forget and clear a freeze.
        case admin = "yesterday_admin"
    }

    /// A step that was taken, or found to be done already.
    public struct Step: Sendable {
        /// What it was about.
        public let subject: String
        /// `created`, `updated`, `granted`, `set`, `unchanged`.
        public let outcome: String
        /// The facts.
        public let detail: String?
    }

    /// Schema for the two verbs that are typed by hand.
    public var schema: String
    /// Who gets which of the four roles.
    public var grants: [(role: Role, to: [String])]
    /// True to have every new session of the database load the library.
    public var preloads: Bool

    /// What is to be installed.
    public init(schema: String, grants: [(role: Role, to: [String])], preloads: Bool) {
        self.schema = schema
        self.grants = grants
        self.preloads = preloads
    }

    /// Installs, all or nothing. What is done already stays as it is.
    ///
    /// - Throws: ``YesterdayError`` with code `configuration` if the server does not have the
    ///   extension's files; ``PostgresClient/PostgresError``.
    public func install(over connection: PostgresConnection) async throws -> [Step] {
        try await connection.transaction { session in
            _ = try Target.pin(session)
            var steps = [try installExtension(session)]
            for (role, grantees) in grants {
                for grantee in grantees { steps.append(try grant(role, to: grantee, session)) }
            }
            if preloads { steps.append(try setPreload(session)) }
            return steps
        }
    }

    private func installExtension(_ session: PostgresSession) throws -> Step {
        let available = try session.query(
            """
            SELECT default_version AS version, installed_version AS installed
            FROM pg_catalog.pg_available_extensions WHERE name = 'yesterday'
            """
        ).rows.first
        guard let available else {
            throw YesterdayError(
                .configuration, "the server does not have the files of the extension yesterday",
                detail: "They must be on the machine of the server: \(session.host).",
                hint: "There: make -C extension install PG_CONFIG=/path/to/that/server's/pg_config")
        }
        let version: String = try available.get("version")
        guard let installed: String = try available.getIfPresent("installed") else {
            try session.execute("CREATE EXTENSION yesterday SCHEMA \(SQL.identifier(schema))")
            return Step(
                subject: "extension yesterday", outcome: "created", detail: "version \(version)")
        }
        guard installed != version else {
            return Step(
                subject: "extension yesterday", outcome: "unchanged", detail: "version \(version)")
        }
        try session.execute("ALTER EXTENSION yesterday UPDATE")
        return Step(
            subject: "extension yesterday", outcome: "updated",
            detail: "from \(installed) to \(version)")
    }

    private func grant(_ role: Role, to grantee: String, _ session: PostgresSession) throws -> Step {
        let has = try session.query(
            "SELECT pg_catalog.pg_has_role($1::name, $2::name, 'MEMBER') AS has",
            [.text(grantee), .text(role.rawValue)]
        ).only.get("has", as: Bool.self)
        if !has {
            try session.execute(
                "GRANT \(SQL.identifier(role.rawValue)) TO \(SQL.identifier(grantee))")
        }
        return Step(
            subject: "role \(role.rawValue)", outcome: has ? "unchanged" : "granted",
            detail: "to \(grantee)")
    }

    /// Adds to what the database has, or to what the server has: a setting of the database
    /// replaces the server's.
    private func setPreload(_ session: PostgresSession) throws -> Step {
        let current = try Preload.ofDatabase(session)
        let subject = "session_preload_libraries"
        guard !current.contains("yesterday") else {
            return Step(subject: subject, outcome: "unchanged", detail: nil)
        }
        let list = try (current + ["yesterday"]).map(SQL.literal).joined(separator: ", ")
        let database = try SQL.identifier(session.database)
        try session.execute("ALTER DATABASE \(database) SET session_preload_libraries = \(list)")
        return Step(subject: subject, outcome: "set", detail: "for new sessions of \(database)")
    }
}

extension Preload {
    /// True if the session has the library loaded; asked first of all, it tells whether every new
    /// session has. The lists themselves only superusers may see.
    static func isLoaded(_ session: PostgresSession) throws -> Bool {
        try session.query(
            "SELECT pg_catalog.current_setting('yesterday.lock_wait', true) IS NOT NULL AS loaded"
        ).only.get("loaded")
    }

    /// The libraries that a new session of the current database loads by session_preload_libraries.
    static func ofDatabase(_ session: PostgresSession) throws -> [String] {
        let row = try session.query(
            """
            SELECT COALESCE(
                (SELECT pg_catalog.split_part(c.setting, '=', 2)
                 FROM pg_catalog.pg_db_role_setting s
                 JOIN pg_catalog.pg_database d ON d.oid = s.setdatabase,
                      pg_catalog.unnest(s.setconfig) AS c(setting)
                 WHERE d.datname = pg_catalog.current_database() AND s.setrole = 0
                   AND c.setting LIKE 'session\\_preload\\_libraries=%'),
                (SELECT f.reset_val FROM pg_catalog.pg_settings f
                 WHERE f.name = 'session_preload_libraries')) AS setting
            """
        ).only
        return names(try row.getIfPresent("setting") ?? "")
    }
}
