import PostgresClient

/// Looks whether an installation is complete, and says how to mend what is not.
public struct Checkup: Sendable {
    /// What was found at one point.
    public struct Finding: Sendable {
        /// How bad it is.
        public enum State: String, Sendable {
            /// As it should be.
            case ok
            /// It works; something is worth knowing.
            case warning
            /// Deployments or rollbacks do not work.
            case failure
        }

        /// What was looked at.
        public let check: String
        /// How bad it is.
        public let state: State
        /// What was found.
        public let finding: String
        /// How to mend it.
        public let mend: String?
    }

    /// The findings, in the order in which they were made.
    public private(set) var findings: [Finding] = []

    /// True if nothing fails.
    public var isHealthy: Bool { !findings.contains { $0.state == .failure } }

    mutating func note(
        _ check: String, _ state: Finding.State, _ finding: String, mend: String? = nil
    ) {
        findings.append(Finding(check: check, state: state, finding: finding, mend: mend))
    }

    /// Looks at the database of a connection. A check that cannot be made is a finding, too.
    public static func of(_ connection: PostgresConnection) async throws -> Checkup {
        try await connection.withSession { session in
            var checkup = Checkup()
            // First of all: any call of a function of the extension would load the library.
            let isPreloaded = try Preload.isLoaded(session)
            _ = try Target.pin(session)
            try checkup.checkServer(session)
            guard try checkup.checkExtension(session) else { return checkup }
            try checkup.checkRoles(session)
            let checks: [(String, (inout Checkup) throws -> Void)] = [
                ("verbs", { try $0.checkVerbs(session) }),
                ("event triggers", { try $0.checkEventTriggers(session) }),
                ("capture", { try $0.checkCapture(session) }), ("state", { try $0.checkStatus(session) }),
                ("code", { try $0.checkCode(session) }), ("settings", { try $0.checkSettings(session) }),
            ]
            for (name, check) in checks {
                do {
                    try check(&checkup)
                } catch let error as PostgresError where error.code == .server {
                    checkup.note(
                        name, .failure, "cannot be looked at: \(error.message)",
                        mend: "GRANT yesterday_viewer TO \(try SQL.identifier(session.user)); or ask a superuser to look.")
                }
            }
            checkup.checkPreload(isPreloaded)
            return checkup
        }
    }

    private mutating func checkServer(_ session: PostgresSession) throws {
        let place = "\(session.host.isEmpty ? "local" : session.host):\(session.port)"
        note(
            "connection", .ok,
            "database \"\(session.database)\" on \(place) as \(session.user)")
        let major = session.serverVersion / 10000
        if (15...18).contains(major) {
            note("server", .ok, "PostgreSQL \(major)")
        } else {
            note(
                "server", .failure, "PostgreSQL \(major)",
                mend: "Yesterday works on PostgreSQL 15, 16, 17 and 18.")
        }
        let isStandby = try session.query("SELECT pg_catalog.pg_is_in_recovery() AS it").only
            .get("it", as: Bool.self)
        if isStandby {
            note(
                "primary", .warning, "this is a standby: nothing can be deployed or rolled back here",
                mend: "Name all servers, and add target_session_attrs=read-write.")
        }
    }

    /// - Returns: true if the extension is there, so that the rest can be looked at.
    private mutating func checkExtension(_ session: PostgresSession) throws -> Bool {
        let row = try session.query(
            """
            SELECT (SELECT default_version FROM pg_catalog.pg_available_extensions
                    WHERE name = 'yesterday') AS available,
                   (SELECT extversion FROM pg_catalog.pg_extension
                    WHERE extname = 'yesterday') AS installed
            """
        ).only
        let available: String? = try row.getIfPresent("available")
        let installed: String? = try row.getIfPresent("installed")
        if let available {
            note("files", .ok, "the server has version \(available) of the extension")
        } else {
            note(
                "files", .failure, "the server does not have the files of the extension",
                mend: "On its machine: make -C extension install PG_CONFIG=/path/to/pg_config")
        }
        guard let installed else {
            note(
                "extension", .failure, "the database does not have the extension",
                mend: "yesterday init")
            return false
        }
        if let available, available != installed {
            note(
                "extension", .failure,
                "the database has version \(installed), the server's library is \(available)",
                mend: "yesterday init updates it.")
        } else if installed != YesterdayVersion.current {
            note(
                "extension", .warning,
                "version \(installed), while this program is \(YesterdayVersion.current)",
                mend: "Install the same version of both.")
        } else {
            note("extension", .ok, "version \(installed)")
        }
        return true
    }

