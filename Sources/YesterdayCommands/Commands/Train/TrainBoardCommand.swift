import ArgumentParser
import YesterdayKit

/// `yesterday train board`
struct TrainBoardCommand: TrainSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "board",
        abstract: "Targets by patches, at a glance: what is where, who is off, and why.",
        discussion: """
            On a terminal that is too small for it the arrow keys move it. What is shown is what the \
            targets said when they were last asked; --sync asks them now.
            """)

    @Option(help: ArgumentHelp("Only this group.", valueName: "name"))
    var group: String?

    @Option(help: ArgumentHelp("Write a page that needs nothing else, for a browser or a phone.", valueName: "file"))
    var html: String?

    @Option(help: ArgumentHelp("At most so many of the newest patches.", valueName: "count"))
    var patches: Int?

    @Flag(help: "Ask every target first.")
    var sync = false

    @Flag(help: "Print it whole, also where the arrow keys could move it.")
    var print = false

    @OptionGroup(title: "Registry") var registry: RegistryOptions
    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    func validate() throws {
        if let patches, patches < 1 { throw ValidationError("--patches must be at least 1.") }
    }

    func execute(_ context: CommandContext, on registry: TrainRegistry) async throws {
        if sync {
            for (target, news) in await registry.sync(try await registry.targets(of: group)) {
                guard case .failure(let error) = news else { continue }
                context.output.remark("\(target.name) cannot be asked: \(YesterdayError(any: error).message)")
            }
        }
        let board = try await registry.board(of: group)
        if let html {
            do {
                try board.html(newest: patches ?? 100).write(toFile: html, atomically: true, encoding: .utf8)
            } catch {
                throw YesterdayError(.badInput, "the file \(html) cannot be written", cause: error)
            }
            context.output.emit(
                TrainDone(facts: [.init("file", .string(html))], headline: "The board is in \(html)."))
            return
        }
        let shown = patches.map { count in
            Board(takenAt: board.takenAt, registry: board.registry, groups: board.groups.map { $0.newest(count) })
        } ?? board
        if output.format == .human, !print, let scroller = scroller(shown, context.console) {
            scroller.run()
        } else {
            context.output.emit(TrainBoardOutput(board: shown, asciiOnly: !BoardText.terminalTakesUnicode))
        }
    }

    /// Something to move, where a person sits before a terminal that is too small.
    private func scroller(_ board: Board, _ console: Console) -> BoardScroller? {
        guard console.canAsk, let width = console.width, board.groups.count == 1 else { return nil }
        let scroller = BoardScroller(
            group: board.groups[0], asciiOnly: !BoardText.terminalTakesUnicode, colours: console.colours)
        let (columns, rows) = BoardScroller.size()
        let text = BoardText(width: width, asciiOnly: true, paint: Paint(on: false)).text(board)
        let isWhole = BoardText(width: columns, asciiOnly: true, paint: Paint(on: false))
            .patchesThatFit(board.groups[0]) >= board.groups[0].patches.count
        let isShort = text.split(separator: "\n", omittingEmptySubsequences: false).count < rows
        return isWhole && isShort ? nil : scroller
    }
}

struct TrainBoardOutput: CommandOutput {
    let board: Board
    let asciiOnly: Bool

    var json: JSONValue { board.json }

    var document: Document { Document(.board(board, asciiOnly: asciiOnly)) }
}
