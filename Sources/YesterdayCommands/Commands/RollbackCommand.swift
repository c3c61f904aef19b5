import ArgumentParser
import YesterdayKit

/// `yesterday rollback`
struct RollbackCommand: TargetSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback",
        abstract: "Roll back the last deployment: shows what would happen, asks one question.",
        discussion: """
            Without a name it is the last deployment, and that is nearly always right. \
            Everything it changed is put back as it was before: rows, tables, columns. \
            Business data is never touched. What a rollback has to take away is kept and can be \
            read in yesterday.attic.

            Afterwards the database is off the train: no deployment lands until an admin clears \
            it with "yesterday clear".

            Examples:
              yesterday rollback                      the last deployment
              yesterday rollback --to "Release 17.1"  everything after Release 17.1
              yesterday rollback --yes --reason "orders fail since 02:10"
            """)

    static let dealsWithOpenDeployment = true

    @Argument(
        help: ArgumentHelp(
            "Id or name of the deployment you expect to be the last.", valueName: "deployment"))
    var deployment: String?

    @Option(
        help: ArgumentHelp(
            "Roll back every deployment after this one, newest first, all or none.",
            valueName: "deployment"))
    var to: String?

    @Option(help: ArgumentHelp("Why; kept for ever.", valueName: "text"))
    var reason: String?

    @Flag(name: .shortAndLong, help: "Answer the question with yes beforehand.")
    var yes = false

    @Flag(help: "End sessions that hold locks for too long; each is reported.")
    var force = false

    @Flag(help: "Roll back the database alone; the code follows by reconcile or watch.")
    var noCode = false

    @OptionGroup(title: "Code") var artifacts: SourceOptions
    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func validate() throws {
        if to != nil, deployment != nil {
            throw ValidationError("Give a deployment or --to, not both.")
        }
    }

    func execute(_ context: CommandContext, on target: Target) async throws {
        if let to {
            try await rollBack(to: to, context, target)
        } else {
            try await rollBackLast(context, target)
        }
    }

    private func rollBackLast(_ context: CommandContext, _ target: Target) async throws {
        if let interrupted = try await interrupted(target) { return try await complete(interrupted, context, target) }
        let wanted = try await chosen(target)
        if !yes {
            let preview = try await context.working("Looking", on: target.connection) {
                try await target.preview(String(wanted.id))
            }
            if context.output.format == .human {
                context.output.emit(ReportOutput(report: preview, tone: .neutral))
                context.console.write("\n")
            }
        }
        try context.confirm("Roll back deployment \(wanted.label)?", isAnswered: yes)
        let (reason, force) = (reason, force)
        let outcome = try await rollBack([wanted], context, target) {
            // By its id: if somebody else was faster, the server refuses.
            try await target.rollBack(String(wanted.id), reason: reason, force: force)
        }
        try await conclude([wanted], outcome, context, target)
    }

    /// A deployment that an earlier run of this command has rolled back, and whose code was not switched to its end.
    private func interrupted(_ target: Target) async throws -> HistoryEntry? {
        let code = try await target.code()
        guard !noCode, code.isPending, code.cause == "rollback", let id = code.deployment else { return nil }
        if let deployment {
            let named = try await target.deployment(deployment)
            return named.id == id ? named : nil
        }
        guard try await target.status().state == .offTrain else { return nil }
        return try await target.deployment(String(id))
    }

    /// Rolls nothing back: it asks nothing either.
    private func complete(_ entry: HistoryEntry, _ context: CommandContext, _ target: Target) async throws {
        let rollback = ReleaseRollback(source: try artifacts.source(), logger: context.logger)
        let outcome = try await context.workingOutside("Switching the code", on: target.connection) {
            await rollback.complete(target, of: entry.label) { context.note($0) }
        }
        try await conclude([], outcome, context, target)
    }

    /// The deployment to roll back. A bare call on a target that was just rolled back is refused:
    /// whoever types the command twice does not want to undo two deployments.
    private func chosen(_ target: Target) async throws -> HistoryEntry {
        if let deployment { return try await target.deployment(deployment) }
        let status = try await target.status()
        let last = try await target.lastInEffect()
        if status.state == .offTrain {
            let next = last.map { "To roll back one more: yesterday rollback \($0.id)" }
            throw YesterdayError(
                .busy, "the last deployment has been rolled back already",
                detail: "Since \(status.since?.local ?? "then") by \(status.setBy ?? "somebody").",
                hint: next ?? "No deployment is left to roll back.", sqlState: "YD006")
        }
        guard let last else {
            throw YesterdayError(
                .nothing, "there is no deployment to roll back in \(target.database)",
                hint: "yesterday history shows what there was.", sqlState: "YD003")
        }
        return last
    }

    private func rollBack(
        to wanted: String, _ context: CommandContext, _ target: Target
    ) async throws {
        let goal = try await target.deployment(wanted)
        let later = try await target.history().filter { $0.id > goal.id && $0.isInEffect }
        guard let newest = later.first else {
            let code = try await target.code()
            if !noCode, code.isPending, code.cause == "rollback", let id = code.deployment, id > goal.id {
                return try await complete(target.deployment(String(id)), context, target)
            }
            throw YesterdayError(
                .nothing, "no deployment after \(goal.label) is in effect",
                hint: "yesterday history shows what there was.", sqlState: "YD003")
        }
        if !yes, context.output.format == .human {
            var table = TextTable(.init("id", isNumeric: true), .init("name"), .init("finished"))
            for entry in later {
                table.append(String(entry.id), entry.name, entry.finishedAt?.local ?? entry.status)
            }
            var document = Document(
                .headline("These would be rolled back, newest first:", .neutral), .table(table))
            document.append(
                .next(command: "yesterday preview \(newest.id)", purpose: "what the first would do"))
            context.console.write(
                document.text(width: context.console.width, colours: context.console.colours) + "\n")
        }
        let count = Words.count(Int64(later.count), "deployment")
        try context.confirm("Roll back \(count), to \(goal.label)?", isAnswered: yes)
        let (reason, force) = (reason, force)
        let outcome = try await rollBack(later, context, target) {
            try await target.rollBack(toAfter: goal.id, reason: reason, force: force)
        }
        try await conclude(later, outcome, context, target)
    }

    /// With the code, unless that is to be left alone.
    private func rollBack(
        _ entries: [HistoryEntry], _ context: CommandContext, _ target: Target,
        database: @escaping @Sendable () async throws -> Report
    ) async throws -> ReleaseRollback.Outcome {
        if noCode {
            let report = try await context.working("Rolling back", on: target.connection) { try await database() }
            return ReleaseRollback.Outcome(report: report, code: nil, problem: nil)
        }
        let rollback = ReleaseRollback(source: try artifacts.source(), logger: context.logger)
        let ids = entries.map(\.id)
        return try await context.workingOutside("Rolling back", on: target.connection) {
            try await rollback.run(target, deployments: ids, progress: { context.note($0) }, database: database)
        }
    }

    /// The server went away after the database was rolled back.
    private static func afterRollback(_ labels: [String], _ isPending: Bool, _ error: any Error) -> YesterdayError {
        let plain = YesterdayError(any: error)
        guard !labels.isEmpty else { return plain }
        return YesterdayError(
            plain.code, "\(plain.message) after the database was rolled back",
            detail: [
                "\(labels.count == 1 ? "deployment" : "deployments") \(labels.joined(separator: ", ")) "
                    + "\(labels.count == 1 ? "is" : "are") rolled back"
                    + (isPending ? ", CODE PENDING: nobody has confirmed what runs." : "."),
                plain.detail,
            ].compactMap { $0 }.joined(separator: "\n"),
            hint: isPending
                ? "When the server answers again, run the same command again, which goes on with the code."
                : "How it stands: yesterday status",
            sqlState: plain.sqlState, cause: error)
    }

    private func conclude(
        _ entries: [HistoryEntry], _ outcome: ReleaseRollback.Outcome, _ context: CommandContext, _ target: Target
    ) async throws {
        let rolledBack = entries.map { entry -> JSONValue in
            ["id": .integer(entry.id), "name": .string(entry.name)]
        }
        let status: TargetStatus
        do {
            status = try await target.status()
        } catch {
            // The report is lost with the connection, but not what it said first.
            let isPending = outcome.problem != nil || outcome.code?.isConfirmed == false
            throw Self.afterRollback(entries.map(\.label), isPending, error)
        }
        let wayBack = status.wayBack
        let closing = Document.Block.next(
            command: wayBack.command, purpose: "the database is \(status.state.words), nothing lands; \(wayBack.purpose)")
        var code = outcome.code?.blocks ?? []
        code += outcome.code?.settled ?? []
        if let problem = outcome.problem {
            code = [
                .paragraph("CODE PENDING: the database is rolled back, the code was not switched. \(problem.oneLine)"),
                .next(command: "yesterday reconcile", purpose: "to make the code of before run"),
            ]
        }
        context.output.emit(
            ReportOutput(
                facts: [
                    .init("rolled_back", .array(rolledBack)), .init("status", status.json),
                    .init("code", outcome.code?.json ?? .null),
                ],
                report: outcome.report, closing: code + (status.state == .onTrain ? [] : [closing])))
        if status.isCodePending, !noCode { throw QuietExit(status: ExitStatus(.codePending)) }
    }
}

extension TargetStatus.State {
    /// The state as people say it.
    var words: String {
        switch self {
        case .onTrain: "on the train"
        case .offTrain: "off the train"
        case .frozen: "frozen"
        }
    }
}
