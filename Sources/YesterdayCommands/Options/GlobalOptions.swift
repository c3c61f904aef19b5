import ArgumentParser
import Logging
import PostgresClient

/// Which database. What is not said here comes from libpq's own sources.
public struct ConnectionOptions: ParsableArguments {
    /// A connection string, URI or name of a database.
    @Option(
        name: .customLong("db"),
        help: ArgumentHelp(
            "Database: a name, \"host=... dbname=...\" or postgresql://...",
            discussion: """
                What is left out comes from PGHOST, PGDATABASE, PGUSER, ..., the service file and \
                ~/.pgpass, as with psql. Several hosts may be named.
                """,
            valueName: "conninfo"))
    public var database: String?

    /// A service of the service file.
    @Option(help: ArgumentHelp("Service of pg_service.conf.", valueName: "name"))
    public var service: String?

    /// Parsed by ArgumentParser.
    public init() {}

    /// The settings for a connection.
    public var settings: ConnectionSettings {
        ConnectionSettings(target: database, service: service)
    }
}

/// How to write results and logs.
public struct OutputOptions: ParsableArguments {
    /// For people or for programs.
    @Option(help: "Output: human, or json (one document on standard output).")
    public var format: OutputFormat = .human

    /// Tells more.
    @Flag(name: .shortAndLong, help: "Tell more on standard error.")
    public var verbose = false

    /// Tells less.
    @Flag(name: .shortAndLong, help: "Tell nothing but the result and errors.")
    public var quiet = false

    /// Parsed by ArgumentParser.
    public init() {}

    /// From which level on messages are logged.
    public var logLevel: Logger.Level { quiet ? .error : verbose ? .debug : .notice }
}
