import Foundation

/// One JSON object of a records file: checked strictly, with its fields as they are written.
///
/// Values stay text: a number keeps every digit on its way into the database, and the server's
/// own input functions decide what it means.
struct JSONRecord {
    /// A field of the object.
    struct Field: Equatable {
        /// Name of the column, with escapes resolved.
        let name: String
        /// The value as it is written, such as `"a"`, `1.50`, `null` or `{"b": 1}`.
        let value: String

        var isNull: Bool { value == "null" }
    }

    /// Why a text is not a JSON object that can be stored.
    struct SyntaxError: Error, Equatable {
        /// Byte of the line, from 1.
        let column: Int
        let message: String
    }

    /// The fields, in the order of the text.
    let fields: [Field]

    /// Reads one object; anything but white space after it is an error.
    init(_ bytes: UnsafeBufferPointer<UInt8>) throws(SyntaxError) {
        var raw = JSONFields()
        try raw.read(bytes)
        fields = raw.fields.map {
            Field(name: $0.name.text(in: bytes), value: String(decoding: bytes[$0.value], as: UTF8.self))
        }
    }

    /// The value of a field as written, or nil.
    func value(of name: String) -> String? {
        fields.first { $0.name == name }?.value
    }
}

/// The fields of one record as places in its text, for millions of records: reading another
/// record takes no memory.
struct JSONFields {
    /// A string as it is written.
    struct Text: Equatable {
        /// What stands between its quotes.
        let range: Range<Int>
        let hasEscapes: Bool

        /// The string that is meant.
        func text(in bytes: UnsafeBufferPointer<UInt8>) -> String {
            guard hasEscapes else { return String(decoding: bytes[range], as: UTF8.self) }
            var text: [UInt8] = []
            append(to: &text, from: bytes) { $0.append($1) }
            return String(decoding: text, as: UTF8.self)
        }

        /// Adds the bytes of the string that is meant, each through `put`.
        @inline(__always)
        func append(
            to text: inout [UInt8], from bytes: UnsafeBufferPointer<UInt8>, put: (inout [UInt8], UInt8) -> Void
        ) {
            var at = range.lowerBound
            while at < range.upperBound {
                let byte = bytes[at]
                at += 1
                if byte != UInt8(ascii: "\\") {
                    put(&text, byte)
                    continue
                }
                let escape = bytes[at]
                at += 1
                switch escape {
                case UInt8(ascii: "b"): put(&text, 0x08)
                case UInt8(ascii: "f"): put(&text, 0x0C)
                case UInt8(ascii: "n"): put(&text, 0x0A)
                case UInt8(ascii: "r"): put(&text, 0x0D)
                case UInt8(ascii: "t"): put(&text, 0x09)
                case UInt8(ascii: "u"):
                    var code = Self.hexadecimal(bytes, at)
                    at += 4
                    if (0xD800...0xDBFF).contains(code) {
                        code = 0x10000 + (code - 0xD800) << 10 + (Self.hexadecimal(bytes, at + 2) - 0xDC00)
                        at += 6
                    }
                    // It was checked when the record was read.
                    for unit in String(Unicode.Scalar(code) ?? "\u{FFFD}").utf8 { put(&text, unit) }
                default: put(&text, escape)
                }
            }
        }

        private static func hexadecimal(_ bytes: UnsafeBufferPointer<UInt8>, _ at: Int) -> UInt32 {
            bytes[at..<at + 4].reduce(0) { $0 << 4 | UInt32(Character(Unicode.Scalar($1)).hexDigitValue ?? 0) }
        }
    }

    /// A field of the record.
    struct Field {
        let name: Text
        let value: Range<Int>
        /// The value is a string with escapes; one without holds no control characters either.
        let hasEscapes: Bool

        /// The string that the value is, nil if it is none.
        func string(in bytes: UnsafeBufferPointer<UInt8>) -> Text? {
            guard bytes[value.lowerBound] == UInt8(ascii: "\"") else { return nil }
            return Text(range: value.lowerBound + 1..<value.upperBound - 1, hasEscapes: hasEscapes)
        }
    }

    /// The fields, in the order of the text.
    private(set) var fields: [Field] = []

    /// Reads one object; anything but white space after it is an error.
    mutating func read(_ bytes: UnsafeBufferPointer<UInt8>) throws(JSONRecord.SyntaxError) {
        fields.removeAll(keepingCapacity: true)
        var scanner = JSONScanner(bytes)
        try scanner.record(&fields)
    }
}

