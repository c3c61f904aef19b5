import Logging
import OCIRegistry
import PostgresClient

/// Deploys a bundle with code: checked, applied and proven, committed, switched, confirmed.
///
/// For who does these steps for several targets at once: ``prepare(_:)``, then
/// ``BundleDeployment/apply(to:searchPath:progress:)`` of what it returns, then one
/// ``CodeSwitch/converge(_:progress:)``.
public struct ReleaseDeployment: Sendable {
    /// How far it is.
    public enum Progress: Sendable {
        /// Code is resolved, checked, fetched; in words.
        case preparing(String)
        /// The bundle is applied.
        case bundle(BundleDeployment.Progress)
        /// Code is switched.
        case code(CodeSwitch.Progress)
    }

    /// What a deployment did.
    public struct Outcome: Sendable {
        /// What happened in the database; `nil` if an earlier run had done that already.
        public let bundle: BundleDeployment.Outcome?
        /// The deployment.
        public let deployment: Int64
        /// True if an earlier run had done everything, code and all.
        public let wasComplete: Bool
        /// What was pinned.
        public let artifacts: [Artifact]
        /// What happened to the code; `nil` for a rehearsal.
        public let code: CodeSwitch.Outcome?
        /// The report of the rollback, if code that did not become well took the deployment back.
        public let rollback: Report?
        /// What happened to the code then.
        public let codeAfterRollback: CodeSwitch.Outcome?
    }

    /// What is deployed.
    public var deployment: BundleDeployment
    /// Where code comes from.
    public var source: ArtifactSource
    /// Code that does not become well takes the deployment back.
    public var rollsBackOnFailure: Bool
    /// Deploy again what is deployed already.
    public var again: Bool
    private let logger: Logger

    /// A deployment of a release.
    public init(
        _ deployment: BundleDeployment, source: ArtifactSource, rollsBackOnFailure: Bool = false, again: Bool = false,
        logger: Logger
    ) {
        self.deployment = deployment
        self.source = source
        self.rollsBackOnFailure = rollsBackOnFailure
        self.again = again
        self.logger = logger
    }

    /// Deploys it; called again after it was interrupted, it goes on from there.
    ///
    /// - Parameter isRehearsal: everything but COMMIT.
    /// - Throws: ``YesterdayError``. Until the bundle is committed nothing has changed then; after it,
    ///   an error says that the code is pending.
    public func run(
        on target: Target, isRehearsal: Bool = false, progress: @escaping @Sendable (Progress) -> Void = { _ in }
    ) async throws -> Outcome {
        if rollsBackOnFailure { try await requireOperator(target) }
        if !isRehearsal, let outcome = try await resume(target, progress) { return outcome }
        let prepared = try await beforeAnythingChanges {
            try await requireOrder(target)
            let prepared = try await pinned(target, nil, !isRehearsal) { progress(.preparing($0)) }
            // What was resolved at the beginning is what is deployed at the end, or nothing.
            for (asked, artifact) in zip(deployment.bundle.description.artifacts, prepared.artifacts ?? []) {
                try await source.confirm(asked, names: artifact)
            }
            return prepared
        }
        let applied = try await target.deploy(prepared, isRehearsal: isRehearsal) { progress(.bundle($0)) }
        guard !isRehearsal else {
            return Outcome(
                bundle: applied, deployment: applied.deployment, wasComplete: false, artifacts: prepared.artifacts ?? [],
                code: nil, rollback: nil, codeAfterRollback: nil)
        }
        return try await switchCode(target, applied.deployment, applied, prepared.artifacts ?? [], progress)
    }

    /// Goes on where an earlier run of the same command has stopped; `nil` if there was none.
    ///
    /// A release that is complete is looked at: what somebody ended since is started again, and if that
    /// fails, nothing of what has counted until now is taken back.
    private func resume(
        _ target: Target, _ progress: @escaping @Sendable (Progress) -> Void
    ) async throws -> Outcome? {
        guard let earlier = try await target.landed(deployment.bundle), !earlier.isCodeRollingBack else { return nil }
        if !earlier.isCodePending, again { return nil }
        progress(.preparing("deployment \(earlier.id) has landed already, its code follows"))
        let artifacts = try await target.code().artifacts
        if !earlier.isCodePending { try await requireSameImages(artifacts) }
        return try await switchCode(target, earlier.id, nil, artifacts, wasComplete: !earlier.isCodePending, progress)
    }

