import Digests
import Foundation

/// Reads the files of a bundle and collects what is wrong with them.
struct BundleFileChecker {
    private(set) var problems: [BundleProblem] = []
    private let store: BundleStore
    private let progress: (Int) -> Void
    /// Problems of one file after which the rest is left out: a file in the wrong format has
    /// one in every line.
    private static let mostProblems = 10

    init(_ store: BundleStore, progress: @escaping (Int) -> Void) {
        self.store = store
        self.progress = progress
    }

    mutating func report(
        _ code: BundleProblem.Code, _ file: String, _ line: Int?, _ message: String, _ hint: String
    ) {
        problems.append(BundleProblem(code, file: file, line: line, message: message, hint: hint))
    }

    mutating func warn(_ code: BundleProblem.Code, _ file: String, _ message: String, _ hint: String) {
        problems.append(BundleProblem(code, severity: .warning, file: file, message: message, hint: hint))
    }

    /// Reads one file; nil if it cannot be used.
    mutating func check(_ entry: BundleEntry) -> LoadedBundle.File? {
        let file = entry.file
        let found: BundleContent
        switch store.find(file) {
        case .file(let content): found = content
        case .missing:
            report(
                .missingFile, BundleDescription.fileName, entry.line, "the file \(file) is not in the bundle",
                "add it, or take the entry out of contents")
            return nil
        case .outside:
            report(
                .pathTraversal, BundleDescription.fileName, entry.line, "\(file) is a link that leaves the bundle",
                "put the file itself into the bundle")
            return nil
        case .notAFile:
            report(
                .unreadableFile, BundleDescription.fileName, entry.line, "\(file) is not a plain file",
                "put a plain file there")
            return nil
        }
        do {
            switch entry.action {
            case .records(_, let key, let mode, let values):
                return try records(entry, found, key, mode, values)
            case .copy(_, let key, _, _): return try copy(entry, found, key)
            case .script: return try script(entry, found)
            }
        } catch let error as FileStream.ReadError {
            report(.unreadableFile, file, nil, "the file cannot be read: \(error.reason)", "make it readable")
        } catch let error as CSVScanner.SyntaxError {
            report(
                .badCSV, file, error.line, error.message,
                "mend the line; fields with commas, quotes or line ends stand in double quotes, quotes in them doubled")
        } catch let error as SQLScript.SyntaxError {
            report(.badSQL, file, error.line, error.message, error.hint)
        } catch is TooManyProblems {
            report(.badRecord, file, nil, "more problems in this file are left out", "mend these first")
        } catch {
            report(.unreadableFile, file, nil, "the file cannot be read: \(error)", "make it readable")
        }
        return nil
    }

    private struct TooManyProblems: Error {}

    /// Files in the bundle's folders that no entry names: forgotten, most likely.
    mutating func checkUnlisted(_ listed: [String]) {
        let listed = Set(listed)
        for file in store.files() where !listed.contains(file) {
            report(
                .unlistedFile, file, nil, "the file is in the bundle but not in contents",
                "list it in \(BundleDescription.fileName), or delete it")
        }
    }

    // MARK: records

