/// The statements of a `ddl/*.sql` or `sql/*.sql` file, taken apart only as far as needed to run
/// them one by one: an error then has a line, and nothing can end the transaction unnoticed.
///
/// It is a splitter, not a parser. The server takes each statement through the extended
/// protocol, which refuses more than one command, so a wrong split is an error and no more.
struct SQLScript: Sendable {
    /// One statement.
    struct Statement: Sendable, Equatable {
        /// Its text, without leading comments and without the semicolon.
        let text: String
        /// Line of its first word, from 1.
        let line: Int
        /// Its first words outside of quotes and parentheses, in upper case.
        let words: [String]
    }

    /// Why a file cannot be split.
    struct SyntaxError: Error, Equatable {
        /// Line, from 1.
        let line: Int
        let message: String
        let hint: String
    }

    /// The statements, in order; empty ones are left out.
    let statements: [Statement]

    /// Splits a file.
    init(_ source: [UInt8]) throws(SyntaxError) {
        var splitter = SQLSplitter(source)
        statements = try splitter.statements()
    }
}

extension SQLScript.Statement {
    /// Why this statement cannot be part of a deployment, or nil if it can.
    var obstacle: (code: BundleProblem.Code, message: String, hint: String)? {
        let first = words.first ?? ""
        let second = words.dropFirst().first ?? ""
        if let command = transactionCommand(first, second) {
            return (
                .transactionControl, "\(command) cannot stand in a bundle: the whole bundle is one transaction",
                "take \(command) out; savepoints may stay"
            )
        }
        if first == "COPY", let from = words.firstIndex(where: { $0 == "STDIN" || $0 == "STDOUT" }) {
            return (
                .badSQL, "COPY ... \(words[from]) does not work from a script",
                "put the rows into a file under copies/ and list it in bundle.yaml"
            )
        }
        if let command = commandWithoutTransaction(first, second) {
            return (
                .needsOwnTransaction, "\(command) cannot run inside a transaction",
                command.hasSuffix("CONCURRENTLY")
                    ? "leave CONCURRENTLY out, or run it apart from the bundle"
                    : "run it apart from the bundle: what it does could not be rolled back"
            )
        }
        return nil
    }

    private func transactionCommand(_ first: String, _ second: String) -> String? {
        switch first {
        case "BEGIN", "COMMIT", "END", "ABORT":
            return second == "PREPARED" ? "\(first) PREPARED" : first
        case "ROLLBACK":
            return words.dropFirst().prefix(2).contains("TO") ? nil : first
        case "START" where second == "TRANSACTION", "PREPARE" where second == "TRANSACTION":
            return "\(first) \(second)"
        case "SET":
            let name = ["LOCAL", "SESSION"].contains(second) ? words.dropFirst(2).first ?? "" : second
            let properties = ["TRANSACTION", "TRANSACTION_READ_ONLY", "TRANSACTION_ISOLATION", "TRANSACTION_DEFERRABLE"]
            return properties.contains(name) ? "SET \(name)" : nil
        default:
            return nil
        }
    }

    private func commandWithoutTransaction(_ first: String, _ second: String) -> String? {
        switch (first, second) {
        case ("VACUUM", _): return first
        case ("ALTER", "SYSTEM"), ("DISCARD", "ALL"),
            ("CREATE", "DATABASE"), ("DROP", "DATABASE"), ("CREATE", "TABLESPACE"), ("DROP", "TABLESPACE"),
            ("REINDEX", "DATABASE"), ("REINDEX", "SYSTEM"), ("REINDEX", "SCHEMA"):
            return "\(first) \(second)"
        case ("CREATE", "INDEX"), ("CREATE", "UNIQUE"), ("DROP", "INDEX"), ("REINDEX", _):
            return words.prefix(4).contains("CONCURRENTLY")
                ? "\(first) \(first == "REINDEX" ? second : "INDEX") CONCURRENTLY" : nil
        case ("ALTER", "TABLE"):
            return words.contains("DETACH") && words.last == "CONCURRENTLY"
                ? "ALTER TABLE ... DETACH PARTITION CONCURRENTLY" : nil
        default: return nil
        }
    }
}

/// Reads a script byte by byte.
private struct SQLSplitter {
    private let source: [UInt8]
    private var at = 0
    private var line = 1

    // The statement being read.
    private var start: Int?
    private var startLine = 1
    private var words: [String] = []
    private var lastWord = ""
    private var parentheses = 0
    /// Depth inside the body of a BEGIN ATOMIC function, whose semicolons do not end it.
    private var body = 0

    init(_ source: [UInt8]) {
        self.source = source
        if source.starts(with: [0xEF, 0xBB, 0xBF]) { at = 3 }
    }

    mutating func statements() throws(SQLScript.SyntaxError) -> [SQLScript.Statement] {
        try checkEncoding()
        var found: [SQLScript.Statement] = []
        while let byte = peek() {
            switch byte {
            case 0x0A, 0x20, 0x09, 0x0D, 0x0C: advance()
            case UInt8(ascii: "-") where peek(1) == byte: skipLine()
            case UInt8(ascii: "/") where peek(1) == UInt8(ascii: "*"): try skipComment()
            case UInt8(ascii: ";") where parentheses == 0 && body == 0:
                if let statement = take() { found.append(statement) }
                at += 1
            case UInt8(ascii: "\\"):
                throw wrong(
                    "commands of psql, which begin with \\, are not understood here",
                    hint: "write plain SQL; rows for COPY belong under copies/")
            default:
                begin()
                try token(byte)
            }
        }
        guard parentheses == 0 else {
            throw wrong(
                "a parenthesis of the statement that begins in line \(startLine) is not closed",
                hint: "close it; statements end with a semicolon")
        }
        if let statement = take() { found.append(statement) }
        return found
    }

