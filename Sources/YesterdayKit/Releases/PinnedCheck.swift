import Logging

/// Looks after what must not be collected: whether it can still be fetched, and whether it is kept
/// where it will be needed.
public struct PinnedCheck: Sendable {
    /// What was found out about one artifact.
    public struct Finding: Sendable {
        /// The artifact, and what needs it.
        public let pinned: PinnedArtifact
        /// Where it was found or is kept, or why not.
        public let result: Result<String, YesterdayError>
    }

    private let source: ArtifactSource
    private let logger: Logger

    /// A check.
    public init(source: ArtifactSource, logger: Logger) {
        self.source = source
        self.logger = logger
    }

    /// Makes sure that each can be fetched, by digest, and notes it in the target.
    ///
    /// - Throws: ``PostgresClient/PostgresError``, `CancellationError`. What is wrong with an artifact
    ///   is in its finding.
    public func check(_ target: Target) async throws -> [Finding] {
        try await each(target) { pinned in
            let found = try await source.check(pinned.artifact)
            return (found.place, found.bytes)
        }
    }

    /// Has the runtimes fetch and keep each, and notes it in the target.
    ///
    /// - Throws: as ``check(_:)``, and ``YesterdayError`` if a runtime is not set as it must be.
    public func pull(_ target: Target) async throws -> [Finding] {
        let drivers = try await CodeSwitch(source: source, logger: logger).drivers(target)
        return try await each(target) { pinned in
            guard let driver = drivers[pinned.artifact.name] else {
                throw YesterdayError(
                    .configuration, "no runtime is set for the artifact \(pinned.artifact.name)",
                    hint: "yesterday runtime set \(pinned.artifact.name) DRIVER KEY=VALUE ...")
            }
            if let place = try await driver.keep(pinned.artifact) { return (place, nil) }
            // Nothing can be kept there: that it can be fetched is all there is to know.
            let found = try await source.check(pinned.artifact)
            return (found.place, found.bytes)
        }
    }

    private func each(
        _ target: Target, _ body: (PinnedArtifact) async throws -> (place: String, bytes: Int64?)
    ) async throws -> [Finding] {
        var findings: [Finding] = []
        for pinned in try await target.pinnedArtifacts() {
            do {
                let found = try await body(pinned)
                try await target.noteCheck(pinned.artifact, place: found.place, bytes: found.bytes)
                findings.append(Finding(pinned: pinned, result: .success(found.place)))
            } catch let error as YesterdayError {
                findings.append(Finding(pinned: pinned, result: .failure(error)))
            }
        }
        return findings
    }
}