/// Checks JSON without building a tree of it.
private struct JSONScanner {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var at = 0
    private static let deepest = 200

    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
    }

    mutating func record(_ fields: inout [JSONFields.Field]) throws(JSONRecord.SyntaxError) {
        skipBlanks()
        guard peek() == UInt8(ascii: "{") else { throw wrong("a record is a JSON object, which begins with {") }
        let bytes = bytes
        try members(depth: 1) { (name, range, hasEscapes) throws(JSONRecord.SyntaxError) in
            guard !fields.contains(where: { Self.isSame($0.name, name, bytes) }) else {
                throw JSONRecord.SyntaxError(
                    column: range.lowerBound + 1, message: "field \"\(name.text(in: bytes))\" comes twice")
            }
            fields.append(.init(name: name, value: range, hasEscapes: hasEscapes))
        }
        skipBlanks()
        guard at == bytes.count else { throw wrong("one line holds one object, but more follows here") }
    }

    private static func isSame(
        _ one: JSONFields.Text, _ other: JSONFields.Text, _ bytes: UnsafeBufferPointer<UInt8>
    ) -> Bool {
        if one.hasEscapes || other.hasEscapes { return one.text(in: bytes) == other.text(in: bytes) }
        return one.range.count == other.range.count
            && memcmp(
                bytes.baseAddress! + one.range.lowerBound, bytes.baseAddress! + other.range.lowerBound, one.range.count)
                == 0
    }

    private func wrong(_ message: String) -> JSONRecord.SyntaxError {
        JSONRecord.SyntaxError(column: at + 1, message: message)
    }

    private func peek() -> UInt8? {
        at < bytes.count ? bytes[at] : nil
    }

    private mutating func skipBlanks() {
        while let byte = peek(), byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A { at += 1 }
    }

    /// An object, from its brace on.
    private mutating func members(
        depth: Int, _ each: (JSONFields.Text, Range<Int>, Bool) throws(JSONRecord.SyntaxError) -> Void
    ) throws(JSONRecord.SyntaxError) {
        at += 1
        skipBlanks()
        if peek() == UInt8(ascii: "}") {
            at += 1
            return
        }
        while true {
            skipBlanks()
            guard peek() == UInt8(ascii: "\"") else { throw wrong("the name of a field in double quotes is missing") }
            let name = try string()
            skipBlanks()
            guard peek() == UInt8(ascii: ":") else { throw wrong("a colon is missing after \"\(name.text(in: bytes))\"") }
            at += 1
            skipBlanks()
            let start = at
            var hasEscapes = false
            if peek() == UInt8(ascii: "\"") {
                hasEscapes = try string().hasEscapes
            } else {
                try value(depth: depth + 1)
            }
            try each(name, start..<at, hasEscapes)
            skipBlanks()
            switch peek() {
            case UInt8(ascii: ","): at += 1
            case UInt8(ascii: "}"):
                at += 1
                return
            default: throw wrong("a comma or } is missing after the value of \"\(name.text(in: bytes))\"")
            }
        }
    }

    private mutating func value(depth: Int) throws(JSONRecord.SyntaxError) {
        guard depth <= Self.deepest else { throw wrong("values are nested more than \(Self.deepest) deep") }
        switch peek() {
        case UInt8(ascii: "{"): try members(depth: depth) { _, _, _ in }
        case UInt8(ascii: "["): try elements(depth: depth)
        case UInt8(ascii: "\""): _ = try string()
        case UInt8(ascii: "t"): try word("true")
        case UInt8(ascii: "f"): try word("false")
        case UInt8(ascii: "n"): try word("null")
        case nil: throw wrong("a value is missing: the line ends here")
        default: try number()
        }
    }

    private mutating func elements(depth: Int) throws(JSONRecord.SyntaxError) {
        at += 1
        skipBlanks()
        if peek() == UInt8(ascii: "]") {
            at += 1
            return
        }
        while true {
            skipBlanks()
            try value(depth: depth + 1)
            skipBlanks()
            switch peek() {
            case UInt8(ascii: ","): at += 1
            case UInt8(ascii: "]"):
                at += 1
                return
            default: throw wrong("a comma or ] is missing in an array")
            }
        }
    }

    private mutating func word(_ expected: StaticString) throws(JSONRecord.SyntaxError) {
        let end = at + expected.utf8CodeUnitCount
        let found = end <= bytes.count && expected.withUTF8Buffer { $0.elementsEqual(bytes[at..<end]) }
        guard found else { throw wrong("this is not a JSON value; text needs double quotes") }
        at = end
    }

    private mutating func number() throws(JSONRecord.SyntaxError) {
        if peek() == UInt8(ascii: "-") { at += 1 }
        if peek() == UInt8(ascii: "0") {
            at += 1
        } else if digits() == 0 {
            throw wrong("this is not a JSON value; text needs double quotes")
        }
        if peek() == UInt8(ascii: ".") {
            at += 1
            if digits() == 0 { throw wrong("digits are missing after the decimal point") }
        }
        if peek() == UInt8(ascii: "e") || peek() == UInt8(ascii: "E") {
            at += 1
            if peek() == UInt8(ascii: "+") || peek() == UInt8(ascii: "-") { at += 1 }
            if digits() == 0 { throw wrong("digits are missing in the exponent") }
        }
    }

    private mutating func digits() -> Int {
        let start = at
        while let byte = peek(), (0x30...0x39).contains(byte) { at += 1 }
        return at - start
    }

    /// A string, from its quote on: its place.
    private mutating func string() throws(JSONRecord.SyntaxError) -> JSONFields.Text {
        at += 1
        let start = at
        var hasEscapes = false
        var check = UTF8Check()
        skipPlain()
        while at < bytes.count {
            let byte = bytes[at]
            switch byte {
            case UInt8(ascii: "\""):
                guard check.isComplete else { throw wrong("this is not UTF-8") }
                at += 1
                return JSONFields.Text(range: start..<at - 1, hasEscapes: hasEscapes)
            case UInt8(ascii: "\\"):
                guard check.isComplete else { throw wrong("this is not UTF-8") }
                hasEscapes = true
                at += 1
                try escape()
                skipPlain()
            case 0x20..<0x80 where check.isComplete: at += 1
            default:
                guard check.accept(byte) else { throw wrong("this is not UTF-8") }
                if byte < 0x20 { throw wrong("a control character has to be written as \\u00xx") }
                at += 1
            }
        }
        throw wrong("a string is not closed: the line ends here")
    }

    /// Goes on to the next byte of a string that is a quote, a backslash, a control character or no
    /// ASCII: eight at a time, because texts are most of a record.
    @inline(__always)
    private mutating func skipPlain() {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let tops = ones << 7
        while at + 8 <= bytes.count {
            let word = UInt64(
                littleEndian: UnsafeRawPointer(bytes.baseAddress!).loadUnaligned(fromByteOffset: at, as: UInt64.self))
            // A top bit is set at the first such byte, and perhaps at later ones that are none.
            let quote = word ^ (ones &* 0x22)
            let backslash = word ^ (ones &* 0x5C)
            let found = (quote &- ones) & ~quote | (backslash &- ones) & ~backslash | (word &- ones &* 0x20) & ~word | word
            if found & tops != 0 {
                at += (found & tops).trailingZeroBitCount / 8
                return
            }
            at += 8
        }
    }

    private mutating func escape() throws(JSONRecord.SyntaxError) {
        guard let byte = peek() else { throw wrong("a string is not closed: the line ends here") }
        at += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return
        case UInt8(ascii: "u"):
            let code = try hexadecimal()
            if (0xD800...0xDBFF).contains(code) {
                guard peek() == UInt8(ascii: "\\"), at + 1 < bytes.count, bytes[at + 1] == UInt8(ascii: "u") else {
                    throw wrong("half of a surrogate pair stands alone")
                }
                at += 2
                guard (0xDC00...0xDFFF).contains(try hexadecimal()) else {
                    throw wrong("half of a surrogate pair stands alone")
                }
            } else if (0xDC00...0xDFFF).contains(code) {
                throw wrong("half of a surrogate pair stands alone")
            }
            guard code != 0 else { throw wrong("PostgreSQL cannot store the character \\u0000") }
        default: throw wrong("unknown escape in a string")
        }
    }

    private mutating func hexadecimal() throws(JSONRecord.SyntaxError) -> UInt32 {
        guard at + 4 <= bytes.count else { throw wrong("\\u needs four hexadecimal digits") }
        var code: UInt32 = 0
        for byte in bytes[at..<at + 4] {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
                throw wrong("\\u needs four hexadecimal digits")
            }
            code = code << 4 | UInt32(digit)
        }
        at += 4
        return code
    }
}
