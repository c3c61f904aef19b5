import Foundation
import Synchronization
import Testing

@testable import OCIRegistry

@Suite("Downloads", .timeLimit(.minutes(10)))
struct DownloadTests {
    /// Enough to come in several pieces.
    private static let content = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
    private static let digest = Digest(of: content)
    private static var descriptor: Descriptor {
        Descriptor(mediaType: MediaType(rawValue: "x/y"), digest: digest, size: Int64(content.count))
    }
    private static var partialName: String { "blob.\(digest.hex.prefix(16)).partial" }

    private static func answer(_ request: FakeServer.Request, upTo end: Int? = nil) -> FakeServer.Response {
        let start = request.headers["Range"].flatMap { Int($0.dropFirst("bytes=".count).dropLast()) } ?? 0
        let headers = start > 0 ? [("Content-Range", "bytes \(start)-\(content.count - 1)/\(content.count)")] : []
        var response = FakeServer.Response(
            start > 0 ? 206 : 200, headers, body: Array(content[start..<(end ?? content.count)]))
        response.announcedLength = content.count - start
        return response
    }

    private func fetch(_ server: FakeServer, _ folder: TemporaryFolder, _ descriptor: Descriptor = descriptor)
        async throws
    {
        try await server.client().fetchBlob(descriptor, from: RepositoryName("a"), to: "\(folder.path)/blob")
    }

    @Test func arrives() async throws {
        let folder = try TemporaryFolder()
        let server = try FakeServer { Self.answer($0) }
        let last = Mutex<Int64>(0)
        try await server.client().fetchBlob(
            Self.descriptor, from: RepositoryName("a"), to: "\(folder.path)/blob",
            progress: { count in last.withLock { $0 = count } })
        #expect(try folder.bytes("blob") == Self.content)
        #expect(last.withLock { $0 } == 300_000)
        #expect(try folder.names == ["blob"])
    }

