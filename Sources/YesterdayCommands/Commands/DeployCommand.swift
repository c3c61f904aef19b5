import ArgumentParser
import Synchronization
import YesterdayKit

/// `yesterday deploy`
struct DeployCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "deploy",
        abstract: "Deploy a bundle: whole and with its rollback proven, or not at all.",
        discussion: """
            The bundle is checked first; then everything in it is applied in one transaction, the \
            rollback is carried out and verified, and only then it is committed. A failure anywhere \
            leaves the database as it was.

            A bundle with artifacts is a release: they are resolved to digests, the new and the current \
            ones are checked and kept where they run, and once the bundle has landed the code is switched. \
            The same command again completes what was interrupted.

            With --group it goes to every target of a group: all are checked first, each gets it in a \
            transaction of its own, and it lands only where it displaces what it displaces on the \
            peers. Running the same command again completes what was interrupted.
            """)

    @OptionGroup var source: BundleOptions

    @Flag(help: "Do everything but COMMIT.")
    var dryRun = false

    @Option(help: "A remark that is kept with the deployment.")
    var note: String?

    @Flag(help: "Deploy, on record, even what cannot be undone.")
    var acceptIrreversible = false

    @Flag(help: "Roll the deployment back if its code does not become well.")
    var rollbackOnFailure = false

    @Flag(help: "Deploy a bundle again although it is the last one here.")
    var again = false

    @OptionGroup(title: "Code") var artifacts: SourceOptions

    @OptionGroup(title: "Group") var train: GroupDeployOptions
    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func validate() throws {
        if train.group != nil, dryRun { throw ValidationError("--dry-run is for one database, not for a group.") }
    }

    func execute(_ context: CommandContext) async throws {
        // Before there is a connection: a mistake in the bundle is no matter of the database.
        let bundle: LoadedBundle
        do {
            bundle = try await source.readDeployable(context)
        } catch let error as YesterdayError {
            throw error.assuring("Nothing was changed.")
        }
        if let group = train.group { return try await deploy(bundle, to: group, context) }
        let target = try await context.target(connection)
        let progress = DeployProgress(bundle)
        let deployment = BundleDeployment(
            bundle, note: note, acceptIrreversible: acceptIrreversible, acceptAltered: source.digest != nil)
        let isRehearsal = dryRun
        guard bundle.description.artifacts.isEmpty else {
            return try await deployRelease(deployment, progress, context, target)
        }
        if !dryRun, !again, let earlier = try await target.landed(bundle) {
            return context.output.emit(AlreadyDeployedOutput(database: target.database, bundle: bundle, deployment: earlier.id))
        }
        let outcome = try await context.working(progress.text, on: target.connection) {
            try await target.deploy(deployment, isRehearsal: isRehearsal) { event in
                progress.take(event)
                if case .applied(let file) = event { context.logger.info("applied \(file.file)") }
            }
        }
        context.output.emit(
            DeployOutput(
                database: target.database, bundle: bundle, path: source.path, outcome: outcome,
                isRehearsal: isRehearsal))
    }

    private func deployRelease(
        _ deployment: BundleDeployment, _ progress: DeployProgress, _ context: CommandContext, _ target: Target
    ) async throws {
        let release = ReleaseDeployment(
            deployment, source: try artifacts.source(), rollsBackOnFailure: rollbackOnFailure, again: again,
            logger: context.logger)
        let isRehearsal = dryRun
        let outcome = try await context.workingOutside(progress.text, on: target.connection) {
            try await release.run(on: target, isRehearsal: isRehearsal) { event in
                progress.take(event)
                switch event {
                case .preparing(let step): context.logger.info("\(step)")
                case .bundle(.applied(let file)): context.logger.info("applied \(file.file)")
                case .bundle: break
                case .code(let code): context.note(code)
                }
            }
        }
        let result = ReleaseOutput(
            database: target.database, bundle: deployment.bundle, path: source.path, outcome: outcome, isRehearsal: isRehearsal)
        context.output.emit(result)
        if let status = result.status { throw QuietExit(status: status) }
    }
}

/// How far a deployment is, in words.
final class DeployProgress: Sendable {
    private struct State {
        var step = "Deploying"
        var sent = 0
    }

    private let size: Int
    private let state = Mutex(State())

    init(_ bundle: LoadedBundle) {
        size = bundle.size
    }

