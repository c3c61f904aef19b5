import PostgresClient

/// One run of a group deployment, while the group is locked.
struct GroupWork {
    let plan: GroupDeployment
    let group: TrainGroup
    /// All targets of the group, in order.
    private(set) var order: [RegisteredTarget] = []
    /// Those that could be reached.
    private(set) var contacts: [String: TrainContact] = [:]
    var outcomes: [String: GroupDeployment.TargetOutcome] = [:]
    var ordinal: Int64 = 0
    var run: Int64?
    var inverses: Set<String> = []
    var inversesStored = 0
    var isPaused = false
    /// True if this run put the patch on the train.
    private var isNewPatch = false
    /// True if it took it off again.
    private var isWithdrawn = false

    var registry: TrainRegistry { plan.registry }

    init(group: TrainGroup, plan: GroupDeployment) {
        self.group = group
        self.plan = plan
    }

    mutating func end(_ name: String, _ outcome: GroupDeployment.TargetOutcome) {
        outcomes[name] = outcome
        plan.tell(.target(name, .ended(outcome)))
    }

    // MARK: before anything is done

    /// Reaches every target and lets the registry know how it stands.
    mutating func contact() async throws {
        order = try await registry.targets(of: group.name)
        guard !order.isEmpty else {
            throw YesterdayError(
                .nothing, "the group \(group.name) has no targets",
                hint: "yesterday target add NAME --group \(ShellWord.quoted(group.name)) --db ...")
        }
        let registry = registry
        let tell = plan.tell
        let reached = await Parallel.run(order, limit: max(plan.parallel, 8)) { target in
            tell(.target(target.name, .contacting))
            let contact = try await TrainContact.reach(target, registry: registry) { tell(.connected($0)) }
            for news in try await registry.sync(contact) where !["contact", "position"].contains(news.outcome) {
                tell(.remark("\(target.name): \(news.subject): \(news.outcome)\(news.detail.map { ", \($0)" } ?? "")"))
            }
            return contact
        }
        for (target, outcome) in zip(order, reached) {
            switch outcome {
            case .success(let contact): contacts[target.name] = contact
            case .failure(let error): end(target.name, .failed(.of(error)))
            case .notBegun: end(target.name, .givenUp("it was not asked"))
            }
        }
        let settled = try await AtomicRecovery(registry: registry, tell: tell).settleForgotten(
            group: group.name, contacts: Array(contacts.values), isComplete: contacts.count == order.count)
        for each in settled { contacts[each.target] = try await contacts[each.target]?.askedAgain() }
    }

    func close() async {
        for contact in contacts.values { await contact.target.connection.close() }
    }

    /// Does all of it; what is not possible is in the outcomes.
    mutating func run(goOn: () async throws -> Bool) async throws -> GroupDeployment.Outcome {
        if outcomes.isEmpty || (plan.onFailure == .goOn && !plan.isAtomic) {
            try await findPatch()
            do {
                let eligible = try await check()
                if !eligible.isEmpty {
                    try await plan.isAtomic ? deployAtomically(eligible) : deployOneByOne(eligible, goOn)
                }
            } catch {
                await takeOffAgain()
                throw error
            }
            await takeOffAgain()
        }
        for target in order where outcomes[target.name] == nil {
            end(target.name, .givenUp("another target failed before it was its turn"))
        }
        return GroupDeployment.Outcome(
            group: group.name, ordinal: ordinal, run: run,
            targets: order.map { ($0.name, outcomes[$0.name] ?? .givenUp("")) }, inversesStored: inversesStored,
            isPaused: isPaused, isWithdrawn: isWithdrawn)
    }

    /// Finds the place of the bundle on the train, or gives it the next one.
    private mutating func findPatch() async throws {
        if let loose = plan.bundle.description.artifacts.first(where: { !$0.isPinned }) {
            throw YesterdayError(
                .badInput, "the artifact \(loose.name) is not pinned",
                detail: "\(loose.reference) can become something else, and the targets of a group would not run the same code.",
                hint: loose.type == .oci ? "Add @sha256:... to it in bundle.yaml." : "Add its sha256 in bundle.yaml.")
        }
        let known = try await registry.patches(of: group.name)
        isNewPatch = !known.contains { $0.digest == plan.bundle.trainDigest && $0.name == plan.bundle.name }
        ordinal = try await registry.release(plan.bundle, group: group.name)
        // A patch that the registry had forgotten is in the histories of those who have it.
        if isNewPatch { for contact in contacts.values { try await registry.sync(contact) } }
    }