    @Test func goesOnWhereItWasCutOff() async throws {
        let folder = try TemporaryFolder()
        let ends = Mutex([100_000, 100_000, 200_000, 299_999])
        // More cuts than there are attempts: one that brought something does not count.
        let server = try FakeServer { request in
            Self.answer(request, upTo: ends.withLock { $0.isEmpty ? nil : $0.removeFirst() })
        }
        try await fetch(server, folder)
        #expect(try folder.bytes("blob") == Self.content)
        #expect(
            server.requests.map { $0.headers["Range"] } == [
                nil, "bytes=100000-", "bytes=100000-", "bytes=200000-", "bytes=299999-",
            ])
    }

    @Test func givesUpWithoutProgressAndGoesOnLater() async throws {
        let folder = try TemporaryFolder()
        let cutting = try FakeServer { Self.answer($0, upTo: 100_000) }
        await expectError(.connectionFailed) { try await fetch(cutting, folder) }
        #expect(cutting.requests.count == 3)
        #expect(try folder.names == [Self.partialName])
        let server = try FakeServer { Self.answer($0) }
        try await fetch(server, folder)
        #expect(server.requests.map { $0.headers["Range"] } == ["bytes=100000-"])
        #expect(try folder.bytes("blob") == Self.content)
    }

    @Test func startsOverWhereRangesAreNotKnown() async throws {
        let folder = try TemporaryFolder()
        let first = Mutex(true)
        let server = try FakeServer { request in
            let isFirst = first.withLock { value in
                defer { value = false }
                return value
            }
            var plain = FakeServer.Response(200, body: isFirst ? Array(Self.content[..<50_000]) : Self.content)
            plain.announcedLength = Self.content.count
            return plain
        }
        try await fetch(server, folder)
        #expect(try folder.bytes("blob") == Self.content)
        #expect(server.requests.count == 2)
    }

    @Test func whatWasThereBeforeMayBeOfNoUse() async throws {
        let folder = try TemporaryFolder()
        _ = try folder.file(Self.partialName, "something else altogether")
        let server = try FakeServer { Self.answer($0) }
        try await fetch(server, folder)
        #expect(try folder.bytes("blob") == Self.content)
        #expect(server.requests.map { $0.headers["Range"] } == ["bytes=25-", nil])
    }

    @Test func partsThatWereNotAskedForAreRefused() async throws {
        let folder = try TemporaryFolder()
        _ = try folder.file(Self.partialName, "twenty-five bytes, or so.")
        let server = try FakeServer { _ in
            FakeServer.Response(206, [("Content-Range", "bytes 0-4/300000")], body: Array("first".utf8))
        }
        await expectError(.malformedResponse) { try await fetch(server, folder) }
    }

    @Test func otherBytesAreRefused() async throws {
        let folder = try TemporaryFolder()
        let server = try FakeServer { _ in FakeServer.Response(200, body: [1] + Self.content.dropFirst()) }
        let error = await expectError(.digestMismatch) { try await fetch(server, folder) }
        #expect(error?.detail?.contains("\(Self.digest)") == true)
        #expect(try folder.names.isEmpty)
        #expect(server.requests.count == 1)
    }

    @Test func moreOrFewerBytesAreRefused() async throws {
        let folder = try TemporaryFolder()
        let longer = try FakeServer { _ in FakeServer.Response(200, body: Self.content + [0]) }
        await expectError(.tooLarge) { try await fetch(longer, folder) }
        let other = try TemporaryFolder()
        let shorter = try FakeServer { _ in FakeServer.Response(200, body: Array(Self.content.dropLast())) }
        await expectError(.sizeMismatch) { try await fetch(shorter, other) }
    }

    @Test func anEmptyBlob() async throws {
        let folder = try TemporaryFolder()
        let server = try FakeServer { _ in FakeServer.Response(200) }
        try await fetch(server, folder, Descriptor(mediaType: .ociManifest, digest: Digest(of: []), size: 0))
        #expect(try folder.bytes("blob").isEmpty)
    }

    @Test func noSuchBlob() async throws {
        let folder = try TemporaryFolder()
        let server = try FakeServer { _ in FakeServer.Response(404, json: #"{"errors":[{"code":"BLOB_UNKNOWN"}]}"#) }
        let error = await expectError(.notFound) { try await fetch(server, folder) }
        #expect(error?.message.contains("\(Self.digest)") == true)
        // The body of the error is no part of the file.
        #expect(try folder.bytes(Self.partialName).isEmpty)
        #expect(try await server.client().sizeOfBlob(Self.digest, in: RepositoryName("a")) == nil)
    }

    @Test func oneAtATime() async throws {
        let folder = try TemporaryFolder()
        let tried = DispatchSemaphore(value: 0)
        let server = try FakeServer { request in
            tried.wait()
            return Self.answer(request)
        }
        let first = Task { try await fetch(server, folder) }
        while server.requests.isEmpty { try await Task.sleep(for: .milliseconds(10)) }
        await expectError(.busy) { try await fetch(server, folder) }
        tried.signal()
        try await first.value
        #expect(try folder.names == ["blob"])
    }

    /// A program that is being started shares all descriptors until it is executed.
    @Test func locksEndWhereDescriptorsLiveOn() throws {
        let folder = try TemporaryFolder()
        let download = FileDownload(
            name: "blob", digest: Self.digest, size: 300_000, path: "\(folder.path)/blob", progress: nil)
        var copy: Int32 = -1
        do {
            let file = try PartialFile(download)
            copy = try #require(
                FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").lazy.compactMap { Int32($0) }
                    .first {
                        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)"))?
                            .hasSuffix("\(folder.path.split(separator: "/").last!)/\(Self.partialName)") == true
                    }
                    .map { dup($0) })
            #expect(file.count == 0)
        }
        defer { close(copy) }
        _ = try PartialFile(download)
    }

    @Test func foldersThatAreNotThere() async throws {
        let server = try FakeServer { Self.answer($0) }
        await expectError(.fileFailed) {
            try await server.client().fetchBlob(Self.descriptor, from: RepositoryName("a"), to: "/nowhere/at/all")
        }
    }
}

