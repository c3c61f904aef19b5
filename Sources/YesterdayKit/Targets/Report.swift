import PostgresClient

/// What a rollback, a preview, a finish or an abandonment did or would do: one line a subject, the
/// headline first.
public struct Report: Sendable {
    /// A line.
    public struct Line: Sendable {
        /// What it is about: a deployment, a table, an object.
        public let subject: String
        /// What happened to it.
        public let outcome: String
        /// How many rows.
        public let rows: Int64?
        /// The facts.
        public let detail: String?

        var json: JSONValue {
            [
                "subject": .string(subject), "outcome": .string(outcome), "rows": .optional(rows),
                "detail": .optional(detail),
            ]
        }
    }

    /// The lines, the headline first.
    public let lines: [Line]

    init(_ result: QueryResult) throws {
        lines = try result.rows.map { row in
            Line(
                subject: try row.getIfPresent("subject") ?? "",
                outcome: try row.getIfPresent("outcome") ?? "",
                rows: try row.getIfPresent("rows"), detail: try row.getIfPresent("detail"))
        }
    }

    /// A report of one line.
    init(subject: String, outcome: String) {
        lines = [Line(subject: subject, outcome: outcome, rows: nil, detail: nil)]
    }

    /// The lines as a JSON array.
    public var json: JSONValue { .array(lines.map(\.json)) }
}