    /// A patch that this run put on the train and that landed nowhere would bar the way of every
    /// later one, so it is taken off again.
    private mutating func takeOffAgain() async {
        guard isNewPatch, !outcomes.values.contains(where: { $0.landed || $0.mayHaveLanded }) else { return }
        do {
            try await registry.withdrawLocked(ordinal, group: group.name, reason: "it landed on no target")
            isNewPatch = false
            isWithdrawn = true
            plan.tell(.remark("\"\(plan.bundle.name)\" landed on no target: it is not on the train, and patch \(ordinal) is free again"))
        } catch {
            plan.tell(.remark("\"\(plan.bundle.name)\" stays on the train as patch \(ordinal): \(YesterdayError.of(error).message)"))
        }
    }

    /// What stands against it on each target, found out before anything is done.
    ///
    /// - Returns: the targets that are to get the bundle now, the canary first.
    private mutating func check() async throws -> [TrainContact] {
        var eligible: [TrainContact] = []
        var present: [TrainContact] = []
        let statuses = try await statuses()
        for registered in order {
            guard let contact = contacts[registered.name], outcomes[registered.name] == nil else { continue }
            if ["applied", "realigned"].contains(statuses[registered.name]) {
                present.append(contact)
            } else if contact.facts.state == "off_train" {
                // What it has rolled back it has not missed.
                let hadIt = statuses[registered.name] == "rolled_back"
                if !hadIt { try await registry.record(registered.name, ordinal, "missed", detail: contact.facts.reason) }
                let reason = contact.facts.reason
                end(registered.name, .missed(reason: hadIt ? "it rolled it back\(reason.map { ": \($0)" } ?? "")" : reason))
            } else if let problem = try await problem(contact) {
                end(registered.name, .blocked(problem))
            } else {
                eligible.append(contact)
            }
        }
        await conclude(present)
        try await compare(&eligible)
        let isStopped = outcomes.values.contains { $0.isTrouble }
        guard !(isStopped && (plan.onFailure == .stop || plan.isAtomic)) else { return [] }
        guard let canary = plan.canary else { return eligible }
        if let place = eligible.firstIndex(where: { $0.name == canary }) {
            eligible.insert(eligible.remove(at: place), at: 0)
        } else if outcomes[canary]?.landed != true {
            // It is the canary that is to show whether the others may have it.
            if case .missed(let reason) = outcomes[canary] {
                throw YesterdayError(
                    .frozen, "the canary \(canary) is off the train, so nobody gets \"\(plan.bundle.name)\" after it",
                    detail: (reason.map { "\($0). " } ?? "") + "Nothing was deployed.",
                    hint: "Name another canary, or deploy without one; the way back of \(canary): yesterday train plan \(ShellWord.quoted(canary))",
                    sqlState: "YDT07")
            }
            for contact in eligible { end(contact.name, .givenUp("the canary \(canary) does not have it")) }
            eligible = []
        }
        return eligible
    }

    /// Targets that have the patch already may still wait for its code.
    private mutating func conclude(_ present: [TrainContact]) async {
        let step = step()
        let codes = await Parallel.run(present, limit: plan.parallel) { await step.switchCode($0) }
        for (contact, code) in zip(present, codes) { end(contact.name, .present(code: code.result ?? nil)) }
    }

    /// What became of the patch on each target so far.
    private func statuses() async throws -> [String: String] {
        let rows = try await registry.query(
            "SELECT target, status FROM train.applications WHERE group_name = $1 AND ordinal = $2::integer",
            [.text(group.name), .text(String(ordinal))]
        ).rows
        return Dictionary(rows.map { ($0[0] ?? "", $0[1] ?? "") }, uniquingKeysWith: { first, _ in first })
    }