    /// Takes note of an event.
    func take(_ event: BundleDeployment.Progress) {
        state.withLock { state in
            switch event {
            case .began(let file, let number, let count): state.step = "Deploying \(number)/\(count) \(file)"
            case .sent(let bytes): state.sent += bytes
            case .applied: break
            case .proving: state.step = "Proving the rollback"
            }
        }
    }

    /// Takes note of an event of a release.
    func take(_ event: ReleaseDeployment.Progress) {
        switch event {
        case .preparing(let step): state.withLock { $0.step = "Preparing: \(step)" }
        case .bundle(let event): take(event)
        case .code(.waiting): state.withLock { $0.step = "Waiting for somebody else who is switching" }
        case .code(.step(let artifact, let step)): state.withLock { $0.step = "\(artifact): \(step)" }
        }
    }

    /// For the line that shows that it goes on.
    var text: String {
        state.withLock { state in
            let percent = size > 0 ? min(100, state.sent * 100 / size) : 100
            return percent > 0 && percent < 100 ? "\(state.step), \(percent) %" : state.step
        }
    }
}

struct DeployOutput: CommandOutput {
    let database: String
    let bundle: LoadedBundle
    /// Where the bundle is, as it was named.
    let path: String
    let outcome: BundleDeployment.Outcome
    let isRehearsal: Bool

    var json: JSONValue {
        [
            "deployment": .integer(outcome.deployment),
            "name": .string(bundle.name),
            "digest": .string("sha256:\(bundle.digest)"),
            "committed": .bool(!isRehearsal),
            "already_deployed": false,
            "files": outcome.filesJSON,
            "report": outcome.report.json,
        ]
    }

    var document: Document {
        var document = Document(
            isRehearsal
                ? .headline("\(database): \"\(bundle.name)\" can be deployed; nothing was changed.", .good)
                : .headline(
                    "\(database): deployed \"\(bundle.name)\" as deployment \(outcome.deployment).",
                    outcome.report.hasExceptions ? .warning : .good))
        document.append(.table(outcome.filesTable))
        document.append(.table(Report.table(outcome.report.lines)))
        document.append(
            isRehearsal
                ? .next(command: "yesterday deploy \(ShellWord.quoted(path))", purpose: "deploy it, without --dry-run")
                : .next(command: "yesterday rollback", purpose: "to undo it"))
        return document
    }
}

/// A bundle that is the last deployment of the target: a job that is run once more has succeeded.
struct AlreadyDeployedOutput: CommandOutput {
    let database: String
    let bundle: LoadedBundle
    let deployment: Int64

    var json: JSONValue {
        [
            "deployment": .integer(deployment),
            "name": .string(bundle.name),
            "digest": .string("sha256:\(bundle.digest)"),
            "committed": true,
            "already_deployed": true,
            "files": .array([]),
            "report": .array([]),
        ]
    }

    var document: Document {
        var document = Document(
            .headline("\(database): \"\(bundle.name)\" is deployed already, as deployment \(deployment); nothing was changed.", .good))
        document.append(
            .paragraph("It is the last deployment here, with this digest. With --again it is deployed once more, as another deployment."))
        document.append(.next(command: "yesterday rollback", purpose: "to undo it"))
        return document
    }
}

extension BundleDeployment.Outcome {
    /// The files, for programs.
    var filesJSON: JSONValue {
        .array(
            files.map { file in
                [
                    "file": .string(file.file), "table": .optional(file.table?.description),
                    "inserted": .integer(file.inserted), "updated": .integer(file.updated),
                    "deleted": .integer(file.deleted), "unchanged": .integer(file.unchanged),
                    "statements": .integer(Int64(file.statements)),
                ]
            })
    }

    /// The files, for people.
    var filesTable: TextTable {
        var table = TextTable(
            .init("file"), .init("table"), .init("inserted", isNumeric: true), .init("updated", isNumeric: true),
            .init("deleted", isNumeric: true), .init("unchanged", isNumeric: true))
        for file in self.files {
            guard let written = file.table else {
                table.append(file.file, Words.count(Int64(file.statements), "statement"), "", "", "", "")
                continue
            }
            table.append(
                file.file, written.description, Words.grouped(file.inserted), Words.grouped(file.updated),
                Words.grouped(file.deleted), Words.grouped(file.unchanged))
        }
        return table
    }
}
