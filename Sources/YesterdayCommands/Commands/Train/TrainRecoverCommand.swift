import ArgumentParser
import YesterdayKit

/// `yesterday train recover`
struct TrainRecoverCommand: TrainSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "recover",
        abstract: "Bring atomic deployments to their end that were interrupted half-way.",
        discussion: """
            What was decided is done everywhere; where nothing was decided, all is rolled back. The next \
            deployment to the group does the same by itself. Exits with 5 if what was to be committed is not \
            there any more: somebody rolled it back by hand.
            """)

    @Option(help: ArgumentHelp("Only this group.", valueName: "name"))
    var group: String?

    @OptionGroup(title: "Registry") var registry: RegistryOptions
    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    func execute(_ context: CommandContext, on registry: TrainRegistry) async throws {
        let names = try await group.map { [$0] }.ifNone { try await registry.groups().map(\.name) }
        var settled: [(group: String, outcome: AtomicRecovery.Settled)] = []
        for name in names {
            let some = try await registry.withLock(on: name) {
                let recovery = AtomicRecovery(registry: registry)
                return try await recovery.run(group: name) + recovery.settleForgotten(group: name)
            }
            settled += some.map { (name, $0) }
        }
        let output = TrainRecoverOutput(settled: settled)
        context.output.emit(output)
        if !output.lost.isEmpty { throw QuietExit(status: ExitStatus(.refused)) }
    }
}

struct TrainRecoverOutput: CommandOutput {
    let settled: [(group: String, outcome: AtomicRecovery.Settled)]

    /// Targets on which somebody rolled back by hand what was to be committed.
    var lost: [String] { rows.filter { $0.outcome == "lost" }.map(\.target) }

    private var groupsThatLost: [String] {
        Set(zip(settled, rows).filter { $1.outcome == "lost" }.map(\.0.group)).sorted()
    }

    private var rows: [(run: Int64?, ordinal: Int64, target: String, outcome: String)] {
        settled.map(\.outcome).map { ($0.run, $0.ordinal, $0.target, (try? $0.outcome.get()) ?? "in doubt") }
    }

    var json: JSONValue {
        [
            "settled": .array(
                rows.map {
                    [
                        "run": .optional($0.run), "ordinal": .integer($0.ordinal), "target": .string($0.target),
                        "outcome": .string($0.outcome),
                    ]
                })
        ]
    }

    var document: Document {
        guard !settled.isEmpty else { return Document(.headline("Nothing is in doubt.", .good)) }
        var table = TextTable(
            .init("run", isNumeric: true), .init("patch", isNumeric: true), .init("target"), .init("outcome"))
        for row in rows {
            table.append(row.run.map { String($0) } ?? "forgotten", String(row.ordinal), row.target, row.outcome.replacing("_", with: " "))
        }
        let count = Words.count(Int64(settled.count), "target")
        guard !lost.isEmpty else { return Document(.headline("\(count) settled.", .good), .table(table)) }
        var document = Document(
            .headline("\(count) settled; the patch is lost on \(lost.joined(separator: ", ")).", .bad), .table(table),
            .paragraph("What was prepared there was rolled back by hand, or the database is an older copy. The peers have the patch."))
        for group in groupsThatLost {
            document.append(
                .next(
                    command: "yesterday deploy BUNDLE --group \(ShellWord.quoted(group))",
                    purpose: "to bring it there, the bundle of that patch again"))
        }
        return document
    }
}
