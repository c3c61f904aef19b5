import OCIRegistry

extension CodeSwitch {
    /// One attempt to reach one generation: all of it, or what ran before goes on.
    struct Attempt {
        /// What came of an attempt.
        struct Result {
            var lines: [Line] = []
            var isComplete = false
            var wasCancelled = false
            var drivers: [String: any RuntimeDriver] = [:]
        }

        /// One artifact that does not run as it should.
        private struct Change {
            let name: String
            let driver: any RuntimeDriver
            let wanted: Artifact?
            let before: RuntimeState
        }

        private let owner: CodeSwitch
        private let attempt: SwitchLease.Attempt
        private let target: Target
        private let lease: SwitchLease
        private let progress: @Sendable (Progress) -> Void
        private var result = Result()
        private var confirmed: [Artifact] = []

        init(
            _ owner: CodeSwitch, _ attempt: SwitchLease.Attempt, _ target: Target, _ lease: SwitchLease,
            _ progress: @escaping @Sendable (Progress) -> Void
        ) {
            self.owner = owner
            self.attempt = attempt
            self.target = target
            self.lease = lease
            self.progress = progress
        }

        /// What should happen to one artifact: run, or be gone.
        private var goals: [(name: String, wanted: Artifact?)] {
            (attempt.wanted.map { (name: $0.name, wanted: $0) } + attempt.gone.map { (name: $0.name, wanted: nil) })
                .sorted { $0.name < $1.name }
        }

        /// Switches everything, one after the other.
        consuming func run() async -> Result {
            var current = ""
            do {
                result.drivers = try await owner.drivers(target)
                confirmed = try await target.confirmedArtifacts()
                let changes = try await look(&current)
                try await fetch(changes, &current)
                try await carryOut(changes, &current)
                result.isComplete = true
            } catch is CancellationError {
                result.wasCancelled = true
            } catch is Overtaken {
                add(current, "not switched", "another generation of the code is wanted by now")
            } catch {
                add(current, "failed", YesterdayError(describing: error).oneLine)
            }
            return result
        }

        /// Leaves an attempt that has become pointless.
        private struct Overtaken: Error {}

        private mutating func add(_ artifact: String, _ outcome: String, _ detail: String) {
            result.lines.append(Line(artifact: artifact, outcome: outcome, detail: detail))
        }

        /// Still ours to switch, and still what is wanted.
        private func checkOnTheWay() async throws {
            try Task.checkCancellation()
            if try await lease.renew() != attempt.generation { throw Overtaken() }
        }

        private mutating func look(_ current: inout String) async throws -> [Change] {
            var changes: [Change] = []
            for goal in goals {
                current = goal.name
                guard let driver = result.drivers[goal.name] else {
                    // Confirmed by somebody's word, and switched by hand as before.
                    if attempt.isConfirmed { continue }
                    throw YesterdayError(
                        .configuration, "no runtime is set for it: it is switched by hand",
                        detail: goal.wanted.map { "It should be \($0.label)" } ?? "It should not run any more")
                }
                progress(.step(artifact: goal.name, "looking at \(driver.label)"))
                let state = try await driver.within("looking") { try await driver.current() }
                if state.isWhatRuns(goal.wanted) {
                    if let wanted = goal.wanted { try await driver.waitUntilHealthy(wanted) }
                    add(goal.name, "unchanged", goal.wanted.map { "runs: \($0.label)" } ?? "does not run")
                } else {
                    changes.append(Change(name: goal.name, driver: driver, wanted: goal.wanted, before: state))
                }
            }
            return changes
        }

        /// All that will be needed is here before anything is touched.
        private func fetch(_ changes: [Change], _ current: inout String) async throws {
            for change in changes {
                current = change.name
                guard let wanted = change.wanted else { continue }
                try await checkOnTheWay()
                progress(.step(artifact: change.name, "fetching \(wanted.label)"))
                if let place = try await change.driver.within("fetching", { try await change.driver.keep(wanted) }) {
                    try await target.noteCheck(wanted, place: place, bytes: nil)
                }
            }
        }

        private mutating func carryOut(_ changes: [Change], _ current: inout String) async throws {
            var done: [Change] = []
            for change in changes {
                current = change.name
                // If it is not ours any more, or the database is away, nothing is put back either: the
                // next one looks at what runs.
                try await checkOnTheWay()
                do {
                    try await carryOut(change)
                    done.append(change)
                } catch let error as CancellationError {
                    throw error
                } catch {
                    try await lease.renew()
                    await leaveAsItWas(change, done)
                    throw error
                }
            }
        }

        private mutating func carryOut(_ change: Change) async throws {
            let from = change.before.description
            guard let wanted = change.wanted else {
                progress(.step(artifact: change.name, "stopping \(from)"))
                try await change.driver.within("stopping") { try await change.driver.stop() }
                add(change.name, "stopped", "ran: \(from)")
                return
            }
            progress(.step(artifact: change.name, "switching to \(wanted.label)"))
            try await change.driver.within("starting") { try await change.driver.start(wanted) }
            progress(.step(artifact: change.name, "waiting until \(change.driver.label) is well"))
            try await change.driver.waitUntilHealthy(wanted)
            add(change.name, "switched", "from \(from) to \(wanted.label)")
        }

        /// New code that does not come up makes room for the code that ran, and takes what was
        /// switched with it along. Old code that does not come up after a rollback stays where it
        /// is: the newer code must not run on yesterday's metadata.
        private mutating func leaveAsItWas(_ failed: Change, _ done: [Change]) async {
            for change in [failed] + done.reversed() {
                let name = change.name
                guard attempt.cause != "rollback" else {
                    add(name, "not switched", "after the failure: \(await whatRuns(change))")
                    return
                }
                do {
                    if change.before.isRunning {
                        guard let digest = change.before.digest else {
                            throw YesterdayError(.failed, "what ran before is not known by its digest")
                        }
                        let before = Artifact(
                            name: name, kind: change.wanted?.kind ?? attempt.gone.first { $0.name == name }?.kind ?? .oci,
                            reference: change.before.reference ?? known(digest) ?? digest.description, digest: digest)
                        progress(.step(artifact: name, "putting back \(change.before.description)"))
                        try await change.driver.within("starting") { try await change.driver.start(before) }
                        try await change.driver.waitUntilHealthy(before)
                    } else {
                        try await change.driver.within("stopping") { try await change.driver.stop() }
                    }
                    add(name, "put back", "runs as before: \(await whatRuns(change))")
                } catch {
                    add(
                        name, "not put back",
                        "\(YesterdayError(describing: error).oneLine); runs now: \(await whatRuns(change))")
                }
            }
        }

        private func known(_ digest: Digest) -> String? {
            (confirmed + attempt.gone + attempt.wanted).first { $0.digest == digest }?.reference
        }

        private func whatRuns(_ change: Change) async -> String {
            do {
                return try await change.driver.current().description
            } catch {
                return "unknown (\(YesterdayError(describing: error).oneLine))"
            }
        }
    }
}
