import PostgresClient

/// A records file on its way into its table.
struct RecordFile {
    private let file: LoadedBundle.File
    private let session: PostgresSession
    private let table: TableName
    private let key: [String]
    private let values: BundleEntry.Values
    private let needsUniqueKey: Bool

    /// - Parameter needsUniqueKey: false if all rows that have the key of a deletion are meant.
    init(
        _ file: LoadedBundle.File, _ session: PostgresSession, table: TableName, key: [String],
        values: BundleEntry.Values, needsUniqueKey: Bool = true
    ) {
        self.file = file
        self.session = session
        self.table = table
        self.key = key
        self.values = values
        self.needsUniqueKey = needsUniqueKey
    }

    func apply(mode: BundleEntry.RecordMode, sent: (Int) -> Void) throws -> BundleDeployment.AppliedFile {
        guard values == .text else { return try write(mode, sent: sent) }
        return try ExactText.with(session) { try write(mode, sent: sent) }
    }

    private func write(_ mode: BundleEntry.RecordMode, sent: (Int) -> Void) throws -> BundleDeployment.AppliedFile {
        let facts = TableFacts(session, table)
        if mode == .insert || key.isEmpty || (mode == .delete && !needsUniqueKey) {
            try facts.requireExistence()
        } else {
            try facts.requireUnique(key)
        }
        var writer = try RecordWriter(session, table: table, key: key, mode: mode, values: values)
        var change = ChangeCheck()
        var record = JSONFields()
        do {
            try FileStream(file.content).forEachLine {
                change.update($0)
                sent($0.count)
            } _: { line, number in
                if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) { return }
                do throws(JSONRecord.SyntaxError) {
                    try record.read(line)
                } catch {
                    // It was checked before, so somebody has written to it since.
                    throw BundleDeployment.changed(file)
                }
                try writer.add(line, record, line: number)
            }
        } catch {
            writer.abandon()
            throw error
        }
        let outcome = try writer.finish()
        guard change.value == file.check else { throw BundleDeployment.changed(file) }
        return BundleDeployment.AppliedFile(
            file: file.entry.file, table: table, inserted: outcome.inserted, updated: outcome.updated,
            deleted: outcome.deleted, unchanged: outcome.unchanged)
    }
}

/// A data copy on its way into its table.
struct CopyFile {
    private let file: LoadedBundle.File
    private let session: PostgresSession
    private let table: TableName
    private let key: [String]
    private let condition: String?
    /// Most bytes of keys that a merge keeps to find what is not in its file.
    private static let mostKeyBytes = 64 << 20

    init(
        _ file: LoadedBundle.File, _ session: PostgresSession, table: TableName, key: [String], condition: String?
    ) {
        self.file = file
        self.session = session
        self.table = table
        self.key = key
        // The line end closes a comment that the condition may end with.
        self.condition = condition.map { "(\($0)\n)" }
    }

    func apply(mode: BundleEntry.CopyMode, sent: (Int) -> Void) throws -> BundleDeployment.AppliedFile {
        switch mode {
        case .replace: try replace(sent: sent)
        case .merge: try merge(sent: sent)
        }
    }

    private func replace(sent: (Int) -> Void) throws -> BundleDeployment.AppliedFile {
        let filter = condition.map { " WHERE \($0)" } ?? ""
        let deleted = try session.query("DELETE FROM \(table.sql)\(filter)").affectedRows ?? 0
        let columns = file.columns.map(TableName.quoted).joined(separator: ", ")
        let stream = try FileStream(file.content)
        var change = ChangeCheck()
        let inserted: Int64
        do {
            inserted = try session.copyIn(
                "COPY \(table.sql) (\(columns)) FROM STDIN WITH (FORMAT csv, HEADER true)"
            ) {
                guard let piece = try stream.next() else { return nil }
                change.update(piece)
                sent(piece.count)
                return Array(piece)
            }
        } catch let error as PostgresError where error.code == .copyInterrupted {
            throw error.cause ?? error
        }
        guard change.value == file.check else { throw BundleDeployment.changed(file) }
        return BundleDeployment.AppliedFile(
            file: file.entry.file, table: table, inserted: inserted, deleted: deleted)
    }