@Suite("Archives", .timeLimit(.minutes(10)))
struct ArchiveTests {
    @Test(arguments: [
        ("file:/a/b.zip", "file:///a/b.zip"), ("file:///a/b%20c.zip", "file:///a/b c.zip"),
        ("file://localhost/a", "file:///a"), ("https://h/a?b=secret", "https://h/a"), ("HTTPS://h/a", "https://h/a"),
    ])
    func reads(_ url: String, _ shown: String) throws {
        #expect(try ArchiveReference(url: url, digest: Digest(of: [])).description == shown)
    }

    @Test(arguments: [
        "", "a.zip", "/a.zip", "file:a.zip", "file://host/a", "file:///a%zz", "file:///a%00", "ftp://h/a", "https://",
        "https://u:hunter2@h/a",
    ])
    func refuses(_ url: String) {
        let error = #expect(throws: RegistryError.self) { try ArchiveReference(url: url, digest: Digest(of: [])) }
        #expect(error?.code == .invalidReference)
        #expect(error?.description.contains("hunter2") == false)
    }

    @Test func onlySHA256() {
        #expect(throws: RegistryError.self) {
            try ArchiveReference(url: "file:///a", digest: Digest(of: [], algorithm: .sha512))
        }
    }

    @Test func fromAFile() async throws {
        let (source, folder) = (try TemporaryFolder(), try TemporaryFolder())
        let file = try source.file("a b.zip", "archive")
        let archive = try ArchiveReference(
            url: "file://" + file.replacing(" ", with: "%20"), digest: Digest(of: Array("archive".utf8)))
        let store = try ArchiveStore(folder: folder.path, settings: .test)
        #expect(try await store.check(archive) == 7)
        let path = try await store.fetch(archive)
        #expect(path == "\(folder.path)/sha256-\(archive.digest.hex)")
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "archive")

        // The store has it now, also when the source is gone or another.
        _ = try source.file("a b.zip", "another")
        #expect(try await store.fetch(archive) == path)
        // What was damaged in the store is no archive.
        try "damaged".write(toFile: path, atomically: true, encoding: .utf8)
        await expectError(.digestMismatch) { try await store.fetch(archive) }
        _ = try source.file("a b.zip", "archive")
        _ = try await store.fetch(archive)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "archive")
        #expect(try folder.names.count == 1)

        let missing = try ArchiveReference(url: "file:///nowhere/a.zip", digest: Digest(of: [1]))
        await expectError(.notFound) { try await store.fetch(missing) }
        await expectError(.notFound) { try await store.check(missing) }
    }

    @Test func fromTheWeb() async throws {
        let content = Array("archive".utf8)
        let server = try FakeServer { request in
            request.path == "/a.tgz" ? .redirect(to: "/b.tgz") : FakeServer.Response(200, body: content)
        }
        let folder = try TemporaryFolder()
        let store = try ArchiveStore(folder: folder.path, settings: .test)
        let archive = try ArchiveReference(url: server.url + "/a.tgz", digest: Digest(of: content))
        #expect(try await store.check(archive) == 7)
        _ = try await store.fetch(archive)
        #expect(try folder.names == ["sha256-\(archive.digest.hex)"])
        let requests = server.requests.count
        _ = try await store.fetch(archive)
        #expect(server.requests.count == requests)

        // Neither repository nor tag: people are told what an archive has.
        let none = FakeServer.Response(404)
        let empty = try FakeServer { _ in none }
        let gone = try ArchiveReference(url: empty.url + "/gone.tgz", digest: Digest(of: [2]))
        for error in [
            await expectError(.notFound, { try await store.check(gone) }), await expectError(.notFound, { try await store.fetch(gone) }),
        ] {
            #expect(error?.message == "the archive \(empty.url)/gone.tgz does not exist (404)", "\(error?.description ?? "")")
            #expect(error?.hint?.contains("tag") == false, "\(error?.description ?? "")")
        }

        let other = try ArchiveReference(url: server.url + "/a.tgz", digest: Digest(of: [1]))
        let error = await expectError(.digestMismatch) { try await store.fetch(other) }
        #expect(error?.detail?.contains("\(archive.digest)") == true)
    }
}
