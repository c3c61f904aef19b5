import ArgumentParser

/// `yesterday images`
struct ImagesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "images",
        abstract: "Look after the images that deployments and their rollbacks need.",
        subcommands: [ImagesCheckCommand.self])
}
