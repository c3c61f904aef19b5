/// Turns records into the text format of COPY.
struct RecordCopy {
    /// Columns that take documents: their values stay JSON.
    private let documents: [Bool]
    private let values: BundleEntry.Values

    /// - Parameters:
    ///   - columns: of the records, in order.
    ///   - documents: columns of the type json or jsonb.
    init(columns: [String], documents: Set<String>, values: BundleEntry.Values) {
        self.documents = columns.map { values == .json && documents.contains($0) }
        self.values = values
    }

    /// Adds a line for one record.
    ///
    /// - Returns: false, and no line, if a value has to go through the server's JSON functions: an
    ///   array or an object for a column that is no document.
    func append(_ record: JSONFields, _ bytes: UnsafeBufferPointer<UInt8>, to out: inout [UInt8]) -> Bool {
        let start = out.count
        for (index, field) in record.fields.enumerated() {
            if index > 0 { out.append(0x09) }
            let first = bytes[field.value.lowerBound]
            switch first {
            case UInt8(ascii: "n"):
                out.append(UInt8(ascii: "\\"))
                out.append(UInt8(ascii: "N"))
            case UInt8(ascii: "\"") where !documents[index]:
                let string = field.value.lowerBound + 1..<field.value.upperBound - 1
                if field.hasEscapes {
                    JSONFields.Text(range: string, hasEscapes: true).append(to: &out, from: bytes, put: Self.put)
                } else {
                    // It holds nothing that needs a backslash on either side.
                    out.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[string]))
                }
            case UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: "\""):
                guard documents[index] else {
                    out.removeSubrange(start...)
                    return false
                }
                for byte in bytes[field.value] { Self.put(&out, byte) }
            default:
                out.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[field.value]))
            }
        }
        out.append(0x0A)
        return true
    }

    @inline(__always)
    private static func put(_ out: inout [UInt8], _ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\\"): out += [UInt8(ascii: "\\"), UInt8(ascii: "\\")]
        case 0x09: out += [UInt8(ascii: "\\"), UInt8(ascii: "t")]
        case 0x0A: out += [UInt8(ascii: "\\"), UInt8(ascii: "n")]
        case 0x0D: out += [UInt8(ascii: "\\"), UInt8(ascii: "r")]
        default: out.append(byte)
        }
    }
}
