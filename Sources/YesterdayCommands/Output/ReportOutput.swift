import YesterdayKit

extension Report {
    /// Outcomes after which somebody should look.
    private static let exceptions: Set<String> = [
        "held back", "displaced", "orphaned", "unplaceable", "missing", "changed since", "blocker",
        "not undone", "residue", "dangling", "pending", "unproven",
    ]

    var hasExceptions: Bool { lines.dropFirst().contains { Self.exceptions.contains($0.outcome) } }

    /// The blocks of a document: the headline, then the lines below each other.
    func blocks(tone: Document.Tone) -> [Document.Block] {
        guard let first = lines.first else { return [.headline("nothing to report", .neutral)] }
        var blocks: [Document.Block] = [
            .headline("\(first.subject): \(first.outcome)", hasExceptions ? .warning : tone)
        ]
        if let detail = first.detail { blocks.append(.paragraph(detail)) }
        if lines.count > 1 { blocks.append(.table(Self.table(lines.dropFirst()))) }
        return blocks
    }

    /// Lines as a table.
    static func table(_ lines: some Sequence<Line>) -> TextTable {
        var table = TextTable(
            .init("subject"), .init("outcome"), .init("rows", isNumeric: true), .init("detail"))
        for line in lines {
            table.append(line.subject, line.outcome, line.rows.map(Words.grouped), line.detail)
        }
        return table
    }
}

/// A report as the result of a command.
struct ReportOutput: CommandOutput {
    /// Members of the JSON object before `report`.
    var facts: [JSONValue.Member] = []
    let report: Report
    var tone: Document.Tone = .good
    /// What to say below the report.
    var closing: [Document.Block] = []

    var json: JSONValue { .object(facts + [.init("report", report.json)]) }

    var document: Document {
        var document = Document()
        document.blocks = report.blocks(tone: tone) + closing
        return document
    }
}
