import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The thread on which one connection does all its work.
///
/// libpq blocks. On the threads of Swift's cooperative pool that would stop unrelated tasks, and
/// on Dispatch's it would stop others of Dispatch's, so each connection has a thread of its own,
/// which sleeps in poll(2) until there is a job, or until the watched socket has something to read.
final class ConnectionThread: SerialExecutor {
    private struct State {
        var jobs: [(job: UnownedJob, executor: UnownedSerialExecutor)] = []
        var watched: Int32?
        var onReadable: (@Sendable () -> Void)?
        var ended = false
    }

    /// Shared with the thread, which must not keep the executor itself alive.
    private final class Shared: Sendable {
        let state = Mutex(State())
        let wakeUp: Int32
        let wakened: Int32
        let thread = Mutex<pthread_t?>(nil)

        init() throws {
            var ends: [Int32] = [-1, -1]
            guard pipe(&ends) == 0 else { throw ConnectionThread.unavailable(errno) }
            for end in ends {
                _ = fcntl(end, F_SETFD, FD_CLOEXEC)
                _ = fcntl(end, F_SETFL, O_NONBLOCK)
            }
            (wakened, wakeUp) = (ends[0], ends[1])
        }

        deinit {
            close(wakened)
            close(wakeUp)
        }

        func wake() {
            var byte: UInt8 = 1
            // A full pipe has wakened the thread already.
            _ = write(wakeUp, &byte, 1)
        }
    }

    private let shared: Shared

    /// - Throws: ``PostgresError`` if the system has no more threads or descriptors to give.
    init() throws {
        shared = try Shared()
        let box = Unmanaged.passRetained(shared)
        #if canImport(Darwin)
            var thread: pthread_t?
        #else
            var thread = pthread_t()
        #endif
        let failure = pthread_create(
            &thread, nil,
            { argument in
                #if canImport(Darwin)
                    let raw: UnsafeMutableRawPointer = argument
                #else
                    let raw = argument!
                #endif
                ConnectionThread.loop(Unmanaged<Shared>.fromOpaque(raw).takeRetainedValue())
                return nil
            }, box.toOpaque())
        guard failure == 0 else {
            box.release()
            throw Self.unavailable(failure)
        }
    }

    private static func unavailable(_ reason: Int32) -> PostgresError {
        PostgresError(
            .connectionFailed, "the system has no thread for another connection",
            detail: String(cString: strerror(reason)))
    }

    deinit {
        shared.state.withLock { $0.ended = true }
        shared.wake()
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let unowned = UnownedJob(job)
        let executor = asUnownedSerialExecutor()
        // From the moment it is in the list the job may run, end, and take the last user of this executor with it, and
        // so the executor: nothing of it may be asked for afterwards.
        let shared = shared
        shared.state.withLock { $0.jobs.append((unowned, executor)) }
        shared.wake()
    }

    func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        UnownedSerialExecutor(ordinary: self)
    }

    func checkIsolated() {
        let mine = shared.thread.withLock { thread in
            thread.map { pthread_equal($0, pthread_self()) != 0 } ?? false
        }
        precondition(mine, "not on the thread of the connection")
    }

    /// Calls `onReadable` on the thread whenever `socket` has something to read and no job runs.
    func watch(_ socket: Int32, onReadable: @escaping @Sendable () -> Void) {
        shared.state.withLock {
            $0.watched = socket
            $0.onReadable = onReadable
        }
        shared.wake()
    }

    /// Stops watching.
    func unwatch() {
        shared.state.withLock {
            $0.watched = nil
            $0.onReadable = nil
        }
    }

    private static func loop(_ shared: Shared) {
        pthread_detach(pthread_self())
        shared.thread.withLock { $0 = pthread_self() }

        // Signals belong to the threads of the program proper.
        var all = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_BLOCK, &all, nil)

        var drained = [UInt8](repeating: 0, count: 64)
        while true {
            let (jobs, ended, watched) = shared.state.withLock { state in
                let jobs = state.jobs
                state.jobs = []
                return (jobs, state.ended, state.watched)
            }
            for (job, executor) in jobs { job.runSynchronously(on: executor) }
            if !jobs.isEmpty { continue }
            if ended { return }

            var waits = [pollfd(fd: shared.wakened, events: Int16(POLLIN), revents: 0)]
            if let watched { waits.append(pollfd(fd: watched, events: Int16(POLLIN), revents: 0)) }
            guard poll(&waits, nfds_t(waits.count), -1) > 0 else { continue }
            if waits[0].revents != 0 {
                while read(shared.wakened, &drained, drained.count) > 0 {}
                continue
            }
            if waits.count > 1, waits[1].revents != 0 {
                shared.state.withLock { $0.onReadable }?()
            }
        }
    }
}
