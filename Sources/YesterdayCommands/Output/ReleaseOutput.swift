import YesterdayKit

/// What the deployment of a release did.
struct ReleaseOutput: CommandOutput {
    let database: String
    let bundle: LoadedBundle
    /// Where the bundle is, as it was named.
    let path: String
    let outcome: ReleaseDeployment.Outcome
    let isRehearsal: Bool

    /// The exit code, unless all went well.
    var status: ExitStatus? {
        if outcome.rollback != nil { return ExitStatus(outcome.codeAfterRollback?.isConfirmed == true ? .refused : .codePending) }
        return outcome.code.map(\.isConfirmed) == false ? ExitStatus(.codePending) : nil
    }

    var json: JSONValue {
        [
            "deployment": .integer(outcome.deployment),
            "name": .string(bundle.name),
            "digest": .string("sha256:\(bundle.digest)"),
            "committed": .bool(!isRehearsal),
            "resumed": .bool(outcome.bundle == nil),
            "already_deployed": .bool(outcome.wasComplete),
            "files": outcome.bundle?.filesJSON ?? .array([]),
            "artifacts": .array(outcome.artifacts.map(\.json)),
            "code": outcome.code?.json ?? .null,
            "rolled_back": .bool(outcome.rollback != nil || outcome.code?.wasRolledBack == true),
            "rollback_report": outcome.rollback?.json ?? .null,
            "code_after_rollback": outcome.codeAfterRollback?.json ?? .null,
            "report": outcome.bundle?.report.json ?? .array([]),
        ]
    }

    var document: Document {
        var document = Document(headline)
        if let applied = outcome.bundle {
            document.append(.table(applied.filesTable))
            document.append(.table(Report.table(applied.report.lines)))
        }
        var table = TextTable(.init("artifact"), .init("pinned"))
        for artifact in outcome.artifacts { table.append(artifact.name, artifact.label) }
        document.append(.table(table))
        document.append(contentsOf: outcome.code.map { outcome.rollback == nil ? $0.blocks : Array($0.blocks.prefix(1)) } ?? [])
        if let rollback = outcome.rollback {
            document.append(contentsOf: rollback.blocks(tone: .warning))
            document.append(contentsOf: outcome.codeAfterRollback.map { $0.blocks + $0.settled } ?? [])
            document.append(.next(command: "yesterday clear --reason \"...\"", purpose: "when it is mended, an admin types"))
        } else if isRehearsal {
            document.append(.next(command: "yesterday deploy \(ShellWord.quoted(path))", purpose: "deploy it, without --dry-run"))
        } else if status == nil, outcome.code?.wasRolledBack != true {
            document.append(.next(command: "yesterday rollback", purpose: "to undo it, code and all"))
        }
        return document
    }

    private var headline: Document.Block {
        let name = "\"\(bundle.name)\""
        if isRehearsal { return .headline("\(database): \(name) can be deployed; nothing was changed.", .good) }
        if outcome.rollback != nil {
            return .headline("\(database): \(name) WAS ROLLED BACK, its code did not become well.", .bad)
        }
        if outcome.code?.wasRolledBack == true {
            return .headline("\(database): \(name) was rolled back meanwhile.", .warning)
        }
        if status != nil {
            if outcome.wasComplete {
                return .headline(
                    "\(database): \(name) is deployed already, as deployment \(outcome.deployment), and ITS CODE DOES NOT RUN.", .bad)
            }
            return .headline("\(database): \(name) has landed as deployment \(outcome.deployment), CODE PENDING.", .bad)
        }
        if outcome.wasComplete {
            return .headline("\(database): \(name) is deployed already, as deployment \(outcome.deployment), and its code runs.", .good)
        }
        let done = outcome.bundle == nil ? "completed" : "deployed"
        return .headline("\(database): \(done) \(name) as deployment \(outcome.deployment), code and all.", .good)
    }
}
