import ArgumentParser
import YesterdayKit

/// `yesterday train recover`
struct TrainRecoverCommand: TrainSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "recover",
        abstract: "Bring atomic deployments to their end that were interrupted half-way.",
        discussion: """
            What was decided is done everywhere; where nothing was decided, all is rolled back. The next \
            deployment to the group does the same by itself.
            """)

    @Option(help: ArgumentHelp("Only this group.", valueName: "name"))
    var group: String?

    @OptionGroup(title: "Registry") var registry: RegistryOptions
    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    func execute(_ context: CommandContext, on registry: TrainRegistry) async throws {
        let names = try await group.map { [$0] }.ifNone { try await registry.groups().map(\.name) }
        var settled: [AtomicRecovery.Settled] = []
        for name in names {
            settled += try await registry.withLock(on: name) {
                let recovery = AtomicRecovery(registry: registry)
                return try await recovery.run(group: name) + recovery.settleForgotten(group: name)
            }
        }
        context.output.emit(TrainRecoverOutput(settled: settled))
    }
}

struct TrainRecoverOutput: CommandOutput {
    let settled: [AtomicRecovery.Settled]

    private var rows: [(run: Int64?, ordinal: Int64, target: String, outcome: String)] {
        settled.map { ($0.run, $0.ordinal, $0.target, (try? $0.outcome.get()) ?? "in doubt") }
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
        return Document(.headline("\(Words.count(Int64(settled.count), "target")) settled.", .good), .table(table))
    }
}
