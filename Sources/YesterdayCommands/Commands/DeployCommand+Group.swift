import ArgumentParser
import Foundation
import YesterdayKit

extension DeployCommand {
    /// Deploys to every target of a group.
    func deploy(_ bundle: LoadedBundle, to group: String, _ context: CommandContext) async throws {
        let registry = try await context.registry(train.registry, connection)
        let outcome = try await context.workingOnGroup("Deploying \"\(bundle.name)\"") { tell in
            var plan = GroupDeployment(bundle, group: group, registry: registry, tell: tell)
            plan.parallel = train.parallel
            plan.canary = train.canary
            plan.isAtomic = train.atomic
            plan.onFailure = train.onFailure
            plan.outsideWindow = train.outsideWindow
            plan.largestInverse = Int64(train.inverseLimit) << 20
            plan.note = note
            plan.acceptIrreversible = acceptIrreversible
            plan.source = try artifacts.source()
            plan.logger = context.logger
            return try await plan.run(goOn: { try goOn(context) })
        }
        await registry.connection.close()
        context.output.emit(
            GroupDeployOutput(
                bundle: bundle, path: source.path, outcome: outcome, isAtomic: train.atomic, canary: train.canary))
        if let error = outcome.firstError { throw QuietExit(status: ExitStatus(error.code)) }
    }

    /// Whether it goes on after the canary. Where nobody can be asked, running the command again
    /// without `--pause` goes on.
    private func goOn(_ context: CommandContext) throws -> Bool {
        guard train.pause else { return true }
        guard context.console.canAsk, output.format == .human else { return false }
        do {
            try context.confirm("The canary has it. Go on with the others?", isAnswered: false)
            return true
        } catch let error as YesterdayError where error.code == .declined {
            return false
        }
    }
}

/// What a group deployment did.
struct GroupDeployOutput: CommandOutput {
    let bundle: LoadedBundle
    /// Where the bundle is, as it was named.
    let path: String
    let outcome: GroupDeployment.Outcome
    let isAtomic: Bool
    /// Who was to get it first: the command that goes on names it again, so that what it has rolled back meanwhile stops there.
    let canary: String?

    var json: JSONValue {
        [
            "group": .string(outcome.group), "ordinal": .integer(outcome.ordinal), "name": .string(bundle.name),
            "digest": .string("sha256:\(bundle.digest)"), "mode": .string(isAtomic ? "atomic" : "each"),
            "run": .optional(outcome.run), "paused": .bool(outcome.isPaused), "withdrawn": .bool(outcome.isWithdrawn),
            "inverse_bundles_stored": .integer(Int64(outcome.inversesStored)),
            "targets": .array(
                outcome.targets.map { name, result in
                    return [
                        "target": .string(name), "outcome": .string(result.word),
                        "deployment": .optional(Self.deployment(result)), "code": .optional(Self.code(result)?.state),
                        "detail": .optional(Self.detail(result)), "sqlstate": .optional(Self.sqlState(result)),
                    ]
                }),
        ]
    }

    private static func detail(_ outcome: GroupDeployment.TargetOutcome) -> String? {
        switch outcome {
        case .applied, .present: code(outcome).map { "code \($0.state == "failed" ? "PENDING" : $0.state)\($0.detail.map { ": \($0)" } ?? "")" }
        case .missed(let reason): reason
        case .diverged(let text), .givenUp(let text): text
        case .blocked(let error), .failed(let error):
            sentences(error)
        }
    }

    /// All that an error says in one line of a table: sentences, whatever their ends were.
    static func sentences(_ error: YesterdayError) -> String {
        let lines = [error.message] + (error.detail ?? "").split(separator: "\n").map(String.init)
        let texts = lines + (error.hint.map { ["Next: \($0)"] } ?? [])
        return texts.map { text in
            let text = text.trimmingCharacters(in: .whitespaces)
            return text == texts.last || text.last.map { ".:;!?".contains($0) } ?? true ? text : text + "."
        }.joined(separator: " ")
    }

    private static func deployment(_ outcome: GroupDeployment.TargetOutcome) -> Int64? {
        if case .applied(let id, _) = outcome { id } else { nil }
    }

    private static func code(_ outcome: GroupDeployment.TargetOutcome) -> GroupDeployment.CodeOutcome? {
        switch outcome {
        case .applied(_, let code), .present(let code): code
        default: nil
        }
    }

    private static func sqlState(_ outcome: GroupDeployment.TargetOutcome) -> String? {
        switch outcome {
        case .blocked(let error), .failed(let error): error.sqlState
        case .diverged: "YDT09"
        case .applied, .present, .missed, .givenUp: nil
        }
    }

    private func count(_ words: String...) -> Int { outcome.targets.count { words.contains($0.outcome.word) } }

    var document: Document {
        let landed = count("applied", "present")
        let trouble = count("failed", "diverged", "blocked")
        let missed = count("missed")
        var headline = "\"\(bundle.name)\" is patch \(outcome.ordinal) of \(outcome.group): "
        if outcome.ordinal == 0 { headline = "\"\(bundle.name)\", group \(outcome.group): " }
        if outcome.isWithdrawn { headline = "\"\(bundle.name)\" is not on the train of \(outcome.group): " }
        headline += "on \(landed) of \(Words.count(Int64(outcome.targets.count), "target"))"
        if trouble > 0 { headline += ", trouble with \(trouble)" }
        if missed > 0 { headline += ", missed by \(missed)" }
        if outcome.isPaused { headline += "; waiting after the canary" }
        var document = Document(
            .headline(headline + ".", trouble > 0 ? .bad : missed > 0 || outcome.isPaused ? .warning : .good))
        var table = TextTable(.init("target"), .init("outcome"), .init("deployment", isNumeric: true), .init("detail"))
        for (name, result) in outcome.targets {
            table.append(
                name, Self.words(result), Self.deployment(result).map { String($0) }, Self.detail(result))
        }
        document.append(.table(table))
        if count("diverged") > 0 {
            document.append(
                .next(
                    command: "yesterday train check --group \(ShellWord.quoted(outcome.group)) --rows", purpose: "to see where they differ"))
        }
        if trouble > 0 || outcome.isPaused {
            document.append(
                .next(
                    command: "yesterday deploy \(ShellWord.quoted(path)) --group \(ShellWord.quoted(outcome.group))"
                        + (canary.map { " --canary \(ShellWord.quoted($0))" } ?? ""),
                    purpose: outcome.isPaused
                        ? "to go on, the same without --pause" : "when that is mended, the same command completes it"))
        }
        document.append(
            .next(command: "yesterday train board --group \(ShellWord.quoted(outcome.group))", purpose: "to see where each stands"))
        return document
    }

    private static func words(_ outcome: GroupDeployment.TargetOutcome) -> String {
        switch outcome {
        case .present: "was there already"
        case .givenUp: "given up"
        default: outcome.word
        }
    }
}
