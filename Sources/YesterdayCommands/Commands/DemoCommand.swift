import ArgumentParser
import YesterdayKit

/// `yesterday demo`
struct DemoCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "See it work: a deployment, a regression, the rollback, in a minute.",
        discussion: """
            Starts a PostgreSQL server of its own in a temporary folder, so that nothing of yours is \
            touched. The extension has to be installed for that PostgreSQL. Exits with 1 if the state \
            after the rollback is not exactly the one before the deployment.
            """)

    @Flag(help: "Show releases: code and bundle as one unit.")
    var release = false

    @Flag(help: "Five partners on one train: one falls off, its peers go on, and it is led back.")
    var train = false

    @Flag(help: "Keep the server for looking around, and say how to connect to it.")
    var keep = false

    @Option(
        help: ArgumentHelp(
            "Which PostgreSQL; else PG_CONFIG of the environment, else the one in PATH.", valueName: "path"))
    var pgConfig: String?

    @OptionGroup(title: "Output") var output: OutputOptions

    func validate() throws {
        if release, train { throw ValidationError("Give --release or --train, not both.") }
        if release, keep { throw ValidationError("--keep is for the demonstration without --release.") }
    }

    func execute(_ context: CommandContext) async throws {
        if release { return try await playRelease(context) }
        let cluster = try await ThrowawayCluster.start(pgConfig: pgConfig)
        if train { return try await playTrain(on: cluster, context) }
        let outcome: Demo.Outcome
        do {
            let isHuman = output.format == .human
            let rendering = context.output
            let demo = try Demo(on: cluster) { scene in
                if isHuman { rendering.emit(DemoSceneOutput(scene: scene)) }
            }
            outcome = try await demo.run()
        } catch {
            await cluster.stop()
            throw error
        }
        if keep { try cluster.keep() } else { await cluster.stop() }
        context.output.emit(DemoOutput(outcome: outcome, lookAround: keep ? Demo.lookAround(cluster) : []))
        guard outcome.isGood else { throw QuietExit(status: ExitStatus(.failed)) }
    }
}

extension DemoCommand {
    private func playRelease(_ context: CommandContext) async throws {
        let cluster = try await ThrowawayCluster.start(pgConfig: pgConfig)
        let result: Result<ReleaseDemo.Outcome, any Error>
        do {
            let isHuman = output.format == .human
            let rendering = context.output
            let demo = ReleaseDemo(on: cluster, logger: context.logger) { scene in
                if isHuman { rendering.emit(DemoSceneOutput(scene: scene)) }
            }
            result = .success(try await demo.run())
        } catch {
            result = .failure(error)
        }
        await cluster.stop()
        let outcome = try result.get()
        context.output.emit(ReleaseDemoOutput(outcome: outcome))
        guard outcome.isGood else { throw QuietExit(status: ExitStatus(.failed)) }
    }
}

struct ReleaseDemoOutput: CommandOutput {
    let outcome: ReleaseDemo.Outcome

    var json: JSONValue {
        [
            "demo": [
                "server_version": .string(outcome.serverVersion), "exact": .bool(outcome.isGood),
                "differences": .array(outcome.differences.map { .string($0) }),
                "deployment_ms": .integer(Int64(outcome.deployment)), "rollback_ms": .integer(Int64(outcome.rollback)),
                "reconcile_ms": .integer(Int64(outcome.reconcile)),
            ]
        ]
    }

    var document: Document {
        Document(
            outcome.isGood
                ? .headline("Yesterday is back: rows, schema, pages and server.", .good)
                : .headline("The rollback was NOT exact.", .bad),
            .fields([
                ("release, proof and code included", "\(outcome.deployment) ms"), ("rollback in psql", "\(outcome.rollback) ms"),
                ("code", "\(outcome.reconcile) ms"),
            ]))
    }
}

struct DemoSceneOutput: CommandOutput {
    let scene: DemoScene

    /// Scenes are for people; ``DemoOutput`` is the one JSON document.
    var json: JSONValue { nil }

    var document: Document {
        var document = Document(.headline("== \(scene.title)", .neutral))
        for part in scene.parts {
            switch part {
            case .text(let text): document.append(.paragraph(text))
            case .typed(let command, let person): document.append(.next(command: command, purpose: person))
            case .report(let report): document.append(.table(Report.table(report.lines)))
            case .headline(let report):
                guard let line = report.lines.first else { continue }
                var text = "\(line.subject): \(line.outcome)"
                if let rows = line.rows { text += ", \(Words.count(rows, "row"))" }
                document.append(.paragraph(line.detail.map { "\(text)\n\($0)" } ?? text))
            case .table(let columns, let rows):
                document.append(.table(TextTable(columns.map { TextTable.Column($0) }, rows: rows)))
            case .refusal(let error):
                var lines = ["error: \(error.message)"]
                if let detail = error.detail { lines.append("detail: \(detail)") }
                if let hint = error.hint { lines.append("hint: \(hint)") }
                if let sqlState = error.sqlState { lines.append("sqlstate: \(sqlState)") }
                document.append(.paragraph(lines.joined(separator: "\n")))
            case .board(let board): document.append(.board(board, asciiOnly: !BoardText.terminalTakesUnicode))
            case .result(let text, let isGood):
                document.append(isGood ? .headline(text, .good) : .paragraph(text))
            }
        }
        document.append(.paragraph(""))
        return document
    }
}

struct DemoOutput: CommandOutput {
    let outcome: Demo.Outcome
    let lookAround: [(purpose: String, command: String)]

    var json: JSONValue {
        [
            "demo": [
                "server_version": .string(outcome.serverVersion),
                "exact": .bool(outcome.differences.isEmpty),
                "differences": .array(outcome.differences.map { .string($0) }),
                "rows": .integer(outcome.rows),
                "deployment_ms": .integer(Int64(outcome.deployment)),
                "rollback_ms": .integer(Int64(outcome.rollback)),
                "orders": .integer(Int64(outcome.orders)),
                "lost_orders": .integer(Int64(outcome.lostOrders)),
                "longest_wait_ms": .integer(Int64(outcome.longestWait)),
                "look_around": .array(
                    lookAround.map { ["purpose": .string($0.purpose), "command": .string($0.command)] }),
            ]
        ]
    }

    var document: Document {
        var document = Document(
            outcome.isGood
                ? .headline("Yesterday is back: everything is exactly as it was before the deployment.", .good)
                : .headline("The rollback was NOT exact.", .bad))
        document.append(
            .fields([
                ("rows put back", Words.grouped(outcome.rows)),
                ("deployment, proof included", "\(outcome.deployment) ms"),
                ("rollback", "\(outcome.rollback) ms"),
                ("orders placed meanwhile", "\(Words.grouped(Int64(outcome.orders))), lost: \(outcome.lostOrders)"),
                ("longest wait of an order", "\(outcome.longestWait) ms"),
            ]))
        if !outcome.differences.isEmpty {
            document.append(.verbatim(outcome.differences.joined(separator: "\n")))
        }
        for entry in lookAround { document.append(.next(command: entry.command, purpose: entry.purpose)) }
        if lookAround.isEmpty {
            document.append(.next(command: "yesterday demo --keep", purpose: "to look around in it"))
        }
        return document
    }
}