    /// Whoever has pushed another image under a tag, and deploys the bundle that names it, must not be told
    /// that it is deployed. If nobody can be asked, what is deployed counts.
    private func requireSameImages(_ artifacts: [Artifact]) async throws {
        for asked in deployment.bundle.description.artifacts {
            guard let artifact = artifacts.first(where: { $0.name == asked.name }) else { continue }
            do {
                try await source.confirm(asked, names: artifact)
            } catch let error as YesterdayError {
                guard (error.cause as? RegistryError)?.code == .tagMoved else {
                    logger.warning("whether \(asked.reference) still names what is deployed could not be asked: \(error.message)")
                    continue
                }
                throw YesterdayError(
                    .refused, "\"\(deployment.bundle.name)\" is deployed already, and \(asked.reference) names another image now",
                    detail: [error.detail, "Nothing was changed."].compactMap { $0 }.joined(separator: "\n"),
                    hint: "Release it under a name and a tag of its own; or deploy what the tag names now: --again", cause: error)
            }
        }
    }

    // MARK: before anything is changed

    /// Whatever fails in `body`, the error says that nothing was changed.
    private func beforeAnythingChanges<T>(_ body: () async throws -> T) async throws -> T {
        do {
            return try await body()
        } catch let error as CancellationError {
            throw error
        } catch {
            throw YesterdayError(describing: error).assuring("Nothing was changed.").runningAgainIfLost
        }
    }

    /// Who could not take the deployment back must hear of it before there is anything to take back.
    private func requireOperator(_ target: Target) async throws {
        let row = try await target.connection.query(
            "SELECT pg_catalog.pg_has_role('yesterday_operator', 'USAGE') AS may, current_user AS name"
        ).only
        guard try !row.get("may", as: Bool.self) else { return }
        let name: String = try row.get("name")
        throw YesterdayError(
            .notPermitted, "\(name) may not roll back what it deploys to \(target.database)",
            detail: "--rollback-on-failure takes yesterday_operator. Nothing was changed.",
            hint: "GRANT yesterday_operator TO \(name); or deploy without --rollback-on-failure.", sqlState: "42501")
    }

    /// What lacks the deployment that it builds on is told so before images are fetched for it. Begin asks again, when
    /// nobody can come in between.
    func requireOrder(_ target: Target) async throws {
        let deployment = deployment
        try await target.connection.withSession { try deployment.checkOrder($0) }
    }

    /// Pins every artifact, makes sure that it and what runs now can be fetched, and has the runtimes
    /// keep both.
    ///
    /// - Parameters:
    ///   - artifacts: which; `nil` for those of the bundle.
    ///   - adopting: take over what runs already and was never deployed, so that the rollback knows it.
    ///   - step: told what goes on.
    /// - Returns: the deployment with its artifacts pinned.
    /// - Throws: ``YesterdayError``, ``PostgresClient/PostgresError``; nothing was changed then.
    public func prepare(
        _ target: Target, artifacts: [BundleArtifact]? = nil, adopting: Bool = true,
        step: @Sendable (String) -> Void = { _ in }
    ) async throws -> BundleDeployment {
        do {
            return try await pinned(target, artifacts, adopting, step)
        } catch let error as YesterdayError {
            throw error.assuring("Nothing was changed.")
        }
    }

    private func pinned(
        _ target: Target, _ artifacts: [BundleArtifact]?, _ adopting: Bool, _ step: @Sendable (String) -> Void
    ) async throws -> BundleDeployment {
        let code = try await target.code()
        guard !code.isPending else {
            throw YesterdayError(
                .codePending, "the code of \(target.database) is pending",
                detail: "Generation \(code.generation ?? 0) is not confirmed: \(code.detail ?? code.state).",
                hint: "First: yesterday reconcile", sqlState: "YD021")
        }
        let drivers = try await CodeSwitch(source: source, logger: logger).drivers(target)
        let asked = artifacts ?? deployment.bundle.description.artifacts
        for artifact in asked where drivers[artifact.name] == nil {
            throw YesterdayError(
                .configuration, "no runtime is set for the artifact \(artifact.name)",
                detail: "\(target.database) does not say how it is switched.",
                hint: "An admin says it: yesterday runtime set \(artifact.name) podman container=\(artifact.name)")
        }
        let confirmed = Dictionary(
            uniqueKeysWithValues: try await target.confirmedArtifacts().map { ($0.name, $0) })
        var pinned: [Artifact] = []
        var adopted: [Artifact] = []
        for artifact in asked {
            guard let driver = drivers[artifact.name] else { continue }
            step("checking \(artifact.name): \(artifact.reference)")
            let new = try await source.resolve(artifact)
            let before = try await current(artifact, confirmed[artifact.name], driver, target)
            if let before, confirmed[artifact.name] == nil { adopted.append(before) }
            if let before, before.digest != new.artifact.digest {
                step("checking that \(artifact.name) can go back to \(before.label)")
                let old = try await checkCurrent(before)
                try await keep(old, driver, target)
            }
            step("fetching \(new.artifact.label)")
            try await keep(new, driver, target)
            pinned.append(new.artifact)
        }
        if adopting, !adopted.isEmpty { try await target.adopt(adopted, reason: "it ran before \"\(deployment.bundle.name)\"") }
        var prepared = deployment
        prepared.artifacts = pinned
        return prepared
    }

