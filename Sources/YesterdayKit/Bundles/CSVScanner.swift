/// Reads CSV piece by piece, as PostgreSQL's `COPY ... (FORMAT csv, HEADER)` understands it,
/// but strictly: what could be read in two ways is an error with its line.
///
/// A quoted field may hold commas, line ends and doubled quotes. An empty field without quotes
/// is NULL, `""` is the empty text.
struct CSVScanner {
    /// Why a text is not CSV.
    struct SyntaxError: Error, Equatable {
        /// Line, from 1.
        let line: Int
        let message: String
    }

    /// A field: nil is NULL.
    typealias Field = String?

    private enum State {
        case fieldStart, plain, quoted, quoteInQuoted, afterReturn
    }

    private var state = State.fieldStart
    private var line = 1
    /// Line in which the current row began: a quoted field can span several.
    private var rowLine = 1
    private var quoteLine = 1
    private var field: [UInt8] = []
    private var fieldWasQuoted = false
    private var row: [Field] = []
    private var fieldCount = 0
    private var utf8 = UTF8Check()
    private var beginning = true
    private let keepsValues: Bool

    /// Names of the columns, from the header; nil until it was read.
    private(set) var header: [String]?
    /// Rows read so far, the header not counted.
    private(set) var rows = 0

    /// A scanner at the beginning of a file. Unless `keepsValues`, rows are checked, not handed out.
    init(keepsValues: Bool = false) {
        self.keepsValues = keepsValues
    }

    /// Takes the next piece; every complete row goes to `each`, with the line it begins in.
    mutating func scan(
        _ bytes: UnsafeRawBufferPointer, each: ([Field], Int) throws -> Void = { _, _ in }
    ) throws {
        var rest = bytes[...]
        // A byte order mark is no part of the first column's name.
        if beginning, rest.count >= 3 {
            beginning = false
            if rest.prefix(3).elementsEqual([0xEF, 0xBB, 0xBF]) { rest = rest.dropFirst(3) }
        }
        for byte in rest {
            guard utf8.accept(byte) else {
                throw SyntaxError(line: line, message: byte == 0 ? "a zero byte cannot be stored" : "this is not UTF-8")
            }
            try take(byte, each: each)
        }
    }

    /// Ends the file.
    mutating func finish(each: ([Field], Int) throws -> Void = { _, _ in }) throws {
        switch state {
        case .quoted:
            throw SyntaxError(line: quoteLine, message: "a double quote opened here is not closed")
        case .fieldStart where row.isEmpty && fieldCount == 0:
            break
        default:
            try endRow(each)
        }
        guard utf8.isComplete else { throw SyntaxError(line: line, message: "this is not UTF-8") }
        guard header != nil else {
            throw SyntaxError(line: 1, message: "the header line with the names of the columns is missing")
        }
    }

    private mutating func take(_ byte: UInt8, each: ([Field], Int) throws -> Void) throws {
        switch state {
        case .afterReturn:
            guard byte == 0x0A else {
                throw SyntaxError(line: line, message: "a carriage return stands alone outside of double quotes")
            }
            try endRow(each)
            line += 1
            rowLine = line
        case .fieldStart where byte == UInt8(ascii: "\""):
            state = .quoted
            fieldWasQuoted = true
            quoteLine = line
        case .fieldStart, .plain:
            switch byte {
            case UInt8(ascii: ","): endField()
            case 0x0A:
                try endRow(each)
                line += 1
                rowLine = line
            case 0x0D: state = .afterReturn
            case UInt8(ascii: "\""):
                throw SyntaxError(line: line, message: "a double quote stands in the middle of a field without quotes")
            default:
                state = .plain
                keep(byte)
            }
        case .quoted:
            if byte == UInt8(ascii: "\"") {
                state = .quoteInQuoted
            } else {
                if byte == 0x0A { line += 1 }
                keep(byte)
            }
        case .quoteInQuoted:
            switch byte {
            case UInt8(ascii: "\""):
                keep(byte)
                state = .quoted
            case UInt8(ascii: ","): endField()
            case 0x0A:
                try endRow(each)
                line += 1
                rowLine = line
            case 0x0D: state = .afterReturn
            default:
                throw SyntaxError(line: line, message: "text follows the closing quote of a field")
            }
        }
    }

    /// Where values are not wanted, enough of a field is kept to know whether it is empty, or \.
    @inline(__always)
    private mutating func keep(_ byte: UInt8) {
        if keepsValues || header == nil || field.count < 3 { field.append(byte) }
    }

    private mutating func endField() {
        fieldCount += 1
        if keepsValues || header == nil {
            row.append(field.isEmpty && !fieldWasQuoted ? nil : String(decoding: field, as: UTF8.self))
        }
        field.removeAll(keepingCapacity: true)
        fieldWasQuoted = false
        state = .fieldStart
    }

    private mutating func endRow(_ each: ([Field], Int) throws -> Void) throws {
        // Older servers take this line for the end of the data and drop the rest.
        if fieldCount == 0, !fieldWasQuoted, field == Array("\\.".utf8) {
            throw SyntaxError(line: rowLine, message: "a line with \\. alone would end the data")
        }
        endField()
        defer {
            row.removeAll(keepingCapacity: true)
            fieldCount = 0
        }
        guard let header else {
            try takeHeader()
            return
        }
        guard fieldCount == header.count else {
            let blank = fieldCount == 1 && header.count > 1 ? "; is the line blank or the separator not a comma?" : ""
            throw SyntaxError(
                line: rowLine,
                message: "the header names \(header.count) columns, this row has \(fieldCount) "
                    + (fieldCount == 1 ? "field" : "fields") + blank)
        }
        rows += 1
        try each(row, rowLine)
    }

    private mutating func takeHeader() throws {
        var names: [String] = []
        for field in row {
            guard let name = field, !name.isEmpty else {
                throw SyntaxError(line: rowLine, message: "the header has a column without a name")
            }
            guard !names.contains(name) else {
                throw SyntaxError(line: rowLine, message: "the header names the column \"\(name)\" twice")
            }
            names.append(name)
        }
        header = names
    }
}
