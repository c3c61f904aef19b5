import Logging
import PostgresClient
import Subprocess

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A deployment that another program makes: any program whose sessions can be made to join.
public struct ToolDeployment: Sendable {
    /// How it ended.
    public enum Outcome: String, Sendable {
        /// The program succeeded and the deployment counts.
        case finished
        /// The program failed or was interrupted, and what it had done was undone.
        case abandoned
    }

    /// What came of it.
    public struct Result: Sendable {
        /// The deployment.
        public let deployment: Int64
        /// How it ended.
        public let outcome: Outcome
        /// The program's exit code; 128 plus the signal if one ended it.
        public let commandExitCode: Int32
        /// The signal that asked us to end.
        public let interruptedBy: SignalMonitor.Received?
        /// What finish or abandon reported.
        public let report: Report
    }

    /// What the deployment is opened with.
    public let request: DeploymentRequest
    /// Where the target is.
    public let settings: ConnectionSettings
    /// Path of the program.
    public let program: String
    /// The words that follow it.
    public let arguments: [String]
    /// True if the program's standard output is to go to standard error.
    public let redirectsOutput: Bool
    /// Messages for people.
    public let logger: Logger

    /// A deployment to be made.
    ///
    /// - Throws: ``YesterdayError`` with code `usage` if there is no such program.
    public init(
        _ request: DeploymentRequest, settings: ConnectionSettings, command: [String],
        redirectsOutput: Bool, logger: Logger
    ) throws {
        self.request = request
        self.settings = settings
        program = try ExecutableSearch.path(of: command.first ?? "")
        arguments = Array(command.dropFirst())
        self.redirectsOutput = redirectsOutput
        self.logger = logger
    }

    /// Opens the deployment, runs the program, and finishes or abandons.
    ///
    /// - Parameter target: where; its connection is used as long as it holds, and replaced by
    ///   another to the same place if it does not.
    /// - Throws: ``YesterdayError`` or ``PostgresClient/PostgresError``. If the deployment is open
    ///   still, the error's hint is the way out.
    public func run(on target: Target) async throws -> Result {
        let interruption = Interruption(logger)
        let listening = Task {
            for await signal in SignalMonitor.signals() { await interruption.handle(signal) }
        }
        defer { listening.cancel() }

        let preload = await preloadOption(target)
        await interruption.enter(.asking(target.connection))
        let id = try await target.beginOpenDeployment(request)
        logger.notice("deployment \(id) \"\(request.name)\" is open, running \(program)")
        var control = OpenDeploymentControl(target, id, settings: settings, logger: logger) {
            await interruption.replace($0)
        }
        await control.showThatSomebodyIsAtWork()

        let exitCode: Int32
        do {
            if await interruption.signal == nil {
                exitCode = try await runProgram(id, preload, interruption)
            } else {
                exitCode = 0
            }
        } catch {
            await interruption.enter(.undoing)
            _ = try await control.abandon()
            throw error
        }
        let signal = await interruption.signal
        if exitCode == 0, signal == nil {
            await interruption.enter(.asking(control.target.connection))
            do {
                let report = try await control.finish()
                return Result(
                    deployment: id, outcome: .finished, commandExitCode: 0, interruptedBy: nil,
                    report: report)
            } catch let refusal as PostgresError where Self.isRefusal(refusal) {
                await interruption.enter(.undoing)
                logger.error("the deployment cannot count and is being undone")
                _ = try await control.abandon(after: refusal)
                throw YesterdayError(refusal).adding(
                    "Everything that \(program) did was undone; the database stays on the train.")
            }
        }
        await interruption.enter(.undoing)
        logger.notice("undoing what \(program) has done so far")
        return Result(
            deployment: id, outcome: .abandoned, commandExitCode: exitCode, interruptedBy: signal,
            report: try await control.abandon())
    }

