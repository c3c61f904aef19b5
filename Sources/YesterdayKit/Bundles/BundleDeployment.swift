import PostgresClient

/// Applies a bundle to a target: everything between BEGIN and COMMIT.
public struct BundleDeployment: Sendable {
    /// What happened to one file of the bundle.
    public struct AppliedFile: Sendable, Equatable {
        /// The file, relative to the bundle.
        public let file: String
        /// The table it went to; nil for scripts.
        public let table: TableName?
        /// Rows that were inserted.
        public var inserted: Int64 = 0
        /// Rows that were updated.
        public var updated: Int64 = 0
        /// Rows that were deleted, to make room for a data copy among them.
        public var deleted: Int64 = 0
        /// Records that were like that already, or whose row was gone already.
        public var unchanged: Int64 = 0
        /// Statements of a script that ran.
        public var statements = 0
    }

    /// How far the deployment is.
    public enum Progress: Sendable, Equatable {
        /// A file begins; counted from 1.
        case began(file: String, number: Int, of: Int)
        /// Bytes of it that were sent since the last call.
        case sent(bytes: Int)
        /// A file was applied.
        case applied(AppliedFile)
        /// Everything was applied; the rollback is being proven.
        case proving
    }

    /// What a deployment did.
    public struct Outcome: Sendable {
        /// Its id on the target.
        public let deployment: Int64
        /// The files, in order.
        public let files: [AppliedFile]
        /// What finishing it reported: the proof of its rollback among it.
        public let report: Report
    }

    /// What is deployed.
    public let bundle: LoadedBundle
    /// A remark that is kept with the deployment.
    public var note: String?
    /// Deploy even if something in it cannot be undone.
    public var acceptIrreversible: Bool
    /// Deploy even if a bundle of the same name and another digest was deployed here before:
    /// somebody has named this digest.
    public var acceptAltered: Bool
    /// The code that belongs to it, pinned; `nil` for what the bundle itself says.
    public var artifacts: [Artifact]?
    /// Which patch of which train it is, so that a registry that was restored from an older backup can be told; `nil`
    /// beside every train.
    var patch: JSONValue?

    /// A deployment of a bundle.
    public init(
        _ bundle: LoadedBundle, note: String? = nil, acceptIrreversible: Bool = false, acceptAltered: Bool = false
    ) {
        self.bundle = bundle
        self.note = note ?? bundle.description.note
        self.acceptIrreversible = acceptIrreversible
        self.acceptAltered = acceptAltered
    }

    /// Applies the bundle in the transaction that `session` is in, which must not have written
    /// before. The caller commits, or rolls back: after an error there is no other way.
    ///
    /// - Parameter searchPath: the search_path that the files of the bundle see.
    /// - Throws: ``YesterdayError``, naming file and line.
    public func apply(
        to session: PostgresSession, searchPath: String, progress: (Progress) -> Void = { _ in }
    ) throws -> Outcome {
        if artifacts == nil, let loose = bundle.description.artifacts.first(where: { !$0.isPinned }) {
            throw YesterdayError(
                .badInput, "the artifact \(loose.name) is not pinned",
                detail: "\(loose.reference) can become something else after the deployment, and the rollback would "
                    + "bring back the wrong code.",
                hint: loose.type == .oci ? "Add @sha256:... to it in bundle.yaml." : "Add its sha256 in bundle.yaml.")
        }
        let manifest = try checkedManifest(session)
        let id = try session.beginDeployment(
            DeploymentRequest(
                name: bundle.name, manifest: manifest.text(indent: nil),
                artifacts: (artifacts.map { .array($0.map(\.json)) } ?? bundle.artifacts)?.text(indent: nil), note: note,
                acceptIrreversible: acceptIrreversible),
            scope: "transaction")
        // Only now does this session hold the lock that keeps other deployments out.
        try checkOrder(session)
        try checkUnaltered(session)

        let files = try applyFiles(to: session, searchPath: searchPath, progress: progress)
        progress(.proving)
        return Outcome(deployment: id, files: files, report: try session.finishDeployment(nil))
    }