    /// What runs now of an artifact, to which the rollback will go back; `nil` if nothing does.
    private func current(
        _ artifact: BundleArtifact, _ confirmed: Artifact?, _ driver: any RuntimeDriver, _ target: Target
    ) async throws -> Artifact? {
        let state = try await driver.within("looking") { try await driver.current() }
        if let confirmed {
            guard state.isWhatRuns(confirmed) else {
                throw YesterdayError(
                    .refused, "what runs of \(artifact.name) is not what was confirmed",
                    detail: "\(driver.label) runs \(state.description); confirmed was \(confirmed.label). "
                        + "A rollback would not know where to go back to.",
                    hint: "Make it run what it should: yesterday reconcile. Or take over what runs: "
                        + "SELECT yesterday.adopt_artifacts(...);")
            }
            return confirmed
        }
        guard state.isRunning else { return nil }
        guard let digest = state.digest, let reference = state.reference else {
            throw YesterdayError(
                .refused, "nobody knows what runs of \(artifact.name) now",
                detail: "\(driver.label) runs \(state.description), which has no digest to go back to.",
                hint: "Say what it is: SELECT yesterday.adopt_artifacts('[{\"name\": \"\(artifact.name)\", ...}]', 'why');")
        }
        return Artifact(name: artifact.name, kind: artifact.type, reference: reference, digest: digest)
    }

    private func checkCurrent(_ artifact: Artifact) async throws -> ArtifactSource.Finding {
        do {
            return try await source.check(artifact)
        } catch let error as YesterdayError {
            throw YesterdayError(
                error.code, "what runs now of \(artifact.name) cannot be fetched any more: the rollback would have nowhere to go",
                detail: [error.message, error.detail].compactMap { $0 }.joined(separator: "\n"),
                hint: "Push \(artifact.label) again, then deploy.", cause: error)
        }
    }

    private func keep(_ found: ArtifactSource.Finding, _ driver: any RuntimeDriver, _ target: Target) async throws {
        let place = try await driver.within("fetching") { try await driver.keep(found.artifact) }
        try await target.noteCheck(found.artifact, place: place ?? found.place, bytes: found.bytes)
    }

    // MARK: after COMMIT

    private func switchCode(
        _ target: Target, _ id: Int64, _ applied: BundleDeployment.Outcome?, _ artifacts: [Artifact],
        wasComplete: Bool = false, _ progress: @escaping @Sendable (Progress) -> Void
    ) async throws -> Outcome {
        let switching = CodeSwitch(source: source, logger: logger)
        let code: CodeSwitch.Outcome
        do {
            code = try await switching.converge(target) { progress(.code($0)) }
        } catch let error as CancellationError {
            throw error
        } catch {
            throw YesterdayError(describing: error).assuring(
                "\"\(deployment.bundle.name)\" has landed as deployment \(id). CODE PENDING: nobody has confirmed what runs of its code."
            ).hinting("When the cause is mended, run the same command again; or: yesterday reconcile")
        }
        var rollback: Report?
        var after: CodeSwitch.Outcome?
        if !code.isConfirmed, rollsBackOnFailure, !wasComplete, !code.wasRolledBack {
            let reason = code.lines.filter { $0.outcome == "failed" }.map { "\($0.artifact): \($0.detail)" }
            rollback = try await target.rollBack(
                String(id), reason: "its code did not become well: \(reason.joined(separator: "; "))", force: false)
            after = try await switching.converge(target) { progress(.code($0)) }
        }
        return Outcome(
            bundle: applied, deployment: id, wasComplete: wasComplete, artifacts: artifacts, code: code, rollback: rollback,
            codeAfterRollback: after)
    }
}
