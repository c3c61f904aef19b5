import ArgumentParser
import YesterdayKit

/// `yesterday train init`
struct TrainInitCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Make a database the registry of trains, or bring it up to date.",
        discussion: "Any PostgreSQL database will do, also that of a target. Needs a superuser; may be repeated.")

    @OptionGroup(title: "Registry") var registry: RegistryOptions
    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    func execute(_ context: CommandContext) async throws {
        // A database that is named on the command line is meant, whatever the environment names.
        var named = registry
        if named.registry == nil { named.registry = connection.database }
        let connection = try await context.registryConnection(named, connection)
        let (version, outcome) = try await TrainRegistry.initialize(connection)
        let registry = try await TrainRegistry(connection)
        context.output.emit(
            TrainDone(
                facts: [
                    .init("database", .string(registry.database)), .init("registry", .string(registry.id)),
                    .init("version", .string(version)), .init("outcome", .string(outcome)),
                ],
                headline: "\(registry.database): the registry of the train, version \(version), \(outcome).",
                next: [.next(command: "yesterday train group add NAME", purpose: "next, make a group")]))
        await connection.close()
    }
}
