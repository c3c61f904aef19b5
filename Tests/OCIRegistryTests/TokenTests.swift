import Synchronization
import Testing

@testable import OCIRegistry

/// The token specification of distribution: a registry, and the server that gives tokens for it.
@Suite("Tokens", .timeLimit(.minutes(10)))
struct TokenTests {
    /// A registry that takes one token, which its token server gives.
    private final class Site: Sendable {
        let tokens: FakeServer
        let registry: FakeServer
        let accepted: Accepted

        final class Accepted: Sendable { let token = Mutex("token-1") }

        init(tokenServer: @escaping FakeServer.Handler) throws {
            let image = FakeImage()
            tokens = try FakeServer(tokenServer)
            let realm = tokens.url + "/token?a=b"
            let accepted = Accepted()
            self.accepted = accepted
            registry = try FakeServer { request in
                guard request.headers["Authorization"] == "Bearer \(accepted.token.withLock { $0 })" else {
                    let challenge =
                        #"Bearer realm="\#(realm)",service="the registry",scope="repository:shop/api:pull,push""#
                    return FakeServer.Response(
                        401, [("WWW-Authenticate", challenge)], json: #"{"errors":[{"code":"UNAUTHORIZED"}]}"#)
                }
                return image.answer(request)
            }
        }
    }

    @Test func anonymous() async throws {
        let site = try Site { _ in FakeServer.Response(json: #"{"access_token":"token-1","expires_in":300}"#) }
        let client = try site.registry.client()
        _ = try await client.check(site.registry.reference())
        let asked = try #require(site.tokens.requests.first)
        #expect(site.tokens.requests.count == 1)
        #expect(asked.target == "/token?a=b&service=the%20registry&scope=repository%3Ashop%2Fapi%3Apull")
        #expect(asked.headers["Authorization"] == nil)
        #expect(site.registry.requests.filter { $0.headers["Authorization"] == nil }.count == 1)
    }

    @Test func withAPassword() async throws {
        let site = try Site { request in
            request.headers["Authorization"] == "Basic dTpwYXNz"
                ? FakeServer.Response(json: #"{"token":"token-1"}"#)
                : FakeServer.Response(401, json: #"{"details":"incorrect username or password"}"#)
        }
        let good = RegistrySettings.test.with { $0.credentials = .given(.password(username: "u", password: "pass")) }
        _ = try await site.registry.client(good).manifest(site.registry.reference())
        #expect(site.tokens.requests[0].target.hasSuffix("&account=u"))
        // The password is for the token server alone.
        #expect(site.registry.requests.allSatisfy { $0.headers["Authorization"]?.contains("Basic") != true })

        let bad = RegistrySettings.test.with { $0.credentials = .given(.password(username: "u", password: "hunter2")) }
        let error = await expectError(.unauthorized) {
            try await site.registry.client(bad).manifest(site.registry.reference())
        }
        #expect(error?.description.contains("hunter2") == false)
        #expect(error?.detail?.contains("incorrect username or password") == true)
        #expect(error?.hint?.contains("podman login 127.0.0.1:\(site.registry.port)") == true)
    }

    @Test func withAnIdentityToken() async throws {
        let site = try Site { request in
            request.method == "POST"
                && String(decoding: request.body, as: UTF8.self).contains("refresh_token=id%2Btoken")
                ? FakeServer.Response(json: #"{"access_token":"token-1"}"#) : FakeServer.Response(400)
        }
        let settings = RegistrySettings.test.with { $0.credentials = .given(.identityToken("id+token")) }
        _ = try await site.registry.client(settings).manifest(site.registry.reference())
        #expect(site.tokens.requests[0].headers["Content-Type"] == "application/x-www-form-urlencoded")
    }

    @Test func expiredTokensAreRenewed() async throws {
        let count = Mutex(0)
        let site = try Site { _ in
            let number = count.withLock {
                $0 += 1
                return $0
            }
            return FakeServer.Response(json: #"{"token":"token-\#(number)","expires_in":3600}"#)
        }
        let client = try site.registry.client()
        _ = try await client.manifest(site.registry.reference())
        // The registry has had enough of it, whatever was said about its life.
        site.accepted.token.withLock { $0 = "token-2" }
        _ = try await client.manifest(site.registry.reference())
        #expect(site.tokens.requests.count == 2)
        #expect(
            site.registry.requests.map { $0.headers["Authorization"] } == [
                nil, "Bearer token-1", "Bearer token-1", "Bearer token-2",
            ])
    }

    @Test func tokensAreNotUsedPastTheirLife() async throws {
        let site = try Site { _ in FakeServer.Response(json: #"{"token":"token-1","expires_in":0}"#) }
        let client = try site.registry.client()
        _ = try await client.manifest(site.registry.reference())
        _ = try await client.manifest(site.registry.reference())
        #expect(
            site.registry.requests.map { $0.headers["Authorization"] } == [
                nil, "Bearer token-1", nil, "Bearer token-1",
            ])
    }

    @Test func tokensThatAreNotAcceptedAreAnError() async throws {
        let site = try Site { _ in FakeServer.Response(json: #"{"token":"wrong"}"#) }
        let error = await expectError(.unauthorized) {
            try await site.registry.client().manifest(site.registry.reference())
        }
        #expect(error?.response?.entries.first?.code == "UNAUTHORIZED")
        #expect(site.registry.requests.count == 2)
    }

    @Test(arguments: ["", "{}", #"{"token":""}"#, #"{"token":"a\r\nX: y"}"#])
    func tokenServersThatGiveNone(_ body: String) async throws {
        let site = try Site { _ in FakeServer.Response(json: body) }
        await expectError(.malformedResponse) { try await site.registry.client().manifest(site.registry.reference()) }
    }

    @Test func realmsThatAreNone() async throws {
        for realm in ["", "file:///etc/passwd", "http://u:p@host/"] {
            let server = try FakeServer { _ in
                FakeServer.Response(401, [("WWW-Authenticate", #"Bearer realm="\#(realm)""#)])
            }
            await expectError(.malformedResponse) { try await server.client().ping() }
        }
    }

    @Test func wrongPasswordsAreTriedOnce() async throws {
        let server = try FakeServer { _ in FakeServer.Response(401, [("WWW-Authenticate", "Basic realm=x")]) }
        let settings = RegistrySettings.test.with { $0.credentials = .given(.password(username: "u", password: "p")) }
        await expectError(.unauthorized) { try await server.client(settings).ping() }
        #expect(server.requests.count == 2)
        let error = await expectError(.unauthorized) { try await server.client().ping() }
        #expect(error?.message.contains("there are none for it") == true)
    }

    @Test func credentialsFromAFileAndFromAHelper() async throws {
        let server = try FakeServer { request in
            request.headers["Authorization"] == "Basic dTpwYXNz"
                ? FakeServer.Response(json: "{}") : FakeServer.Response(401, [("WWW-Authenticate", "Basic realm=x")])
        }
        let folder = try TemporaryFolder()
        let file = try folder.file("auth.json", #"{"auths":{"127.0.0.1:\#(server.port)":{"auth":"dTpwYXNz"}}}"#)
        try await server.client(RegistrySettings.test.with { $0.credentials = .file(file) }).ping()

        let noHelper = try folder.file("config.json", #"{"credsStore":"of-nobody"}"#)
        let error = await expectError(.credentialHelperFailed) {
            try await server.client(RegistrySettings.test.with { $0.credentials = .file(noHelper) }).ping()
        }
        #expect(error?.message.contains("docker-credential-of-nobody") == true)
    }
}
