/// A JSON document whose objects keep the order of their keys, so that output is stable and the
/// headline comes first.
public indirect enum JSONValue: Sendable, Equatable {
    case null
    case bool(Bool)
    case integer(Int64)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([Member])
    /// JSON text that came from the server, passed on as it is.
    case raw(String)

    /// A key and its value.
    public struct Member: Sendable, Equatable {
        /// The key.
        public let key: String
        /// The value.
        public let value: JSONValue

        /// A member of an object.
        public init(_ key: String, _ value: JSONValue) {
            self.key = key
            self.value = value
        }
    }

    /// A string, or null.
    public static func optional(_ text: String?) -> JSONValue { text.map { .string($0) } ?? .null }

    /// An integer, or null.
    public static func optional(_ number: Int64?) -> JSONValue {
        number.map { .integer($0) } ?? .null
    }

    /// The value of a key, `nil` if this is no object or has no such key.
    public subscript(key: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.key == key }?.value
    }

    /// The document as text.
    ///
    /// - Parameter indent: spaces of each level; `nil` puts all on one line.
    public func text(indent: Int? = 2) -> String {
        var text = ""
        write(to: &text, indent: indent, level: 0)
        return text
    }

    private func write(to text: inout String, indent: Int?, level: Int) {
        switch self {
        case .null: text += "null"
        case .bool(let value): text += value ? "true" : "false"
        case .integer(let value): text += String(value)
        case .number(let value): text += value.isFinite ? value.description : "null"
        case .string(let value): Self.write(value, to: &text)
        case .raw(let json): text += json
        case .array(let elements):
            Self.write(elements, between: "[", "]", to: &text, indent, level) {
                $0.write(to: &$1, indent: indent, level: level + 1)
            }
        case .object(let members):
            Self.write(members, between: "{", "}", to: &text, indent, level) {
                Self.write($0.key, to: &$1)
                $1 += indent == nil ? ":" : ": "
                $0.value.write(to: &$1, indent: indent, level: level + 1)
            }
        }
    }

    private static func write<Element>(
        _ elements: [Element], between open: String, _ close: String, to text: inout String,
        _ indent: Int?, _ level: Int, element: (Element, inout String) -> Void
    ) {
        text += open
        for (position, each) in elements.enumerated() {
            if position > 0 { text += "," }
            if let indent {
                text += "\n" + String(repeating: " ", count: indent * (level + 1))
            }
            element(each, &text)
        }
        if let indent, !elements.isEmpty {
            text += "\n" + String(repeating: " ", count: indent * level)
        }
        text += close
    }

    private static func write(_ string: String, to text: inout String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByNilLiteral, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral
{
    /// A string.
    public init(stringLiteral value: String) { self = .string(value) }
    /// An integer.
    public init(integerLiteral value: Int64) { self = .integer(value) }
    /// A boolean.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// null.
    public init(nilLiteral: ()) { self = .null }
    /// An array.
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    /// An object, its keys in the order of the literal.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(elements.map { Member($0, $1) })
    }
}