    private mutating func records(
        _ entry: BundleEntry, _ found: BundleContent, _ key: [String], _ mode: BundleEntry.RecordMode,
        _ values: BundleEntry.Values
    ) throws -> LoadedBundle.File? {
        let before = problems.count
        var hash = SHA256()
        var change = ChangeCheck()
        var size = 0
        var record = JSONFields()
        var checker = RecordChecker(key: key, mode: mode, values: values)
        try FileStream(found).forEachLine { piece in
            hash.update(piece)
            change.update(piece)
            size += piece.count
            progress(piece.count)
        } _: { line, number in
            guard problems.count - before < Self.mostProblems else { throw TooManyProblems() }
            if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) { return }
            do throws(JSONRecord.SyntaxError) {
                try record.read(line)
            } catch {
                report(
                    .badJSON, entry.file, number, "this is not JSON: \(error.message) (column \(error.column))",
                    "write one JSON object a line, such as {\"\(key.first ?? "column")\": \"...\"}")
                return
            }
            if let fault = checker.check(record, line, line: number) {
                report(fault.code, entry.file, number, fault.message, fault.hint)
            }
        }
        if checker.count == 0, problems.count == before {
            warn(.emptyFile, entry.file, "the file has no records", "take the entry out of contents")
        }
        return LoadedBundle.File(
            entry: entry, content: found, size: size, sha256: hash.hexDigest(), check: change.value, count: checker.count,
            columns: checker.columns, keys: checker.keys)
    }

    // MARK: copies

    private mutating func copy(_ entry: BundleEntry, _ found: BundleContent, _ key: [String]) throws -> LoadedBundle.File? {
        var hash = SHA256()
        var change = ChangeCheck()
        var size = 0
        var scanner = CSVScanner()
        let stream = try FileStream(found)
        while let piece = try stream.next() {
            hash.update(piece)
            change.update(piece)
            size += piece.count
            progress(piece.count)
            try scanner.scan(piece)
        }
        try scanner.finish()
        let columns = scanner.header ?? []
        if let missing = key.first(where: { !columns.contains($0) }) {
            report(
                .badCSV, entry.file, 1, "the header lacks the key column \"\(missing)\"",
                "add the column, or change key in \(BundleDescription.fileName)")
            return nil
        }
        if !key.isEmpty { try checkKeys(entry, found, key, columns) }
        if scanner.rows == 0 {
            warn(
                .emptyFile, entry.file, "the copy has no rows: it deletes without inserting anything",
                "make sure that this is meant")
        }
        return LoadedBundle.File(
            entry: entry, content: found, size: size, sha256: hash.hexDigest(), check: change.value, count: scanner.rows, columns: columns,
            keys: nil)
    }

    /// Keys of the rows of a merge: which of two rows with one key is meant, nobody can tell.
    private mutating func checkKeys(
        _ entry: BundleEntry, _ found: BundleContent, _ key: [String], _ columns: [String]
    ) throws {
        let before = problems.count
        let places = columns.indices.filter { key.contains(columns[$0]) }
        var seen = SeenKeys()
        func check(_ row: [String?], _ line: Int) throws {
            guard problems.count - before < Self.mostProblems else { throw TooManyProblems() }
            var hash = KeyHash()
            for place in places where place < row.count {
                guard let value = row[place] else {
                    report(
                        .badCSV, entry.file, line, "the key column \"\(columns[place])\" is empty",
                        "give it a value: nothing equals NULL")
                    return
                }
                hash.add(value.utf8)
            }
            if let earlier = seen.line(of: hash, remembering: line) {
                report(
                    .duplicateRecord, entry.file, line, "the key of this row stands in line \(earlier) already",
                    "keep one of the two")
            }
        }
        var scanner = CSVScanner(keepsValues: true)
        let stream = try FileStream(found)
        while let piece = try stream.next() { try scanner.scan(piece, each: check) }
        try scanner.finish(each: check)
    }

    // MARK: scripts

    private mutating func script(_ entry: BundleEntry, _ found: BundleContent) throws -> LoadedBundle.File? {
        let bytes = try Self.contents(of: found, limit: LoadedBundle.largestScript)
        progress(bytes.count)
        let script = try SQLScript(bytes)
        for statement in script.statements {
            if let obstacle = statement.obstacle {
                report(obstacle.code, entry.file, statement.line, obstacle.message, obstacle.hint)
            }
        }
        if script.statements.isEmpty {
            warn(
                .emptyFile, entry.file, "the file has no statements", "take the entry out of contents")
        }
        var hash = SHA256()
        hash.update(bytes)
        var change = ChangeCheck()
        bytes.withUnsafeBytes { change.update($0) }
        return LoadedBundle.File(
            entry: entry, content: found, size: bytes.count, sha256: hash.hexDigest(), check: change.value,
            count: script.statements.count,
            columns: [], keys: nil)
    }

    /// The whole of a file that is not meant to be large.
    static func contents(of content: BundleContent, limit: Int) throws -> [UInt8] {
        let stream = try FileStream(content)
        var bytes: [UInt8] = []
        while let piece = try stream.next() {
            guard bytes.count + piece.count <= limit else {
                throw FileStream.ReadError(reason: "it is larger than \(limit >> 20) MB")
            }
            bytes.append(contentsOf: piece)
        }
        return bytes
    }
}
