import ArgumentParser
import YesterdayKit

/// `yesterday images`
struct ImagesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "images",
        abstract: "Look after the images and archives that deployments and their rollbacks need.",
        subcommands: [ImagesListCommand.self, ImagesCheckCommand.self, ImagesPullCommand.self],
        defaultSubcommand: ImagesListCommand.self)
}

/// `yesterday images list`
struct ImagesListCommand: TargetSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "What must not be garbage-collected: what runs, and what a rollback would go back to.")

    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func execute(_ context: CommandContext, on target: Target) async throws {
        context.output.emit(PinnedOutput(database: target.database, pinned: try await target.pinnedArtifacts()))
    }
}

struct PinnedOutput: CommandOutput {
    let database: String
    let pinned: [PinnedArtifact]

    var json: JSONValue { ["pinned": .array(pinned.map(\.json))] }

    var document: Document {
        guard !pinned.isEmpty else { return Document(.headline("\(database): no code belongs to this target.", .neutral)) }
        var table = TextTable(.init("artifact"), .init("reference"), .init("in use"), .init("deployments"), .init("last found"))
        for each in pinned {
            table.append(
                each.artifact.name, each.artifact.label, each.isInUse ? "yes" : "", each.deployments,
                each.lastChecked.map { "\($0.local), \(each.checkedIn ?? "")" } ?? "never")
        }
        return Document(
            .headline("\(database): these must not be collected, in no registry and on no machine that runs them.", .neutral),
            .table(table), .next(command: "yesterday images check", purpose: "to make sure that all can be fetched"))
    }
}

/// `yesterday images pull`
struct ImagesPullCommand: TargetSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "pull",
        abstract: "Have the runtimes fetch and keep what a rollback may need.",
        discussion: "For a machine that was set up anew, or after somebody has cleaned up.")

    @OptionGroup(title: "Code") var source: SourceOptions
    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func execute(_ context: CommandContext, on target: Target) async throws {
        let check = PinnedCheck(source: try source.source(), logger: context.logger)
        let findings = try await context.workingOutside("Fetching", on: target.connection) { try await check.pull(target) }
        try PinnedFindings(database: target.database, findings: findings, verb: "is kept").emit(context)
    }
}

/// What was found out about the artifacts of a target.
struct PinnedFindings: CommandOutput {
    let database: String
    let findings: [PinnedCheck.Finding]
    /// What is true of an artifact for which it worked.
    let verb: String

    /// Tells it; exits with the code of the first failure.
    func emit(_ context: CommandContext) throws {
        context.output.emit(self)
        if let failure = failures.first { throw QuietExit(status: ExitStatus(failure.code)) }
    }

    private var failures: [YesterdayError] {
        findings.compactMap { finding in
            guard case .failure(let error) = finding.result else { return nil }
            return error
        }
    }

    var json: JSONValue {
        [
            "fetchable": .bool(failures.isEmpty),
            "artifacts": .array(
                findings.map { finding in
                    var place: String?
                    var error = JSONValue.null
                    switch finding.result {
                    case .success(let found): place = found
                    case .failure(let failure):
                        error = [
                            "code": .string(failure.code.rawValue), "message": .string(failure.message),
                            "detail": .optional(failure.detail), "hint": .optional(failure.hint),
                        ]
                    }
                    return [
                        "artifact": .string(finding.pinned.artifact.name),
                        "reference": .string(finding.pinned.artifact.reference),
                        "digest": .string(finding.pinned.artifact.digest.description),
                        "in_use": .bool(finding.pinned.isInUse), "place": .optional(place), "error": error,
                    ]
                }),
        ]
    }

    var document: Document {
        guard !findings.isEmpty else { return Document(.headline("\(database): no code belongs to this target.", .neutral)) }
        var table = TextTable(.init("artifact"), .init("reference"), .init("found"))
        for finding in findings {
            let words =
                switch finding.result {
                case .success(let place): "\(verb): \(place)"
                case .failure(let error): "NO: \(error.oneLine)"
                }
            table.append(finding.pinned.artifact.name, finding.pinned.artifact.label, words)
        }
        let headline: Document.Block =
            failures.isEmpty
            ? .headline("\(database): all \(findings.count) that a rollback may need are there.", .good)
            : .headline("\(database): \(failures.count) of \(findings.count) that a rollback may need COULD NOT BE FETCHED.", .bad)
        return Document(headline, .table(table))
    }
}
