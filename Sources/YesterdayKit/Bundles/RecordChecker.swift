/// What is wrong with the records of one file, and what is in them. Told of one record after the
/// other, of which there can be millions.
struct RecordChecker {
    /// Something wrong with a record.
    struct Fault {
        let code: BundleProblem.Code
        let message: String
        let hint: String
    }

    private let key: [String]
    private let mode: BundleEntry.RecordMode
    private let values: BundleEntry.Values

    /// Records so far.
    private(set) var count = 0
    /// Columns in the order in which they first come.
    private(set) var columns: [String] = []
    /// Keys as JSON objects; nil if there are more than a manifest lists, or no key at all.
    private(set) var keys: [String]? = []

    /// The names of the last record as they are written, each with a zero behind it, and what was
    /// found out about them.
    private var names: [UInt8] = []
    private var places: [Int?] = []
    private var surplus: String?
    private var known: Set<String> = []
    private var seen = SeenKeys()

    init(key: [String], mode: BundleEntry.RecordMode, values: BundleEntry.Values) {
        self.key = key
        self.mode = mode
        self.values = values
        if key.isEmpty { keys = nil }
    }

    /// Takes the next record, nil if it is in order.
    mutating func check(_ record: JSONFields, _ bytes: UnsafeBufferPointer<UInt8>, line: Int) -> Fault? {
        if !hasSameNames(record, bytes) { learn(record, bytes) }
        for (index, column) in key.enumerated() {
            guard let place = places[index] else {
                return Fault(
                    code: .badRecord, message: "the record has no value for the key column \"\(column)\"",
                    hint: "add it: records are found by their key")
            }
            if bytes[record.fields[place].value.lowerBound] == UInt8(ascii: "n") {
                return Fault(
                    code: .badRecord, message: "the key column \"\(column)\" is null",
                    hint: "give it a value: nothing equals null")
            }
        }
        if let surplus {
            return Fault(
                code: .badRecord, message: "a deletion names the key only, this one has \"\(surplus)\" too",
                hint: "leave \"\(surplus)\" out, or add it to the key")
        }
        if record.fields.isEmpty, key.isEmpty {
            return Fault(code: .badRecord, message: "the record has no fields", hint: "name at least one column")
        }
        if values == .text, let fault = checkTexts(record, bytes) { return fault }
        count += 1
        return key.isEmpty ? nil : remember(record, bytes, line)
    }

    private func checkTexts(_ record: JSONFields, _ bytes: UnsafeBufferPointer<UInt8>) -> Fault? {
        for field in record.fields {
            let first = bytes[field.value.lowerBound]
            guard first != UInt8(ascii: "\""), first != UInt8(ascii: "n") else { continue }
            return Fault(
                code: .badRecord,
                message: "the value of \"\(field.name.text(in: bytes))\" is neither a text nor null, as values: text demands",
                hint: "put the value in double quotes, or leave values: text out of the entry")
        }
        return nil
    }

    private mutating func remember(_ record: JSONFields, _ bytes: UnsafeBufferPointer<UInt8>, _ line: Int) -> Fault? {
        var hash = KeyHash()
        for case let place? in places { add(record.fields[place], bytes, to: &hash) }
        if let listed = keys?.count {
            let text = text(record, bytes)
            if listed < LoadedBundle.mostKeys { keys?.append(text) } else { keys = nil }
        }
        if let earlier = seen.line(of: hash, remembering: line) {
            return Fault(
                code: .duplicateRecord,
                message: "the record \(text(record, bytes)) stands in line \(earlier) already", hint: "keep one of the two")
        }
        return nil
    }

    /// A value as its column will read it: `"1"` and `1` are the same, and so are `"a"` and `"\u0061"`.
    private func add(_ field: JSONFields.Field, _ bytes: UnsafeBufferPointer<UInt8>, to hash: inout KeyHash) {
        guard let string = field.string(in: bytes) else { return hash.add(bytes[field.value]) }
        guard string.hasEscapes else { return hash.add(bytes[string.range]) }
        hash.add(string.text(in: bytes).utf8)
    }

    /// The key as a JSON object.
    private func text(_ record: JSONFields, _ bytes: UnsafeBufferPointer<UInt8>) -> String {
        JSONValue.members(
            zip(key, places).map { column, place in
                (column, place.map { .raw(String(decoding: bytes[record.fields[$0].value], as: UTF8.self)) })
            }
        ).text(indent: nil)
    }

    /// Compared byte by byte with the names of the record before: most files have one set of columns.
    private func hasSameNames(_ record: JSONFields, _ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var at = 0
        for field in record.fields {
            let name = bytes[field.name.range]
            guard at + name.count < names.count, names[at + name.count] == 0,
                names[at..<at + name.count].elementsEqual(name)
            else { return false }
            at += name.count + 1
        }
        return at == names.count && !names.isEmpty
    }

    private mutating func learn(_ record: JSONFields, _ bytes: UnsafeBufferPointer<UInt8>) {
        names.removeAll(keepingCapacity: true)
        var texts: [String] = []
        for field in record.fields {
            names.append(contentsOf: bytes[field.name.range])
            names.append(0)
            texts.append(field.name.text(in: bytes))
        }
        places = key.map { column in texts.firstIndex(of: column) }
        surplus = mode == .delete && !key.isEmpty ? texts.first { !key.contains($0) } : nil
        for text in texts where known.insert(text).inserted { columns.append(text) }
    }
}
