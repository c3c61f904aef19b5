import CCurl
import Synchronization

/// One exchange after the other, or several at once, with whichever servers: no redirects, no
/// retries, no authentication. Connections are kept and used again.
final class HTTPTransport: Sendable {
    struct Settings: Sendable {
        var caFile: String?
        var proxy: ProxyChoice = .environment
        var connectTimeout: Duration = .seconds(15)
        /// Longest time without a byte.
        var stallTimeout: Duration = .seconds(30)
        var userAgent = "yesterday"
    }

    private let settings: Settings
    private let idle = Mutex<[CurlSession]>([])

    /// - Throws: ``RegistryError`` with code `invalidSettings` if the CA file cannot be read.
    init(_ settings: Settings) throws {
        if let caFile = settings.caFile { try LocalFile.checkReadable(caFile, what: "CA file") }
        self.settings = settings
    }

    /// Sends a request and takes the answer, whatever its status.
    ///
    /// - Parameters:
    ///   - receiver: takes the body if the status is 200 or 206; without one it is collected.
    /// - Throws: ``TransientFailure`` if trying again may help, ``RegistryError`` if not,
    ///   `CancellationError`, and what the receiver throws.
    func transfer(
        _ request: HTTPRequest, deadline: Deadline, receiver: BodyReceiver? = nil
    ) async throws -> HTTPResponse {
        try Task.checkCancellation()
        let session = try idle.withLock { $0.popLast() } ?? CurlSession()
        let interrupt = Interrupt()
        let settings = settings
        let result: Result<HTTPResponse, any Error> = try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                do {
                    try TransferThread.start {
                        let transfer = CurlTransfer(request, deadline: deadline, receiver: receiver)
                        continuation.resume(returning: Result { try transfer.run(session, settings, interrupt) })
                    }
                } catch {
                    continuation.resume(throwing: error)
                }
            }
        } onCancel: {
            interrupt.cancel()
        }
        idle.withLock { $0.append(session) }
        return try result.get()
    }
}

/// Which proxy to go through.
public enum ProxyChoice: Sendable, Equatable {
    /// What `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy` say; all but the first also in
    /// capital letters, as libcurl has it.
    case environment
    /// None, whatever the environment says.
    case none
    /// This one: `http://host:port`, `https://`, `socks5h://`.
    case url(String)
}

/// Ends a transfer from another thread.
final class Interrupt: Sendable {
    private struct State {
        var cancelled = false
        var session: CurlSession?
    }

    private let state = Mutex(State())

    var isCancelled: Bool { state.withLock { $0.cancelled } }

    func cancel() {
        state.withLock {
            $0.cancelled = true
            $0.session?.wake()
        }
    }

    /// Whom to wake; `nil` when the transfer has ended.
    func attach(_ session: CurlSession?) {
        state.withLock { $0.session = session }
    }
}

/// libcurl's state: one handle for requests, one that owns the connections.
///
/// Unchecked: libcurl gives no type that Swift could check. One transfer at a time has the
/// session, from taking it out of the pool to putting it back; `wake` alone may be called from
/// anywhere (curl_multi_wakeup(3)).
final class CurlSession: @unchecked Sendable {
    let easy: UnsafeMutableRawPointer
    let multi: UnsafeMutableRawPointer

    private static let initialized = curl_global_init(Int(CURL_GLOBAL_DEFAULT))

    init() throws {
        guard Self.initialized == CURLE_OK, let easy = curl_easy_init() else {
            throw RegistryError(.connectionFailed, "libcurl cannot be started")
        }
        guard let multi = curl_multi_init() else {
            curl_easy_cleanup(easy)
            throw RegistryError(.connectionFailed, "libcurl cannot be started")
        }
        self.easy = easy
        self.multi = multi
    }

    deinit {
        curl_easy_cleanup(easy)
        curl_multi_cleanup(multi)
    }

    func wake() { curl_multi_wakeup(multi) }
}

/// An attempt that failed in a way that may pass.
struct TransientFailure: Error {
    let error: RegistryError
    /// How long the server asks to wait.
    var retryAfter: Duration?
}
