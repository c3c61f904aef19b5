import Synchronization
import YesterdayCommands

/// A console that remembers what was written and answers what it was told to.
final class FakeConsole: Sendable {
    private let written = Mutex("")
    private let errors = Mutex("")
    private let answers: Mutex<[String]>
    private let width: Int?
    private let colours: Bool
    private let canAsk: Bool

    init(width: Int? = nil, colours: Bool = false, answers: [String]? = nil) {
        self.width = width
        self.colours = colours
        self.canAsk = answers != nil
        self.answers = Mutex(answers ?? [])
    }

    var output: String { written.withLock { $0 } }
    var errorOutput: String { errors.withLock { $0 } }

    var console: Console {
        Console(
            width: width, colours: colours, errorColours: colours, showsProgress: false, canAsk: canAsk,
            write: { [self] text in written.withLock { $0 += text } },
            writeError: { [self] text in errors.withLock { $0 += text } },
            readLine: { [self] in answers.withLock { $0.isEmpty ? nil : $0.removeFirst() } })
    }

    func run(_ arguments: String...) async -> Int32 {
        await YesterdayCommand.run(arguments, console: console).rawValue
    }
}
