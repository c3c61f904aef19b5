import Logging
import PostgresClient

/// Rolls back deployments with their code: stops the new code, rolls back the database, starts the
/// old code. The database is what counts: no runtime that fails keeps it from being rolled back.
public struct ReleaseRollback: Sendable {
    /// What a rollback did.
    public struct Outcome: Sendable {
        /// What happened in the database.
        public let report: Report
        /// What happened to the code; `nil` if it had nothing to do.
        public let code: CodeSwitch.Outcome?
        /// Why the code could not be switched, where not even an attempt was possible.
        public let problem: YesterdayError?

        /// What a rollback did.
        public init(report: Report, code: CodeSwitch.Outcome?, problem: YesterdayError?) {
            self.report = report
            self.code = code
            self.problem = problem
        }
    }

    private let switching: CodeSwitch
    private let logger: Logger

    /// A rollback.
    public init(source: ArtifactSource = ArtifactSource(), logger: Logger) {
        switching = CodeSwitch(source: source, logger: logger)
        self.logger = logger
    }

    /// Rolls back.
    ///
    /// - Parameters:
    ///   - deployments: the ids that will be rolled back.
    ///   - database: rolls back the database.
    /// - Throws: what `database` throws; the new code runs again then.
    public func run(
        _ target: Target, deployments: [Int64], progress: @escaping @Sendable (CodeSwitch.Progress) -> Void = { _ in },
        database: @Sendable () async throws -> Report
    ) async throws -> Outcome {
        let names = try await target.artifactNames(ofDeployments: deployments)
        if names.isEmpty, try await !target.code().isPending {
            return Outcome(report: try await told([], database), code: nil, problem: nil)
        }
        let lease = await leaseIfFree(target)
        if let lease {
            return try await switching.holding(lease) {
                let drained = await drain(names, target, lease, progress)
                let report: Report
                do {
                    report = try await told(drained.map(\.artifact.name), database)
                } catch {
                    // If it may be done, the new code must not run: not on yesterday's metadata.
                    let isUnknown = ((error as? YesterdayError)?.cause as? PostgresError)?.code == .connectionLost
                    if !isUnknown { await startAgain(drained) }
                    throw error
                }
                return await conclude(report) { try await switching.converge(target, under: lease, progress: progress) }
            }
        }
        let report = try await told([], database)
        return await conclude(report) { try await switching.converge(target, progress: progress) }
    }

    /// Rolls back the database, or tells that nobody knows whether it was done.
    private func told(_ drained: [String], _ database: @Sendable () async throws -> Report) async throws -> Report {
        do {
            return try await database()
        } catch let error as PostgresError where error.code == .connectionLost {
            let plain = YesterdayError(error)
            throw YesterdayError(
                plain.code, plain.message,
                detail: [
                    plain.detail, "Only the database can tell whether it was rolled back.",
                    drained.isEmpty ? nil : "Stopped, and left so until that is known: \(drained.joined(separator: ", ")).",
                ].compactMap { $0 }.joined(separator: "\n"),
                hint: "yesterday status tells; or run the same command again, which finds out and goes on from there.",
                sqlState: plain.sqlState, cause: error)
        }
    }

    /// Goes on where an earlier run was interrupted after it had rolled back the database.
    ///
    /// - Parameter deployment: what was rolled back, for the report.
    public func complete(
        _ target: Target, of deployment: String, progress: @escaping @Sendable (CodeSwitch.Progress) -> Void = { _ in }
    ) async -> Outcome {
        let report = Report(subject: "deployment \(deployment)", outcome: "rolled back already, now its code follows")
        return await conclude(report) { try await switching.converge(target, progress: progress) }
    }

    /// Whoever is switching goes on, and finds that something else is wanted: no rollback waits.
    private func leaseIfFree(_ target: Target) async -> SwitchLease? {
        do {
            return try await SwitchLease.take(target, patience: .zero, logger: logger)
        } catch {
            logger.warning("the code is not stopped first: \(SwitchLease.withoutMark(YesterdayError(describing: error).oneLine))")
            return nil
        }
    }

    private func drain(
        _ names: Set<String>, _ target: Target, _ lease: SwitchLease,
        _ progress: @escaping @Sendable (CodeSwitch.Progress) -> Void
    ) async -> [(driver: any RuntimeDriver, artifact: Artifact)] {
        var drained: [(driver: any RuntimeDriver, artifact: Artifact)] = []
        do {
            let drivers = try await switching.drivers(target)
            for artifact in try await target.confirmedArtifacts() where names.contains(artifact.name) {
                guard let driver = drivers[artifact.name], driver.drainsBeforeRollback else { continue }
                let state = try await driver.within("looking") { try await driver.current() }
                guard state.isRunning else { continue }
                progress(.step(artifact: artifact.name, "stopping \(driver.label)"))
                drained.append((driver, artifact))
                try await driver.within("stopping") { try await driver.stop() }
            }
        } catch {
            logger.warning("the new code could not be stopped first: \(YesterdayError(describing: error).oneLine)")
        }
        return drained
    }

    private func startAgain(_ drained: [(driver: any RuntimeDriver, artifact: Artifact)]) async {
        for (driver, artifact) in drained {
            do {
                try await driver.within("starting") { try await driver.start(artifact) }
            } catch {
                logger.error("\(driver.label) does not run any more: \(YesterdayError(describing: error).oneLine)")
            }
        }
    }

    private func conclude(_ report: Report, _ converge: () async throws -> CodeSwitch.Outcome) async -> Outcome {
        do {
            return Outcome(report: report, code: try await converge(), problem: nil)
        } catch {
            return Outcome(report: report, code: nil, problem: YesterdayError(describing: error))
        }
    }
}
