#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A connection to a PostgreSQL server.
///
/// An actor on a thread of its own: its methods block that thread and no other, and each runs to
/// its end before the next one starts. What must not be interleaved with other uses of the
/// connection goes into one closure of ``withSession(_:)`` or ``transaction(isolation:readOnly:_:)``.
public actor PostgresConnection {
    private nonisolated let thread: ConnectionThread
    private nonisolated let canceller: Canceller
    /// How it was made: with these, another one leads to the same database.
    public nonisolated let settings: ConnectionSettings
    private var session: PostgresSession?
    private var listeners: [Int: AsyncThrowingStream<Notification, any Error>.Continuation] = [:]
    private var nextListener = 0

    /// The thread of the connection.
    public nonisolated var unownedExecutor: UnownedSerialExecutor {
        thread.asUnownedSerialExecutor()
    }

    /// Connects.
    ///
    /// - Parameters:
    ///   - settings: where to; libpq supplies what is left out.
    ///   - onNotice: called on the connection's thread for every notice of the server.
    /// - Throws: ``PostgresError`` with code `invalidConnectionSettings` or `connectionFailed`.
    public static func connect(
        _ settings: ConnectionSettings = ConnectionSettings(),
        onNotice: @escaping @Sendable (ServerMessage) -> Void = { _ in }
    ) async throws -> PostgresConnection {
        // Connecting blocks too, so it happens on the thread that the connection will have.
        let opener = Opener(thread: try ConnectionThread())
        return try await opener.open(settings, onNotice: onNotice)
    }

    private actor Opener {
        private nonisolated let thread: ConnectionThread

        nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

        init(thread: ConnectionThread) { self.thread = thread }

        func open(
            _ settings: ConnectionSettings, onNotice: @escaping @Sendable (ServerMessage) -> Void
        ) throws -> PostgresConnection {
            PostgresConnection(
                thread: thread, session: try PostgresSession(settings, onNotice: onNotice), settings: settings)
        }
    }

    private init(thread: ConnectionThread, session: sending PostgresSession, settings: ConnectionSettings) {
        self.settings = settings
        self.thread = thread
        self.canceller = session.canceller
        self.session = session
    }

    deinit {
        for listener in listeners.values { listener.finish() }
    }

    /// Runs one statement with parameters and returns its rows.
    ///
    /// - Throws: ``PostgresError``.
    @discardableResult
    public func query(_ statement: String, _ parameters: [Parameter] = []) throws -> QueryResult {
        try withSession { try $0.query(statement, parameters) }
    }

    /// Runs one or more statements without parameters, as psql would, and returns the result of
    /// each.
    ///
    /// - Throws: ``PostgresError``.
    @discardableResult
    public func execute(_ statements: String) throws -> [QueryResult] {
        try withSession { try $0.execute(statements) }
    }

    /// Runs `COPY ... FROM STDIN`; see ``PostgresSession/copyIn(_:from:)``. `next` runs on the
    /// connection's thread and may block it.
    @discardableResult
    public func copyIn(
        _ statement: String, from next: @Sendable () throws -> [UInt8]?
    ) throws -> Int64 {
        try withSession { try $0.copyIn(statement, from: next) }
    }

    /// Runs `COPY ... TO STDOUT`; see ``PostgresSession/copyOut(_:to:)``. `sink` runs on the
    /// connection's thread and may block it.
    @discardableResult
    public func copyOut(
        _ statement: String, to sink: @Sendable (UnsafeRawBufferPointer) throws -> Void
    ) throws -> Int64 {
        try withSession { try $0.copyOut(statement, to: sink) }
    }

    /// Runs `body` on the connection's thread, with nothing in between.
    ///
    /// - Throws: what `body` throws; ``PostgresError`` with code `connectionLost` after ``close()``.
    public func withSession<T: Sendable>(
        _ body: @Sendable (PostgresSession) throws -> T
    ) throws -> T {
        guard let session else {
            throw PostgresError(.connectionLost, "the connection has been closed")
        }
        defer { deliverNotifications() }
        return try body(session)
    }

    /// Runs `body` inside BEGIN and COMMIT, or ROLLBACK if it throws, with nothing in between.
    ///
    /// - Throws: what `body` throws, and ``PostgresError``.
    public func transaction<T: Sendable>(
        isolation: IsolationLevel = .readCommitted, readOnly: Bool = false,
        _ body: @Sendable (PostgresSession) throws -> T
    ) throws -> T {
        try withSession { session in
            try session.transaction(isolation: isolation, readOnly: readOnly, body)
        }
    }

    /// Asks the server to stop the statement that runs now, if any; it then fails with SQLSTATE
    /// 57014. Needs no turn on the connection's thread.
    ///
    /// - Throws: ``PostgresError`` if the server cannot be asked.
    public nonisolated func cancel() async throws {
        // Asking opens a connection of its own, which may block.
        let asker = Asker(canceller: canceller, thread: try ConnectionThread())
        try await asker.send()
    }

    private actor Asker {
        private nonisolated let thread: ConnectionThread
        private let canceller: Canceller

        nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

        init(canceller: Canceller, thread: ConnectionThread) {
            self.canceller = canceller
            self.thread = thread
        }

        func send() throws { try canceller.send() }
    }

    /// Ends the connection; notification streams end with it. Nothing happens the second time.
    public func close() {
        thread.unwatch()
        session = nil
        for listener in listeners.values { listener.finish() }
        listeners = [:]
    }

    // MARK: Notifications

    /// Starts to listen on a channel.
    ///
    /// - Throws: ``PostgresError``.
    public func listen(_ channel: String) throws {
        try execute("LISTEN \(SQL.identifier(channel))")
    }

    /// Ceases to listen on a channel.
    ///
    /// - Throws: ``PostgresError``.
    public func unlisten(_ channel: String) throws {
        try execute("UNLISTEN \(SQL.identifier(channel))")
    }

    /// What arrives from now on, on all channels that the connection listens on. Call it before
    /// ``listen(_:)`` to miss nothing. The stream throws ``PostgresError`` when the connection is
    /// lost and ends when it is closed.
    public func notifications() throws -> AsyncThrowingStream<Notification, any Error> {
        guard let session else {
            throw PostgresError(.connectionLost, "the connection has been closed")
        }
        let (stream, continuation) = AsyncThrowingStream<Notification, any Error>.makeStream()
        let number = nextListener
        nextListener += 1
        listeners[number] = continuation
        continuation.onTermination = { [weak self] _ in
            guard let self else { return }
            Task { await self.forget(number) }
        }
        thread.watch(session.socket) { [weak self] in
            self?.assumeIsolated { $0.socketIsReadable() }
        }
        return stream
    }

    private func forget(_ listener: Int) {
        listeners[listener] = nil
        if listeners.isEmpty { thread.unwatch() }
    }

    private func socketIsReadable() {
        guard let session else { return }
        do {
            try session.consumeInput()
            deliverNotifications()
        } catch {
            // A socket at its end stays readable for ever.
            thread.unwatch()
            for listener in listeners.values { listener.finish(throwing: error) }
            listeners = [:]
        }
    }

    private func deliverNotifications() {
        guard !listeners.isEmpty, let session else { return }
        for notification in session.takeNotifications() {
            for listener in listeners.values { listener.yield(notification) }
        }
    }
}
