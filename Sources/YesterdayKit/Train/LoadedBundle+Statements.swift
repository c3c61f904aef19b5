extension LoadedBundle {
    /// The statements of a script of the bundle; none for other files.
    ///
    /// - Throws: ``YesterdayError`` if the file is not what was checked any more.
    func statements(of file: File) throws -> [SQLScript.Statement] {
        guard file.entry.kind == .ddl || file.entry.kind == .sql else { return [] }
        let bytes: [UInt8]
        do {
            bytes = try BundleFileChecker.contents(of: file.content, limit: Self.largestScript)
        } catch let error as FileStream.ReadError {
            throw YesterdayError(.badInput, "\(file.entry.file) cannot be read: \(error.reason)", cause: error)
        }
        do {
            return try SQLScript(bytes).statements
        } catch {
            throw BundleDeployment.changed(file)
        }
    }
}
