import PostgresClient

/// A target: a database that has the extension, seen through one connection.
///
/// All that is known about a target lies in its database; this only asks and tells.
public struct Target: Sendable {
    /// The connection. Its search_path is pinned, so that nothing that users put into schemas of
    /// their own can take the place of an operator or a function in our statements.
    public let connection: PostgresConnection
    /// The name of the database.
    public let database: String
    /// The role that logged in.
    public let user: String
    /// Version of the extension in the database.
    public let extensionVersion: String
    /// Schema in which `rollback_last` and `rollback_preview` are.
    public let verbSchema: String
    /// True if the session had the library loaded when it began, as every new session then has.
    public let preloadsLibrary: Bool
    /// The search_path that the session had before it was pinned.
    public let originalSearchPath: String

    /// Looks whether the database of a connection is a target.
    ///
    /// - Throws: ``YesterdayError`` with code `configuration` if the extension is missing;
    ///   ``PostgresClient/PostgresError``.
    public init(_ connection: PostgresConnection) async throws {
        self.connection = connection
        let found = try await connection.withSession { session in
            let preloads = try Preload.isLoaded(session)
            let path = try Self.pin(session)
            let row = try session.query(
                """
                SELECT e.extversion AS version, n.nspname AS schema
                FROM pg_catalog.pg_extension e
                JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
                WHERE e.extname = 'yesterday'
                """
            ).rows.first
            guard let row else {
                throw YesterdayError(
                    .configuration,
                    "the database \"\(session.database)\" does not have the extension yesterday",
                    hint: "Is it the right database? If so: yesterday init")
            }
            return (
                preloads: preloads, path: path, version: try row.get("version") as String,
                schema: try row.get("schema") as String, database: session.database,
                user: session.user
            )
        }
        database = found.database
        user = found.user
        extensionVersion = found.version
        verbSchema = found.schema
        preloadsLibrary = found.preloads
        originalSearchPath = found.path
    }

    /// Pins what the meaning and the form of our statements' results depend on.
    ///
    /// - Returns: the search_path as it was.
    static func pin(_ session: PostgresSession) throws -> String {
        let path = try session.query("SELECT pg_catalog.current_setting('search_path') AS path")
            .only.get("path", as: String.self)
        try session.execute(
            """
            SET search_path = pg_catalog, pg_temp;
            SET DateStyle = ISO;
            SET IntervalStyle = postgres;
            """)
        return path
    }

    /// `rollback_last` or `rollback_preview`, with its schema.
    func verb(_ name: String) throws -> String { try SQL.identifier(verbSchema, name) }
}
