import PostgresClient
import Subprocess

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

/// A PostgreSQL server of its own, in a temporary directory, reachable through a Unix socket only,
/// for the demonstration and for tests.
///
/// A watchdog process stops the server and deletes the directory when this process ends, however
/// it ends; ``stop()`` does so at once, and ``keep()`` prevents it.
public final class ThrowawayCluster: Sendable {
    /// What ``start(pgConfig:settings:)`` made: data, socket and log lie in it.
    public let directory: String
    /// Where the server's programs are: `pg_config --bindir`.
    public let binDirectory: String
    /// The superuser of the cluster; no password is asked for.
    public let superuser = "postgres"
    /// The port, which is but a part of the socket's name.
    public let port = 5432

    private let account: ServerAccount
    private let watchdog: FileDescriptor

    private init(
        directory: String, binDirectory: String, account: ServerAccount, watchdog: FileDescriptor
    ) {
        self.directory = directory
        self.binDirectory = binDirectory
        self.account = account
        self.watchdog = watchdog
    }

    deinit { try? watchdog.close() }

    /// Directory of the data.
    public var dataDirectory: String { directory + "/data" }
    /// File with the server's messages.
    public var logFile: String { directory + "/server.log" }

    /// What a connection needs, as environment variables of libpq, for programs like psql.
    public var environment: [String: String] {
        ["PGHOST": directory, "PGPORT": String(port), "PGUSER": superuser]
    }

    /// A connection string.
    public func connectionString(database: String = "postgres", user: String? = nil) -> String {
        "host=\(directory) port=\(port) dbname=\(database) user=\(user ?? superuser)"
    }

    /// Connects to a database of the cluster.
    ///
    /// - Throws: ``PostgresClient/PostgresError``.
    public func connect(
        database: String = "postgres", user: String? = nil,
        onNotice: @escaping @Sendable (ServerMessage) -> Void = { _ in }
    ) async throws -> PostgresConnection {
        try await .connect(
            ConnectionSettings(target: connectionString(database: database, user: user)),
            onNotice: onNotice)
    }

    /// A program of this PostgreSQL, such as `psql` or `pg_dump`, with the environment to reach the
    /// cluster.
    public func tool(_ name: String) -> Tool {
        Tool("\(binDirectory)/\(name)", environment: environment)
    }

    /// Makes and starts a cluster.
    ///
    /// - Parameters:
    ///   - pgConfig: which PostgreSQL; else `PG_CONFIG` of the environment, else `pg_config`.
    ///   - settings: for `postgresql.conf`.
    /// - Throws: ``YesterdayError`` if PostgreSQL's server is not installed or does not start.
    public static func start(
        pgConfig: String? = nil, settings: [String: String] = [:]
    ) async throws -> ThrowawayCluster {
        let binDirectory = try await findBinDirectory(pgConfig)
        let account = try ServerAccount.forThisProcess()
        let directory = try makeDirectory(owner: account)
        let watchdog: FileDescriptor
        do {
            watchdog = try await startWatchdog(account, binDirectory, directory)
        } catch {
            rmdir(directory)
            throw error
        }
        let cluster = ThrowawayCluster(
            directory: directory, binDirectory: binDirectory, account: account, watchdog: watchdog)
        do {
            try await cluster.initialize(settings)
            try await cluster.control("start")
        } catch {
            await cluster.stop()
            throw error
        }
        return cluster
    }

    /// Stops the server, as after a crash if `immediately`, and starts it again.
    ///
    /// - Throws: ``YesterdayError`` with the end of the server's log if it does not start.
    public func restart(immediately: Bool = false) async throws {
        try await control("restart", ["--mode", immediately ? "immediate" : "fast"])
    }

    /// Has pg_ctl stop, start or restart the server.
    ///
    /// - Throws: ``YesterdayError`` if it does not within a minute.
    public func control(_ command: String, _ arguments: [String] = []) async throws {
        let output = try await account.tool("\(binDirectory)/pg_ctl").output(
            [command, "--pgdata", dataDirectory, "--log", logFile, "--wait", "--timeout", "60"]
                + arguments)
        guard output.exitCode == 0 else {
            throw YesterdayError(
                .failed, "the throwaway server did not \(command)",
                detail: output.standardError + (await logTail()))
        }
    }

    /// Stops the server and deletes everything. Does nothing the second time.
    public func stop() async {
        // Whatever goes wrong here, the watchdog does the same once more when its pipe closes.
        _ = try? await account.tool("\(binDirectory)/pg_ctl").output([
            "stop", "--pgdata", dataDirectory, "--mode", "immediate", "--wait",
        ])
        _ = try? await account.tool("rm").output(["-rf", "--", directory])
    }

    /// Lets the server and its directory outlive this process.
    ///
    /// - Throws: ``YesterdayError`` if the watchdog cannot be told.
    public func keep() throws {
        do {
            _ = try watchdog.writeAll("keep\n".utf8)
        } catch {
            throw YesterdayError(.failed, "the cluster cannot be kept", cause: error)
        }
    }

    /// What to type to stop the server and delete everything, for a cluster that was kept.
    public var removalCommand: String {
        let command =
            "\(binDirectory)/pg_ctl stop -D \(dataDirectory) -m immediate; rm -rf \(directory)"
        return account.name.map { "runuser -u \($0) -- sh -c '\(command)'" } ?? command
    }

