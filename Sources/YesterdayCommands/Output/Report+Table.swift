import YesterdayKit

extension Report {
    /// The report as a table.
    var table: TextTable {
        var table = TextTable(.init("subject"), .init("outcome"), .init("rows", isNumeric: true), .init("detail"))
        for line in lines {
            table.append(line.subject, line.outcome, line.rows.map(Words.grouped), line.detail)
        }
        return table
    }
}
