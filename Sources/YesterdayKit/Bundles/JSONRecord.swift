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
        var scanner = JSONScanner(bytes)
        fields = try scanner.record()
    }

    /// The value of a field as written, or nil.
    func value(of name: String) -> String? {
        fields.first { $0.name == name }?.value
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

    mutating func record() throws(JSONRecord.SyntaxError) -> [JSONRecord.Field] {
        skipBlanks()
        guard peek() == UInt8(ascii: "{") else { throw wrong("a record is a JSON object, which begins with {") }
        let bytes = bytes
        var fields: [JSONRecord.Field] = []
        try members(depth: 1) { (name, range) throws(JSONRecord.SyntaxError) in
            guard !fields.contains(where: { $0.name == name }) else {
                throw JSONRecord.SyntaxError(column: range.lowerBound + 1, message: "field \"\(name)\" comes twice")
            }
            fields.append(.init(name: name, value: String(decoding: bytes[range], as: UTF8.self)))
        }
        skipBlanks()
        guard at == bytes.count else { throw wrong("one line holds one object, but more follows here") }
        return fields
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
        depth: Int, _ each: (String, Range<Int>) throws(JSONRecord.SyntaxError) -> Void
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
            guard peek() == UInt8(ascii: ":") else { throw wrong("a colon is missing after \"\(name)\"") }
            at += 1
            skipBlanks()
            let start = at
            try value(depth: depth + 1)
            try each(name, start..<at)
            skipBlanks()
            switch peek() {
            case UInt8(ascii: ","): at += 1
            case UInt8(ascii: "}"):
                at += 1
                return
            default: throw wrong("a comma or } is missing after the value of \"\(name)\"")
            }
        }
    }

    private mutating func value(depth: Int) throws(JSONRecord.SyntaxError) {
        guard depth <= Self.deepest else { throw wrong("values are nested more than \(Self.deepest) deep") }
        switch peek() {
        case UInt8(ascii: "{"): try members(depth: depth) { _, _ in }
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

    /// A string, from its quote on, with escapes resolved.
    private mutating func string() throws(JSONRecord.SyntaxError) -> String {
        at += 1
        var text: [UInt8] = []
        var check = UTF8Check()
        while let byte = peek() {
            guard check.accept(byte) else { throw wrong("this is not UTF-8") }
            if byte == UInt8(ascii: "\"") {
                at += 1
                return String(decoding: text, as: UTF8.self)
            }
            if byte < 0x20 { throw wrong("a control character has to be written as \\u00xx") }
            at += 1
            if byte == UInt8(ascii: "\\") {
                try escape(into: &text)
            } else {
                text.append(byte)
            }
        }
        throw wrong("a string is not closed: the line ends here")
    }

    private mutating func escape(into text: inout [UInt8]) throws(JSONRecord.SyntaxError) {
        guard let byte = peek() else { throw wrong("a string is not closed: the line ends here") }
        at += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            var code = try hexadecimal()
            if (0xD800...0xDBFF).contains(code) {
                guard peek() == UInt8(ascii: "\\"), at + 1 < bytes.count, bytes[at + 1] == UInt8(ascii: "u") else {
                    throw wrong("half of a surrogate pair stands alone")
                }
                at += 2
                let low = try hexadecimal()
                guard (0xDC00...0xDFFF).contains(low) else { throw wrong("half of a surrogate pair stands alone") }
                code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(code) else { throw wrong("half of a surrogate pair stands alone") }
            guard code != 0 else { throw wrong("PostgreSQL cannot store the character \\u0000") }
            text.append(contentsOf: String(scalar).utf8)
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