    private func checkEncoding() throws(SQLScript.SyntaxError) {
        var check = UTF8Check()
        var line = 1
        for byte in source {
            guard check.accept(byte) else {
                throw SQLScript.SyntaxError(
                    line: line, message: "this is not UTF-8", hint: "save the file in the encoding UTF-8")
            }
            if byte == 0x0A { line += 1 }
        }
        guard check.isComplete else {
            throw SQLScript.SyntaxError(
                line: line, message: "this is not UTF-8", hint: "save the file in the encoding UTF-8")
        }
    }

    private func wrong(_ message: String, at place: Int? = nil, hint: String) -> SQLScript.SyntaxError {
        SQLScript.SyntaxError(line: place ?? line, message: message, hint: hint)
    }

    private func peek(_ ahead: Int = 0) -> UInt8? {
        at + ahead < source.count ? source[at + ahead] : nil
    }

    private mutating func advance() {
        if source[at] == 0x0A { line += 1 }
        at += 1
    }

    private mutating func begin() {
        guard start == nil else { return }
        start = at
        startLine = line
    }

    private mutating func take() -> SQLScript.Statement? {
        defer {
            start = nil
            words = []
            lastWord = ""
            body = 0
        }
        guard let start else { return nil }
        var text = String(decoding: source[start..<at], as: UTF8.self)
        while let last = text.unicodeScalars.last, last.properties.isWhitespace { text.unicodeScalars.removeLast() }
        return SQLScript.Statement(text: text, line: startLine, words: words)
    }

    private mutating func token(_ byte: UInt8) throws(SQLScript.SyntaxError) {
        switch byte {
        case UInt8(ascii: "'"): try quoted(by: byte, escapes: false)
        case UInt8(ascii: "\""): try quoted(by: byte, escapes: false)
        case UInt8(ascii: "$"): try dollar()
        case UInt8(ascii: "("):
            parentheses += 1
            at += 1
        case UInt8(ascii: ")"):
            guard parentheses > 0 else {
                throw wrong("a closing parenthesis has no opening one", hint: "check the parentheses of this statement")
            }
            parentheses -= 1
            at += 1
        case _ where Self.beginsWord(byte): try word()
        case UInt8(ascii: "0")...UInt8(ascii: "9"):
            // A number swallows letters and $ behind it, so that 1$a$ opens no dollar quote.
            while let next = peek(), Self.continuesWord(next) { at += 1 }
        default: advance()
        }
    }

    private mutating func word() throws(SQLScript.SyntaxError) {
        let from = at
        while let next = peek(), Self.continuesWord(next) { at += 1 }
        if at - from == 1, peek() == UInt8(ascii: "'"), source[from] | 0x20 == UInt8(ascii: "e") {
            try quoted(by: UInt8(ascii: "'"), escapes: true)
            return
        }
        let word = String(decoding: source[from..<at], as: UTF8.self).uppercased()
        defer { lastWord = word }
        if body > 0 {
            if word == "CASE" || word == "BEGIN" { body += 1 }
            if word == "END" { body -= 1 }
            return
        }
        if word == "ATOMIC", lastWord == "BEGIN", words.first == "CREATE" { body = 1 }
        if parentheses == 0, words.count < 32 { words.append(word) }
    }

    private mutating func quoted(by quote: UInt8, escapes: Bool) throws(SQLScript.SyntaxError) {
        let opened = line
        at += 1
        while let byte = peek() {
            if escapes, byte == UInt8(ascii: "\\"), peek(1) != nil {
                at += 1
                advance()
                continue
            }
            advance()
            if byte == quote {
                // A doubled quote goes on as the next literal would.
                if peek() == quote { at += 1 } else { return }
            }
        }
        throw wrong("a quote opened here is not closed", at: opened, hint: "close the quote")
    }

    private mutating func dollar() throws(SQLScript.SyntaxError) {
        var end = at + 1
        if let next = peek(1), (0x30...0x39).contains(next) {
            at += 1
            return
        }
        while end < source.count, source[end] != UInt8(ascii: "$"), Self.continuesWord(source[end]) { end += 1 }
        guard end < source.count, source[end] == UInt8(ascii: "$") else {
            at += 1
            return
        }
        let opened = line
        let tag = source[at...end]
        at = end + 1
        while at < source.count {
            if source[at] == UInt8(ascii: "$"), source[at...].starts(with: tag) {
                at += tag.count
                return
            }
            advance()
        }
        throw wrong(
            "the quote \(String(decoding: tag, as: UTF8.self)) opened here is not closed", at: opened,
            hint: "close it with the same \(String(decoding: tag, as: UTF8.self))")
    }

    private mutating func skipLine() {
        while let byte = peek(), byte != 0x0A { at += 1 }
    }

    private mutating func skipComment() throws(SQLScript.SyntaxError) {
        let opened = line
        var depth = 0
        while let byte = peek() {
            if byte == UInt8(ascii: "/"), peek(1) == UInt8(ascii: "*") {
                depth += 1
                at += 2
            } else if byte == UInt8(ascii: "*"), peek(1) == UInt8(ascii: "/") {
                depth -= 1
                at += 2
                if depth == 0 { return }
            } else {
                advance()
            }
        }
        throw wrong("a comment opened here is not closed", at: opened, hint: "close it with */; comments nest")
    }

    private static func beginsWord(_ byte: UInt8) -> Bool {
        (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == UInt8(ascii: "_") || byte >= 0x80
    }

    private static func continuesWord(_ byte: UInt8) -> Bool {
        beginsWord(byte) || (0x30...0x39).contains(byte) || byte == UInt8(ascii: "$")
    }
}
