import Dispatch

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The write end of the pipe through which the signal handler speaks; -1 while nobody listens.
///
/// Unsafe: a signal handler can use neither locks nor actors. It is written once, before the
/// handler is installed, and an aligned Int32 is read whole.
nonisolated(unsafe) private var signalPipe: Int32 = -1

/// Signals as an asynchronous sequence.
public enum SignalMonitor {
    /// A signal that came.
    public struct Received: Sendable, Equatable {
        /// Its number.
        public let number: Int32
        /// True if a key of the terminal sent it: then every process of the foreground group has
        /// got it already.
        public let isFromTerminal: Bool

        /// Its name.
        public var name: String {
            switch number {
            case SIGINT: "SIGINT"
            case SIGTERM: "SIGTERM"
            case SIGHUP: "SIGHUP"
            case SIGQUIT: "SIGQUIT"
            default: "signal \(number)"
            }
        }
    }

    /// The signals that ask a program to end.
    public static let endings: [Int32] = [SIGINT, SIGTERM, SIGHUP, SIGQUIT]

    private static let shared = Fanout()

    /// Catches the signals that ask this program to end, for as long as the sequence is in use.
    /// While nobody uses one, they end the program as usual.
    public static func signals() -> AsyncStream<Received> { shared.stream() }

    /// Hands every signal to every sequence in use.
    ///
    /// Unchecked: all state is touched on the serial queue only.
    private final class Fanout: @unchecked Sendable {
        private let queue = DispatchQueue(label: "yesterday.signals")
        private var listeners: [Int: AsyncStream<Received>.Continuation] = [:]
        private var next = 0
        private var source: (any DispatchSourceRead)?

        func stream() -> AsyncStream<Received> {
            let (stream, continuation) = AsyncStream<Received>.makeStream()
            let number = queue.sync { () -> Int in
                open()
                let number = next
                next += 1
                listeners[number] = continuation
                if listeners.count == 1 { SignalMonitor.install(SignalMonitor.handler) }
                return number
            }
            continuation.onTermination = { [self] _ in
                queue.async { [self] in
                    listeners[number] = nil
                    if listeners.isEmpty { SignalMonitor.install(nil) }
                }
            }
            return stream
        }

        private func open() {
            guard source == nil else { return }
            var ends: [Int32] = [-1, -1]
            guard pipe(&ends) == 0 else {
                fatalError("no pipe for signals: \(String(cString: strerror(errno)))")
            }
            for end in ends {
                _ = fcntl(end, F_SETFD, FD_CLOEXEC)
                _ = fcntl(end, F_SETFL, O_NONBLOCK)
            }
            signalPipe = ends[1]
            let input = ends[0]
            let source = DispatchSource.makeReadSource(fileDescriptor: input, queue: queue)
            source.setEventHandler { [self] in
                var message = [UInt8](repeating: 0, count: 2)
                while read(input, &message, 2) == 2 {
                    let received = Received(
                        number: Int32(message[0]), isFromTerminal: message[1] == 1)
                    for listener in listeners.values { listener.yield(received) }
                }
            }
            source.resume()
            self.source = source
        }
    }

    private typealias Handler =
        @convention(c) (Int32, UnsafeMutablePointer<siginfo_t>?, UnsafeMutableRawPointer?) -> Void

    /// Runs in the signal handler: nothing but write(2), and errno left as it was.
    private static let handler: Handler = { number, information, _ in
        let saved = errno
        // A positive code means the kernel, that is the terminal; kill(2) gives 0 or less.
        let isFromTerminal = (information?.pointee.si_code ?? 0) > 0
        var message = (UInt8(truncatingIfNeeded: number), UInt8(isFromTerminal ? 1 : 0))
        _ = write(signalPipe, &message, 2)
        errno = saved
    }

    /// Signals that were ignored when the program started, as under nohup, stay ignored.
    public static let caught: [Int32] = endings.filter { signal in
        var action = sigaction()
        sigaction(signal, nil, &action)
        #if canImport(Darwin)
            let handler = unsafeBitCast(action.__sigaction_u.__sa_handler, to: Int.self)
        #else
            let handler = unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
        #endif
        return handler != unsafeBitCast(SIG_IGN, to: Int.self)
    }

    private static func install(_ handler: Handler?) {
        for signal in caught {
            var action = sigaction()
            #if canImport(Darwin)
                if let handler {
                    action.__sigaction_u.__sa_sigaction = handler
                } else {
                    action.__sigaction_u.__sa_handler = SIG_DFL
                }
            #else
                if let handler {
                    action.__sigaction_handler.sa_sigaction = handler
                } else {
                    action.__sigaction_handler.sa_handler = SIG_DFL
                }
            #endif
            action.sa_flags = handler == nil ? 0 : Int32(SA_SIGINFO) | Int32(SA_RESTART)
            sigaction(signal, &action, nil)
        }
    }
}
