/// Quoting of names and values for the few places where SQL takes no parameters.
///
/// Safe for connections of this module, which speak UTF-8 and leave
/// `standard_conforming_strings` on.
public enum SQL {
    /// A name as a quoted identifier: `order` becomes `"order"`.
    ///
    /// - Throws: ``PostgresError`` with code `invalidValue` if the name is empty or holds a NUL.
    public static func identifier(_ name: String) throws -> String {
        guard !name.isEmpty, !name.utf8.contains(0) else {
            throw PostgresError(.invalidValue, "\(name.debugDescription) cannot be a name in SQL")
        }
        return quoted(name, with: "\"")
    }

    /// A schema-qualified name, both parts quoted.
    ///
    /// - Throws: ``PostgresError`` with code `invalidValue` if a part cannot be a name.
    public static func identifier(_ schema: String, _ name: String) throws -> String {
        try identifier(schema) + "." + identifier(name)
    }

    /// A string constant. A backslash in it forces the `E''` form, so that the result means the
    /// same whatever `standard_conforming_strings` says.
    ///
    /// - Throws: ``PostgresError`` with code `invalidValue` if the value holds a NUL.
    public static func literal(_ value: String) throws -> String {
        guard !value.utf8.contains(0) else {
            throw PostgresError(.invalidValue, "a text value cannot hold a NUL byte")
        }
        guard value.utf8.contains(UInt8(ascii: "\\")) else { return quoted(value, with: "'") }
        let doubled = value.unicodeScalars.reduce(into: "") { text, scalar in
            text.unicodeScalars.append(scalar)
            if scalar == "\\" { text.unicodeScalars.append(scalar) }
        }
        return " E" + quoted(doubled, with: "'")
    }

    /// Works on scalars: as characters, a quote followed by a combining mark is not a quote.
    private static func quoted(_ text: String, with quote: Unicode.Scalar) -> String {
        var result = String.UnicodeScalarView()
        result.append(quote)
        for scalar in text.unicodeScalars {
            if scalar == quote { result.append(quote) }
            result.append(scalar)
        }
        result.append(quote)
        return String(result)
    }
}
