import Foundation
import TestSupport
import Testing
import YesterdayKit

@testable import OCIRegistry

/// Against Debian's docker-registry. Digests are judged by sha256sum, not by our own code.
@Suite(
    "A real registry",
    .enabled(if: TestRegistry.isAvailable, "docker-registry and its company are not installed: make setup"),
    .timeLimit(.minutes(10)))
struct RealRegistryTests {
    private func sha256sum(_ text: String) async throws -> String {
        "sha256:" + (try await Tool("sha256sum").run(input: text)).prefix(64)
    }

    private func sha256sum(file: String) async throws -> String {
        "sha256:" + (try await Tool("sha256sum").run([file])).prefix(64)
    }

    @Test(arguments: [MediaType.ociManifest, .dockerManifest])
    func anImageFromPushToFetch(_ type: MediaType) async throws {
        let registry = try await TestRegistry()
        let client = try registry.client()
        try await client.ping()
        let layer = String(repeating: "a layer of some size\n", count: 50_000)
        let image = FakeImage(layers: [layer, "upper"], mediaType: type)
        let reference = try registry.reference("shop/api:1.0")
        try await client.push(image, to: reference)
        try await client.push(image.manifest, type, to: registry.reference("shop/api:latest"))

        #expect(try await client.tags(of: reference.repository).map(\.text).sorted() == ["1.0", "latest"])
        let digest = try await client.resolve(reference)
        #expect(digest.description == (try await sha256sum(String(decoding: image.manifest, as: UTF8.self))))
        #expect(try await client.exists(reference))
        #expect(try await client.exists(registry.reference("shop/api")))
        #expect(try await client.exists(registry.reference("shop/api:2.0")) == false)
        #expect(try await client.exists(registry.reference("shop/none")) == false)

        let check = try await client.check(reference)
        #expect(check.digest == digest)
        #expect(check.image.mediaType == type)
        #expect(check.blobs.count == 3)
        #expect(try await client.check(reference.pinned(to: digest)).digest == digest)

        let folder = try TemporaryFolder()
        let path = "\(folder.path)/layer"
        try await client.fetchBlob(check.blobs[1], from: reference.repository, to: path)
        let expected = try await sha256sum(layer)
        #expect(try await sha256sum(file: path) == expected)

        // Half of it is there already.
        let half = "\(folder.path)/again.\(check.blobs[1].digest.hex.prefix(16)).partial"
        try String(layer.prefix(500_000)).write(toFile: half, atomically: false, encoding: .utf8)
        try await client.fetchBlob(check.blobs[1], from: reference.repository, to: "\(folder.path)/again")
        #expect(try await sha256sum(file: "\(folder.path)/again") == expected)
        #expect(try folder.names == ["again", "layer"])
    }

