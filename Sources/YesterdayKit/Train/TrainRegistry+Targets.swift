import PostgresClient

/// What a target is registered with.
public struct TargetRegistration: Sendable {
    /// Its name in the registry.
    public var name: String
    /// The group that it is to be in.
    public var group: String
    /// How controllers reach it; without a password. `nil` for the settings of the connection.
    public var conninfo: String?
    /// The time zone in which its maintenance window is meant.
    public var timeZone: String
    /// When patches may land, `nil` for always: `01:00` and `06:00`, and on which days, 1 for Monday.
    public var window: (start: String, end: String, days: [Int]?)?
    /// False if other partners share the database.
    public var isDedicated: Bool
    /// Its place among those that get a patch first.
    public var canary: Int?
    /// Ordinal up to which patches are in it already; `nil` for those of its peers.
    public var baseline: Int?

    /// A registration.
    public init(
        name: String, group: String, conninfo: String? = nil, timeZone: String = "UTC",
        window: (start: String, end: String, days: [Int]?)? = nil, isDedicated: Bool = true, canary: Int? = nil,
        baseline: Int? = nil
    ) {
        self.name = name
        self.group = group
        self.conninfo = conninfo
        self.timeZone = timeZone
        self.window = window
        self.isDedicated = isDedicated
        self.canary = canary
        self.baseline = baseline
    }
}

extension TrainRegistry {
    /// Makes a group.
    ///
    /// - Parameter partnerLayers: layers in which its targets may differ; `nil` for `partner`.
    public func addGroup(_ name: String, partnerLayers: [String]?, note: String?) async throws {
        if let partnerLayers {
            try await query(
                "SELECT train.add_group(name => $1, partner_layers => $2, note => $3)",
                [.text(name), .array(partnerLayers), .text(note)])
        } else {
            try await query("SELECT train.add_group(name => $1, note => $2)", [.text(name), .text(note)])
        }
    }

    /// Registers the database of a connection as a target, and tells it so.
    ///
    /// - Throws: ``YesterdayError``; nothing is registered then.
    public func add(_ registration: TargetRegistration, at target: Target) async throws {
        let facts = try await target.facts()
        let conninfo: String
        if let named = registration.conninfo, named.contains("=") || named.contains("://") {
            conninfo = named
        } else {
            conninfo = try await target.connection.withSession { try $0.conninfo() }
        }
        let window = registration.window
        let partnerLayers = try await group(registration.group).partnerLayers
        try await query(
            """
            SELECT train.add_target(name => $1, group_name => $2, conninfo => $3,
                       system_identifier => (f.facts ->> 'system_identifier')::bigint,
                       database_oid => (f.facts ->> 'database_oid')::oid, database => (f.facts ->> 'database')::name,
                       time_zone => $5, window_start => $6::time, window_end => $7::time,
                       window_days => $8::integer[], dedicated => $9, canary => $10::integer,
                       baseline => coalesce($11::integer, 0))
            FROM (SELECT $4::jsonb AS facts) AS f
            """,
            [
                .text(registration.name), .text(registration.group), .text(conninfo), .text(facts.json),
                .text(registration.timeZone), .text(window?.start), .text(window?.end),
                .array(window?.days.map { $0.map { String($0) } }), .bool(registration.isDedicated),
                .text(registration.canary.map { String($0) }), .text(registration.baseline.map { String($0) }),
            ])
        do {
            try await target.connection.transaction { session in
                try session.query(
                    "SELECT yesterday.enroll($1::uuid, $2, $3, $4)",
                    [.text(id), .text(registration.group), .text(registration.name), .array(partnerLayers)])
                if !registration.isDedicated {
                    try session.query(
                        "SELECT yesterday.set_dedicated(false, $1)", [.text("registered as shared with others")])
                }
            }
        } catch {
            // Half of it is worse than nothing: the target would not know that it has peers.
            _ = try? await query(
                "SELECT train.remove_target($1, $2)", [.text(registration.name), "it could not be enrolled"])
            throw error
        }
        let registered = try await self.target(registration.name)
        try await sync(TrainContact(registered: registered, target: target, facts: try await target.facts()))
    }

    /// Takes a target out of the registry; its history stays there, and it keeps its own.
    ///
    /// - Returns: why the target itself could not be told; `nil` if it was.
    public func remove(_ name: String, reason: String) async throws -> YesterdayError? {
        let registered = try await target(name)
        // What the registry refuses is not done in the target either.
        try await query("SELECT train.remove_target($1, $2)", [.text(name), .text(reason)])
        do {
            let contact = try await TrainContact.reach(registered, registry: self)
            // A database that is on another train by now, or on none, has nothing to leave.
            try await contact.target.connection.query(
                """
                SELECT yesterday.leave_train($1) FROM yesterday.train_facts() AS f
                WHERE f ->> 'registry' = $2 AND f ->> 'target' = $3
                """, [.text(reason), .text(id), .text(name)])
            await contact.target.connection.close()
            return nil
        } catch {
            return .of(error, target: name)
        }
    }
}

extension PostgresSession {
    /// How to reach the same database again, by whoever does so: without user and password.
    fileprivate func conninfo() throws -> String {
        func quoted(_ value: String) -> String {
            "'\(value.replacing("\\", with: "\\\\").replacing("'", with: "\\'"))'"
        }
        var parts = ["dbname=\(quoted(database))"]
        if !host.isEmpty { parts.insert("host=\(quoted(host))", at: 0) }
        if !port.isEmpty { parts.insert("port=\(quoted(port))", at: 1) }
        return parts.joined(separator: " ")
    }
}