    /// Applies the files in the deployment that the transaction of `session` has begun.
    func applyFiles(
        to session: PostgresSession, searchPath: String, progress: (Progress) -> Void
    ) throws -> [AppliedFile] {
        let ownPath = try session.query("SELECT pg_catalog.current_setting('search_path')").only[0]
        var files: [AppliedFile] = []
        for (index, file) in bundle.files.enumerated() {
            progress(.began(file: file.entry.file, number: index + 1, of: bundle.files.count))
            try setSearchPath(searchPath, session)
            let isSilent = bundle.description.triggers == .silent && file.entry.table != nil
            if isSilent { try SilentWrites.begin(session) }
            let applied = try apply(file, session) { progress(.sent(bytes: $0)) }
            if isSilent { try SilentWrites.end(session) }
            // A script may have become somebody else. In this order: the first resets the second.
            if file.entry.table == nil { try session.execute("RESET SESSION AUTHORIZATION; RESET ROLE") }
            files.append(applied)
            progress(.applied(applied))
        }
        try setSearchPath(ownPath ?? "", session)
        if bundle.description.triggers == .silent { try SilentWrites.check(bundle.tables, session) }
        return files
    }

    /// Set anew for every file: a script may change it, and the next one should not notice.
    private func setSearchPath(_ path: String, _ session: PostgresSession) throws {
        try session.query("SELECT pg_catalog.set_config('search_path', $1, true)", [.text(path)])
    }

    // MARK: checks

    /// The bundle may say which deployment it builds on.
    func checkOrder(_ session: PostgresSession) throws {
        guard let required = bundle.description.requires else { return }
        let last = try session.query(
            "SELECT name FROM yesterday.history WHERE status = 'finished' ORDER BY id DESC LIMIT 1"
        ).rows.first?[0]
        guard last != required else { return }
        throw YesterdayError(
            .refused, "\"\(bundle.name)\" requires \"\(required)\" to be the last deployment",
            detail: last.map { "The last deployment of this target is \"\($0)\"." }
                ?? "This target has no deployment yet.",
            hint: "Deploy \"\(required)\" first, or look at: yesterday history")
    }

    /// One name means one content: a bundle that differs from the one that was deployed here under
    /// its name was altered after its release.
    private func checkUnaltered(_ session: PostgresSession) throws {
        guard !acceptAltered else { return }
        let known = try session.query(
            """
            SELECT h.id, h.status, r.manifest->'bundle'->>'digest'
            FROM yesterday.history AS h JOIN yesterday.deployment_record AS r ON r.deployment = h.id
            WHERE h.name = $1 AND h.status IN ('finished', 'rolled_back') AND r.manifest->'bundle' ? 'digest'
            ORDER BY h.id DESC LIMIT 1
            """, [.text(bundle.name)]
        ).rows.first
        let digest = "sha256:\(bundle.digest)"
        guard let known, let earlier = known[2], earlier != digest else { return }
        throw YesterdayError(
            .refused, "\"\(bundle.name)\" was altered since it was deployed here",
            detail: "Deployment \(known[0] ?? "?") (\((known[1] ?? "").replacing("_", with: " "))) bears the digest "
                + "\(earlier), this bundle has \(digest).",
            hint: "Give the changed bundle a name of its own; or, if it is meant, name it: --digest \(digest)")
    }

    /// The bundle's manifest, as far as it can be held against this target: without the tables
    /// that the bundle creates, and with keys only where they are those of the primary key.
    private func checkedManifest(_ session: PostgresSession) throws -> JSONValue {
        bundle.manifest(of: try checkedTables(session), patch: patch)
    }

    /// The tables of ``checkedManifest(_:)``.
    ///
    /// - Parameter mayCreate: true if something that comes before this bundle can create its tables.
    func checkedTables(
        _ session: PostgresSession, mayCreate: Bool = false
    ) throws -> [LoadedBundle.DeclaredTable] {
        let hasScripts = mayCreate || bundle.files.contains { $0.entry.kind == .ddl || $0.entry.kind == .sql }
        var declared: [LoadedBundle.DeclaredTable] = []
        for var table in bundle.declaredTables {
            let facts = TableFacts(session, table.table)
            guard try facts.exists() else {
                guard hasScripts else {
                    throw YesterdayError(
                        .badInput, "the table \(table.table) does not exist",
                        detail: "No ddl or sql file of the bundle could create it.",
                        hint: "Correct the name in bundle.yaml, or add a ddl file that creates the table.")
                }
                continue
            }
            try checkLayer(of: table.table, facts.layer())
            if try !facts.hasPlainPrimaryKey(keys(of: table.table)) { table.keys = nil }
            declared.append(table)
            // A row of a partitioned table lies in one of its partitions.
            for part in try facts.descendants() where !bundle.tables.contains(part) {
                declared.append(LoadedBundle.DeclaredTable(table: part, keys: table.keys, operations: table.operations))
            }
        }
        return declared
    }

