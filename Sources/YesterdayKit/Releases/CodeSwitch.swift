import Logging
import OCIRegistry
import PostgresClient

/// Makes the code that runs the one that should run: the one switch at the end of a deployment,
/// a rollback or a realignment, and whenever somebody wants it to be made so.
///
/// It may be interrupted anywhere and called again, by anybody: it looks at what runs, and goes on
/// from there.
public struct CodeSwitch: Sendable {
    /// What happened to one artifact.
    public struct Line: Sendable {
        /// The artifact.
        public let artifact: String
        /// `unchanged`, `switched`, `stopped`, `failed`, `put back`, `not switched`.
        public let outcome: String
        /// From what to what, or what went wrong and what runs now.
        public let detail: String
    }

    /// What came of it.
    public struct Outcome: Sendable {
        /// How the target stands: `none`, `confirmed` or `failed`.
        public let state: String
        /// The generation that should run.
        public let generation: Int64?
        /// What happened to each artifact, in the last attempt.
        public let lines: [Line]
        /// True if something else came to be wanted while it was switched.
        public let wasOvertaken: Bool
        /// True if a rollback did that.
        public let wasRolledBack: Bool

        /// True if what should run runs.
        public var isConfirmed: Bool { state != "failed" }

        /// For a list of which the lines are part of a report.
        public var report: JSONValue { .array(lines.map(\.json)) }
    }

    /// How far it is.
    public enum Progress: Sendable {
        /// Somebody else is switching; who.
        case waiting(for: String)
        /// An artifact is looked at, fetched, switched, ...; in words.
        case step(artifact: String, String)
    }

    /// Where artifacts come from.
    public var source: ArtifactSource
    /// Longest wait for somebody else who is switching.
    public var patience: Duration
    private let logger: Logger
    /// Another generation in the middle of it, again and again, is no state in which to go on for ever.
    private static let mostRounds = 20

    /// A switch.
    public init(source: ArtifactSource = ArtifactSource(), patience: Duration = .seconds(60), logger: Logger) {
        self.source = source
        self.patience = patience
        self.logger = logger
    }

    /// Makes the code that runs on a target the one that should run there, and confirms it.
    ///
    /// - Returns: what came of it; a runtime that fails is an outcome and no error.
    /// - Throws: ``YesterdayError`` if nobody can tell, or somebody else is switching for too long;
    ///   ``PostgresClient/PostgresError``; `CancellationError`.
    public func converge(
        _ target: Target, progress: @escaping @Sendable (Progress) -> Void = { _ in }
    ) async throws -> Outcome {
        let status = try await target.code()
        if status.state == "none" {
            return Outcome(state: "none", generation: nil, lines: [], wasOvertaken: false, wasRolledBack: false)
        }
        // The usual case, over and over: nobody needs a lease for looking.
        if status.state == "confirmed", let lines = try await linesIfAllRuns(status.artifacts, target) {
            return Outcome(
                state: "confirmed", generation: status.generation, lines: lines, wasOvertaken: false, wasRolledBack: false)
        }
        let lease = try await SwitchLease.take(target, patience: patience, logger: logger) { progress(.waiting(for: $0)) }
        return try await holding(lease) { try await converge(target, under: lease, progress: progress) }
    }

    /// The same for who has the lease already.
    func converge(
        _ target: Target, under lease: SwitchLease, progress: @escaping @Sendable (Progress) -> Void
    ) async throws -> Outcome {
        var wasRolledBack = false
        for round in 1...Self.mostRounds {
            guard let attempt = try await lease.beginSwitch() else {
                return Outcome(state: "none", generation: nil, lines: [], wasOvertaken: false, wasRolledBack: false)
            }
            if round > 1, attempt.cause == "rollback" { wasRolledBack = true }
            let result = await Attempt(self, attempt, target, lease, progress).run()
            if result.wasCancelled { try Task.checkCancellation() }
            let became = try await lease.endSwitch(
                attempt, switched: result.isComplete, report: .array(result.lines.map(\.json)))
            logger.info("generation \(attempt.generation): \(became)")
            if became == "superseded" { continue }
            if became == "confirmed" { await clearAway(target, result.drivers) }
            return Outcome(
                state: became, generation: attempt.generation, lines: result.lines, wasOvertaken: round > 1,
                wasRolledBack: wasRolledBack)
        }
        throw YesterdayError(
            .busy, "what should run changed \(Self.mostRounds) times while it was switched",
            hint: "When it has come to rest: yesterday reconcile")
    }

    /// Gives the lease back whatever happens.
    func holding<T: Sendable>(_ lease: SwitchLease, _ body: () async throws -> T) async throws -> T {
        let result: Result<T, any Error>
        do {
            result = .success(try await body())
        } catch {
            result = .failure(error)
        }
        await lease.release()
        return try result.get()
    }

    /// The drivers of a target, by artifact.
    ///
    /// - Throws: ``YesterdayError``, ``PostgresClient/PostgresError``.
    func drivers(_ target: Target) async throws -> [String: any RuntimeDriver] {
        var drivers: [String: any RuntimeDriver] = [:]
        for runtime in try await target.runtimes() {
            drivers[runtime.artifact] = try runtime.makeDriver(target: target.database, source: source)
        }
        return drivers
    }

    private func linesIfAllRuns(_ artifacts: [Artifact], _ target: Target) async throws -> [Line]? {
        let drivers = try await drivers(target)
        var lines: [Line] = []
        for artifact in artifacts {
            // Switched and confirmed by hand: nobody can look.
            guard let driver = drivers[artifact.name] else { continue }
            guard try await driver.within("looking", { try await driver.current() }).isWhatRuns(artifact) else { return nil }
            lines.append(Line(artifact: artifact.name, outcome: "unchanged", detail: "runs: \(artifact.label)"))
        }
        return lines
    }

    /// What is needed no more goes when all is well. A failure is told in the log: nothing depends on it.
    private func clearAway(_ target: Target, _ drivers: [String: any RuntimeDriver]) async {
        do {
            let pinned = try await target.pinnedArtifacts()
            for (name, driver) in drivers {
                try await driver.retire(except: pinned.map(\.artifact).filter { $0.name == name })
            }
        } catch {
            logger.warning("what is not needed any more could not be cleared away: \(YesterdayError(describing: error).message)")
        }
    }
}

extension CodeSwitch.Line {
    /// For programs, and for the target's record of the attempt.
    public var json: JSONValue {
        ["artifact": .string(artifact), "outcome": .string(outcome), "detail": .string(detail)]
    }
}

extension YesterdayError {
    /// Any error as one with words.
    init(describing error: any Error) {
        switch error {
        case let error as YesterdayError: self = error
        case let error as PostgresError: self.init(error)
        case let error as RegistryError: self.init(error)
        default: self.init(.failed, "\(error)", cause: error)
        }
    }

    /// Message and detail in one line, for logs.
    public var oneLine: String { [message, detail].compactMap { $0 }.joined(separator: ": ") }
}
