/// A client of one registry (OCI Distribution Specification 1.1; Docker Registry HTTP API V2).
///
/// Every call has a deadline, ends when its task is cancelled, and tries again what may pass.
/// What is fetched by digest is compared with it.
public struct RegistryClient: Sendable {
    /// The registry.
    public let registry: RegistryName
    let settings: RegistrySettings
    let http: HTTPClient
    private let authenticator: Authenticator
    private let base: HTTPURL

    /// A client. Nothing is sent yet.
    ///
    /// - Throws: ``RegistryError`` with code `invalidSettings` or `invalidReference`.
    public init(_ registry: RegistryName, settings: RegistrySettings = RegistrySettings()) throws {
        self.registry = registry
        self.settings = settings
        http = try settings.makeClient()
        authenticator = Authenticator(registry: registry, source: settings.credentials, http: http)
        base = try HTTPURL("\(settings.insecureHTTP ? "http" : "https")://\(registry.apiAuthority)/v2/")
    }

    /// Asks whether the registry speaks the protocol and lets us in (distribution spec,
    /// "Determining Support", end-1).
    ///
    /// - Throws: ``RegistryError``, `CancellationError`.
    public func ping() async throws {
        let deadline = Deadline(settings.deadline)
        let request = HTTPRequest(url: base)
        let response = try await send(request, scope: nil, deadline: deadline)
        guard response.status == 200 else {
            guard response.status == 404 else { throw RegistryError(response, to: request) }
            throw RegistryError(
                .unexpectedStatus, "\(registry) is not a registry",
                detail: "\(request.display) answers 404.", hint: "Check the name and the port.",
                response: RegistryError(response, to: request).response)
        }
    }

    /// A URL of the API: the path after `/v2/`.
    func url(_ path: String) throws -> HTTPURL {
        // Names, tags and digests have no character that means anything in a URL.
        try HTTPURL(path, relativeTo: base)
    }

    /// True if the URL is the registry's own.
    func isOwn(_ url: HTTPURL) -> Bool { url.isSameOrigin(as: base) }

    /// Sends a request, with the login that the registry asks for, as often as it takes.
    func send(_ request: HTTPRequest, scope: Authenticator.Scope, deadline: Deadline) async throws -> HTTPResponse {
        try await settings.retry.run(deadline: deadline, what: request.display) {
            try await exchange(request, scope: scope, deadline: deadline)
        }
    }

    /// One attempt, with the login that the registry asks for.
    func exchange(
        _ request: HTTPRequest, scope: Authenticator.Scope, deadline: Deadline, receiver: BodyReceiver? = nil
    ) async throws -> HTTPResponse {
        var request = request
        let known = await authenticator.header(for: scope)
        if let known { request.headers.append("Authorization", known) }
        let response = try await http.exchange(request, deadline: deadline, receiver: receiver)
        // A 401 of whom we were redirected to is not the registry's question.
        guard response.status == 401, isOwn(response.head.url) else { return response }
        let answer = try await authenticator.answer(
            response, to: request, rejected: known, scope: scope, deadline: deadline)
        request.headers.remove("Authorization")
        request.headers.append("Authorization", answer)
        let second = try await http.exchange(request, deadline: deadline, receiver: receiver)
        guard second.status == 401, isOwn(second.head.url) else { return second }
        throw await authenticator.rejectedError(second, request)
    }

    /// The error for an answer that is not a success, in words about what was asked for.
    func failure(_ response: HTTPResponse, to request: HTTPRequest, subject: String) -> RegistryError {
        RegistryError(response, to: request).naming(subject)
    }

    /// Refuses references into other registries.
    func check(isMine reference: RegistryReference) throws {
        guard reference.registry == registry else {
            throw RegistryError(
                .invalidReference, "\(reference) is not in the registry \(registry)",
                hint: "Ask a client of \(reference.registry).")
        }
    }
}