    /// The key columns that the bundle uses for a table; empty if they are not always the same.
    private func keys(of table: TableName) -> Set<String> {
        let used = bundle.description.contents.compactMap { entry -> Set<String>? in
            guard case .records(table, let key, _, _) = entry.action else { return nil }
            return Set(key)
        }
        return Set(used).count == 1 ? used[0] : []
    }

    /// Rows of a table that is not tracked would stay when the deployment is rolled back; and a
    /// bundle that says whose metadata it is may not write the metadata of others.
    private func checkLayer(of table: TableName, _ layer: String?) throws {
        guard let layer else {
            throw YesterdayError(
                .refused, "the table \(table) is not tracked",
                detail: "A rollback would leave in it what \"\(bundle.name)\" writes.",
                hint: "Put it under capture first: yesterday track \(ShellWord.quoted("\(table)"))")
        }
        guard bundle.description.layer == nil || bundle.description.layer == layer else {
            throw YesterdayError(
                .refused, "the table \(table) belongs to another layer",
                detail: "It is tracked in the layer \"\(layer)\"; the bundle is of the layer "
                    + "\"\(bundle.description.layer ?? "")\".",
                hint: "Leave the table out of the bundle, or correct its layer with: yesterday track")
        }
    }

    // MARK: files

    private func apply(
        _ file: LoadedBundle.File, _ session: PostgresSession, sent: (Int) -> Void
    ) throws -> AppliedFile {
        do {
            let applied =
                switch file.entry.action {
                case .records(let table, let key, let mode, let values):
                    try RecordFile(
                        file, session, table: table, key: key, values: values,
                        needsUniqueKey: bundle.description.triggers == .fire
                    ).apply(mode: mode, sent: sent)
                case .copy(let table, let key, let mode, let condition):
                    try CopyFile(file, session, table: table, key: key, condition: condition)
                        .apply(mode: mode, sent: sent)
                case .script: try ScriptFile(file, session).apply(sent: sent)
                }
            guard session.isInTransaction else {
                throw YesterdayError(
                    .failed, "\(file.entry.file) ended the transaction of the deployment",
                    hint: "Look at what landed: yesterday status")
            }
            return applied
        } catch let error as FileStream.ReadError {
            throw YesterdayError(.badInput, "\(file.entry.file) cannot be read: \(error.reason)", cause: error)
        } catch let unknown as RecordStatements.UnknownColumn {
            throw YesterdayError(
                .badInput,
                "\(file.entry.file), line \(unknown.line): \(unknown.table) has no column \"\(unknown.column)\"",
                hint: "Correct the name, or add the column in a ddl file that comes before.", sqlState: "42703")
        } catch let failure as RecordWriter.Failure {
            let lines = failure.lines
            throw YesterdayError(
                serverError: failure.error, file: file.entry.file,
                lines.count == 1 ? "line \(lines.lowerBound)" : "lines \(lines.lowerBound) to \(lines.upperBound)")
        } catch let error as PostgresError {
            throw YesterdayError(serverError: error, file: file.entry.file, nil)
        }
    }

    /// A file that is not what was checked any more.
    static func changed(_ file: LoadedBundle.File) -> YesterdayError {
        YesterdayError(
            .badInput, "\(file.entry.file) changed while it was deployed",
            detail: "Its content is not the one that was checked and whose digest is in the manifest.",
            hint: "Deploy a bundle that nobody is writing to.")
    }
}

extension YesterdayError {
    /// An error of the server, with the place in the bundle where it comes from.
    init(serverError error: PostgresError, file: String, _ place: String?) {
        let plain = YesterdayError(error)
        var hint = plain.hint
        var code = plain.code == .failed ? .badInput : plain.code
        switch error.sqlState {
        case "25006":
            // The deployment itself has written before, so the server takes writes.
            code = .badInput
            hint = "Something in the bundle made the transaction read only, such as transaction_read_only: take it out."
        case "25001":
            hint = "Take the statement out of the bundle and run it apart: it cannot be rolled back."
        case "2D000":
            hint = "A deployment is one transaction: take COMMIT and ROLLBACK out of the procedure it calls."
        case "55P04":
            hint = "A new enum value can be used only after COMMIT: add it in a bundle of its own, deployed before."
        default: break
        }
        self.init(
            code, "\(file)\(place.map { ", \($0)" } ?? ""): \(plain.message)", detail: plain.detail,
            hint: hint ?? "Mend the file and deploy again; --dry-run tries it without landing it.",
            sqlState: plain.sqlState, context: plain.context, cause: error)
    }
}
