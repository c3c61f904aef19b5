import PostgresClient

/// What a freeze of the registry is about: a target or a whole group.
public enum FreezeScope: Sendable {
    /// One target.
    case target(String)
    /// All targets of a group.
    case group(String)

    var parameters: [Parameter] {
        switch self {
        case .target(let name): [.text(name), .null]
        case .group(let name): [.null, .text(name)]
        }
    }
}

/// A freeze that comes again and again.
public struct FreezeCalendar: Sendable {
    /// Its name.
    public var name: String
    /// Why; kept for ever.
    public var reason: String
    /// The first time, by the clock of `timeZone`: `2026-12-24 18:00`.
    public var starts: String
    /// Its end.
    public var ends: String
    /// `7 days`, `1 month`; `nil` for once.
    public var every: String?
    /// `nil` for that of each target.
    public var timeZone: String?
    /// The day after which it does not come again.
    public var until: String?

    /// A calendar.
    public init(
        name: String, reason: String, starts: String, ends: String, every: String? = nil, timeZone: String? = nil,
        until: String? = nil
    ) {
        self.name = name
        self.reason = reason
        self.starts = starts
        self.ends = ends
        self.every = every
        self.timeZone = timeZone
        self.until = until
    }
}

extension TrainRegistry {
    /// Freezes a target or a group in the registry.
    ///
    /// - Returns: the id of the freeze.
    public func freeze(_ scope: FreezeScope, reason: String) async throws -> Int64 {
        try await query(
            "SELECT train.freeze(reason => $3, target => $1, group_name => $2) AS id",
            scope.parameters + [.text(reason)]
        ).only.get("id")
    }

    /// Adds a calendar.
    ///
    /// - Returns: the id of its freeze.
    public func add(_ calendar: FreezeCalendar, to scope: FreezeScope) async throws -> Int64 {
        try await readingTimes(
            """
            SELECT train.add_calendar(name => $3, reason => $4, starts => $5::timestamp, ends => $6::timestamp,
                       every => $7::interval, time_zone => $8, target => $1, group_name => $2,
                       until => $9::date) AS id
            """,
            scope.parameters + [
                .text(calendar.name), .text(calendar.reason), .text(calendar.starts), .text(calendar.ends),
                .text(calendar.every), .text(calendar.timeZone), .text(calendar.until),
            ]
        ).only.get("id")
    }

    /// Ends a freeze or a calendar of the registry; what a target has set itself stays.
    public func clearFreeze(_ id: Int64, reason: String) async throws {
        try await query("SELECT train.clear_freeze($1, $2)", [.int8(id), .text(reason)])
    }

    /// Lets patches land in spite of a freeze, for a while.
    ///
    /// - Parameters:
    ///   - lasting: an interval, such as `2 hours`.
    ///   - target: for this one only.
    public func overrideFreeze(_ id: Int64, reason: String, lasting: String, target: String?) async throws {
        try await readingTimes(
            """
            SELECT train.override_freeze($1, reason => $2, expires_at => pg_catalog.now() + $3::interval, target => $4)
            """, [.int8(id), .text(reason), .text(lasting), .text(target)])
    }

    /// A statement with times that a person has typed, whose forms the server knows.
    @discardableResult
    private func readingTimes(_ statement: String, _ parameters: [Parameter]) async throws -> QueryResult {
        do {
            return try await query(statement, parameters)
        } catch let error as YesterdayError where ["22007", "22008", "22009", "22015"].contains(error.sqlState) {
            throw YesterdayError(
                .badInput, error.message, detail: "Nothing was changed.",
                hint: "A moment is written as \"2026-12-24 18:00\", a day as 2026-12-31, a time span as \"2 hours\" or \"7 days\".",
                sqlState: error.sqlState, cause: error)
        }
    }

    /// The freezes and calendars of the registry.
    public func freezes() async throws -> QueryResult { try await query("SELECT * FROM train.freezes WHERE cleared_at IS NULL ORDER BY id") }

    /// The overrides that are in force.
    public func activeOverrides() async throws -> QueryResult {
        try await query(
            """
            SELECT o.* FROM train.overrides AS o JOIN train.freezes AS f ON f.id = o.freeze_id
            WHERE o.active AND f.cleared_at IS NULL ORDER BY o.freeze_id, o.id
            """)
    }

    /// What keeps patches from landing on a target now.
    public func blockingFreezes(of target: String) async throws -> QueryResult {
        try await query("SELECT * FROM train.blocking_freezes($1)", [.text(target)])
    }

    /// The first broken link of the log, as text; empty if the chain holds.
    public func verifyEvents() async throws -> [String] {
        try await query("SELECT event, problem FROM train.verify_events()").rows.map { row in
            "event \(try row.get("event", as: Int64.self)): \(try row.get("problem", as: String.self))"
        }
    }

    /// The newest event and its hash, to be noted elsewhere.
    public func lastEvent() async throws -> (event: Int64, hash: String)? {
        try await query("SELECT event, hash FROM train.last_event()").rows.first.flatMap { row in
            guard let event = try row.getIfPresent("event", as: Int64.self) else { return nil }
            return (event, try row.get("hash"))
        }
    }
}
