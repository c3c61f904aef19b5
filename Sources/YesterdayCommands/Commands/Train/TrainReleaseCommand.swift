import ArgumentParser
import YesterdayKit

/// `yesterday train release`
struct TrainReleaseCommand: TrainSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "release",
        abstract: "Put a bundle on the train of a group, as its next patch.",
        discussion: """
            From then on it is this bundle and no other: one with the same name and another digest is \
            refused. Nothing is deployed yet; "yesterday deploy BUNDLE --group" does that, and releases \
            the bundle itself where that was not done before.
            """)

    @OptionGroup var source: BundleOptions

    @Option(help: ArgumentHelp("The group.", valueName: "name"))
    var group: String

    @Option(help: ArgumentHelp("The place it has to get; anything else is refused.", valueName: "number"))
    var ordinal: Int64?

    @OptionGroup(title: "Registry") var registry: RegistryOptions
    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    func execute(_ context: CommandContext, on registry: TrainRegistry) async throws {
        let bundle = try await source.readDeployable(context)
        _ = try await registry.group(group)
        let place = try await registry.release(bundle, group: group, ordinal: ordinal)
        context.output.emit(
            TrainDone(
                facts: [
                    .init("group", .string(group)), .init("ordinal", .integer(place)),
                    .init("name", .string(bundle.name)), .init("digest", .string("sha256:\(bundle.digest)")),
                ],
                headline: "\"\(bundle.name)\" is patch \(place) of the group \(group).",
                next: [
                    .next(
                        command: "yesterday deploy \(ShellWord.quoted(source.path)) --group \(ShellWord.quoted(group))",
                        purpose: "to deploy it")
                ]))
    }
}
