import Logging
import PostgresClient
import Synchronization
import YesterdayKit

/// How far work on many targets is: one line a target on a terminal, log messages elsewhere.
final class GroupProgress: Sendable {
    private struct State {
        var order: [String] = []
        var phases: [String: String] = [:]
        var ended: Set<String> = []
        var connections: [PostgresConnection] = []
        var shownLines = 0
    }

    private let title: String
    private let logger: Logger
    private let state = Mutex(State())

    init(_ title: String, logger: Logger) {
        self.title = title
        self.logger = logger
    }

    /// Takes note of what happens.
    func take(_ event: GroupDeployment.Event) {
        switch event {
        case .connected(let connection): state.withLock { $0.connections.append(connection) }
        case .remark(let text): logger.notice("\(text)")
        case .target(let name, let phase):
            let words = Self.words(phase)
            state.withLock { state in
                if state.phases[name] == nil { state.order.append(name) }
                state.phases[name] = words
                if case .ended = phase { state.ended.insert(name) }
            }
            if case .ended = phase { logger.info("\(name): \(words)") } else { logger.debug("\(name): \(words)") }
        }
    }

    private static func words(_ phase: GroupDeployment.Phase) -> String {
        switch phase {
        case .contacting: "contacting"
        case .comparing: "comparing"
        case .waiting: "waiting"
        case .preparing(let text): text
        case .applying(let file, let number, let count): "applying \(number)/\(count) \(file)"
        case .proving: "proving the rollback"
        case .proven: "proven, waiting for the others"
        case .prepared: "prepared"
        case .committing: "committing"
        case .ended(let outcome): outcome.word.replacing("_", with: " ")
        }
    }

    /// The lines that show how far it is, at most so many.
    func lines(seconds: Int64, width: Int, most: Int) -> [String] {
        state.withLock { state in
            var lines = ["\(title) ... \(state.ended.count) of \(state.order.count) targets, \(seconds) s"]
            let busy = state.order.filter { !state.ended.contains($0) }
            for name in busy.prefix(most) { lines.append("  \(name): \(state.phases[name] ?? "")") }
            if busy.count > most { lines.append("  and \(busy.count - most) more") }
            return lines.map { PlainText.wrap(PlainText.visible($0), width: max(20, width - 1))[0] }
        }
    }

    /// What to write to put the lines in the place of the last ones.
    func repaint(_ lines: [String]) -> String {
        state.withLock { state in
            let back = state.shownLines > 0 ? "\u{1B}[\(state.shownLines)A" : ""
            state.shownLines = lines.count
            return back + "\r" + lines.map { $0 + "\u{1B}[K\n" }.joined() + "\u{1B}[J"
        }
    }

    /// Cancels what runs on every connection.
    func cancelAll() async {
        let connections = state.withLock { $0.connections }
        await withTaskGroup(of: Void.self) { group in
            for connection in connections {
                group.addTask { try? await connection.cancel() }
            }
        }
    }
}

extension CommandContext {
    /// Does something on many targets that can take long: shows how far each is, and lets Ctrl-C
    /// cancel it on all of them.
    func workingOnGroup<T: Sendable>(
        _ title: String, _ body: (@escaping @Sendable (GroupDeployment.Event) -> Void) async throws -> T
    ) async throws -> T {
        let progress = GroupProgress(title, logger: logger)
        let console = console
        let logger = logger
        return try await withThrowingTaskGroup(of: Void.self) { group in
            if console.showsProgress, logger.logLevel < .error {
                group.addTask { await Self.show(progress, console) }
            }
            group.addTask {
                for await signal in SignalMonitor.signals() {
                    logger.notice("\(signal.name): cancelling on all targets")
                    // Again and again: between two statements there is nothing to cancel.
                    while !Task.isCancelled {
                        await progress.cancelAll()
                        try await Task.sleep(for: .milliseconds(200))
                    }
                }
            }
            defer { group.cancelAll() }
            return try await body { progress.take($0) }
        }
    }

    private static func show(_ progress: GroupProgress, _ console: Console) async {
        let start = ContinuousClock.now
        do {
            try await Task.sleep(for: .milliseconds(500))
            while true {
                let seconds = (ContinuousClock.now - start).components.seconds
                console.writeError(progress.repaint(progress.lines(seconds: seconds, width: console.width ?? 80, most: 12)))
                try await Task.sleep(for: .milliseconds(250))
            }
        } catch {
            // Cancelled: the work is done, and the lines make room for its result.
            console.writeError(progress.repaint([]))
        }
    }
}
