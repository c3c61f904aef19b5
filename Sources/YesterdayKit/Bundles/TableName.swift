/// Name of a table with its schema, as a bundle gives it: `sales.rule`, `"My App"."Screen"`.
///
/// Quoting follows SQL. A part without quotes has to be in lower case already: a bundle should
/// never depend on whether somebody remembers that PostgreSQL folds names.
public struct TableName: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// Schema, exactly as in the catalog.
    public let schema: String
    /// Table, exactly as in the catalog.
    public let name: String

    /// A table by its names as they are in the catalog.
    public init(schema: String, name: String) {
        self.schema = schema
        self.name = name
    }

    /// Why a text is not the name of a table.
    public struct ParseError: Error, Sendable, Equatable {
        /// What is wrong.
        public let message: String
        /// How to write it instead.
        public let hint: String
    }

    /// Reads `schema.table`.
    public init(parsing text: String) throws(ParseError) {
        var parts: [String] = []
        // Scalars, not characters: a quote followed by a combining mark is one character.
        var rest = text.unicodeScalars[...]
        while true {
            parts.append(try Self.takePart(&rest, of: text))
            guard rest.first == "." else { break }
            rest = rest.dropFirst()
        }
        guard rest.isEmpty else {
            throw ParseError(
                message: "\"\(text)\" is not the name of a table: unexpected \"\(String(rest))\"",
                hint: "write it as schema.table, with names that are not plain lower case in double quotes")
        }
        guard parts.count == 2 else {
            throw ParseError(
                message: "\"\(text)\" does not name schema and table",
                hint: parts.count == 1
                    ? "write it with its schema, such as public.\(text)" : "write it as schema.table")
        }
        self.init(schema: parts[0], name: parts[1])
    }

    private static func takePart(
        _ rest: inout String.UnicodeScalarView.SubSequence, of text: String
    ) throws(ParseError) -> String {
        var part = String.UnicodeScalarView()
        if rest.first == "\"" {
            rest = rest.dropFirst()
            while true {
                guard let next = rest.popFirst() else {
                    throw ParseError(
                        message: "\"\(text)\" has a double quote that is not closed",
                        hint: "write a name that holds a double quote with two of them")
                }
                if next == "\"" {
                    guard rest.first == "\"" else { break }
                    rest = rest.dropFirst()
                }
                part.append(next)
            }
        } else {
            while let next = rest.first, next != "." {
                part.append(next)
                rest = rest.dropFirst()
            }
            guard part.isEmpty || isPlain(String(part)) else {
                throw ParseError(
                    message: "\"\(String(part))\" in \"\(text)\" is not a plain lower-case name",
                    hint: "write a name with capitals, blanks or signs in double quotes, such as 'public.\"Screen\"'")
            }
        }
        let found = String(part)
        guard !found.isEmpty, found.utf8.count <= 63, !found.utf8.contains(0) else {
            throw ParseError(
                message: "\"\(text)\" has a name that is empty or longer than 63 bytes",
                hint: "write it as schema.table")
        }
        return found
    }

    private static func isPlain(_ part: String) -> Bool {
        guard let first = part.utf8.first, first == UInt8(ascii: "_") || isLower(first) || first >= 0x80 else {
            return false
        }
        return part.utf8.allSatisfy { byte in
            isLower(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "$") || byte >= 0x80
        }
    }

    private static func isLower(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
    }

    /// The name for people and for manifests: quotes only where they are needed.
    public var description: String {
        "\(Self.displayed(schema)).\(Self.displayed(name))"
    }

    /// The name for SQL commands: always quoted, so that no keyword can stand in the way.
    public var sql: String {
        "\(Self.quoted(schema)).\(Self.quoted(name))"
    }

    private static func displayed(_ part: String) -> String {
        isPlain(part) ? part : quoted(part)
    }

    /// An identifier in double quotes.
    public static func quoted(_ identifier: String) -> String {
        var text = String.UnicodeScalarView()
        text.append("\"")
        for scalar in identifier.unicodeScalars {
            text.append(scalar)
            if scalar == "\"" { text.append(scalar) }
        }
        text.append("\"")
        return String(text)
    }

    /// By schema, then by name.
    public static func < (left: TableName, right: TableName) -> Bool {
        (left.schema, left.name) < (right.schema, right.name)
    }
}
