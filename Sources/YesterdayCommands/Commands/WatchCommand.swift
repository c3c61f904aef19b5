import ArgumentParser
import ServiceLifecycle
import UnixSignals
import YesterdayKit

/// `yesterday watch`
struct WatchCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Keep the code of a target what it should be: at once after a rollback in psql.",
        discussion: """
            Listens to the database and looks from time to time. Connects again when the connection is \
            lost. Runs until it gets SIGINT, SIGTERM, SIGHUP or SIGQUIT, and finishes what it has begun then; \
            examples/yesterday-watch.service runs it under systemd. Several may run at once: one switches.
            """)

    @Option(help: ArgumentHelp("How often to look when nothing was heard.", valueName: "seconds"))
    var every = 30

    @OptionGroup var source: SourceOptions
    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func validate() throws {
        guard 1...86_400 ~= every else { throw ValidationError("--every takes 1 to 86400 seconds.") }
        guard output.format == .human else {
            throw ValidationError(
                "watch has no result: it runs until it is ended. Look with: yesterday status --format json")
        }
    }

    func execute(_ context: CommandContext) async throws {
        var settings = connection.settings
        settings.applicationName = "yesterday watch"
        let watch = CodeWatch(settings, source: try source.source(), interval: .seconds(every), logger: context.logger)
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [.init(service: Service(watch: watch, context: context))],
                gracefulShutdownSignals: Self.endings, logger: context.logger))
        try await group.run()
    }

    /// Those that were ignored when the program started, as under nohup, stay ignored.
    private static var endings: [UnixSignal] {
        [.sigint, .sigterm, .sighup, .sigquit].filter { SignalMonitor.caught.contains($0.rawValue) }
    }

    /// The watch, as a service that ends when it is told to.
    private struct Service: ServiceLifecycle.Service {
        let watch: CodeWatch
        let context: CommandContext

        func run() async throws {
            do {
                try await withGracefulShutdownHandler {
                    try await cancelWhenGracefulShutdown {
                        try await watch.run { WatchCommand.tell($0, context) }
                    }
                } onGracefulShutdown: {
                    context.logger.notice("ending, when what was begun is finished")
                }
            } catch is CancellationError {
                return
            }
        }
    }

    private static func tell(_ event: CodeWatch.Event, _ context: CommandContext) {
        switch event {
        case .listening(let database): context.logger.notice("watching the code of \(database)")
        case .heard(let payload): context.logger.info("heard: \(payload)")
        case .failed(let error): context.logger.error("\(error.oneLine)")
        case .converged(let outcome):
            for line in outcome.lines where line.outcome != "unchanged" {
                context.logger.notice("\(line.artifact): \(line.outcome), \(line.detail)")
            }
            if !outcome.isConfirmed { context.logger.error("code pending, generation \(outcome.generation ?? 0)") }
        }
    }
}
