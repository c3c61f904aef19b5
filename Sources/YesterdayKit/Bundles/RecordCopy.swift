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
    /// - Returns: false if a value has to go through the server's JSON functions: an array or an
    ///   object for a column that is no document. The line is then not complete.
    func append(_ record: JSONFields, _ bytes: UnsafeBufferPointer<UInt8>, to out: inout [UInt8]) -> Bool {
        for (index, field) in record.fields.enumerated() {
            if index > 0 { out.append(0x09) }
            let first = bytes[field.value.lowerBound]
            switch first {
            case UInt8(ascii: "n"):
                out.append(UInt8(ascii: "\\"))
                out.append(UInt8(ascii: "N"))
            case UInt8(ascii: "\"") where !documents[index]:
                let string = field.value.lowerBound + 1..<field.value.upperBound - 1
                Self.append(string, bytes, to: &out)
            case UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: "\""):
                guard documents[index] else { return false }
                for byte in bytes[field.value] { Self.put(&out, byte) }
            default:
                out.append(contentsOf: bytes[field.value])
            }
        }
        out.append(0x0A)
        return true
    }

    @inline(__always)
    private static func append(_ range: Range<Int>, _ bytes: UnsafeBufferPointer<UInt8>, to out: inout [UInt8]) {
        // Most texts hold nothing that needs a backslash on either side.
        if bytes[range].allSatisfy({ $0 != UInt8(ascii: "\\") && $0 >= 0x20 }) {
            out.append(contentsOf: bytes[range])
        } else {
            JSONFields.Text(range: range, hasEscapes: true).append(to: &out, from: bytes, put: Self.put)
        }
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
