import Logging
import PostgresClient

/// The way of one target back onto the train: what it rolled back, what it missed, and the fix, in
/// one transaction, planned and signed by people.
public struct Realignment: Sendable {
    /// A step of the plan.
    public struct Step: Sendable {
        /// Counted from 1.
        public let number: Int64
        /// `rolled_back`, `missed` or `fix`.
        public let kind: String
        /// Place on the train; `nil` for a fix that is not applied yet.
        public let ordinal: Int64?
        /// Name of the patch.
        public let name: String
        /// Digest of its bundle.
        public let digest: String
        /// Who signed it, and why.
        public let signature: String?
        /// All columns, for programs.
        public let json: JSONValue

        init(_ row: Row) throws {
            number = try row.get("step")
            kind = try row.get("kind")
            ordinal = try row.getIfPresent("ordinal")
            name = try row.get("name")
            digest = try row.get("digest")
            let by: String? = try row.getIfPresent("signed_by")
            let reason: String? = try row.getIfPresent("sign_reason")
            signature = by.map { "\($0): \(reason ?? "")" }
            json = row.json
        }
    }

    /// A plan as the registry has it.
    public struct Plan: Sendable {
        /// Its id.
        public let id: Int64
        /// The target.
        public let target: String
        /// `draft`, `signed`, `rehearsed`, `applying`, `applied`, `cleared` or `cancelled`.
        public let state: String
        /// The steps, in order.
        public let steps: [Step]
        /// All columns, for programs.
        public let json: JSONValue
    }

    /// What a rehearsal or an application did.
    public struct Outcome: Sendable {
        /// The plan.
        public let plan: Plan
        /// The deployment; of a rehearsal it is gone again.
        public let deployment: Int64
        /// What finishing it reported: the proof among it.
        public let report: Report
        /// The aligned peer that it was compared with; `nil` if there is none.
        public let peer: String?
        /// Where it would differ from that peer; empty if it would not.
        public let differences: [String]
        /// What became of the code; `nil` if the plan brings none.
        public var code: GroupDeployment.CodeOutcome?
    }

    let registry: TrainRegistry
    /// The target.
    public let target: String
    /// Where code comes from.
    public var source = ArtifactSource()
    /// Hears about code.
    public var logger = Logger(label: "yesterday.train")

    /// The way back of a target.
    public init(
        of target: String, registry: TrainRegistry, source: ArtifactSource = ArtifactSource(),
        logger: Logger = Logger(label: "yesterday.train")
    ) {
        self.target = target
        self.registry = registry
        self.source = source
        self.logger = logger
    }

    // MARK: planning

    /// The plan that is under way.
    ///
    /// - Throws: ``YesterdayError`` with code `nothing` if there is none.
    public func plan() async throws -> Plan {
        if let plan = try await planIfAny() { return plan }
        let registered = try await registry.target(target)
        let last = try await registry.query(
            "SELECT id, deployment, ended_at FROM train.realignments WHERE target = $1 AND state = 'cleared' ORDER BY id DESC LIMIT 1",
            [.text(target)]
        ).rows.first
        guard registered.state == "off_train" || last == nil else {
            let ended: Timestamp? = try last?.getIfPresent("ended_at")
            throw YesterdayError(
                .nothing, "no realignment of \(target) is under way: the last one is applied and cleared",
                detail: "Realignment \(try last?.get("id", as: Int64.self) ?? 0), as deployment "
                    + "\(try last?.getIfPresent("deployment", as: Int64.self) ?? 0), cleared at \(ended?.local ?? "some time").",
                hint: "\(target) is not off the train; nothing is to be done.", sqlState: "YDT12")
        }
        throw YesterdayError(
            .nothing, "no realignment of \(target) is under way",
            hint: registered.state == "on_train"
                ? "\(target) is on the train; nothing is to be done."
                : "yesterday train plan \(ShellWord.quoted(target)) --reason \"...\" begins one.", sqlState: "YDT13")
    }

    func planIfAny() async throws -> Plan? {
        let row = try await registry.query(
            """
            SELECT * FROM train.realignments
            WHERE target = $1 AND state IN ('draft', 'signed', 'rehearsed', 'applying', 'applied')
            """, [.text(target)]
        ).rows.first
        guard let row else { return nil }
        let id: Int64 = try row.get("id")
        let steps = try await registry.query(
            "SELECT * FROM train.realignment_steps WHERE realignment = $1 ORDER BY step", [.int8(id)]
        ).rows.map(Step.init)
        return Plan(id: id, target: target, state: try row.get("state"), steps: steps, json: row.json)
    }

    /// What is to be seen without the right to plan anything.
    public struct View: Sendable {
        /// The plan that is under way; `nil` if none is.
        public let plan: Plan?
        /// The target.
        public let target: String
        /// The steps that a plan would have, where none is under way.
        public let steps: [ProposedStep]
        /// Why the target could not be asked, so that this is what the registry knew.
        public let unasked: YesterdayError?
    }

    /// A step that a plan would have.
    public struct ProposedStep: Sendable {
        /// `rolled_back` or `missed`.
        public let kind: String
        /// Place on the train.
        public let ordinal: Int64
        /// Name of the patch.
        public let name: String
        /// All columns, for programs.
        public let json: JSONValue
    }

