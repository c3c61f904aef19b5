import YesterdayKit

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The real program, run as a user would run it.
public enum YesterdayBinary {
    /// Path of the program: `YESTERDAY_BINARY` of the environment, else the one that was built
    /// together with the tests.
    ///
    /// - Throws: ``YesterdayKit/YesterdayError`` if it has not been built.
    public static func path() throws -> String {
        if let named = getenv("YESTERDAY_BINARY") { return String(cString: named) }
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        let length = readlink("/proc/self/exe", &buffer, Int(PATH_MAX))
        let tests = String(
            decoding: buffer.prefix(max(length, 0)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        // The directory of the test runner is the directory of all that was built.
        for start in [tests, CommandLine.arguments[0]] {
            let path = start.split(separator: "/").dropLast().joined(separator: "/")
            let candidate = (start.hasPrefix("/") ? "/" : "") + path + "/yesterday"
            if access(candidate, X_OK) == 0 { return candidate }
        }
        throw YesterdayError(
            .configuration, "the program yesterday has not been built",
            detail: "It is not beside \(tests).", hint: "Run: swift build")
    }

    /// Runs the program to its end.
    ///
    /// - Parameters:
    ///   - arguments: the words of the command line after `yesterday`.
    ///   - database: the database that it is to talk to, through `PG*`.
    ///   - environment: variables on top; `nil` removes one.
    ///   - input: standard input, which is never a terminal here.
    public static func run(
        _ arguments: [String], database: TestDatabase? = nil, user: String? = nil,
        environment: [String: String?] = [:], input: String = ""
    ) async throws -> Tool.Output {
        var variables: [String: String?] = ["NO_COLOR": nil]
        if let database {
            for (name, value) in database.cluster.environment { variables[name] = value }
            variables["PGDATABASE"] = database.name
        }
        if let user { variables["PGUSER"] = user }
        for (name, value) in environment { variables[name] = value }
        return try await Tool(path(), environment: variables).output(arguments, input: input)
    }
}
