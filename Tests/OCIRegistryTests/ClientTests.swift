import Synchronization
import Testing

@testable import OCIRegistry

@Suite("Images, in registries that misbehave", .timeLimit(.minutes(10)))
struct ClientTests {
    @Test func checksAnImage() async throws {
        let image = FakeImage()
        let server = try FakeServer { image.answer($0) }
        let check = try await server.client().check(server.reference())
        #expect(check.digest == image.digest)
        #expect(check.platform == Platform.host)
        #expect(check.blobs.map(\.digest) == image.blobs.map { Digest(of: $0) })
        #expect(check.size == Int64(image.manifest.count + image.blobs.reduce(0) { $0 + $1.count }))
        #expect(check.pinned.digest == image.digest)
        let layers = server.requests.filter { $0.method == "HEAD" && $0.path.contains("/blobs/") }
        #expect(layers.count == 2)
    }

    @Test func choosesThePlatformOfAnIndex() async throws {
        let mine = FakeImage()
        let other = FakeImage(architecture: "s390x", layers: ["other"])
        let index = FakeImage.index([
            (other, #"{"os":"linux","architecture":"s390x"}"#),
            (mine, #"{"os":"linux","architecture":"\#(Platform.host.architecture)"}"#),
        ])
        let server = try FakeServer {
            FakeImage.answer(
                $0,
                manifests: [
                    "1.0": (index, .ociIndex), "a": (mine.manifest, .ociManifest), "b": (other.manifest, .ociManifest),
                ],
                blobs: mine.blobs + other.blobs)
        }
        let client = try server.client()
        let check = try await client.check(server.reference())
        #expect(check.digest == Digest(of: index))
        #expect(check.image.digest == mine.digest)
        let otherCheck = try await client.check(server.reference(), platform: Platform("linux/s390x"))
        #expect(otherCheck.image.digest == other.digest)
        let error = await expectError(.platformMissing) {
            try await client.check(server.reference(), platform: Platform("linux/mips64"))
        }
        #expect(error?.detail?.contains("linux/s390x") == true)
        // An image that is in no index says in its configuration what it was built for.
        await expectError(.platformMissing) { try await client.check(server.reference("shop/api:b")) }
    }

    @Test func missingLayersAreNamed() async throws {
        let image = FakeImage()
        let server = try FakeServer {
            FakeImage.answer(
                $0, manifests: ["1.0": (image.manifest, .ociManifest)], blobs: [image.config, image.layers[0]])
        }
        let error = await expectError(.blobsMissing) { try await server.client().check(server.reference()) }
        #expect(error?.detail?.contains("\(Digest(of: image.layers[1]))") == true)
        #expect(error?.detail?.contains("\(Digest(of: image.layers[0]))") == false)
        let bare = try FakeServer {
            FakeImage.answer($0, manifests: ["1.0": (image.manifest, .ociManifest)], blobs: [])
        }
        await expectError(.blobsMissing) { try await bare.client().check(bare.reference()) }
    }

    @Test func layersOfAnotherSizeAreNoLayers() async throws {
        let image = FakeImage()
        let server = try FakeServer { request in
            var response = image.answer(request)
            if request.method == "HEAD", request.path.contains("/blobs/") { response.announcedLength = 3 }
            return response
        }
        await expectError(.sizeMismatch) { try await server.client().check(server.reference()) }
    }

    @Test func unknownTagSaysWhatTheRegistrySays() async throws {
        let image = FakeImage()
        let server = try FakeServer { image.answer($0) }
        let error = await expectError(.notFound) { try await server.client().check(server.reference("shop/api:2.0")) }
        #expect(error?.message.contains("shop/api:2.0") == true)
        #expect(error?.response?.entries == [.init(code: "MANIFEST_UNKNOWN", message: "manifest unknown")])
        #expect(error?.detail?.contains("MANIFEST_UNKNOWN: manifest unknown") == true)
        #expect(try await server.client().exists(server.reference("shop/api:2.0")) == false)
        #expect(try await server.client().exists(server.reference()))
    }

    @Test func manifestsAreCompared() async throws {
        let image = FakeImage()
        let other = FakeImage(layers: ["something else"])
        let server = try FakeServer { request in
            FakeServer.Response(
                200, [("Content-Type", MediaType.ociManifest.rawValue), ("Docker-Content-Digest", "\(other.digest)")],
                body: image.manifest)
        }
        // By tag, with the digest that the registry names.
        let error = await expectError(.digestMismatch) { try await server.client().manifest(server.reference()) }
        #expect(error?.detail?.contains("\(other.digest)") == true)
        // By digest.
        await expectError(.digestMismatch) {
            try await server.client().manifest(server.reference("shop/api@\(other.digest)"))
        }
        await expectError(.digestMismatch) {
            try await server.client().resolve(server.reference("shop/api@\(image.digest)"))
        }
    }

    @Test func digestsOfTheOtherAlgorithm() async throws {
        let image = FakeImage()
        let digest = Digest(of: image.manifest, algorithm: .sha512)
        let server = try FakeServer { _ in
            FakeServer.Response(
                200, [("Content-Type", MediaType.ociManifest.rawValue), ("Docker-Content-Digest", "\(digest)")],
                body: image.manifest)
        }
        #expect(try await server.client().manifest(server.reference("shop/api@\(digest)")).digest == digest)
        #expect(try await server.client().manifest(server.reference()).digest == image.digest)
    }

    @Test func tagsMove() async throws {
        let before = FakeImage(layers: ["before"])
        let after = FakeImage(layers: ["after"])
        let moved = Mutex(false)
        let server = try FakeServer { request in
            (moved.withLock { $0 } ? after : before).answer(request)
        }
        let client = try server.client()
        let digest = try await client.resolve(server.reference())
        #expect(digest == before.digest)
        try await client.confirm(server.reference(), names: digest)
        moved.withLock { $0 = true }
        let error = await expectError(.tagMoved) { try await client.confirm(server.reference(), names: digest) }
        #expect(
            error?.detail?.contains("\(before.digest)") == true && error?.detail?.contains("\(after.digest)") == true)
    }

    @Test func registriesNeedNotTellTheDigest() async throws {
        let image = FakeImage()
        let server = try FakeServer { request in
            var response = image.answer(request)
            response.headers.removeAll { $0.0 == "Docker-Content-Digest" }
            return response
        }
        #expect(try await server.client().resolve(server.reference()) == image.digest)
        #expect(server.requests.map(\.method) == ["HEAD", "GET"])
    }

    @Test func largeManifestsAreRefused() async throws {
        let server = try FakeServer { _ in FakeServer.Response(200, body: [UInt8](repeating: 0x20, count: 200_000)) }
        let settings = RegistrySettings.test.with { $0.manifestLimit = 100_000 }
        let error = await expectError(.tooLarge) { try await server.client(settings).manifest(server.reference()) }
        #expect(error?.message.contains("100000 bytes") == true)
        #expect(server.requests.count == 1)
    }

    @Test(arguments: [
        ("", RegistryError.Code.malformedResponse), ("<html>", .malformedResponse), ("[]", .malformedResponse),
        ("{}", .malformedResponse), (#"{"schemaVersion":1,"name":"x"}"#, .unsupportedManifest),
        (#"{"schemaVersion":2}"#, .malformedResponse),
        (#"{"schemaVersion":2,"mediaType":"application/vnd.oci.artifact.manifest.v1+json"}"#, .unsupportedManifest),
        (#"{"schemaVersion":2,"manifests":[],"layers":[]}"#, .malformedResponse),
        (
            #"{"schemaVersion":2,"config":{"mediaType":"a","digest":"sha256:xyz","size":1},"layers":[]}"#,
            .malformedResponse
        ),
        (
            #"{"schemaVersion":2,"config":{"mediaType":"a","digest":"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","size":-1},"layers":[]}"#,
            .malformedResponse
        ),
    ])
    func malformedManifests(_ json: String, _ code: RegistryError.Code) async throws {
        let server = try FakeServer { _ in FakeServer.Response(json: json) }
        let error = await expectError(code) { try await server.client().manifest(server.reference()) }
        #expect(error?.description.contains("shop/api:1.0") == true)
    }

    @Test func manifestsThatAreTwoThings() async throws {
        let image = FakeImage()
        let server = try FakeServer { _ in
            FakeServer.Response(200, [("Content-Type", MediaType.ociIndex.rawValue)], body: image.manifest)
        }
        await expectError(.malformedResponse) { try await server.client().manifest(server.reference()) }
    }

    @Test func indexesInIndexes() async throws {
        let image = FakeImage()
        let machine = #"{"os":"linux","architecture":"\#(Platform.host.architecture)"}"#
        func index(of child: [UInt8], _ type: MediaType) -> [UInt8] {
            let entry = FakeImage.descriptor(of: child, type.rawValue, platform: machine)
            return Array(#"{"schemaVersion":2,"manifests":[\#(entry)]}"#.utf8)
        }
        var manifests = ["0": (image.manifest, MediaType.ociManifest)]
        for depth in 1...4 {
            let (child, type) = try #require(manifests["\(depth - 1)"])
            manifests["\(depth)"] = (index(of: child, type), .ociIndex)
        }
        let all = manifests
        let server = try FakeServer { FakeImage.answer($0, manifests: all, blobs: image.blobs) }
        for depth in 0...3 {
            let found = try await server.client().image(server.reference("shop/api:\(depth)"))
            #expect(found.digest == image.digest)
        }
        await expectError(.malformedResponse) { try await server.client().image(server.reference("shop/api:4")) }
    }

    @Test func whatAnIndexNamesIsCompared() async throws {
        let image = FakeImage()
        let index = FakeImage.index([
            (image, #"{"os":"linux","architecture":"\#(Platform.host.architecture)"}"#)
        ])
        let other = FakeImage(layers: ["something else"])
        let server = try FakeServer { request in
            let isIndex = request.path.hasSuffix("1.0")
            return FakeServer.Response(
                200, [("Content-Type", (isIndex ? MediaType.ociIndex : .ociManifest).rawValue)],
                body: isIndex ? index : other.manifest)
        }
        await expectError(.digestMismatch) { try await server.client().image(server.reference()) }
    }

    @Test func tagsComeInPages() async throws {
        let server = try FakeServer { request in
            switch request.target {
            case "/v2/shop/api/tags/list?n=1000":
                FakeServer.Response(
                    200, [("Link", #"</v2/shop/api/tags/list?last=b&n=2>; rel="next""#)], json: #"{"tags":["a","b"]}"#)
            case "/v2/shop/api/tags/list?last=b&n=2": FakeServer.Response(json: #"{"name":"shop/api","tags":["c"]}"#)
            case "/v2/empty/tags/list?n=1000": FakeServer.Response(json: #"{"tags":null}"#)
            case "/v2/loop/tags/list?n=1000":
                FakeServer.Response(200, [("Link", "</v2/loop/tags/list?n=1000>; rel=next")], json: #"{"tags":[]}"#)
            case "/v2/away/tags/list?n=1000":
                FakeServer.Response(200, [("Link", "<http://127.0.0.2/x>; rel=next")], json: #"{"tags":[]}"#)
            case "/v2/bad/tags/list?n=1000": FakeServer.Response(json: #"{"tags":["a b"]}"#)
            default: FakeServer.Response(404, json: #"{"errors":[{"code":"NAME_UNKNOWN"}]}"#)
            }
        }
        let client = try server.client()
        #expect(try await client.tags(of: RepositoryName("shop/api")).map(\.text) == ["a", "b", "c"])
        #expect(try await client.tags(of: RepositoryName("empty")).isEmpty)
        for name in ["loop", "away", "bad"] {
            await expectError(.malformedResponse) { try await client.tags(of: RepositoryName(name)) }
        }
        let error = await expectError(.notFound) { try await client.tags(of: RepositoryName("none")) }
        #expect(error?.response?.entries.first?.code == "NAME_UNKNOWN")
    }

    @Test func aWebSiteIsNoRegistry() async throws {
        let server = try FakeServer { _ in
            FakeServer.Response(404, [("Content-Type", "text/html")], body: Array("<p>".utf8))
        }
        let error = await expectError(.unexpectedStatus) { try await server.client().ping() }
        #expect(error?.message.contains("is not a registry") == true)
    }

    @Test func storageThatKnowsGETAlone() async throws {
        let image = FakeImage()
        let storage = try FakeServer { request in
            guard request.method == "GET",
                let blob = image.blobs.first(where: { request.path.contains(Digest(of: $0).hex) })
            else { return FakeServer.Response(403) }
            guard request.headers["Range"] == "bytes=0-0" else { return FakeServer.Response(200, body: blob) }
            return FakeServer.Response(206, [("Content-Range", "bytes 0-0/\(blob.count)")], body: [blob[0]])
        }
        let storageURL = storage.url
        let server = try FakeServer { request in
            request.path.contains("/blobs/") ? .redirect(to: storageURL + request.path) : image.answer(request)
        }
        #expect(try await server.client().check(server.reference()).blobs.count == 3)
        #expect(storage.requests.contains { $0.method == "HEAD" })
    }
}