    /// The last lines of the server's log, for error messages.
    public func logTail() async -> String {
        (try? await account.tool("tail").output(["-n", "20", logFile]).standardOutput) ?? ""
    }

    private func initialize(_ settings: [String: String]) async throws {
        try await account.tool("\(binDirectory)/initdb").run([
            "--pgdata", dataDirectory, "--username", superuser, "--auth", "trust",
            "--encoding", "UTF8", "--locale", "C", "--no-sync",
        ])
        var lines = [
            "listen_addresses = ''", "unix_socket_directories = '\(directory)'",
            "port = \(port)", "fsync = off", "synchronous_commit = off", "jit = off",
            "full_page_writes = off",
        ]
        for (name, value) in settings.sorted(by: { $0.key < $1.key }) {
            lines.append("\(name) = '\(value.split(separator: "'").joined(separator: "''"))'")
        }
        try await account.tool("tee").run(
            ["-a", dataDirectory + "/postgresql.conf"],
            input: lines.joined(separator: "\n") + "\n")
    }

    // MARK: Surroundings

    private static func findBinDirectory(_ pgConfig: String?) async throws -> String {
        let program = pgConfig ?? getenv("PG_CONFIG").map { String(cString: $0) } ?? "pg_config"
        let hint = "Install PostgreSQL's server, or name its pg_config: PG_CONFIG=/path/to/pg_config"
        let directory: String
        do {
            directory = try await Tool(program).run(["--bindir"]).trimmingNewlines()
        } catch let error as YesterdayError {
            throw YesterdayError(
                .configuration, "PostgreSQL's pg_config cannot be run", detail: error.detail,
                hint: hint, cause: error)
        }
        guard access(directory + "/initdb", X_OK) == 0 else {
            throw YesterdayError(
                .configuration, "there is no PostgreSQL server in \(directory)",
                detail: "\(program) names that directory, and it has no initdb.", hint: hint)
        }
        return directory
    }

    /// The socket's path may be 107 bytes long at most, so the name is short. Mode 0700 keeps
    /// other users of the machine away from a server that asks for no password.
    private static func makeDirectory(owner: ServerAccount) throws -> String {
        let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(parent)/yesterday-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw YesterdayError(
                .failed, "no temporary directory in \(parent)",
                detail: String(cString: strerror(errno)))
        }
        let directory = String(
            decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        if let ids = owner.ids, chown(directory, ids.user, ids.group) != 0 {
            let reason = String(cString: strerror(errno))
            rmdir(directory)
            throw YesterdayError(.failed, "\(directory) cannot be given away", detail: reason)
        }
        return directory
    }

    /// Starts the process that cleans up when the returned descriptor is closed, be it by the
    /// kernel because this process was killed.
    private static func startWatchdog(
        _ account: ServerAccount, _ binDirectory: String, _ directory: String
    ) async throws -> FileDescriptor {
        let script = """
            exec 3<&0 </dev/null
            cd /
            (
                trap '' INT TERM HUP
                IFS= read -r word <&3
                [ "$word" = keep ] && exit 0
                "$1"/pg_ctl stop --pgdata "$2"/data --mode immediate --wait
                rm -rf -- "$2"
            ) >/dev/null 2>&1 &
            """
        let pipe = try FileDescriptor.pipe()
        _ = fcntl(pipe.writeEnd.rawValue, F_SETFD, FD_CLOEXEC)
        let words =
            account.leading + [
                "setsid", "sh", "-c", script, "watchdog", binDirectory, directory,
            ]
        let result = try await Subprocess.run(
            .name(words[0]), arguments: Arguments(Array(words.dropFirst())),
            input: .fileDescriptor(pipe.readEnd, closeAfterSpawningProcess: true),
            output: .discarded, error: .string(limit: 4096))
        guard result.terminationStatus.isSuccess else {
            try pipe.writeEnd.close()
            throw YesterdayError(
                .configuration, "a process cannot be started as the server's user",
                detail: result.standardError)
        }
        return pipe.writeEnd
    }
}

/// Who runs the server, which refuses to run as root.
struct ServerAccount: Sendable {
    /// Name of the account, `nil` for the user of this process.
    let name: String?
    let ids: (user: uid_t, group: gid_t)?

    static func forThisProcess() throws -> ServerAccount {
        guard geteuid() == 0 else { return ServerAccount(name: nil, ids: nil) }
        for name in ["postgres", "nobody"] {
            if let entry = getpwnam(name) {
                return ServerAccount(
                    name: name, ids: (entry.pointee.pw_uid, entry.pointee.pw_gid))
            }
        }
        throw YesterdayError(
            .configuration, "the server cannot run as root, and there is no user postgres",
            hint: "Install PostgreSQL's server from packages, or run as an ordinary user.")
    }

    /// What goes before a command so that it runs as the account.
    var leading: [String] {
        name.map { ["setpriv", "--reuid=\($0)", "--regid=\(ids!.group)", "--init-groups", "--"] }
            ?? []
    }

    func tool(_ program: String) -> Tool {
        guard let first = leading.first else { return Tool(program) }
        return Tool(first, leading: Array(leading.dropFirst()) + [program])
    }
}

extension String {
    func trimmingNewlines() -> String {
        var text = Substring(self)
        while text.last?.isNewline == true { text.removeLast() }
        return String(text)
    }
}
