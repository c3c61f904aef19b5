import PostgresClient

extension Target {
    /// Writes the inverse of a deployment as a bundle, row by row, so that it never lies in memory.
    ///
    /// - Parameters:
    ///   - deployment: id or name; the last finished one if nil.
    ///   - path: the new folder, or the new archive if it ends with `.tar.gz`.
    ///   - progress: told how many lines were written so far.
    /// - Returns: the bundle, read back and checked.
    /// - Throws: ``YesterdayError`` or ``PostgresClient/PostgresError``.
    public func exportInverse(
        of deployment: String?, to path: String, progress: @Sendable (Int) -> Void = { _ in }
    ) async throws -> LoadedBundle {
        try await connection.transaction(isolation: .repeatableRead, readOnly: true) { session in
            let chosen = try deployment ?? Self.lastFinished(session)
            let writer = try BundleFolderWriter(path)
            var lines = 0
            var current = ""
            try session.forEachRow(
                "SELECT path, content FROM yesterday.inverse_bundle($1)", [.text(chosen)]
            ) { row in
                let file = row[0] ?? ""
                if file != current { try writer.end(current) }
                current = file
                try writer.write(row[1] ?? "", to: file)
                lines += 1
                if lines % 1000 == 0 { progress(lines) }
            }
            return try writer.finish()
        }
    }

    private static func lastFinished(_ session: PostgresSession) throws -> String {
        let last = try session.query(
            "SELECT id FROM yesterday.history WHERE status = 'finished' ORDER BY id DESC LIMIT 1"
        ).rows.first?[0]
        guard let last else {
            throw YesterdayError(.nothing, "there is no deployment whose inverse could be exported", hint: "yesterday history")
        }
        return last
    }
}
