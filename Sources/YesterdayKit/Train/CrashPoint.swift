#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

#if DEBUG
    import Synchronization

    private let reached = Mutex<[String: Int]>([:])
#endif

/// Places at which tests let the program die or stand still, to see that nothing is lost. A
/// release build has none.
enum CrashPoint {
    /// Dies here, as by `kill -9`, if `YESTERDAY_CRASH_AT` names the place, and stands still, as by
    /// `kill -STOP`, if `YESTERDAY_STOP_AT` does. `name:3` means the third time it is reached.
    static func reach(_ name: String) {
        #if DEBUG
            let count = reached.withLock { counts in
                counts[name, default: 0] += 1
                return counts[name] ?? 0
            }
            for (variable, signal) in [("YESTERDAY_CRASH_AT", SIGKILL), ("YESTERDAY_STOP_AT", SIGSTOP)] {
                guard let wanted = getenv(variable).map({ String(cString: $0) }) else { continue }
                // To this thread: a signal to the process can be taken by another one, and this one goes on meanwhile.
                if wanted == name && count == 1 || wanted == "\(name):\(count)" { raise(signal) }
            }
        #endif
    }
}