    /// For tables that others refer to: their rows cannot be deleted and come back.
    private func merge(sent: (Int) -> Void) throws -> BundleDeployment.AppliedFile {
        let facts = TableFacts(session, table)
        try facts.requireUnique(key)
        let documents = try facts.jsonColumns()
        var writer = try RecordWriter(session, table: table, key: key, mode: .upsert)
        var keys: [UInt8] = [UInt8(ascii: "[")]
        var change = ChangeCheck()
        var scanner = CSVScanner(keepsValues: true)
        var record = JSONFields()
        let columns = file.columns
        let isKey = columns.map(key.contains)
        let isDocument = columns.map(documents.contains)

        func take(_ row: [String?], _ line: Int) throws {
            guard row.count == columns.count else { throw BundleDeployment.changed(file) }
            var json: [UInt8] = []
            var keyJSON: [UInt8] = []
            for (index, value) in row.enumerated() {
                // It was checked before, so somebody has written to it since.
                if isKey[index], value == nil { throw BundleDeployment.changed(file) }
                if isDocument[index], let value { try checkDocument(value, columns[index], line) }
                append(columns[index], value, isJSON: isDocument[index], to: &json)
                if isKey[index] { append(columns[index], value, isJSON: isDocument[index], to: &keyJSON) }
            }
            json.append(UInt8(ascii: "}"))
            try json.withUnsafeBufferPointer { bytes in
                try record.read(bytes)
                try writer.add(bytes, record, line: line)
            }
            if keys.count > 1 { keys.append(UInt8(ascii: ",")) }
            keys += keyJSON + [UInt8(ascii: "}")]
            guard keys.count <= Self.mostKeyBytes else {
                throw YesterdayError(
                    .badInput, "\(file.entry.file) has too many rows for mode: merge",
                    hint: "Use mode: replace, or split the copy with where.")
            }
        }
        do {
            let stream = try FileStream(file.content)
            while let piece = try stream.next() {
                change.update(piece)
                sent(piece.count)
                try scanner.scan(piece, each: take)
            }
            try scanner.finish(each: take)
        } catch {
            writer.abandon()
            if error is CSVScanner.SyntaxError { throw BundleDeployment.changed(file) }
            throw error
        }
        guard change.value == file.check else {
            writer.abandon()
            throw BundleDeployment.changed(file)
        }
        let outcome = try writer.finish()
        return BundleDeployment.AppliedFile(
            file: file.entry.file, table: table, inserted: outcome.inserted, updated: outcome.updated,
            deleted: try deleteAllBut(keys + [UInt8(ascii: "]")]), unchanged: outcome.unchanged)
    }

    private func deleteAllBut(_ keys: [UInt8]) throws -> Int64 {
        // The table has no alias, because the condition may call it by its name.
        let match = key.map(TableName.quoted).map { "s.\($0) = \(table.sql).\($0)" }.joined(separator: " AND ")
        return try session.query(
            """
            DELETE FROM \(table.sql) WHERE \(condition ?? "true") AND NOT EXISTS (SELECT FROM \
            \(try RecordStatements(TableFacts(session, table), table: table, key: key).source(key)) WHERE \(match))
            """, [.text(String(decoding: keys, as: UTF8.self))]
        ).affectedRows ?? 0
    }

    private func append(_ column: String, _ value: String?, isJSON: Bool, to json: inout [UInt8]) {
        json.append(json.isEmpty ? UInt8(ascii: "{") : UInt8(ascii: ","))
        let document: JSONValue = isJSON ? value.map { .raw($0) } ?? nil : .optional(value)
        json += JSONValue.string(column).text(indent: nil).utf8
        json.append(UInt8(ascii: ":"))
        json += document.text(indent: nil).utf8
    }

    /// A document becomes part of the JSON that is sent, so it has to be whole.
    private func checkDocument(_ value: String, _ column: String, _ line: Int) throws {
        do throws(JSONRecord.SyntaxError) {
            _ = try Array("{\"v\":\(value)}".utf8).withUnsafeBufferPointer { bytes throws(JSONRecord.SyntaxError) in
                let record = try JSONRecord(bytes)
                guard record.fields.count == 1 else {
                    throw JSONRecord.SyntaxError(column: 1, message: "more than one value")
                }
            }
        } catch {
            throw YesterdayError(
                .badInput, "\(file.entry.file), line \(line): \"\(column)\" is not JSON: \(error.message)",
                hint: "Mend the value; quotes inside a quoted field are doubled.")
        }
    }
}

/// A script on its way to the server.
struct ScriptFile {
    private let file: LoadedBundle.File
    private let session: PostgresSession

    init(_ file: LoadedBundle.File, _ session: PostgresSession) {
        self.file = file
        self.session = session
    }

    func apply(sent: (Int) -> Void) throws -> BundleDeployment.AppliedFile {
        let bytes = try BundleFileChecker.contents(of: file.content, limit: LoadedBundle.largestScript)
        var change = ChangeCheck()
        bytes.withUnsafeBytes { change.update($0) }
        guard change.value == file.check else { throw BundleDeployment.changed(file) }
        let script: SQLScript
        do throws(SQLScript.SyntaxError) {
            script = try SQLScript(bytes)
        } catch {
            throw YesterdayError(
                .badInput, "\(file.entry.file), line \(error.line): \(error.message)", hint: error.hint)
        }
        for statement in script.statements {
            do {
                // The extended protocol takes one command: nothing can hide behind a semicolon.
                try session.query(statement.text)
            } catch let error as PostgresError {
                throw YesterdayError(
                    serverError: error, file: file.entry.file, "line \(line(of: error, in: statement))")
            }
            sent(statement.text.utf8.count)
        }
        return BundleDeployment.AppliedFile(
            file: file.entry.file, table: nil, statements: script.statements.count)
    }

    /// Line of the file that the server means: it counts characters of the statement.
    private func line(of error: PostgresError, in statement: SQLScript.Statement) -> Int {
        guard let position = error.server?.position else { return statement.line }
        return statement.line + statement.text.unicodeScalars.prefix(max(0, position - 1)).count { $0 == "\n" }
    }
}
