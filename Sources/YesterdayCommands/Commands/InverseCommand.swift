import ArgumentParser

/// `yesterday inverse`
struct InverseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inverse",
        abstract: "The inverse of a deployment as a bundle.",
        subcommands: [InverseExportCommand.self])
}
