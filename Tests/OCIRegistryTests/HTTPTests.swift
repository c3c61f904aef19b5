import Synchronization
import Testing

@testable import OCIRegistry

@Suite("Requests, to servers that misbehave", .timeLimit(.minutes(10)))
struct HTTPTests {
    @Test(arguments: [
        (401, RegistryError.Code.unauthorized, 1), (403, .forbidden, 1), (404, .notFound, 1),
        (418, .unexpectedStatus, 1),
        (429, .rateLimited, 3), (500, .serverFailed, 3), (503, .serverFailed, 3), (501, .serverFailed, 1),
    ])
    func everyStatusHasItsCode(_ status: Int, _ code: RegistryError.Code, _ attempts: Int) async throws {
        let server = try FakeServer { _ in
            FakeServer.Response(status, json: #"{"errors":[{"code":"DENIED","message":"no entry for you\u001B[2J"}]}"#)
        }
        let error = await expectError(code) { try await server.client().manifest(server.reference()) }
        #expect(error?.response?.status == status)
        #expect(error?.detail?.contains("DENIED: no entry for you") == true)
        #expect(error?.description.contains("\u{1B}") == false)
        #expect(error?.hint != nil)
        #expect(server.requests.count == attempts)
    }

    @Test func retryAfterIsObeyed() async throws {
        let image = FakeImage()
        let calls = Mutex(0)
        let server = try FakeServer { request in
            let call = calls.withLock {
                $0 += 1
                return $0
            }
            return call == 1 ? FakeServer.Response(429, [("Retry-After", "1")]) : image.answer(request)
        }
        let start = ContinuousClock.now
        _ = try await server.client().manifest(server.reference())
        #expect(ContinuousClock.now - start >= .seconds(1))
        #expect(server.requests.count == 2)
    }

    @Test func retryAfterPastTheDeadlineIsAnErrorAtOnce() async throws {
        let server = try FakeServer { _ in FakeServer.Response(429, [("Retry-After", "3600")]) }
        let start = ContinuousClock.now
        let error = await expectError(.rateLimited) { try await server.client().manifest(server.reference()) }
        #expect(ContinuousClock.now - start < .seconds(60))
        #expect(error?.detail?.contains("3600 s") == true)
    }

    @Test func retryAfterMayBeADate() {
        let headers = HTTPHeaders([("Retry-After", "Sun, 06 Nov 1994 08:49:37 GMT")])
        #expect(RetryAfter.wait(headers, now: 784_111_777 - 7) == .seconds(7))
        #expect(RetryAfter.wait(headers, now: 784_111_777 + 7) == .zero)
        #expect(RetryAfter.wait(HTTPHeaders([("retry-after", "5")])) == .seconds(5))
        #expect(RetryAfter.wait(HTTPHeaders([("Retry-After", "soon")])) == nil)
        #expect(RetryAfter.wait(HTTPHeaders()) == nil)
    }

    @Test func waitsGrow() {
        let policy = RetryPolicy(attempts: 100, firstWait: .seconds(1), longestWait: .seconds(8))
        for (number, longest) in [(1, 1.0), (2, 2), (3, 4), (4, 8), (5, 8), (99, 8)] {
            let wait = policy.wait(after: number)
            #expect(wait <= .seconds(longest) && wait >= .seconds(longest / 2))
        }
    }

    @Test func lostConnectionsAreTriedAgain() async throws {
        let image = FakeImage()
        let calls = Mutex(0)
        let server = try FakeServer { request in
            var response = image.answer(request)
            response.hangsUp = calls.withLock {
                $0 += 1
                return $0 < 3
            }
            return response
        }
        _ = try await server.client().manifest(server.reference())
        #expect(server.requests.count == 3)
    }

    @Test func nobodyListens() async throws {
        let port = try { try FakeServer { _ in FakeServer.Response() }.port }()
        let reference = try RegistryReference("127.0.0.1:\(port)/a")
        let client = try RegistryClient(reference.registry, settings: .test)
        let error = await expectError(.connectionFailed) { try await client.manifest(reference) }
        #expect(error?.detail?.contains("Tried 3 times") == true)
    }

    @Test func slowServersMeetTheDeadline() async throws {
        let server = try FakeServer { _ in
            var response = FakeServer.Response()
            response.delay = 300
            return response
        }
        let settings = RegistrySettings.test.with { $0.deadline = .milliseconds(300) }
        let start = ContinuousClock.now
        let error = await expectError(.timedOut) { try await server.client(settings).ping() }
        #expect(ContinuousClock.now - start < .seconds(60))
        #expect(error?.message.contains("0.3 s") == true)
    }

    /// What kept it from coming is what people have to know, not that the time was up.
    @Test(arguments: [(503, RegistryError.Code.serverFailed, "failed (503)"), (429, .rateLimited, "too many requests (429)")])
    func theDeadlineDoesNotHideTheCause(_ status: Int, _ code: RegistryError.Code, _ message: String) async throws {
        let server = try FakeServer { _ in FakeServer.Response(status) }
        let settings = RegistrySettings.test.with {
            $0.deadline = .milliseconds(500)
            $0.retry = RetryPolicy(attempts: 1000, firstWait: .milliseconds(100), longestWait: .milliseconds(100))
        }
        let error = await expectError(code) { try await server.client(settings).ping() }
        #expect(error?.message.contains(message) == true, "\(error?.description ?? "")")
        #expect(error?.detail?.contains("tried again until 0.5 s were over") == true, "\(error?.description ?? "")")
    }

    @Test func cancellationEndsATransferAtOnce() async throws {
        let server = try FakeServer { _ in
            var response = FakeServer.Response()
            response.delay = 300
            return response
        }
        let client = try server.client()
        let start = ContinuousClock.now
        let task = Task { try await client.ping() }
        while server.requests.isEmpty { try await Task.sleep(for: .milliseconds(10)) }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(ContinuousClock.now - start < .seconds(60))
    }

    @Test func redirectsInACircle() async throws {
        let server = try FakeServer { .redirect(to: $0.path == "/v2/" ? "/a" : $0.path == "/a" ? "/b" : "/a") }
        await expectError(.redirectLoop) { try await server.client().ping() }
        let endless = try FakeServer { .redirect(to: $0.target + "x") }
        let error = await expectError(.tooManyRedirects) { try await endless.client().ping() }
        #expect(error?.message.contains("5 times") == true)
        #expect(endless.requests.count == 6)
    }

    @Test func otherServersDoNotSeeCredentials() async throws {
        let image = FakeImage()
        let storage = try FakeServer { request in
            FakeServer.Response(200, body: image.blobs.first { request.path.contains(Digest(of: $0).hex) } ?? [])
        }
        let storageURL = storage.url
        let registry = try FakeServer { request in
            guard request.headers["Authorization"] == "Basic dTpwYXNz" else {
                return FakeServer.Response(401, [("WWW-Authenticate", #"Basic realm="x""#)])
            }
            return request.path.contains("/blobs/")
                ? .redirect(to: storageURL + request.path + "?signature=secret") : image.answer(request)
        }
        let settings = RegistrySettings.test.with {
            $0.credentials = .given(.password(username: "u", password: "pass"))
        }
        _ = try await registry.client(settings).check(registry.reference())
        #expect(storage.requests.count == 3)
        #expect(storage.requests.allSatisfy { $0.headers["Authorization"] == nil })
        // Once the registry has said what it wants it gets it without asking.
        #expect(registry.requests.filter { $0.headers["Authorization"] == nil }.count == 1)
    }

    @Test func credentialsDoNotComeBack() async throws {
        let origin = Mutex("")
        let other = try FakeServer { _ in .redirect(to: origin.withLock { $0 } + "/v2/second") }
        let otherURL = other.url
        let registry = try FakeServer { request in
            switch request.path {
            case "/v2/second": FakeServer.Response(json: "{}")
            default:
                request.headers["Authorization"] == nil
                    ? FakeServer.Response(401, [("WWW-Authenticate", "Basic realm=x")]) : .redirect(to: otherURL)
            }
        }
        origin.withLock { $0 = registry.url }
        let settings = RegistrySettings.test.with { $0.credentials = .given(.password(username: "u", password: "p")) }
        try await registry.client(settings).ping()
        #expect(registry.requests.last?.path == "/v2/second")
        #expect(registry.requests.last?.headers["Authorization"] == nil)
    }

    @Test func errorsDoNotShowQueries() async throws {
        let storage = try FakeServer { _ in FakeServer.Response(403, json: "{}") }
        let storageURL = storage.url
        let server = try FakeServer { _ in .redirect(to: storageURL + "/x?signature=hunter2") }
        let error = await expectError(.forbidden) { try await server.client().manifest(server.reference()) }
        #expect(error?.description.contains("hunter2") == false)
        #expect(error?.description.contains("/x") == true)
    }

    @Test func plainHTTPNeedsAWord() async throws {
        let server = try FakeServer { _ in FakeServer.Response(json: "{}") }
        // Without the word the registry is spoken to in TLS, which this one does not understand.
        let settings = RegistrySettings.test.with { $0.insecureHTTP = false }
        await expectError(.tlsFailed) { try await server.client(settings).ping() }
        let store = try ArchiveStore(folder: "/nowhere", settings: settings)
        let archive = try ArchiveReference(url: server.url + "/a.tgz", digest: Digest(of: []))
        await expectError(.insecure) { try await store.check(archive) }
        #expect(server.requests.isEmpty)
    }

    @Test func aCAFileMustBeThere() {
        let error = #expect(throws: RegistryError.self) {
            try RegistryClient(.dockerHub, settings: RegistrySettings.test.with { $0.caFile = "/nowhere/ca.pem" })
        }
        #expect(error?.code == .invalidSettings)
    }

    @Test func aProxyIsUsed() async throws {
        let image = FakeImage()
        let proxy = try FakeServer { request in
            var inner = request
            if let range = request.target.range(of: "registry.invalid") {
                inner = request.at(String(request.target[range.upperBound...]))
            }
            return image.answer(inner)
        }
        let settings = RegistrySettings.test.with { $0.proxy = .url(proxy.url) }
        let reference = try RegistryReference("registry.invalid/shop/api:1.0")
        _ = try await RegistryClient(reference.registry, settings: settings).manifest(reference)
        #expect(proxy.requests.first?.target == "http://registry.invalid/v2/shop/api/manifests/1.0")
    }
}

extension FakeServer.Request {
    func at(_ target: String) -> FakeServer.Request {
        FakeServer.Request(method: method, target: target, headers: headers, body: body)
    }
}
