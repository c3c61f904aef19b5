import ArgumentParser
import YesterdayKit

/// `yesterday train calendar add`
struct TrainCalendarAddCommand: TrainSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Freeze a target or a group at certain times.",
        discussion: """
            Examples:
              yesterday train calendar add weekends --group shops --reason "nobody is there" \\
                  --from "2026-11-27 18:00" --to "2026-11-30 06:00" --every "7 days"
              yesterday train calendar add year-end --group shops --reason "books are closed" \\
                  --from "2026-12-20 00:00" --to "2027-01-04 00:00" --time-zone Europe/Berlin
            """)

    @Argument(help: ArgumentHelp("What it is to be called.", valueName: "name"))
    var name: String

    @OptionGroup(title: "What") var what: ScopeOptions

    @Option(help: ArgumentHelp("Why; kept for ever.", valueName: "text"))
    var reason: String

    @Option(help: ArgumentHelp("When it begins, the first time.", valueName: "time"))
    var from: String

    @Option(help: ArgumentHelp("When it ends, the first time.", valueName: "time"))
    var to: String

    @Option(help: ArgumentHelp("How often it comes again: \"7 days\", \"1 month\".", valueName: "interval"))
    var every: String?

    @Option(help: ArgumentHelp("By the clock of this zone; else of each target.", valueName: "zone"))
    var timeZone: String?

    @Option(help: ArgumentHelp("Not after this day.", valueName: "date"))
    var until: String?

    @OptionGroup(title: "Registry") var registry: RegistryOptions
    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    func execute(_ context: CommandContext, on registry: TrainRegistry) async throws {
        let id = try await registry.add(
            FreezeCalendar(
                name: name, reason: reason, starts: from, ends: to, every: every, timeZone: timeZone, until: until),
            to: what.scope)
        context.output.emit(
            TrainDone(
                facts: [.init("freeze", .integer(id))],
                headline: "The calendar \(name) of the \(what.words) is there (freeze \(id)).",
                next: [
                    .next(command: "yesterday train clear-freeze \(id) --reason \"...\"", purpose: "to end it")
                ]))
    }
}
