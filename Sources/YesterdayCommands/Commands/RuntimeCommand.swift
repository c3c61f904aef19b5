import ArgumentParser
import YesterdayKit

/// `yesterday runtime`
struct RuntimeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "runtime",
        abstract: "Say how the code of this target is switched.",
        subcommands: [RuntimeListCommand.self, RuntimeSetCommand.self, RuntimeUnsetCommand.self],
        defaultSubcommand: RuntimeListCommand.self)
}

/// `yesterday runtime list`
struct RuntimeListCommand: TargetSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "How each artifact is switched, and what runs of it now.")

    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func execute(_ context: CommandContext, on target: Target) async throws {
        context.output.emit(RuntimesOutput(database: target.database, runtimes: try await target.runtimes()))
    }
}

struct RuntimesOutput: CommandOutput {
    let database: String
    let runtimes: [RuntimeConfiguration]

    var json: JSONValue {
        [
            "runtimes": .array(
                runtimes.map { runtime in
                    [
                        "artifact": .string(runtime.artifact), "driver": .string(runtime.driver),
                        "settings": runtime.settings.map { .raw($0) } ?? .null,
                    ]
                })
        ]
    }

    var document: Document {
        guard !runtimes.isEmpty else {
            return Document(
                .headline("\(database): no runtime is set.", .neutral),
                .next(command: "yesterday runtime set ARTIFACT DRIVER KEY=VALUE ...", purpose: "say how an artifact is switched"))
        }
        var table = TextTable(.init("artifact"), .init("driver"), .init("settings"))
        for runtime in runtimes { table.append(runtime.artifact, runtime.driver, runtime.settings ?? "(not shown to this role)") }
        return Document(.headline("\(database): how its code is switched", .neutral), .table(table))
    }
}

/// `yesterday runtime set`
struct RuntimeSetCommand: TargetSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Say how an artifact is switched.",
        discussion: """
            Drivers: podman, kubernetes, symlink, command; docs/releases.md lists their settings. A value \
            that is JSON is taken as such, anything else as text.

            Examples:
              yesterday runtime set api podman container=shop-api 'flags=["--network","host"]' \
            health_url=http://127.0.0.1:8080/health
              yesterday runtime set web symlink root=/srv/shop-web
              yesterday runtime set jobs command program=switch-jobs
            """)

    @Argument(help: "Name of the artifact.")
    var artifact: String

    @Argument(help: "podman, kubernetes, symlink or command.")
    var driver: String

    @Argument(help: ArgumentHelp("Settings of the driver.", valueName: "key=value"))
    var settings: [String] = []

    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func execute(_ context: CommandContext, on target: Target) async throws {
        var members: [JSONValue.Member] = []
        for setting in settings {
            guard let equals = setting.firstIndex(of: "="), equals != setting.startIndex else {
                throw YesterdayError(.usage, "\"\(setting)\" is no setting", hint: "Write KEY=VALUE.")
            }
            let key = String(setting[..<equals])
            guard !members.contains(where: { $0.key == key }) else {
                throw YesterdayError(.usage, "the setting \"\(key)\" is given twice", hint: "Give it once; several values are a list: \(key)='[\"A\",\"B\"]'")
            }
            members.append(.init(key, RuntimeSettings.value(String(setting[setting.index(after: equals)...]))))
        }
        let json = JSONValue.object(members).text(indent: nil)
        // What the driver would refuse is refused before it is set.
        _ = try RuntimeConfiguration(artifact: artifact, driver: driver, settings: json)
            .makeDriver(target: target.database, source: ArtifactSource())
        try await target.setRuntime(artifact, driver: driver, settings: json)
        context.output.emit(RuntimesOutput(database: target.database, runtimes: try await target.runtimes()))
    }
}

/// `yesterday runtime unset`
struct RuntimeUnsetCommand: TargetSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "unset", abstract: "Let an artifact be switched by hand from now on.")

    @Argument(help: "Name of the artifact.")
    var artifact: String

    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func execute(_ context: CommandContext, on target: Target) async throws {
        try await target.unsetRuntime(artifact)
        context.output.emit(RuntimesOutput(database: target.database, runtimes: try await target.runtimes()))
    }
}
