import Foundation
import YesterdayKit

/// The board for a terminal: in words where there is room for words, else one sign a patch.
struct BoardText {
    /// Columns to fit into; `nil` for no limit.
    let width: Int?
    /// True where only ASCII can be shown.
    let asciiOnly: Bool
    let paint: Paint

    private static let nameWidth = 20

    /// True if the locale says that the terminal takes UTF-8.
    static var terminalTakesUnicode: Bool {
        let environment = ProcessInfo.processInfo.environment
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty } ?? ""
        return locale.lowercased().contains("utf")
    }

    /// The whole board.
    func text(_ board: Board) -> String {
        guard !board.groups.isEmpty else { return "There are no groups yet.\n" }
        return board.groups.map { text($0, at: board.takenAt) }.joined(separator: "\n")
    }

    private func text(_ group: Board.Group, at takenAt: Timestamp) -> String {
        let isFine = group.frozen == nil && !group.targets.contains(where: \.needsAttention)
        var text = lines("Group \(visible(group.name)): \(group.summary).", isFine ? .good : .warning)
        if let frozen = group.frozen { text += lines("No patch lands: \(visible(frozen))", .bad) }
        text += "\n"
        if let words = inWords(group) {
            text += words
        } else {
            let shown = group.newest(patchesThatFit(group))
            text += grid(shown).joined(separator: "\n") + "\n\n" + legend(shown, of: group)
        }
        for target in group.targets where target.needsAttention {
            text += "\n" + lines("\(visible(target.name)): \(visible(target.inWords(group.patches)))", .plain)
        }
        if let age = group.age(at: takenAt) {
            text += "\n" + lines("\(age); to ask them now: yesterday train board --sync", .dim)
        }
        return text
    }

    private func lines(_ text: String, _ style: Paint.Style) -> String {
        PlainText.wrap(text, width: width).map { paint($0, style) + "\n" }.joined()
    }

    // MARK: in words

    /// `nil` if there is no room for words.
    private func inWords(_ group: Board.Group) -> String? {
        guard group.patches.count <= 12 else { return nil }
        var cells = [["target", "state"] + group.patches.map { "\($0.ordinal) \(visible($0.name))" }]
        for target in group.targets {
            cells.append([visible(target.name), target.state.words] + target.cells.map(\.words))
        }
        let widths = cells[0].indices.map { column in cells.map { PlainText.width($0[column]) }.max() ?? 0 }
        guard widths.reduce(0, +) + 2 * (widths.count - 1) <= width ?? .max else { return nil }
        return cells.enumerated().map { row, line in
            var text = ""
            for (column, cell) in line.enumerated() {
                let isLast = column == line.count - 1
                let padded = isLast ? cell : PlainText.padded(cell, to: widths[column]) + "  "
                text += paint(padded, style(row: row, column: column, group))
            }
            return text + "\n"
        }.joined()
    }

    private func style(row: Int, column: Int, _ group: Board.Group) -> Paint.Style {
        guard row > 0 else { return .dim }
        let target = group.targets[row - 1]
        return switch column {
        case 0: .plain
        case 1: style(target.state)
        default: style(target.cells[column - 2])
        }
    }

    // MARK: as a grid

    /// How many patches fit beside the names, at least one.
    func patchesThatFit(_ group: Board.Group) -> Int {
        guard let width else { return group.patches.count }
        return max(1, (width - leading(group)) / cellWidth(group))
    }

    private func cellWidth(_ group: Board.Group) -> Int { String(group.patches.last?.ordinal ?? 1).count + 1 }

    private func names(_ group: Board.Group) -> Int {
        min(max(6, group.targets.map { PlainText.width(visible($0.name)) }.max() ?? 0), Self.nameWidth)
    }

    private func states(_ group: Board.Group) -> Int {
        max(5, group.targets.map { $0.state.words.count }.max() ?? 0)
    }

    private func leading(_ group: Board.Group) -> Int { names(group) + 2 + states(group) + 1 }

    /// A line of ordinals, then a line a target.
    func grid(_ group: Board.Group) -> [String] {
        let nameWidth = names(group)
        let stateWidth = states(group)
        let cell = cellWidth(group)
        var head = PlainText.padded("target", to: nameWidth) + "  " + PlainText.padded("state", to: stateWidth) + " "
        for patch in group.patches { head += PlainText.padded(String(patch.ordinal), to: cell, onTheLeft: true) }
        return [paint(head, .dim)]
            + group.targets.map { target in
                var line = PlainText.padded(Self.cut(visible(target.name), to: nameWidth), to: nameWidth) + "  "
                line += paint(PlainText.padded(target.state.words, to: stateWidth), style(target.state)) + " "
                for value in target.cells {
                    line += String(repeating: " ", count: cell - 1) + paint(String(sign(value)), style(value))
                }
                return line
            }
    }

    /// What the signs mean, which patches they are, and what is not shown.
    func legend(_ shown: Board.Group, of group: Board.Group) -> String {
        let used = Board.Cell.allCases.filter { cell in shown.targets.contains { $0.cells.contains(cell) } }
        var lines = PlainText.wrap(used.map { "\(sign($0)) \($0.words)" }.joined(separator: "  "), width: width)
        if shown.patches.count < group.patches.count {
            lines.append(
                "Patches \(shown.patches[0].ordinal) to \(shown.patches.last?.ordinal ?? 0) of \(group.patches.count).")
        }
        let names = shown.patches.suffix(3).map { "\($0.ordinal) \(visible($0.name))" }.joined(separator: ", ")
        if !names.isEmpty { lines += PlainText.wrap("Newest: \(names)", width: width) }
        return lines.map { $0 + "\n" }.joined()
    }

    private static func cut(_ text: String, to width: Int) -> String {
        guard PlainText.width(text) > width else { return text }
        var result = ""
        for character in text where PlainText.width(result) + PlainText.width(character) < width {
            result.append(character)
        }
        return result + "~"
    }

    private func sign(_ cell: Board.Cell) -> Character { asciiOnly ? cell.letter : cell.symbol }

    private func visible(_ text: String) -> String { PlainText.visible(text) }

    private func style(_ cell: Board.Cell) -> Paint.Style {
        switch cell {
        case .applied, .realigned: .good
        case .rolledBack, .failed, .diverged: .bad
        case .missed, .applying, .interrupted: .warning
        case .pending: .dim
        }
    }

    private func style(_ state: Board.State) -> Paint.Style {
        switch state {
        case .onTrain: .good
        case .offTrain: .bad
        case .frozen, .realigning: .warning
        case .unknown: .dim
        }
    }
}
