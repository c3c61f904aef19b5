import ArgumentParser

/// `yesterday target`
struct TargetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "target",
        abstract: "The databases of the train: register them, list them, take them out.",
        subcommands: [TargetAddCommand.self, TargetListCommand.self, TargetShowCommand.self, TargetRemoveCommand.self])
}
