import PostgresClient

extension Row {
    /// The row as a JSON object: its columns in order, numbers and booleans as such, `json` as it
    /// is, arrays as arrays, `timestamptz` as ISO 8601 in UTC, everything else as text.
    public var json: JSONValue {
        .object(
            columns.enumerated().map { position, column in
                JSONValue.Member(
                    column.name,
                    self[position].map { Self.json($0, type: column.type) } ?? .null)
            })
    }

    private static func json(_ text: String, type: UInt32) -> JSONValue {
        switch type {
        case 16: .bool(text == "t")
        case 20, 21, 23, 26: Int64(text).map { .integer($0) } ?? .string(text)
        case 700, 701: Double(text).map { .number($0) } ?? .string(text)
        case 114, 3802: .raw(text)
        case 1184: .string(Timestamp(postgresText: text)?.iso ?? text)
        case 1003, 1009, 1015:
            (try? PostgresArray.elements(text)).map { .array($0.map { .optional($0) }) }
                ?? .string(text)
        default: .string(text)
        }
    }
}
