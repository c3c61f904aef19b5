import CLibPQ

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Where to connect. What is left out comes from libpq's own sources: `PG*` in the environment,
/// the service file, `.pgpass`.
public struct ConnectionSettings: Sendable {
    /// A connection string (`host=... dbname=...`), a URI (`postgresql://...`) or the plain name of
    /// a database. Several hosts are libpq's business.
    public var target: String?
    /// A service of `pg_service.conf`.
    public var service: String?
    /// What `pg_stat_activity` shows, unless `target` or `PGAPPNAME` says otherwise.
    public var applicationName: String
    /// Settings of the session, sent when it starts: `-c name=value`. Replaces `PGOPTIONS`.
    public var options: String?

    /// Settings for a connection.
    public init(
        target: String? = nil, service: String? = nil, applicationName: String = "yesterday",
        options: String? = nil
    ) {
        self.target = target
        self.service = service
        self.applicationName = applicationName
        self.options = options
    }

    /// Longest wait for one host, in seconds, where nobody set another: libpq would wait for as
    /// long as TCP does, and somebody may be standing before the terminal.
    private static let connectTimeout = "15"

    /// The keywords and values for PQconnectdbParams, in order.
    func parameters() throws -> [(keyword: String, value: String)] {
        var result: [(String, String)] = [("fallback_application_name", applicationName)]
        if getenv("PGCONNECT_TIMEOUT") == nil, service == nil, getenv("PGSERVICE") == nil {
            result.append(("connect_timeout", Self.connectTimeout))
        }
        if let service { result.append(("service", service)) }
        if let target {
            try Self.check(target)
            result.append(("dbname", target))
        }
        if let options { result.append(("options", options)) }
        result.append(("client_encoding", "UTF8"))
        for (keyword, value) in result where value.utf8.contains(0) {
            throw PostgresError(
                .invalidConnectionSettings, "the connection setting \(keyword) holds a NUL byte")
        }
        return result
    }

    /// Finds mistakes in a connection string here, because libpq's own message about one can
    /// quote a part of the password.
    private static func check(_ target: String) throws {
        guard target.contains("=") || isURI(target) else { return }
        let hint = """
            Write "host=... port=... dbname=... user=..." or "postgresql://user@host:port/database", \
            and leave the password to ~/.pgpass.
            """
        guard let options = PQconninfoParse(target, nil) else {
            throw PostgresError(
                .invalidConnectionSettings, "the connection string is not valid", hint: hint)
        }
        defer { PQconninfoFree(options) }
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val, isURI(target),
                String(cString: keyword) == "host", String(cString: value).contains("@")
            {
                throw PostgresError(
                    .invalidConnectionSettings, "the host of the connection URI holds an \"@\"",
                    detail: "A password with @ or / in it makes a URI mean something else.",
                    hint: "Write @ as %40 and / as %2F, or leave the password to ~/.pgpass.")
            }
            option += 1
        }
    }

    private static func isURI(_ target: String) -> Bool {
        target.hasPrefix("postgres://") || target.hasPrefix("postgresql://")
    }
}
