/// Small words for people.
enum Words {
    /// `1 table`, `2 tables`, `1,234 tables`.
    static func count(_ number: Int64, _ noun: String) -> String {
        "\(grouped(number)) \(noun)\(number == 1 ? "" : "s")"
    }

    /// The number with a comma before every three digits.
    static func grouped(_ number: Int64) -> String {
        var digits = Array(String(number.magnitude))
        var position = digits.count - 3
        while position > 0 {
            digits.insert(",", at: position)
            position -= 3
        }
        return (number < 0 ? "-" : "") + String(digits)
    }

    /// `17 B`, `1.5 MB`: units of 1024 as PostgreSQL's own pg_size_pretty has them.
    static func bytes(_ number: Int64) -> String {
        var value = Double(number)
        for unit in ["B", "kB", "MB", "GB"] {
            if value < 1024 { return unit == "B" ? "\(number) B" : "\(tenths(value)) \(unit)" }
            value /= 1024
        }
        return "\(tenths(value)) TB"
    }

    private static func tenths(_ value: Double) -> String {
        "\((value * 10).rounded() / 10)"
    }
}
