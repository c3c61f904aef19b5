import CLibPQ

/// One connection as a plain, blocking object.
///
/// Handed to the closures of ``PostgresConnection``, which run on the connection's own thread;
/// it must not be kept beyond them.
public final class PostgresSession {
    let connection: OpaquePointer
    let canceller: Canceller
    private let notices: Unmanaged<NoticeReceiver>
    /// True while a COPY or a row-by-row query is under way.
    var isStreaming = false

    init(_ settings: ConnectionSettings, onNotice: @escaping @Sendable (ServerMessage) -> Void)
        throws
    {
        let parameters = try settings.parameters()
        let opened = CStrings.with(parameters.map { $0.keyword }) { keywords in
            CStrings.with(parameters.map { $0.value }) { values in
                PQconnectdbParams(keywords, values, 1)
            }
        }
        guard let opened else {
            throw PostgresError(.connectionFailed, "out of memory while connecting")
        }
        guard PQstatus(opened) == CONNECTION_OK else {
            defer { PQfinish(opened) }
            throw Self.connectionError(opened)
        }
        connection = opened
        canceller = Canceller(opened)
        notices = Unmanaged.passRetained(NoticeReceiver(onNotice))
        _ = PQsetNoticeReceiver(
            opened,
            { receiver, result in
                guard let receiver, let message = ServerMessage(result) else { return }
                Unmanaged<NoticeReceiver>.fromOpaque(receiver).takeUnretainedValue().handle(message)
            }, notices.toOpaque())
    }

    deinit {
        PQfinish(connection)
        notices.release()
    }

    /// The server's version as a number: 150004 is 15.4.
    public var serverVersion: Int { Int(PQserverVersion(connection)) }

    /// The name of the database.
    public var database: String { String(cString: PQdb(connection)) }

    /// The role that logged in.
    public var user: String { String(cString: PQuser(connection)) }

    /// Where the connection goes: a host name, an address, or the directory of a socket.
    public var host: String { PQhost(connection).map { String(cString: $0) } ?? "" }

    /// The port that the connection goes to.
    public var port: String { PQport(connection).map { String(cString: $0) } ?? "" }

    /// Process id of the server process that serves this connection.
    public var backendPID: Int { Int(PQbackendPID(connection)) }

    /// True while a transaction is open, failed ones included.
    public var isInTransaction: Bool {
        switch PQtransactionStatus(connection) {
        case PQTRANS_INTRANS, PQTRANS_INERROR: true
        default: false
        }
    }

    /// True until the connection is found to be broken.
    public var isOpen: Bool { PQstatus(connection) == CONNECTION_OK }

    /// The error that the connection itself is in.
    func lostError(_ server: ServerMessage? = nil) -> PostgresError {
        PostgresError(
            .connectionLost, "the connection to the server was lost",
            detail: server?.message ?? Self.errorText(connection), server: server)
    }

    /// The error of a result, or of the connection where there is no result.
    func failure(_ result: OpaquePointer?) -> PostgresError {
        let message = ServerMessage(result)
        // FATAL is the server's last word: it has closed the connection already.
        if !isOpen || message?.severity == "FATAL" || message?.severity == "PANIC" {
            return lostError(message)
        }
        if let message { return PostgresError(message) }
        // Nothing but libpq spoke. Writing to a connection that the server has closed fails before
        // libpq knows that it is closed; reading tells.
        if PQconsumeInput(connection) == 0 || !isOpen { return lostError() }
        return PostgresError(
            .unexpectedResult, "libpq could not run the statement",
            detail: Self.errorText(connection))
    }

    private static func connectionError(_ connection: OpaquePointer) -> PostgresError {
        if PQconnectionNeedsPassword(connection) != 0 {
            return PostgresError(
                .connectionFailed, "the server asks for a password and none was given",
                detail: errorText(connection),
                hint: """
                    Put it into ~/.pgpass (mode 0600) as host:port:database:user:password, or into \
                    the environment as PGPASSWORD. It is never asked for.
                    """)
        }
        let text = errorText(connection)
        // These come from reading settings, not from a server.
        let settings = ["definition of service", "service file", "invalid connection option"]
        let isSettings = settings.contains { text?.contains($0) ?? false }
        return PostgresError(
            isSettings ? .invalidConnectionSettings : .connectionFailed,
            isSettings ? "the connection settings are not valid" : "cannot connect to the server",
            detail: text,
            hint: isSettings
                ? nil
                : "Check --db, --service and the PG* environment variables; \"yesterday doctor\" looks further."
        )
    }

    private static func errorText(_ connection: OpaquePointer) -> String? {
        guard let text = PQerrorMessage(connection) else { return nil }
        var message = String(cString: text)
        while message.last?.isNewline == true { message.removeLast() }
        return message.isEmpty ? nil : message
    }
}

/// Carries the notice handler through libpq's `void *`.
final class NoticeReceiver {
    let handle: @Sendable (ServerMessage) -> Void

    init(_ handle: @escaping @Sendable (ServerMessage) -> Void) { self.handle = handle }
}

/// Swift strings as the NULL-terminated array of C strings that libpq takes.
enum CStrings {
    static func with<T>(
        _ strings: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> T
    ) -> T {
        let buffers = strings.map { string -> UnsafeMutableBufferPointer<CChar> in
            let bytes = string.utf8CString
            let buffer = UnsafeMutableBufferPointer<CChar>.allocate(capacity: bytes.count)
            _ = buffer.initialize(from: bytes)
            return buffer
        }
        defer { buffers.forEach { $0.deallocate() } }
        var pointers: [UnsafePointer<CChar>?] = buffers.map { UnsafePointer($0.baseAddress) }
        pointers.append(nil)
        return pointers.withUnsafeBufferPointer { body($0.baseAddress!) }
    }
}
