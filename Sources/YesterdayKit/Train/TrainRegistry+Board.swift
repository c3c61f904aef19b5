import PostgresClient

extension TrainRegistry {
    /// The board, in one snapshot.
    ///
    /// - Parameter group: only this one; `nil` for all.
    public func board(of group: String? = nil) async throws -> Board {
        let names: [String]
        if let group { names = [try await self.group(group).name] } else { names = try await groups().map(\.name) }
        let database = database
        return try await connection.transaction(isolation: .repeatableRead, readOnly: true) { session in
            // Who is at work is asked first: what is said to be under way in the rows that the snapshot shows is so
            // only as long as somebody holds the group.
            let held = try session.query(
                "SELECT g.group_name FROM train.groups AS g, train.group_lock_holder(g.group_name)"
            ).rows.compactMap { $0[0] }
            let now = try session.query("SELECT pg_catalog.now() AS now").only.get("now", as: Timestamp.self)
            return Board(
                takenAt: now, registry: database,
                groups: try names.map { try Self.boardGroup($0, isHeld: held.contains($0), session) })
        }
    }

    private static func boardGroup(_ name: String, isHeld: Bool, _ session: PostgresSession) throws -> Board.Group {
        let patches = try session.query(
            "SELECT ordinal, name, kind FROM train.patches WHERE group_name = $1 ORDER BY ordinal", [.text(name)]
        ).rows.map { Board.Patch(ordinal: try $0.get("ordinal"), name: try $0.get("name"), kind: try $0.get("kind")) }
        let frozen = try session.query(
            """
            SELECT f.reason
            FROM (SELECT target FROM train.targets WHERE group_name = $1 LIMIT 1) AS t,
                 train.blocking_freezes(t.target) AS f
            WHERE f.scope LIKE 'group%' ORDER BY 1
            """, [.text(name)]
        ).rows.compactMap { $0[0] }
        let targets = try session.query("SELECT * FROM train.board($1)", [.text(name)]).rows.map {
            try boardTarget($0, patches.count, isHeld: isHeld)
        }
        return Board.Group(
            name: name, frozen: frozen.isEmpty ? nil : frozen.joined(separator: "; "), patches: patches,
            targets: targets)
    }

    private static func boardTarget(_ row: Row, _ count: Int, isHeld: Bool) throws -> Board.Target {
        let state = Board.State(rawValue: try row.get("state")) ?? .unknown
        let isRealigning = try row.getIfPresent("realignment", as: Int64.self) != nil
        let text: String = try row.getIfPresent("applications") ?? ""
        var cells = text.prefix(count).map { Board.Cell(registryCode: $0, isHeld: isHeld) }
        cells += [Board.Cell](repeating: .pending, count: count - cells.count)
        let alignment: String? = try row.getIfPresent("alignment")
        return Board.Target(
            name: try row.get("target"), state: isRealigning && state == .offTrain ? .realigning : state,
            reason: try row.getIfPresent("reason"), since: try row.getIfPresent("since"),
            seenAt: try row.getIfPresent("last_contact"), position: try row.getIfPresent("position") ?? 0,
            unalignedReason: alignment.flatMap { $0.hasPrefix("accepted") ? $0 : nil }, cells: cells)
    }
}

extension Board.Cell {
    /// - Parameters:
    ///   - code: as `train.board()` has it.
    ///   - isHeld: whether somebody deploys to the group now.
    init(registryCode code: Character, isHeld: Bool) {
        self =
            switch code {
            case "A": .applied
            case "R": .realigned
            case "B": .rolledBack
            case "M": .missed
            case "F": .failed
            case "D": .diverged
            case "P": isHeld ? .applying : .interrupted
            default: .pending
            }
    }
}