    /// The plan that is under way, or the steps that one would have. Takes the right to look, no more.
    public func look() async throws -> View {
        var state = try await registry.target(target).state
        var unasked: YesterdayError?
        do {
            state = try await withContact { $0.facts.state }
        } catch {
            let reason = YesterdayError.of(error, target: target)
            // Without the registry there is nothing to show.
            guard reason.code == .unavailable || reason.code == .notPermitted else { throw reason }
            unasked = reason
        }
        if let plan = try await planIfAny() { return View(plan: plan, target: target, steps: [], unasked: unasked) }
        try requireOffTrain(state)
        let steps = try await registry.query(
            "SELECT step, kind, ordinal, name, digest FROM train.way_back($1)", [.text(target)]
        ).rows.map {
            ProposedStep(kind: try $0.get("kind"), ordinal: try $0.get("ordinal"), name: try $0.get("name"), json: $0.json)
        }
        return View(plan: nil, target: target, steps: steps, unasked: unasked)
    }

    private func requireOffTrain(_ state: String) throws {
        guard state != "off_train" else { return }
        throw YesterdayError(
            .nothing, "\(target) is \(state == "frozen" ? "frozen by hand" : state == "unknown" ? "not known to be off the train" : "on the train")",
            detail: "A realignment leads a target back that a rollback took off the train.",
            hint: "yesterday train board shows which targets are.", sqlState: "YDT13")
    }

    /// Asks the target how it stands, and begins a plan if there is none.
    ///
    /// - Parameters:
    ///   - reason: why; needed to begin one.
    ///   - fix: what mends the regression; becomes the last step.
    public func plan(reason: String?, fix: LoadedBundle?) async throws -> Plan {
        try await withContact { contact in
            let existing = try await planIfAny()
            if existing == nil {
                try requireOffTrain(contact.facts.state)
                guard let reason else {
                    throw YesterdayError(
                        .usage, "a plan needs a reason", detail: "No realignment of \(target) is under way yet.",
                        hint: "yesterday train plan \(ShellWord.quoted(target)) --reason \"ticket 4711\"")
                }
                try await begin(reason: reason, fix: fix)
            } else if let fix {
                try await add(fix)
            }
            return try await plan()
        }
    }

    /// A plan whose fix is refused is not begun either.
    private func begin(reason: String, fix: LoadedBundle?) async throws {
        try await registry.query("BEGIN")
        do {
            try await registry.query("SELECT train.create_realignment($1, $2)", [.text(target), .text(reason)])
            if let fix { try await add(fix) }
            try await registry.query("COMMIT")
        } catch {
            // What went wrong first is what counts; a connection that is lost has no transaction any more.
            _ = try? await registry.query("ROLLBACK")
            throw error
        }
    }

    private func add(_ fix: LoadedBundle) async throws {
        try await registry.query(
            """
            SELECT train.add_fix(realignment => $1, name => $2, kind => $3, digest => $4, artifacts => $5,
                       manifest => $6, note => $7)
            """,
            [
                .int8(try await plan().id), .text(fix.name), .text(fix.description.kind.rawValue), .text(fix.trainDigest),
                .jsonb(fix.artifacts?.text(indent: nil)), .jsonb(fix.manifest.text(indent: nil)),
                .text(fix.description.note),
            ])
    }

    /// Signs steps, in order.
    ///
    /// - Parameter step: `nil` for all that are not signed yet.
    public func sign(step: Int64?, reason: String) async throws -> Plan {
        let plan = try await plan()
        let steps = step.map { [$0] } ?? plan.steps.filter { $0.signature == nil }.map(\.number)
        guard !steps.isEmpty else {
            throw YesterdayError(
                .nothing, "every step of realignment \(plan.id) is signed already",
                hint: "yesterday train rehearse \(ShellWord.quoted(target)) --bundles FOLDER")
        }
        for step in steps {
            try await registry.query(
                "SELECT train.sign_step($1, $2::integer, $3)", [.int8(plan.id), .text(String(step)), .text(reason)])
        }
        return try await self.plan()
    }

    /// Gives the plan up.
    public func cancel(reason: String) async throws {
        try await registry.query(
            "SELECT train.cancel_realignment($1, $2)", [.int8(try await plan().id), .text(reason)])
    }

    /// Lets patches land again on a target that was realigned, or on one that was not, with a reason
    /// that stays visible.
    ///
    /// The registry is asked first and commits last: what it refuses is not done in the target, and
    /// where something ends in between, the same command completes it.
    public func clear(reason: String, acceptUnaligned: Bool) async throws {
        try await withContact { contact in
            let plan = try await planIfAny()
            let isCleared = contact.facts.state == "on_train" && plan?.state == "applied"
            // Where the realignment made it like its peer there is nothing to accept.
            let isAccepted = acceptUnaligned && !(plan?.state == "applied" && plan?.json["aligned"] != .bool(false))
            try await registry.query("BEGIN")
            do {
                try await registry.query(
                    "SELECT train.clear($1, $2, $3)", [.text(target), .text(reason), .bool(acceptUnaligned)])
                CrashPoint.reach("clearing")
                if !isCleared {
                    try await contact.target.connection.query(
                        "SELECT yesterday.clear_freeze($1, accept_unaligned => $2)", [.text(reason), .bool(isAccepted)])
                }
                CrashPoint.reach("cleared")
                try await registry.query("COMMIT")
            } catch {
                // What went wrong first is what counts; a connection that is lost has no transaction any more.
                _ = try? await registry.query("ROLLBACK")
                throw error
            }
            try await registry.sync(contact.askedAgain())
        }
    }

    /// Reaches the target and lets the registry know how it stands.
    func withContact<T: Sendable>(_ body: (TrainContact) async throws -> T) async throws -> T {
        let contact = try await TrainContact.reach(registry.target(target), registry: registry)
        let result: T
        do {
            try await registry.syncIfPermitted(contact)
            result = try await body(contact)
        } catch {
            await contact.target.connection.close()
            throw YesterdayError.of(error, target: target)
        }
        await contact.target.connection.close()
        return result
    }
}
