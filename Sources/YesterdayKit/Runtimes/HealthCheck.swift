import OCIRegistry

/// How long code may take to become well, and how that is told.
public struct HealthCheck: Sendable {
    /// An answer to one question.
    public enum Answer: Sendable {
        /// It is well.
        case healthy
        /// Not yet; why.
        case notYet(String)
    }

    /// A URL that answers with a status from 200 to 399 once the code is well.
    public var url: String?
    /// A PEM file of certificates to trust.
    public var caFile: String?
    /// Longest wait.
    public var timeout: Duration = .seconds(60)
    /// Longest time for anything that a driver does: fetching, starting, stopping, looking.
    public var actionTimeout: Duration = .seconds(900)
    /// How long it has to be well without a break.
    public var stable: Duration = .seconds(1)

    /// Asks until it is well for long enough.
    ///
    /// - Parameters:
    ///   - label: what is asked, for messages.
    ///   - probe: what the driver has to say.
    /// - Throws: ``YesterdayError`` with code `unavailable` when the time is up, and what `probe` throws.
    func wait(for label: String, _ probe: () async throws -> Answer) async throws {
        let web = try url.map { try HTTPProbe(url: $0, caFile: caFile) }
        let end = ContinuousClock.now + timeout
        var wellSince: ContinuousClock.Instant?
        var last = "it was not asked"
        while true {
            switch try await answer(web, probe) {
            case .healthy:
                let since = wellSince ?? .now
                wellSince = since
                if ContinuousClock.now - since >= stable { return }
                last = "it was not well for long enough"
            case .notYet(let reason):
                wellSince = nil
                last = reason
            }
            guard ContinuousClock.now < end else {
                throw YesterdayError(
                    .unavailable, "\(label) is not well after \(timeout.components.seconds) s", detail: last,
                    hint: "Look at its log; health_timeout gives it more time.")
            }
            try await Task.sleep(for: .milliseconds(200))
        }
    }

    private func answer(_ web: HTTPProbe?, _ probe: () async throws -> Answer) async throws -> Answer {
        if case .notYet(let reason) = try await probe() { return .notYet(reason) }
        guard let web, let url else { return .healthy }
        do {
            let status = try await web.status(within: .seconds(5))
            return 200..<400 ~= status ? .healthy : .notYet("\(url) answers \(status)")
        } catch let error as RegistryError {
            return .notYet(error.message)
        }
    }
}
