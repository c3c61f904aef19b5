/// How often and after which waits to try again (exponential back-off with full jitter).
public struct RetryPolicy: Sendable {
    /// How many attempts there are in all, at least 1.
    public var attempts: Int
    /// The wait after the first attempt is at most this.
    public var firstWait: Duration
    /// No wait of ours is longer; a server that asks for longer gets it, within the deadline.
    public var longestWait: Duration

    /// A policy; the defaults give up after about ten seconds.
    public init(attempts: Int = 6, firstWait: Duration = .milliseconds(400), longestWait: Duration = .seconds(10)) {
        self.attempts = max(attempts, 1)
        self.firstWait = firstWait
        self.longestWait = longestWait
    }

    /// The wait after attempt `number`, from 1.
    func wait(after number: Int) -> Duration {
        let longest = number < 30 ? min(firstWait * (1 << (number - 1)), longestWait) : longestWait
        // Half of it is chance: servers that failed for many do not get all back at once.
        return longest * Double.random(in: 0.5...1)
    }

    /// Does something, and again while it fails in a way that may pass.
    ///
    /// - Parameters:
    ///   - what: for messages.
    ///   - progress: bytes that were gained; an attempt that gained some counts as the first.
    /// - Throws: the error of the last attempt, also when the deadline has passed; `CancellationError`.
    func run<T: Sendable>(
        deadline: Deadline, what: String, progress: () -> Int64 = { 0 },
        _ body: () async throws -> T
    ) async throws -> T {
        var number = 0
        var gained = progress()
        var last: RegistryError?
        while true {
            number += 1
            do {
                return try await body()
            } catch let failure as TransientFailure {
                try Task.checkCancellation()
                last = failure.error
                let now = progress()
                if now > gained {
                    gained = now
                    number = 1
                }
                guard number < attempts else {
                    throw attempts == 1 ? failure.error : failure.error.adding(detail: "Tried \(attempts) times.")
                }
                let pause = max(failure.retryAfter ?? .zero, wait(after: number))
                guard pause < deadline.left else {
                    if let asked = failure.retryAfter, asked >= deadline.left {
                        throw failure.error.adding(
                            detail: "The server asks to wait \(asked.inSeconds) s, which is past the deadline.")
                    }
                    throw deadline.passed(during: what, cause: failure.error)
                }
                try await Task.sleep(for: pause)
            } catch let error as RegistryError where error.code == .timedOut && deadline.left <= .zero {
                // the time was up in the middle of an attempt; what the one before was told is the cause
                guard let last else { throw error }
                throw deadline.passed(during: what, cause: last)
            }
        }
    }
}
