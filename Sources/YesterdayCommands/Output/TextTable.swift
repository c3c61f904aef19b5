/// Rows and columns for a terminal.
public struct TextTable: Sendable {
    /// A column.
    public struct Column: Sendable {
        /// What stands above it.
        public let title: String
        /// True for figures, which are aligned on the right.
        public let isNumeric: Bool

        /// A column.
        public init(_ title: String, isNumeric: Bool = false) {
            self.title = title
            self.isNumeric = isNumeric
        }
    }

    /// The columns, in order.
    public let columns: [Column]
    /// The rows; each has a cell for every column.
    public private(set) var rows: [[String]]

    /// A table without rows.
    public init(_ columns: Column..., rows: [[String]] = []) { self.init(columns, rows: rows) }

    /// A table with rows.
    public init(_ columns: [Column], rows: [[String]]) {
        self.columns = columns
        self.rows = rows
    }

    /// Adds a row at the end.
    public mutating func append(_ cells: String?...) { rows.append(cells.map { $0 ?? "" }) }

    /// True if there are no rows.
    public var isEmpty: Bool { rows.isEmpty }

    private static let gap = 2
    private static let narrowest = 8

    /// The table as lines. Where it is too wide, the widest columns are made narrower and their
    /// cells wrapped: nothing is cut off.
    func text(width: Int?, paint: Paint) -> String {
        let cells = rows.map { $0.map(PlainText.visible) }
        var widths = columns.indices.map { index in
            cells.reduce(PlainText.width(columns[index].title)) {
                max($0, PlainText.width($1[index]))
            }
        }
        if let width {
            var excess = widths.reduce(0, +) + Self.gap * (widths.count - 1) - width
            while excess > 0, let widest = widths.max(), widest > Self.narrowest {
                widths[widths.firstIndex(of: widest)!] -= 1
                excess -= 1
            }
        }
        var text = line(columns.map(\.title), widths).split(separator: "\n").map {
            paint(String($0), .dim) + "\n"
        }.joined()
        for row in cells { text += line(row, widths) }
        return text
    }

    private func line(_ row: [String], _ widths: [Int]) -> String {
        let wrapped = zip(row, widths).map { PlainText.wrap($0, width: $1) }
        let height = wrapped.map(\.count).max() ?? 0
        var text = ""
        for number in 0..<height {
            var line = ""
            for (index, cell) in wrapped.enumerated() {
                let part = number < cell.count ? cell[number] : ""
                line += PlainText.padded(
                    part, to: widths[index], onTheLeft: columns[index].isNumeric)
                if index < wrapped.count - 1 { line += String(repeating: " ", count: Self.gap) }
            }
            while line.last == " " { line.removeLast() }
            text += line + "\n"
        }
        return text
    }
}
