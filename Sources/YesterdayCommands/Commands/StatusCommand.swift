import ArgumentParser
import YesterdayKit

/// `yesterday status`
struct StatusCommand: TargetSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "How the database stands: do deployments land, and what was the last?")

    static let dealsWithOpenDeployment = true

    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func execute(_ context: CommandContext, on target: Target) async throws {
        let status = try await target.status()
        let open = status.openDeployment == nil ? nil : try await target.openDeployment()
        context.output.emit(StatusOutput(target: target, status: status, open: open))
    }
}

struct StatusOutput: CommandOutput {
    let database: String
    let status: TargetStatus
    let open: OpenDeployment?

    init(target: Target, status: TargetStatus, open: OpenDeployment?) {
        self.database = target.database
        self.status = status
        self.open = open
    }

    var json: JSONValue { ["status": status.json] }

    var document: Document {
        var document = Document(headline)
        var fields: [(name: String, value: String)] = []
        if status.state != .onTrain {
            fields.append(("reason", status.reason ?? "none given"))
            let who = status.setBy.map { " by \($0)" } ?? ""
            fields.append(("since", (status.since?.local ?? "") + who))
        }
        if let last = status.lastDeployment {
            let facts = [status.lastDeploymentStatus, status.lastFinishedAt?.local, status.lastProof]
            fields.append(
                (
                    "last deployment",
                    "\(last.id) \"\(last.name)\" (\(facts.compactMap { $0 }.joined(separator: ", ")))"
                ))
        } else {
            fields.append(("last deployment", status.lastRollbackAt == nil ? "none yet" : "none that counts"))
        }
        if let open = status.openDeployment {
            fields.append(
                (
                    "open now",
                    "\(open.id) \"\(open.name)\" (scope \(status.openScope ?? "unknown"))"
                ))
        }
        fields.append(("can be rolled back", Words.count(status.rollbackable, "deployment")))
        fields.append(("under capture", Words.count(status.trackedTables, "table")))
        if let code = status.codeState {
            fields.append(("code", status.isCodePending ? "PENDING (\(code)): \(status.codeDetail ?? "")" : code))
        }
        if let last = status.lastRollbackAt { fields.append(("last rollback", last.local)) }
        document.append(.fields(fields))
        if let open { document.append(.paragraph(open.wayOut)) }
        document.append(contentsOf: next)
        return document
    }

    /// The view names the next command for psql; this is the same for who has this program.
    private var next: [Document.Block] {
        if open != nil { return [] }
        if status.isCodePending {
            return [.next(command: "yesterday reconcile", purpose: "to make the code that runs the one that should run")]
        }
        if status.state != .onTrain {
            let wayBack = status.wayBack
            return [.next(command: wayBack.command, purpose: wayBack.purpose)]
        }
        if status.trackedTables == 0 {
            return [.next(command: "yesterday track TABLE ...", purpose: "next, name the metadata")]
        }
        if status.lastDeployment != nil, status.rollbackable > 0 {
            return [.next(command: "yesterday rollback", purpose: "to roll back the last deployment")]
        }
        return [.next(command: "yesterday run --name NAME -- COMMAND", purpose: "to deploy")]
    }

    private var headline: Document.Block {
        switch status.state {
        case .onTrain where status.openDeployment != nil:
            .headline("\(database): a deployment is open.", .warning)
        case .onTrain where status.isCodePending:
            .headline("\(database): CODE PENDING, nothing lands.", .bad)
        case .onTrain: .headline("\(database): on the train, deployments land.", .good)
        case .offTrain:
            .headline("\(database): OFF THE TRAIN after a rollback, nothing lands.", .bad)
        case .frozen: .headline("\(database): FROZEN, nothing lands.", .bad)
        }
    }
}
