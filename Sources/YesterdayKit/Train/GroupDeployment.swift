import Logging
import PostgresClient

/// A bundle for all targets of a group.
///
/// Everything is looked at before anything is done; each target then gets the bundle in a
/// transaction of its own, in which the rollback is proven, and commits only if what the bundle
/// displaces there is what it displaces on its peers. The registry knows at every moment what was
/// begun, and the targets what was done: running it again completes what an earlier run began.
public struct GroupDeployment: Sendable {
    /// What a failure on one target means for the others.
    public enum FailurePolicy: String, Sendable, CaseIterable {
        /// Nothing more is begun.
        case stop
        /// The others go on.
        case goOn = "continue"
    }

    /// How far a target is.
    public enum Phase: Sendable {
        case contacting
        case comparing
        case waiting
        case preparing(String)
        case applying(file: String, number: Int, of: Int)
        case proving
        case proven
        case prepared
        case committing
        case ended(TargetOutcome)
    }

    /// What happens, as it happens.
    public enum Event: Sendable {
        /// There is a connection; cancelling what runs on it stops the work on that target.
        case connected(PostgresConnection)
        /// A target came further.
        case target(String, Phase)
        /// Something that people should know.
        case remark(String)
    }

    /// What came of the bundle on one target.
    public enum TargetOutcome: Sendable {
        /// It landed.
        case applied(deployment: Int64, code: CodeOutcome?)
        /// It was there already.
        case present(code: CodeOutcome?)
        /// The target is off the train; its peers go on.
        case missed(reason: String?)
        /// Something stands against it there: a freeze, a window, an earlier patch.
        case blocked(YesterdayError)
        /// It is not like its peers; nothing was committed there.
        case diverged(String)
        /// It was tried and nothing landed.
        case failed(YesterdayError)
        /// It was never begun, or was proven and given up because another one failed.
        case givenUp(String)

        /// As the JSON output has it.
        public var word: String {
            switch self {
            case .applied: "applied"
            case .present: "present"
            case .missed: "missed"
            case .blocked: "blocked"
            case .diverged: "diverged"
            case .failed: "failed"
            case .givenUp: "given_up"
            }
        }
    }

    /// What became of the code that belongs to it.
    public struct CodeOutcome: Sendable {
        /// `none`, `confirmed` or `failed`.
        public let state: String
        /// What went wrong.
        public let detail: String?

        /// True if what should run does not run yet.
        public var isPending: Bool { state == "failed" }
    }

    /// What a run did.
    public struct Outcome: Sendable {
        /// The group.
        public let group: String
        /// Place of the patch on the train.
        public let ordinal: Int64
        /// The run as the registry knows it; `nil` if none was begun.
        public let run: Int64?
        /// Each target and what came of it, in the order of the registry.
        public let targets: [(name: String, outcome: TargetOutcome)]
        /// Inverse bundles that the registry did not have yet.
        public let inversesStored: Int
        /// True if the canary has it and the run ended there.
        public let isPaused: Bool
        /// True if this run put the patch on the train and took it off again, because it landed nowhere.
        public let isWithdrawn: Bool

        /// The first thing that went wrong, if anything did.
        public var firstError: YesterdayError? {
            for (name, outcome) in targets {
                switch outcome {
                case .failed(let error), .blocked(let error):
                    return YesterdayError(
                        error.code, "\(name): \(error.message)", detail: error.detail, hint: error.hint,
                        sqlState: error.sqlState, context: error.context, cause: error.cause)
                case .diverged(let detail):
                    return YesterdayError(
                        .refused, "\(name) has diverged from its peers", detail: detail,
                        hint: "yesterday train check --rows shows where they differ.", sqlState: "YDT09")
                case .applied(_, let code?) where code.isPending, .present(let code?) where code.isPending:
                    return YesterdayError(
                        .codePending, "\(name): the code does not run yet", detail: code.detail,
                        hint: "yesterday reconcile, on that target.", sqlState: "YD021")
                case .applied, .present, .missed, .givenUp: continue
                }
            }
            return nil
        }
    }

    /// What is deployed.
    public let bundle: LoadedBundle
    /// Where to.
    public let group: String
    /// At most so many targets at a time.
    public var parallel = 8
    /// The target that gets it first and alone.
    public var canary: String?
    /// True to commit everywhere or nowhere.
    public var isAtomic = false
    /// What a failure means for the others.
    public var onFailure = FailurePolicy.stop
    /// Why maintenance windows do not count this time.
    public var outsideWindow: String?
    /// A remark that is kept with the deployments.
    public var note: String?
    /// Deploy even if something in it cannot be undone.
    public var acceptIrreversible = false
    /// Inverse bundles of more bytes are not copied to the registry.
    public var largestInverse: Int64 = 64 << 20
    /// Where code comes from.
    public var source = ArtifactSource()
    /// Hears about code.
    public var logger = Logger(label: "yesterday.train")

    let registry: TrainRegistry
    let tell: @Sendable (Event) -> Void

    /// A deployment to a group.
    public init(
        _ bundle: LoadedBundle, group: String, registry: TrainRegistry,
        tell: @escaping @Sendable (Event) -> Void = { _ in }
    ) {
        self.bundle = bundle
        self.group = group
        self.registry = registry
        self.tell = tell
    }

    var deployment: BundleDeployment {
        BundleDeployment(bundle, note: note, acceptIrreversible: acceptIrreversible)
    }

    /// Does it.
    ///
    /// - Parameter goOn: asked once the canary has the bundle and before the others get it.
    /// - Throws: ``YesterdayError`` if nothing could be begun; what went wrong on single targets is in
    ///   the outcome.
    public func run(goOn: () async throws -> Bool = { true }) async throws -> Outcome {
        let group = try await registry.group(group)
        if let canary, try await registry.target(canary).group != group.name {
            throw YesterdayError(
                .badInput, "the canary \(canary) is not a target of the group \(group.name)",
                hint: "yesterday target list shows which are.", sqlState: "YDT01")
        }
        return try await registry.withLock(on: group.name) {
            try await AtomicRecovery(registry: registry, tell: tell).run(group: group.name)
            var work = GroupWork(group: group, plan: self)
            let outcome: Outcome
            do {
                try await work.contact()
                outcome = try await work.run(goOn: goOn)
            } catch {
                await work.close()
                throw error
            }
            await work.close()
            return outcome
        }
    }
}
