#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Gets and keeps what a registry wants to see: passwords as they are, tokens from its token
/// server (token spec of distribution) until they expire.
actor Authenticator {
    /// For what a token is asked: to pull from a repository, or nothing but to be let in.
    typealias Scope = RepositoryName?

    private struct Header {
        let value: String
        let expires: ContinuousClock.Instant?
    }

    private let registry: RegistryName
    private let source: CredentialSource
    private let http: HTTPClient
    private var headers: [Scope: Header] = [:]

    init(registry: RegistryName, source: CredentialSource, http: HTTPClient) {
        self.registry = registry
        self.source = source
        self.http = http
    }

    /// What to send without being asked: what was accepted before.
    func header(for scope: Scope) -> String? {
        guard let header = headers[scope] else { return nil }
        if let expires = header.expires, expires <= ContinuousClock.now {
            headers[scope] = nil
            return nil
        }
        return header.value
    }

    /// Answers a 401.
    ///
    /// - Parameters:
    ///   - response: the 401.
    ///   - rejected: what was sent and not accepted.
    /// - Returns: the `Authorization` to try again with.
    /// - Throws: ``RegistryError`` with code `unauthorized` if there is nothing better to send.
    func answer(
        _ response: HTTPResponse, to request: HTTPRequest, rejected: String?, scope: Scope, deadline: Deadline
    ) async throws -> String {
        if let rejected, headers[scope]?.value == rejected { headers[scope] = nil }
        let challenges = AuthenticationChallenge.all(in: response.headers)
        let credentials = try await source.credentials(for: registry, repository: scope)
        let header: Header
        if case .registryToken(let token) = credentials {
            header = Header(value: "Bearer \(token)", expires: nil)
        } else if let bearer = challenges.first(where: { $0.scheme == "bearer" }) {
            header = try await token(bearer, credentials, scope, deadline)
        } else if challenges.contains(where: { $0.scheme == "basic" }) {
            guard let basic = credentials?.basicHeader else {
                throw refused(
                    response, request, "it asks for a name and a password, and there are none for it", source.searched)
            }
            header = Header(value: basic, expires: nil)
        } else {
            let schemes = challenges.map(\.scheme).joined(separator: ", ")
            throw refused(
                response, request, "it asks for no kind of login that is known here",
                schemes.isEmpty ? "The answer has no WWW-Authenticate." : "It asks for: \(schemes).")
        }
        // The same password twice is a wrong password.
        guard header.value != rejected else { throw rejectedError(response, request) }
        headers[scope] = header
        return header.value
    }

    /// The error for a second 401.
    func rejectedError(_ response: HTTPResponse, _ request: HTTPRequest) -> RegistryError {
        refused(
            response, request, "it does not accept what it was shown",
            source.searched + " A repository that does not exist may be answered like this, too.")
    }

    private func refused(
        _ response: HTTPResponse, _ request: HTTPRequest, _ why: String, _ fact: String
    ) -> RegistryError {
        let plain = RegistryError(response, to: request)
        return RegistryError(
            .unauthorized, "\(registry) does not let us in: \(why)",
            detail: [fact, plain.detail].compactMap { $0 }.joined(separator: "\n"),
            hint: "Log in: podman login \(registry)", response: plain.response)
    }

    /// Fetches a token.
    private func token(
        _ challenge: AuthenticationChallenge, _ credentials: Credentials?, _ scope: Scope, _ deadline: Deadline
    ) async throws -> Header {
        guard let realm = challenge.parameters["realm"], let url = try? HTTPURL(realm) else {
            throw RegistryError(
                .malformedResponse, "\(registry) names no token server that can be used",
                detail: challenge.parameters["realm"].map { "It names \"\(HTTPURL.display($0))\"." },
                hint: "Ask those who run the registry.")
        }
        var query: [(String, String)] = []
        if let service = challenge.parameters["service"] { query.append(("service", service)) }
        // No more than is needed, whatever the registry would give.
        if let scope { query.append(("scope", "repository:\(scope):pull")) }

        let request: HTTPRequest
        if case .identityToken(let token) = credentials {
            query += [("grant_type", "refresh_token"), ("client_id", "yesterday"), ("refresh_token", token)]
            var headers = HTTPHeaders()
            headers.append("Content-Type", "application/x-www-form-urlencoded")
            request = HTTPRequest(
                method: .post, url: url, headers: headers, body: Array(PercentEncoding.form(query).utf8))
        } else {
            var headers = HTTPHeaders()
            if case .password(let username, _) = credentials, let basic = credentials?.basicHeader {
                headers.append("Authorization", basic)
                query.append(("account", username))
            }
            let separator = query.isEmpty ? "" : url.text.contains("?") ? "&" : "?"
            request = HTTPRequest(
                url: try HTTPURL(url.text + separator + PercentEncoding.form(query)), headers: headers)
        }
        let asked = ContinuousClock.now
        let response = try await http.exchange(request, deadline: deadline)
        guard response.status == 200 else {
            guard response.status == 401 || (response.status == 400 && request.method == .post) else {
                throw RegistryError(response, to: request)
            }
            throw refused(
                response, request,
                credentials == nil
                    ? "its token server gives nothing without a login" : "its token server does not accept the login",
                source.searched)
        }
        guard let answer = try? JSONDecoder().decode(Answer.self, from: Data(response.body)),
            let value = [answer.token, answer.access_token].compactMap({ $0 }).first(where: { !$0.isEmpty })
        else {
            throw RegistryError(
                .malformedResponse, "the token server of \(registry) gives no token",
                detail: "Request: \(request.display)", hint: "Ask those who run the registry.")
        }
        // 60 s is what the specification says for a token that does not say it.
        let lifetime = min(max(answer.expires_in ?? 60, 0), 86_400)
        return Header(value: "Bearer \(value)", expires: asked + .seconds(lifetime))
    }

    private struct Answer: Decodable {
        // Names of the specification.
        let token: String?
        let access_token: String?
        let expires_in: Double?
    }
}
