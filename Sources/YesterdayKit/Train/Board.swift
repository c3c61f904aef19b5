/// The train at a glance: targets by patches, where each stands, and why.
public struct Board: Sendable, Equatable {
    /// Where a patch stands on a target.
    public enum Cell: String, Sendable, CaseIterable {
        /// It is in effect.
        case applied
        /// It is in effect since a realignment, which applied it together with others.
        case realigned
        /// It was in effect and was rolled back.
        case rolledBack = "rolled_back"
        /// The peers got it while the target was off the train.
        case missed
        /// The target would be next to get it.
        case pending
        /// A deployment of it is under way.
        case applying
        /// A deployment of it was under way when its controller died. Whether it landed the target knows.
        case interrupted
        /// It was tried and did not land.
        case failed
        /// It was tried, and the target turned out not to be like its peers; it did not land.
        case diverged

        /// In words, for people.
        public var words: String {
            switch self {
            case .applied: "applied"
            case .realigned: "realigned"
            case .rolledBack: "rolled back"
            case .missed: "missed"
            case .pending: "not yet"
            case .applying: "applying"
            case .interrupted: "interrupted"
            case .failed: "failed"
            case .diverged: "diverged"
            }
        }

        /// One column wide, for grids.
        public var symbol: Character {
            switch self {
            case .applied: "●"
            case .realigned: "◆"
            case .rolledBack: "↶"
            case .missed: "○"
            case .pending: "·"
            case .applying: "…"
            case .interrupted: "?"
            case .failed: "×"
            case .diverged: "≠"
            }
        }

        /// The same where only ASCII can be shown.
        public var letter: Character {
            switch self {
            case .applied: "A"
            case .realigned: "G"
            case .rolledBack: "R"
            case .missed: "M"
            case .pending: "."
            case .applying: "~"
            case .interrupted: "?"
            case .failed: "X"
            case .diverged: "D"
            }
        }
    }

    /// How a target stands.
    public enum State: String, Sendable, CaseIterable {
        /// Deployments land.
        case onTrain = "on_train"
        /// Off the train after a rollback.
        case offTrain = "off_train"
        /// Frozen by hand, for itself or with its group, or by a calendar.
        case frozen
        /// Off the train, and a realignment is planned, signed or rehearsed.
        case realigning
        /// Nobody has asked it yet.
        case unknown

        /// In words, for people.
        public var words: String {
            switch self {
            case .onTrain: "on the train"
            case .offTrain: "OFF THE TRAIN"
            case .frozen: "FROZEN"
            case .realigning: "realigning"
            case .unknown: "never asked"
            }
        }
    }

    /// A patch of the train.
    public struct Patch: Sendable, Equatable {
        /// Its place on the train, counted from 1.
        public let ordinal: Int64
        /// Its name.
        public let name: String
        /// `metadata` or `release`.
        public let kind: String

        /// A patch.
        public init(ordinal: Int64, name: String, kind: String) {
            self.ordinal = ordinal
            self.name = name
            self.kind = kind
        }
    }

    /// A target with its row of the grid.
    public struct Target: Sendable, Equatable {
        /// Its name.
        public let name: String
        /// How it stands.
        public let state: State
        /// Why, where it is not on the train.
        public let reason: String?
        /// Since when, where it is not on the train.
        public let since: Timestamp?
        /// When it was last asked.
        public let seenAt: Timestamp?
        /// Ordinal of the last patch in effect; 0 if there is none.
        public let position: Int64
        /// Why it was let back on the train without being aligned, if it was.
        public let unalignedReason: String?
        /// One for every patch of the group, in order.
        public let cells: [Cell]

        /// A target.
        public init(
            name: String, state: State, reason: String? = nil, since: Timestamp? = nil, seenAt: Timestamp? = nil,
            position: Int64, unalignedReason: String? = nil, cells: [Cell]
        ) {
            self.name = name
            self.state = state
            self.reason = reason
            self.since = since
            self.seenAt = seenAt
            self.position = position
            self.unalignedReason = unalignedReason
            self.cells = cells
        }

