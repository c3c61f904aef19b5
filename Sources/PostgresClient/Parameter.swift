/// A value for a `$n` of a statement. Values never become part of the statement's text.
public struct Parameter: Sendable, Equatable {
    enum Value: Sendable, Equatable {
        case null
        case text(String)
        case binary([UInt8])
    }

    let value: Value
    /// OID of the type, 0 to let the server infer it.
    let type: UInt32

    private init(_ value: Value, type: UInt32 = 0) {
        self.value = value
        self.type = type
    }

    /// NULL.
    public static let null = Parameter(.null)

    /// A value in PostgreSQL's text form; the server infers the type. `nil` is NULL.
    public static func text(_ value: String?) -> Parameter {
        value.map { Parameter(.text($0)) } ?? .null
    }

    /// A `bigint`. `nil` is NULL.
    public static func int8(_ value: Int64?) -> Parameter {
        guard let value else { return .null }
        return Parameter(.binary(withUnsafeBytes(of: value.bigEndian) { Array($0) }), type: 20)
    }

    /// A `boolean`. `nil` is NULL.
    public static func bool(_ value: Bool?) -> Parameter {
        guard let value else { return .null }
        return Parameter(.binary([value ? 1 : 0]), type: 16)
    }

    /// A `bytea`, sent as it is. `nil` is NULL.
    public static func bytea(_ value: [UInt8]?) -> Parameter {
        value.map { Parameter(.binary($0), type: 17) } ?? .null
    }

    /// A `jsonb`, given as JSON text. `nil` is NULL.
    public static func jsonb(_ value: String?) -> Parameter {
        value.map { Parameter(.text($0), type: 3802) } ?? .null
    }

    /// An array of the type that the server infers. `nil` is NULL, and so is a `nil` element.
    public static func array(_ elements: [String?]?) -> Parameter {
        elements.map { Parameter(.text(PostgresArray.text($0))) } ?? .null
    }
}

extension Parameter: ExpressibleByStringLiteral, ExpressibleByNilLiteral {
    /// A text value.
    public init(stringLiteral value: String) { self = .text(value) }
    /// NULL.
    public init(nilLiteral: ()) { self = .null }
}
