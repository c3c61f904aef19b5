/// Writes JSON whose bytes are always the same for the same content, as digests need it, and
/// into which values can be put as they were written in a records file.
enum JSONText {
    /// A text as a JSON string.
    static func string(_ text: String) -> String {
        var result: [UInt8] = []
        append(text, to: &result)
        return String(decoding: result, as: UTF8.self)
    }

    /// A text as a JSON string, behind what is there.
    static func append(_ text: String, to result: inout [UInt8]) {
        result.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                result.append(UInt8(ascii: "\\"))
                result.append(byte)
            case 0..<0x20:
                let digits = String(byte, radix: 16)
                result.append(contentsOf: "\\u\(digits.count == 1 ? "000" : "00")\(digits)".utf8)
            default: result.append(byte)
            }
        }
        result.append(UInt8(ascii: "\""))
    }

    /// An object of members that are JSON already; nil ones are left out.
    static func object(_ members: [(String, String?)]) -> String {
        let present = members.compactMap { name, value in value.map { "\(string(name)):\($0)" } }
        return "{\(present.joined(separator: ","))}"
    }

    /// An array of elements that are JSON already.
    static func array(_ elements: [String]) -> String {
        "[\(elements.joined(separator: ","))]"
    }

    /// An array of texts.
    static func strings(_ elements: [String]) -> String {
        array(elements.map(string))
    }
}
