import ArgumentParser
import YesterdayKit

/// `yesterday train calendar`
struct TrainCalendarCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "calendar", abstract: "Freezes, and those that come again and again.",
        subcommands: [TrainCalendarListCommand.self, TrainCalendarAddCommand.self],
        defaultSubcommand: TrainCalendarListCommand.self)
}
