/// Exchanges that follow redirects, and know which answers may pass.
struct HTTPClient: Sendable {
    let transport: HTTPTransport
    let redirectLimit: Int
    let allowsPlainHTTP: Bool

    /// One attempt.
    ///
    /// `Authorization` is sent to the server of the request and to no other: a redirect that leaves
    /// it loses the header for good, also when a later one leads back.
    ///
    /// - Returns: an answer that is neither a redirect nor a failure of the server.
    /// - Throws: ``TransientFailure``, ``RegistryError``, `CancellationError`, and what the
    ///   receiver throws.
    func exchange(
        _ original: HTTPRequest, deadline: Deadline, receiver: BodyReceiver? = nil
    ) async throws -> HTTPResponse {
        var request = original
        var visited: Set<HTTPURL> = []
        while true {
            guard request.url.scheme == .https || allowsPlainHTTP else {
                throw RegistryError(
                    .insecure, "\(request.url.display) would be opened without encryption",
                    detail: request.url == original.url ? nil : "\(original.url.display) redirects there.",
                    hint: "Plain HTTP must be allowed by word for this server.")
            }
            visited.insert(request.url)
            let response = try await transport.transfer(request, deadline: deadline, receiver: receiver)
            switch response.status {
            case 301, 302, 303, 307, 308:
                guard original.method == .get || original.method == .head,
                    let location = response.headers["Location"]
                else { return response }
                request = try follow(location, from: request, original: original, visited: visited)
            case 408, 429, 500, 502, 503, 504:
                throw TransientFailure(
                    error: RegistryError(response, to: request), retryAfter: RetryAfter.wait(response.headers))
            default:
                return response
            }
        }
    }

    private func follow(
        _ location: String, from request: HTTPRequest, original: HTTPRequest, visited: Set<HTTPURL>
    ) throws -> HTTPRequest {
        let target: HTTPURL
        do {
            target = try HTTPURL(location, relativeTo: request.url)
        } catch {
            throw RegistryError(
                .malformedResponse, "\(request.url.display) redirects to what cannot be opened",
                detail: error.description, hint: "Ask those who run the server.", cause: error)
        }
        guard !visited.contains(target) else {
            throw RegistryError(
                .redirectLoop, "\(original.url.display) redirects in a circle",
                detail: "It came back to \(target.display).", hint: "Ask those who run the server.")
        }
        guard visited.count <= redirectLimit else {
            throw RegistryError(
                .tooManyRedirects, "\(original.url.display) redirects more than \(redirectLimit) times",
                detail: "The last is to \(target.display).", hint: "Ask those who run the server.")
        }
        var next = request
        next.url = target
        if !target.isSameOrigin(as: request.url) { next.headers.remove("Authorization") }
        return next
    }
}

/// How long a server asks to wait (RFC 9110, "Retry-After").
enum RetryAfter {
    static func wait(_ headers: HTTPHeaders, now: Int64? = nil) -> Duration? {
        guard let value = headers["Retry-After"] else { return nil }
        if let seconds = Int64(value) { return .seconds(min(max(seconds, 0), 1 << 31)) }
        guard let moment = HTTPDate.secondsSinceEpoch(value) else { return nil }
        return .seconds(max(moment - (now ?? HTTPDate.now), 0))
    }
}
