import PostgresClient

/// The settings under which the text of a value means the value: those that the extension pins when
/// it writes values as text.
enum ExactText {
    private static let settings = [
        ("DateStyle", "ISO, YMD"), ("IntervalStyle", "postgres"), ("TimeZone", "UTC"), ("xmloption", "content"),
        ("array_nulls", "on"), ("lc_monetary", "C"), ("extra_float_digits", "3"), ("bytea_output", "hex"),
        ("xmlbinary", "base64"),
    ]

    /// Runs `body` under the settings, inside a transaction. After an error they stay as they are:
    /// the transaction is at its end.
    static func with<T>(_ session: PostgresSession, _ body: () throws -> T) throws -> T {
        let names = settings.map(\.0)
        let before = try session.query(
            "SELECT pg_catalog.current_setting(n) FROM pg_catalog.unnest($1::pg_catalog.text[]) WITH ORDINALITY AS s (n, o) ORDER BY o",
            [.array(names)]
        ).rows.map { $0[0] ?? "" }
        try set(names, settings.map(\.1), session)
        let result = try body()
        try set(names, before, session)
        return result
    }

    private static func set(_ names: [String], _ values: [String], _ session: PostgresSession) throws {
        try session.query(
            """
            SELECT pg_catalog.set_config(s.name, s.value, true)
            FROM ROWS FROM (pg_catalog.unnest($1::pg_catalog.text[]), pg_catalog.unnest($2::pg_catalog.text[])) AS s (name, value)
            """, [.array(names), .array(values)])
    }
}