    private mutating func checkRoles(_ session: PostgresSession) throws {
        let rows = try session.query(
            """
            SELECT w.name, r.oid IS NOT NULL AS there,
                   r.oid IS NOT NULL AND pg_catalog.pg_has_role(r.oid, 'MEMBER') AS mine
            FROM pg_catalog.unnest($1::text[]) WITH ORDINALITY AS w(name, ordinal)
            LEFT JOIN pg_catalog.pg_roles r ON r.rolname = w.name
            ORDER BY w.ordinal
            """, [.array(Installation.Role.allCases.map(\.rawValue))]
        ).rows
        let missing = try rows.filter { try !$0.get("there", as: Bool.self) }
            .map { try $0.get("name", as: String.self) }
        if missing.isEmpty {
            note("roles", .ok, "all four are there")
        } else {
            note(
                "roles", .failure, "missing: \(missing.joined(separator: ", "))",
                mend: missing.map { "CREATE ROLE \($0) NOLOGIN;" }.joined(separator: " "))
        }
        let mine = try rows.filter { try $0.get("mine", as: Bool.self) }
            .map { try $0.get("name", as: String.self) }
        if mine.isEmpty {
            note(
                "your role", .warning, "\(session.user) has none of them",
                mend: "GRANT yesterday_operator TO \(try SQL.identifier(session.user)); lets it roll back.")
        } else {
            note("your role", .ok, "\(session.user) is \(mine.joined(separator: ", "))")
        }
    }

    /// The verbs are typed without a schema: a function of another one's making may be meant.
    private mutating func checkVerbs(_ session: PostgresSession) throws {
        let impostors = try session.query("SELECT * FROM yesterday.impostors").rows
        if impostors.isEmpty {
            note("verbs", .ok, "rollback_last and rollback_preview mean Yesterday's")
        } else {
            let names = try impostors.map {
                let name: String = try $0.get("function_name")
                return """
                    \(try $0.get("schema_name", as: String.self)).\(name)\
                    (\(try $0.get("arguments", as: String.self))) of \
                    \(try $0.get("owner", as: String.self))
                    """
            }
            let mend = try impostors.map { try $0.get("mend", as: String.self) }
            note(
                "verbs", .failure,
                "not Yesterday's, and may be called in its place: \(names.joined(separator: ", "))",
                mend: mend.joined(separator: " "))
        }
        let open = try session.query(
            """
            SELECT n.nspname AS schema
            FROM pg_catalog.pg_extension e
            JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
            WHERE e.extname = 'yesterday'
              AND EXISTS (SELECT FROM pg_catalog.aclexplode(n.nspacl) a
                          WHERE a.grantee = 0 AND a.privilege_type = 'CREATE')
            """
        ).rows.first
        if let open {
            let schema: String = try open.get("schema")
            note(
                "schema of the verbs", .warning,
                "everybody may create in \(schema), also functions of the verbs' names",
                mend: "REVOKE CREATE ON SCHEMA \(try SQL.identifier(schema)) FROM PUBLIC;")
        }
    }

