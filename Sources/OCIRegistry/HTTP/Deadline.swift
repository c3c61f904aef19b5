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
    /// - Parameter what: what was going on, for example `GET https://registry/v2/`.
    func passed(during what: String, cause: (any Error)? = nil) -> RegistryError {
        // Who was told to wait is busy, however long it took.
        RegistryError(
            (cause as? RegistryError)?.code == .rateLimited ? .rateLimited : .timedOut, "\(what) was not done within \(total.inSeconds) s",
            detail: (cause as? RegistryError).map { "Last: \($0.message)" },
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