        /// True if a person should look at it.
        public var needsAttention: Bool {
            state == .offTrain || state == .frozen || state == .realigning || unalignedReason != nil
                || cells.contains { [.failed, .diverged, .applying, .interrupted].contains($0) }
        }
    }

    /// A group with its grid.
    public struct Group: Sendable, Equatable {
        /// Its name.
        public let name: String
        /// Why no patch lands on any of its targets, where that is so.
        public let frozen: String?
        /// Its patches, in order.
        public let patches: [Patch]
        /// Its targets, in order of name.
        public let targets: [Target]

        /// A group.
        public init(name: String, frozen: String? = nil, patches: [Patch], targets: [Target]) {
            self.name = name
            self.frozen = frozen
            self.patches = patches
            self.targets = targets
        }

        /// The same with the newest patches only.
        public func newest(_ count: Int) -> Group {
            guard patches.count > count else { return self }
            return columns(patches.count - max(count, 0)..<patches.count)
        }

        /// The same with some of the patches only.
        public func columns(_ range: Range<Int>) -> Group {
            Group(
                name: name, frozen: frozen, patches: Array(patches[range]),
                targets: targets.map { target in
                    Target(
                        name: target.name, state: target.state, reason: target.reason, since: target.since,
                        seenAt: target.seenAt, position: target.position, unalignedReason: target.unalignedReason,
                        cells: Array(target.cells[range]))
                })
        }

        /// How old the oldest news of a target is, where it is older than a minute. What happened there since is not
        /// known here: the target is the authority.
        public func age(at moment: Timestamp) -> String? {
            let seen = targets.compactMap(\.seenAt).min { $0.seconds < $1.seconds }
            guard let seen, moment.seconds - seen.seconds > 60 else { return nil }
            return "As the targets were when they were last asked, the first of them at \(Board.minutes(seen)) UTC"
        }

        /// One sentence that says it all.
        public var summary: String {
            let off = targets.filter { $0.state != .onTrain && $0.state != .unknown }.count
            let aligned = targets.filter { $0.state == .onTrain && $0.position == (patches.last?.ordinal ?? 0) }.count
            var parts = [
                "\(targets.count) target\(targets.count == 1 ? "" : "s")",
                "\(patches.count) patch\(patches.count == 1 ? "" : "es")", "\(aligned) at the newest patch",
            ]
            if off > 0 { parts.append("\(off) off the train or frozen") }
            return parts.joined(separator: ", ")
        }
    }

    /// When it was put together.
    public let takenAt: Timestamp
    /// Where the registry is: the name of its database.
    public let registry: String
    /// The groups, in order of name.
    public let groups: [Group]

    /// A board.
    public init(takenAt: Timestamp, registry: String, groups: [Group]) {
        self.takenAt = takenAt
        self.registry = registry
        self.groups = groups
    }
}

extension Board {
    /// For programs; docs/cli.md lists the keys.
    public var json: JSONValue {
        [
            "registry": .string(registry), "taken_at": .string(takenAt.iso),
            "groups": .array(
                groups.map { group in
                    [
                        "group": .string(group.name), "frozen": .optional(group.frozen),
                        "patches": .array(
                            group.patches.map {
                                [
                                    "ordinal": .integer($0.ordinal), "name": .string($0.name), "kind": .string($0.kind),
                                ]
                            }),
                        "targets": .array(group.targets.map(\.json)),
                    ]
                }),
        ]
    }
}

extension Board.Target {
    var json: JSONValue {
        [
            "target": .string(name), "state": .string(state.rawValue), "reason": .optional(reason),
            "since": .optional(since?.iso), "seen_at": .optional(seenAt?.iso), "position": .integer(position),
            "accepted_unaligned": .optional(unalignedReason),
            "patches": .array(cells.map { .string($0.rawValue) }),
        ]
    }
}