    /// True if the server has judged: another attempt would end in the same way.
    private static func isRefusal(_ error: PostgresError) -> Bool {
        guard let state = error.sqlState, error.code == .server else { return false }
        let code = YesterdayError.Code(sqlState: state)
        return code != .busy && code != .unavailable
    }

    private func runProgram(
        _ id: Int64, _ preload: String, _ interruption: Interruption
    ) async throws -> Int32 {
        let existing = ProcessEnvironment["PGOPTIONS"].map { $0 + " " } ?? ""
        let options = "\(existing)-c yesterday.deployment=\(id)\(preload)"
        logger.debug("PGOPTIONS=\(options)")
        let result: ExecutionResult<Void, FileDescriptorOutput, FileDescriptorOutput>
        do {
            result = try await Subprocess.run(
                .path(.init(program)), arguments: Arguments(arguments),
                environment: .inherit.updating([
                    "PGOPTIONS": options, "YESTERDAY_DEPLOYMENT": String(id),
                ]),
                input: .currentStandardInput,
                output: redirectsOutput ? .currentStandardError : .currentStandardOutput,
                error: .currentStandardError
            ) { execution in
                await interruption.enter(.running(execution.processIdentifier.value))
            }
        } catch {
            throw YesterdayError(
                .failed, "\(program) cannot be started", detail: "\(error)", cause: error)
        }
        // Its process id may belong to another program from now on.
        await interruption.enter(.starting)
        return result.terminationStatus.shellCode
    }

    /// The option that has the library loaded when a session of the program starts, so that
    /// commands are seen for which there are no event triggers. Empty where the database does so
    /// anyway, or where the server has no copy of the library that everybody may load.
    private func preloadOption(_ target: Target) async -> String {
        do {
            guard !target.preloadsLibrary else { return "" }
            let name = "yesterday"
            let local = Preload.names(
                try await target.connection.query(
                    "SELECT pg_catalog.current_setting('local_preload_libraries') AS local"
                ).only.get("local"))
            let option = " -c local_preload_libraries=\((local + [name]).joined(separator: ","))"
            var trial = settings
            trial.options = (ProcessEnvironment["PGOPTIONS"] ?? "") + option
            let connection = try await PostgresConnection.connect(trial)
            await connection.close()
            return option
        } catch {
            logger.debug("the library cannot be preloaded: \(error)")
            return ""
        }
    }
}

/// Lists of libraries, as the `*_preload_libraries` settings have them.
public enum Preload {
    /// The names in a setting's value.
    public static func names(_ setting: String) -> [String] {
        setting.split(separator: ",").map { part in
            String(part.filter { $0 != "\"" }.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        }.filter { !$0.isEmpty }
    }
}

/// What a signal means at the moment.
private actor Interruption {
    enum Phase: Sendable {
        case starting
        case asking(PostgresConnection)
        case running(pid_t)
        case undoing
    }

    private var phase = Phase.starting
    private(set) var signal: SignalMonitor.Received?
    private let logger: Logger

    init(_ logger: Logger) { self.logger = logger }

    func enter(_ phase: Phase) {
        self.phase = phase
        // A signal that came while the program was being started is passed on now.
        if let signal, case .running(let pid) = phase { kill(pid, signal.number) }
    }

    /// The server is asked over another connection from now on.
    func replace(_ connection: PostgresConnection) {
        if case .asking = phase { phase = .asking(connection) }
    }

    func handle(_ received: SignalMonitor.Received) async {
        switch phase {
        case .undoing:
            logger.notice("\(received.name): please wait, the deployment is being undone")
            return
        case .starting:
            signal = signal ?? received
        case .asking(let connection):
            signal = signal ?? received
            logger.notice("\(received.name): cancelling")
            do {
                try await connection.cancel()
            } catch {
                logger.error("\(error)")
            }
        case .running(let pid):
            signal = signal ?? received
            // What a key of the terminal sends, the program has got already.
            guard !received.isFromTerminal else { return }
            logger.notice("\(received.name): passed on to the program")
            kill(pid, received.number)
        }
    }
}
