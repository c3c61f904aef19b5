import ArgumentParser
import YesterdayKit

/// `yesterday train verify`
struct TrainVerifyCommand: TrainSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check that nobody changed the log of the registry.",
        discussion: """
            Every event holds the hash of the one before it. A log that somebody cut short is found by \
            noting the newest hash elsewhere. Exits with 5 if the chain is broken.
            """)

    @OptionGroup(title: "Registry") var registry: RegistryOptions
    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    func execute(_ context: CommandContext, on registry: TrainRegistry) async throws {
        let problems = try await registry.verifyEvents()
        let last = try await registry.lastEvent()
        context.output.emit(TrainVerifyOutput(problems: problems, last: last))
        if !problems.isEmpty { throw QuietExit(status: ExitStatus(.refused)) }
    }
}

struct TrainVerifyOutput: CommandOutput {
    let problems: [String]
    let last: (event: Int64, hash: String)?

    var json: JSONValue {
        [
            "intact": .bool(problems.isEmpty), "problems": .array(problems.map { .string($0) }),
            "last_event": .optional(last?.event), "last_hash": .optional(last?.hash),
        ]
    }

    var document: Document {
        guard problems.isEmpty else {
            var document = Document(.headline("The log has been CHANGED.", .bad))
            for problem in problems { document.append(.paragraph(problem)) }
            return document
        }
        var document = Document(.headline("The log is as it was written.", .good))
        if let last { document.append(.fields([("events", Words.grouped(last.event)), ("newest hash", last.hash)])) }
        return document
    }
}
