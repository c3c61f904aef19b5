import ArgumentParser
import YesterdayKit

/// `yesterday target show`
struct TargetShowCommand: TrainSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "One target: where it is, how it stands, what keeps patches away.")

    @Argument(help: ArgumentHelp("The target.", valueName: "name"))
    var name: String

    @OptionGroup(title: "Registry") var registry: RegistryOptions
    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func execute(_ context: CommandContext, on registry: TrainRegistry) async throws {
        let known = try await registry.target(name)
        // The target itself is the authority; where it cannot be asked, the registry's mirror is shown.
        for (target, news) in await registry.sync([known]) {
            if case .failure(let error) = news {
                context.output.remark("\(target.name) cannot be asked: \(YesterdayError(any: error).message)")
            }
        }
        let freezes = try await registry.blockingFreezes(of: name).rows.map { row in
            (
                kind: try row.get("kind", as: String.self), scope: try row.get("scope", as: String.self),
                reason: try row.getIfPresent("reason", as: String.self) ?? ""
            )
        }
        context.output.emit(
            RegisteredTargetOutput(headline: "Target \(name)", target: try await registry.target(name), freezes: freezes))
    }
}
