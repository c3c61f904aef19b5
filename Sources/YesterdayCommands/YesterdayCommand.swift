import ArgumentParser
import YesterdayKit

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// `yesterday`, the root of all commands.
public struct YesterdayCommand: AsyncParsableCommand {
    /// Name, help and subcommands.
    public static let configuration = CommandConfiguration(
        commandName: "yesterday",
        abstract: "The rollback button for deployments that ship behaviour as rows.",
        discussion: """
            Something went wrong after a deployment? Type:

              yesterday rollback

            It shows what it would do and asks one question. Nothing is changed before you \
            answer yes. Business data is never touched.

            The database is found as psql finds it: PGHOST, PGDATABASE, ..., or --db.
            """,
        version: YesterdayVersion.current,
        groupedSubcommands: [
            CommandGroup(
                name: "Rescue",
                subcommands: [
                    RollbackCommand.self, PreviewCommand.self, StatusCommand.self, AbandonCommand.self,
                    FinishCommand.self, FreezeCommand.self, ClearCommand.self, ReconcileCommand.self,
                ]),
            CommandGroup(
                name: "Deploy",
                subcommands: [
                    RunCommand.self, DeployCommand.self, BundleCommand.self, InverseCommand.self, ImagesCommand.self,
                    WatchCommand.self,
                ]),
            CommandGroup(
                name: "Look",
                subcommands: [
                    HistoryCommand.self, ShowCommand.self, DiffCommand.self, DrillCommand.self,
                ]),
            CommandGroup(name: "Train", subcommands: [TrainCommand.self, TargetCommand.self]),
            CommandGroup(
                name: "Set-up",
                subcommands: [
                    InitCommand.self, TrackCommand.self, UntrackCommand.self, RuntimeCommand.self, DoctorCommand.self,
                    DemoCommand.self, CompletionCommand.self,
                ]),
        ]
    )

    /// Parsed by ArgumentParser.
    public init() {}

    /// Runs what the command line of this process asks for and ends it with the exit code.
    public static func runAndExit() async -> Never {
        let status = await run(Array(CommandLine.arguments.dropFirst()), console: .system())
        endProcess(status.rawValue)
    }

    /// Runs a command line.
    ///
    /// - Parameters:
    ///   - arguments: the words after `yesterday`.
    ///   - console: where to read and write.
    /// - Returns: the exit code.
    public static func run(_ arguments: [String], console: Console) async -> ExitStatus {
        await CommandContext.$console.withValue(console) {
            var format = presumedFormat(arguments)
            do {
                var command = try await asyncParseAsRoot(arguments)
                if let command = command as? any Subcommand { format = command.output.format }
                if var command = command as? any AsyncParsableCommand {
                    try await command.run()
                } else {
                    try command.run()
                }
                return .success
            } catch let exit as QuietExit {
                return exit.status
            } catch {
                let rendering = OutputRendering(format: format, console: console)
                // ArgumentParser's own errors carry its own texts, help and version among them.
                let code = exitCode(for: error)
                if code.isSuccess {
                    console.write(fullMessage(for: error) + "\n")
                    return .success
                }
                if code == .validationFailure {
                    if let unknown = unknownCommand(arguments) { return rendering.emit(unknown) }
                    guard format == .json else {
                        console.writeError(fullMessage(for: error) + "\n")
                        return ExitStatus(.usage)
                    }
                    return rendering.emit(YesterdayError(.usage, message(for: error)))
                }
                return rendering.emit(error)
            }
        }
    }

    /// An error for a word that stands where a command has to, which ArgumentParser overlooks as soon
    /// as an option follows.
    private static func unknownCommand(_ arguments: [String]) -> YesterdayError? {
        var command: any ParsableCommand.Type = Self.self
        var path = "yesterday"
        for word in arguments {
            let commands = command.configuration.subcommands
            guard !commands.isEmpty, !word.hasPrefix("-"), word != "help" else { return nil }
            let names = commands.map { ($0.configuration.commandName ?? "", $0) }
            guard let next = names.first(where: { $0.0 == word })?.1 else {
                // Where a command stands for itself, the word may be its argument.
                guard command.configuration.defaultSubcommand == nil else { return nil }
                let near = names.map(\.0).filter { $0.hasPrefix(word.prefix(2)) }
                return YesterdayError(
                    .usage, "there is no command \"\(path) \(word)\"",
                    detail: near.isEmpty ? nil : "There is: \(near.joined(separator: ", ")).", hint: "\(path) --help")
            }
            command = next
            path += " \(word)"
        }
        return nil
    }

    /// The format that a command line asks for that may not be parseable.
    private static func presumedFormat(_ arguments: [String]) -> OutputFormat {
        let own = arguments.prefix { $0 != "--" }
        if own.contains("--format=json") { return .json }
        let asksForJSON = zip(own, own.dropFirst()).contains { $0 == "--format" && $1 == "json" }
        return asksForJSON ? .json : .human
    }
}

/// A type of ArgumentParser has an `exit` of its own.
private func endProcess(_ status: Int32) -> Never { exit(status) }