    private mutating func checkEventTriggers(_ session: PostgresSession) throws {
        let rows = try session.query(
            """
            SELECT t.evtname AS name, t.evtenabled = 'A' AS always
            FROM pg_catalog.pg_event_trigger t
            JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_event_trigger'::regclass
                 AND d.objid = t.oid AND d.deptype = 'e'
            JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid AND e.extname = 'yesterday'
            ORDER BY 1
            """
        ).rows
        let off = try rows.filter { try !$0.get("always", as: Bool.self) }
            .map { try $0.get("name", as: String.self) }
        if rows.isEmpty {
            note(
                "event triggers", .failure, "there are none: DDL is not seen",
                mend: "The extension is not complete; install it anew from a dump.")
        } else if off.isEmpty {
            note("event triggers", .ok, "all \(rows.count) are enabled always")
        } else {
            note(
                "event triggers", .failure, "not enabled always: \(off.joined(separator: ", "))",
                mend: off.map { "ALTER EVENT TRIGGER \($0) ENABLE ALWAYS;" }.joined(separator: " "))
        }
    }

    private mutating func checkCapture(_ session: PostgresSession) throws {
        let tables = try session.query("SELECT * FROM yesterday.tracked ORDER BY 1, 2").rows
            .map(TrackedTable.init)
        let sick = tables.filter { $0.state != "capturing" }
        if tables.isEmpty {
            note(
                "capture", .warning, "no table is under capture, so no rows are rolled back",
                mend: "yesterday track TABLE ...")
        } else if sick.isEmpty {
            note("capture", .ok, "\(tables.count) under capture, every trigger alive")
        } else {
            let names = sick.prefix(5).map { "\($0.name) (\($0.state))" }.joined(separator: ", ")
            let more = sick.count > 5 ? " and \(sick.count - 5) more" : ""
            note(
                "capture", .failure, "not capturing: \(names)\(more)",
                mend: """
                    yesterday track \(ShellWord.quoted(sick[0].name)) makes the triggers anew; untrack it \
                    if it is gone.
                    """)
        }
    }

    private mutating func checkStatus(_ session: PostgresSession) throws {
        let status = try TargetStatus(session.query("SELECT * FROM yesterday.status").only)
        switch status.state {
        case .onTrain: note("state", .ok, "on the train")
        case .offTrain, .frozen:
            note(
                "state", .warning,
                "\(status.state.rawValue), nothing lands: \(status.reason ?? "no reason given")",
                mend: "\(status.wayBack.purpose): \(status.wayBack.command)")
        }
        if let open = status.openDeployment {
            note(
                "open deployment", .warning, "\(open.id) \"\(open.name)\" is open",
                mend: "yesterday abandon \(open.id) undoes it, yesterday finish \(open.id) keeps it.")
        }
        if let last = status.lastDeployment, status.lastDeploymentStatus == "finished",
            !["proven", "touched"].contains(status.lastProof)
        {
            note(
                "proof", .warning,
                "the rollback of \(last.id) \"\(last.name)\" is \(status.lastProof ?? "not proven")",
                mend: "yesterday drill rehearses it.")
        }
    }

    private mutating func checkPreload(_ isPreloaded: Bool) {
        if isPreloaded {
            note("preload", .ok, "every new session loads the library")
        } else {
            note(
                "preload", .warning,
                "sessions do not load the library, so CLUSTER, REINDEX and the like are not seen",
                mend: "yesterday init --preload")
        }
    }

    private mutating func checkSettings(_ session: PostgresSession) throws {
        let row = try session.query(
            """
            SELECT pg_catalog.current_setting('track_counts')::boolean AS counts,
                   pg_catalog.current_setting('max_prepared_transactions')::integer AS prepared
            """
        ).only
        if try row.get("counts", as: Bool.self) {
            note("track_counts", .ok, "on")
        } else {
            note(
                "track_counts", .failure, "off: no deployment can be checked",
                mend: "ALTER SYSTEM SET track_counts = on; SELECT pg_reload_conf();")
        }
        let prepared: Int = try row.get("prepared")
        if prepared > 0 {
            note("max_prepared_transactions", .ok, "\(prepared)")
        } else {
            note(
                "max_prepared_transactions", .warning,
                "0: this database cannot take part in an atomic deployment to a group",
                mend: "Only for those: ALTER SYSTEM SET max_prepared_transactions = 10; and restart.")
        }
    }
}