    private func problem(_ contact: TrainContact) async throws -> YesterdayError? {
        if let open = contact.facts.openDeployment {
            return YesterdayError(
                .busy, "deployment \(open) is open there", hint: "yesterday abandon or yesterday finish, on that target.",
                sqlState: "YD002")
        }
        let rows = try await registry.query(
            "SELECT code, problem, hint FROM train.check_target($1, $2::integer)",
            [.text(contact.name), .text(String(ordinal))]
        ).rows
        for row in rows {
            let code: String = try row.get("code")
            if code == "YDT14", plan.outsideWindow != nil { continue }
            return YesterdayError(
                YesterdayError.Code(sqlState: code), try row.get("problem"), hint: try row.getIfPresent("hint"),
                sqlState: code)
        }
        return nil
    }

    /// Compares the targets before anything is done: one that is not like its peers gets nothing.
    private mutating func compare(_ eligible: inout [TrainContact]) async throws {
        guard eligible.count > 1 else { return }
        let tell = plan.tell
        let partner = group.partnerLayers
        let states = await Parallel.run(eligible, limit: plan.parallel) { contact in
            tell(.target(contact.name, .comparing))
            return try await contact.target.connection.withSession { session in
                try session.portableState().leavingOut(partner)
            }
        }
        var found: [String: PortableState] = [:]
        for (contact, state) in zip(eligible, states) {
            switch state {
            case .success(let state): found[contact.name] = state
            case .failure(let error): end(contact.name, .failed(.of(error)))
            case .notBegun: continue
            }
        }
        let verdict = AlignmentVerdict(found.mapValues(\.fingerprint))
        let reference = try await registry.referenceDigest(group.name, ordinal)
        if verdict.isTie, reference == nil {
            throw YesterdayError(
                .refused, "the targets of \(group.name) are not alike, and no state is that of most of them",
                detail: "Like each other: \(verdict.aligned.joined(separator: ", ")). Others: "
                    + "\(verdict.diverged.joined(separator: ", ")). Nothing was done.",
                hint: "yesterday train check --group \(ShellWord.quoted(group.name)) --rows shows where they differ.",
                sqlState: "YDT09")
        }
        if !verdict.isTie, let peer = verdict.aligned.first.flatMap({ found[$0] }) {
            for name in verdict.diverged {
                let detail = found[name].map { Self.words($0.differences(from: peer)) } ?? ""
                try await registry.record(name, ordinal, "diverged", detail: detail)
                end(name, .diverged(detail))
            }
        }
        eligible.removeAll { outcomes[$0.name] != nil }
    }

    /// The tables that differ, in words.
    static func words(_ differences: [(mine: PortableState.Entry?, theirs: PortableState.Entry?)]) -> String {
        let names = differences.compactMap { pair in
            (pair.mine ?? pair.theirs).map { "\($0.name)\($0.kind == "rows" ? "" : " (\($0.kind))")" }
        }
        let more = names.count > 5 ? " and \(names.count - 5) more" : ""
        return "It differs from its peers in \(names.prefix(5).joined(separator: ", "))\(more)."
    }
}

extension GroupDeployment.TargetOutcome {
    /// True if the bundle is there because of this run.
    var landed: Bool {
        switch self {
        case .applied, .present: true
        default: false
        }
    }

    /// True if nobody knows yet.
    var mayHaveLanded: Bool {
        if case .failed(let error) = self { return error.code == .unavailable }
        return false
    }

    /// True if the policy for failures has to be asked.
    var isTrouble: Bool {
        switch self {
        case .failed, .diverged, .blocked: true
        default: false
        }
    }
}

extension TrainRegistry {
    /// Records what became of a patch on a target.
    func record(
        _ target: String, _ ordinal: Int64, _ status: String, deployment: Int64? = nil, portable: String? = nil,
        exact: String? = nil, detail: String? = nil, run: Int64? = nil
    ) async throws {
        try await query(
            """
            SELECT train.record_application(target => $1, ordinal => $2::integer, status => $3, deployment => $4,
                       portable_digest => $5, exact_digest => $6, detail => $7, run => $8)
            """,
            [
                .text(target), .text(String(ordinal)), .text(status), .int8(deployment), .text(portable), .text(exact),
                .text(detail), .int8(run),
            ])
    }

    /// The portable digest of what a patch displaces; `nil` until one target has it.
    func referenceDigest(_ group: String, _ ordinal: Int64) async throws -> String? {
        try await query(
            "SELECT train.reference_digest($1, $2::integer) AS digest", [.text(group), .text(String(ordinal))]
        ).only.getIfPresent("digest")
    }
}
