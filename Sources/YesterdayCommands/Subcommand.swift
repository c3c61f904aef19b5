import ArgumentParser
import YesterdayKit

/// A command of `yesterday`. It says what it has to say through the context and throws the rest;
/// ``YesterdayCommand/run(_:console:)`` turns errors into messages and exit codes.
public protocol Subcommand: AsyncParsableCommand {
    /// How to write results and logs.
    var output: OutputOptions { get }

    /// Does what the command is for.
    func execute(_ context: CommandContext) async throws
}

extension Subcommand {
    /// Called by ArgumentParser's way of running commands.
    public func run() async throws { try await execute(CommandContext(output)) }
}

/// A command that talks to one target.
public protocol TargetSubcommand: Subcommand {
    /// Which database.
    var connection: ConnectionOptions { get }

    /// True if the command itself deals with a deployment that is open; all others name it.
    static var dealsWithOpenDeployment: Bool { get }

    /// Refuses what can be refused before anything is asked of a server.
    func prepare() throws

    /// Does what the command is for.
    func execute(_ context: CommandContext, on target: Target) async throws
}

extension TargetSubcommand {
    /// Most commands do not deal with an open deployment.
    public static var dealsWithOpenDeployment: Bool { false }

    /// Most commands have nothing to prepare.
    public func prepare() throws {}

    /// Connects, runs the command, and names a deployment that was left open.
    public func execute(_ context: CommandContext) async throws {
        try prepare()
        let target = try await context.target(connection)
        var outcome: ExitStatus?
        do {
            try await execute(context, on: target)
        } catch let exit as QuietExit {
            outcome = exit.status
        } catch {
            outcome = context.output.emit(error)
        }
        if !Self.dealsWithOpenDeployment, context.output.format == .human {
            // The command's own outcome is what counts; a note that cannot be had is no error.
            if let open = try? await target.openDeployment() {
                context.output.remark(open.wayOut)
            }
        }
        await target.connection.close()
        if let outcome { throw QuietExit(status: outcome) }
    }
}
