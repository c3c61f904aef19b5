#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Finds programs the way a shell does.
public enum ExecutableSearch {
    /// The path of a program.
    ///
    /// - Parameter name: a path, or a name to be looked up in `PATH`.
    /// - Throws: ``YesterdayError`` with code `usage` if there is no such program.
    public static func path(of name: String) throws -> String {
        let candidates: [String]
        if name.contains("/") {
            candidates = [name]
        } else {
            let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/local/bin:/usr/bin:/bin"
            candidates = path.split(separator: ":").map { "\($0)/\(name)" }
        }
        if let found = candidates.first(where: isExecutable), !name.isEmpty { return found }
        throw YesterdayError(
            .usage, "the command \"\(name)\" cannot be run",
            detail: name.contains("/")
                ? "There is no executable file of that name." : "No directory of PATH has it.")
    }

    private static func isExecutable(_ path: String) -> Bool {
        var facts = stat()
        guard stat(path, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else { return false }
        return access(path, X_OK) == 0
    }
}
