/// By when something must be done.
struct Deadline: Sendable {
    /// The moment.
    let end: ContinuousClock.Instant
    /// How long it was from the beginning; for messages.
    let total: Duration

    /// A deadline that begins now.
    init(_ total: Duration) {
        self.total = total
        end = ContinuousClock.now + total
    }

    /// What is left; zero or less when it is over.
    var left: Duration { end - ContinuousClock.now }

    /// The error for when it has passed.
    ///
    /// - Parameters:
    ///   - what: what was going on, for example `GET https://registry/v2/`.
    ///   - cause: of the last attempt; the error is that one then, if a server or the network spoke.
    func passed(during what: String, cause: (any Error)? = nil) -> RegistryError {
        // What kept it from coming is what people have to know.
        if let last = cause as? RegistryError {
            return last.adding(detail: "\(what) was tried again until \(total.inSeconds) s were over.")
        }
        return RegistryError(
            .timedOut, "\(what) was not done within \(total.inSeconds) s",
            hint: "Check the network and the registry, or allow more time.", cause: cause)
    }
}

extension Duration {
    /// In seconds, as short as it can be said.
    var inSeconds: String {
        let tenths = (components.seconds * 10) + (components.attoseconds / 100_000_000_000_000_000)
        return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
    }

    /// In whole milliseconds, at least `least`.
    func milliseconds(atLeast least: Int) -> Int {
        let value = components.seconds.multipliedReportingOverflow(by: 1000)
        guard !value.overflow else { return Int(Int32.max) }
        return min(
            max(Int(value.partialValue) + Int(components.attoseconds / 1_000_000_000_000_000), least), Int(Int32.max))
    }
}
