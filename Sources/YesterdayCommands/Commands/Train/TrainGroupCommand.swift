import ArgumentParser
import YesterdayKit

/// `yesterday train group`
struct TrainGroupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "group", abstract: "Groups: targets that get the same patches in the same order.",
        subcommands: [TrainGroupAddCommand.self, TrainGroupListCommand.self])
}