    @Test func anIndex() async throws {
        let registry = try await TestRegistry()
        let client = try registry.client()
        let (mine, other) = (FakeImage(), FakeImage(architecture: "s390x", layers: ["other"]))
        try await client.push(mine, to: registry.reference("shop/api:mine"))
        try await client.push(other, to: registry.reference("shop/api:other"))
        let index = FakeImage.index([
            (other, #"{"os":"linux","architecture":"s390x"}"#),
            (mine, #"{"os":"linux","architecture":"\#(Platform.host.architecture)"}"#),
        ])
        let reference = try registry.reference("shop/api:1.0")
        try await client.push(index, .ociIndex, to: reference)
        #expect(try await client.resolve(reference) == Digest(of: index))
        #expect(try await client.check(reference).image.digest == mine.digest)
        #expect(try await client.image(reference, platform: Platform("linux/s390x")).digest == other.digest)
        await expectError(.platformMissing) { try await client.check(reference, platform: Platform("linux/riscv64")) }
    }

    @Test func whatWasCollectedIsMissed() async throws {
        let registry = try await TestRegistry()
        let client = try registry.client()
        let image = FakeImage()
        let reference = try registry.reference("shop/api:1.0")
        try await client.push(image, to: reference)
        _ = try await client.check(reference)

        let layer = Digest(of: image.layers[1])
        try registry.collect(layer)
        let error = await expectError(.blobsMissing) { try await client.check(reference) }
        #expect(error?.detail?.contains("\(layer)") == true)
        #expect(error?.detail?.contains("\(Digest(of: image.layers[0]))") == false)

        // The manifest, too; the tag alone is left.
        try registry.collect(image.digest)
        await expectError(.notFound) { try await client.check(reference) }
    }

    @Test func withAPassword() async throws {
        let registry = try await TestRegistry(.password(username: "deploy", password: "s e:cret"))
        let image = FakeImage()
        let reference = try registry.reference("shop/api:1.0")
        let folder = try TemporaryFolder()
        let auth = Data("deploy:s e:cret".utf8).base64EncodedString()
        let file = try folder.file("auth.json", #"{"auths":{"\#(registry.name)":{"auth":"\#(auth)"}}}"#)
        let client = try registry.client { $0.credentials = .file(file) }
        try await client.ping()
        try await client.push(image, to: reference)
        #expect(try await client.check(reference).digest == image.digest)

        let nobody = await expectError(.unauthorized) { try await registry.client().check(reference) }
        #expect(nobody?.response?.entries.first?.code == "UNAUTHORIZED")
        let wrong = await expectError(.unauthorized) {
            try await registry.client { $0.credentials = .given(.password(username: "deploy", password: "hunter2")) }
                .check(reference)
        }
        #expect(wrong?.description.contains("hunter2") == false)
    }

    @Test func encrypted() async throws {
        let registry = try await TestRegistry(.encrypted)
        let ca = registry.caFile
        let image = FakeImage()
        let reference = try registry.reference("shop/api:1.0")
        let client = try registry.client {
            $0.insecureHTTP = false
            $0.caFile = ca
        }
        try await client.push(image, to: reference)
        #expect(try await client.check(reference).digest == image.digest)

        let error = await expectError(.tlsFailed) { try await registry.client { $0.insecureHTTP = false }.ping() }
        #expect(error?.message.contains("is not trusted") == true)
        // Plain HTTP to one that wants TLS.
        await expectError(.unexpectedStatus) { try await registry.client().ping() }
    }

    /// What begins in TLS does not go on without it: not by a redirect, not to a token server.
    @Test func encryptionIsNotLeft() async throws {
        let plain = try FakeServer { _ in FakeServer.Response(json: #"{"token":"x"}"#) }
        let registry = try await TestRegistry(.encrypted)
        let server = try await EncryptedServer(
            certificatesIn: registry.folder,
            files: [
                "archive": "HTTP/1.0 302 Found\r\nLocation: \(plain.url)/archive\r\n\r\n",
                "v2/a/manifests/latest":
                    "HTTP/1.0 401 Unauthorized\r\nWWW-Authenticate: Bearer realm=\"\(plain.url)/token\"\r\n\r\n",
            ])
        let settings = RegistrySettings.test.with {
            $0.insecureHTTP = false
            $0.caFile = registry.caFile
        }
        let store = try ArchiveStore(folder: registry.folder, settings: settings)
        let archive = try ArchiveReference(url: "https://127.0.0.1:\(server.port)/archive", digest: Digest(of: []))
        let error = await expectError(.insecure) { try await store.fetch(archive) }
        #expect(error?.detail?.contains("redirects there") == true)

        let reference = try RegistryReference("127.0.0.1:\(server.port)/a")
        await expectError(.insecure) {
            try await RegistryClient(reference.registry, settings: settings).manifest(reference)
        }
        #expect(plain.requests.isEmpty)
    }

    @Test func goneDown() async throws {
        let registry = try await TestRegistry()
        let client = try registry.client()
        try await client.ping()
        await expectError(.tlsFailed) { try await registry.client { $0.insecureHTTP = false }.ping() }
        registry.stop()
        await expectError(.connectionFailed) { try await client.ping() }
    }
}
