import YesterdayKit

/// What a command tells a person: a few blocks, the headline first.
public struct Document: Sendable {
    /// How the headline is meant.
    public enum Tone: Sendable {
        /// A plain fact.
        case neutral
        /// It worked, all is well.
        case good
        /// It worked, and somebody should look at something.
        case warning
        /// It did not work, or nothing lands.
        case bad
    }

    /// A part of a document.
    public enum Block: Sendable {
        /// The one line that says it all.
        case headline(String, Tone)
        /// A text of whole sentences.
        case paragraph(String)
        /// Names and values below each other.
        case fields([(name: String, value: String)])
        /// Rows and columns.
        case table(TextTable)
        /// Text that keeps its lines, such as SQL.
        case verbatim(String)
        /// Text for another program, passed on byte by byte.
        case script(String)
        /// The board of the train.
        case board(Board, asciiOnly: Bool)
        /// What to type next.
        case next(command: String, purpose: String)
    }

    /// The blocks, in order.
    public var blocks: [Block]

    /// A document of blocks.
    public init(_ blocks: Block...) { self.blocks = blocks }

    /// Adds a block at the end.
    public mutating func append(_ block: Block) { blocks.append(block) }

    /// Adds blocks at the end.
    public mutating func append(contentsOf more: [Block]) { blocks += more }

    /// The document as text.
    ///
    /// - Parameters:
    ///   - width: columns to fit into; `nil` for no limit.
    ///   - colours: true to use ANSI colours.
    public func text(width: Int?, colours: Bool) -> String {
        let paint = Paint(on: colours)
        var text = ""
        var previous: Block?
        for block in blocks {
            if let previous, Self.separates(previous, block) { text += "\n" }
            text += Self.text(of: block, width: width, paint: paint)
            previous = block
        }
        return text
    }

    private static func separates(_ first: Block, _ second: Block) -> Bool {
        if case .next = first, case .next = second { return false }
        return true
    }

    private static func text(of block: Block, width: Int?, paint: Paint) -> String {
        switch block {
        case .headline(let line, let tone):
            return paint(PlainText.visible(line), paint.style(of: tone)) + "\n"
        case .paragraph(let sentences):
            return sentences.split(separator: "\n", omittingEmptySubsequences: false)
                .flatMap { PlainText.wrap(PlainText.visible(String($0)), width: width) }
                .map { $0 + "\n" }.joined()
        case .fields(let fields):
            let nameWidth = fields.map { PlainText.width($0.name) }.max() ?? 0
            return fields.map { field in
                let room = width.map { max($0 - nameWidth - 2, 20) }
                let lines = PlainText.wrap(PlainText.visible(field.value), width: room)
                let name = PlainText.padded(field.name, to: nameWidth)
                let indent = String(repeating: " ", count: nameWidth + 2)
                return paint(name, .dim) + "  " + lines.joined(separator: "\n" + indent) + "\n"
            }.joined()
        case .table(let table):
            return table.text(width: width, paint: paint)
        case .verbatim(let lines):
            return lines.split(separator: "\n", omittingEmptySubsequences: false)
                .map { PlainText.visible(String($0)) + "\n" }.joined()
        case .script(let script):
            return script.hasSuffix("\n") ? script : script + "\n"
        case .board(let board, let asciiOnly):
            return BoardText(width: width, asciiOnly: asciiOnly, paint: paint).text(board)
        case .next(let command, let purpose):
            return paint(PlainText.visible(purpose) + ": ", .dim)
                + paint(PlainText.visible(command), .bold) + "\n"
        }
    }
}

/// ANSI colours, or their absence.
struct Paint: Sendable {
    enum Style: String {
        case plain = ""
        case bold = "1"
        case dim = "2"
        case good = "1;32"
        case warning = "1;33"
        case bad = "1;31"
    }

    let on: Bool

    func callAsFunction(_ text: String, _ style: Style) -> String {
        on && style != .plain ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
    }

    func style(of tone: Document.Tone) -> Style {
        switch tone {
        case .neutral: .bold
        case .good: .good
        case .warning: .warning
        case .bad: .bad
        }
    }
}
