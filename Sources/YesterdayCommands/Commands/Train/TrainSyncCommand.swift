import ArgumentParser
import YesterdayKit

/// `yesterday train sync`
struct TrainSyncCommand: TrainSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "sync",
        abstract: "Ask the targets how they stand, and let the registry follow.",
        discussion: """
            A rollback or a freeze by hand in psql is noticed, and what the registry has lost is made up \
            from the history of the targets. Every command that contacts a target does this by itself. \
            Exits with 69 if a target cannot be asked.
            """)

    @Option(help: ArgumentHelp("Only this group.", valueName: "name"))
    var group: String?

    @Option(help: ArgumentHelp("So many targets at a time.", valueName: "count"))
    var parallel = 8

    @OptionGroup(title: "Registry") var registry: RegistryOptions
    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    func execute(_ context: CommandContext, on registry: TrainRegistry) async throws {
        if let group { _ = try await registry.group(group) }
        let targets = try await registry.targets(of: group)
        let results = try await context.working("Asking", on: registry.connection) {
            await registry.sync(targets, parallel: parallel)
        }
        let output = TrainSyncOutput(results: results)
        context.output.emit(output)
        guard output.failures > 0 else { return }
        throw QuietExit(status: ExitStatus(output.areAllForbidden ? .notPermitted : .unavailable))
    }
}

struct TrainSyncOutput: CommandOutput {
    let results: [(target: RegisteredTarget, news: Result<[TrainNews], any Error>)]

    /// True if it is the role that may not, and nothing else.
    var areAllForbidden: Bool {
        results.allSatisfy {
            if case .failure(let error) = $0.news { YesterdayError(any: error).code == .notPermitted } else { true }
        }
    }

    var failures: Int {
        results.count { if case .failure = $0.news { true } else { false } }
    }

    var json: JSONValue {
        [
            "targets": .array(
                results.map { target, result in
                    var news: [TrainNews] = []
                    var error: YesterdayError?
                    switch result {
                    case .success(let all): news = all
                    case .failure(let failure): error = YesterdayError(any: failure)
                    }
                    return [
                        "target": .string(target.name), "error": .optional(error?.message),
                        "news": .array(
                            news.map {
                                [
                                    "subject": .string($0.subject), "outcome": .string($0.outcome),
                                    "detail": .optional($0.detail),
                                ]
                            }),
                    ]
                })
        ]
    }

    var document: Document {
        var table = TextTable(.init("target"), .init("subject"), .init("outcome"), .init("detail"))
        for (target, result) in results {
            switch result {
            case .success(let news): for each in news { table.append(target.name, each.subject, each.outcome, each.detail) }
            case .failure(let error):
                let error = YesterdayError(any: error)
                table.append(target.name, "", "cannot be asked", error.detail ?? error.message)
            }
        }
        let asked = results.count - failures
        var document = Document(
            .headline(
                "\(Words.count(Int64(asked), "target")) asked\(failures > 0 ? ", \(failures) cannot be" : "")"
                    + (table.isEmpty ? ", no news." : "."), failures > 0 ? .bad : table.isEmpty ? .good : .warning))
        if !table.isEmpty { document.append(.table(table)) }
        return document
    }
}
