#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A folder of archives, each under the name of its digest.
public struct ArchiveStore: Sendable {
    /// The folder.
    public let folder: String
    private let settings: RegistrySettings
    private let http: HTTPClient

    /// A store.
    ///
    /// - Parameters:
    ///   - folder: must exist and be writable.
    ///   - settings: for archives on the web: deadlines, CA file, proxy, retries, and whether plain
    ///     HTTP is allowed. Credentials are not used.
    /// - Throws: ``RegistryError`` with code `invalidSettings`.
    public init(folder: String, settings: RegistrySettings = RegistrySettings()) throws {
        self.folder = folder
        self.settings = settings
        http = try settings.makeClient()
    }

    /// Where an archive is in the store, or will be.
    public func path(of archive: ArchiveReference) -> String { "\(folder)/sha256-\(archive.digest.hex)" }

    /// Makes sure that an archive is in the store, with the bytes that its digest names.
    ///
    /// One that is there already is read again and compared, not fetched; one that was fetched in
    /// part is fetched from there on. The memory needed does not depend on its size.
    ///
    /// - Parameter progress: called with the bytes there are.
    /// - Returns: its path.
    /// - Throws: ``RegistryError``: `digestMismatch` if the source has other bytes, `notFound`,
    ///   `insecure`, `busy` if another process fetches it, `fileFailed`, and what else can go wrong;
    ///   `CancellationError`.
    public func fetch(
        _ archive: ArchiveReference, progress: (@Sendable (Int64) -> Void)? = nil
    ) async throws -> String {
        let path = path(of: archive)
        let present = try await TransferThread.run { try LocalFile.digest(of: path, algorithm: .sha256) }
        if present == archive.digest { return path }

        let download = FileDownload(
            name: "the archive \(archive)", digest: archive.digest, size: nil, path: path, progress: progress)
        switch archive.place {
        case .web(let url):
            let deadline = Deadline(settings.downloadDeadline)
            do {
                try await download.run(HTTPRequest(url: url), deadline: deadline, retry: settings.retry) {
                    try await http.exchange($0, deadline: deadline, receiver: $1)
                }
            } catch let error as RegistryError {
                throw error.naming("the archive \(archive)", hint: Self.whereToLook)
            }
        case .file(let source):
            try await TransferThread.run { try download.copy(from: source) }
        }
        return path
    }

    private static let whereToLook = "Check the URL; the archive may have been moved or deleted."

    /// Makes sure that an archive could be fetched now. Its bytes are not compared.
    ///
    /// - Returns: its size in bytes, -1 if the server does not tell.
    /// - Throws: ``RegistryError``: `notFound`, `insecure`, and what else can go wrong;
    ///   `CancellationError`.
    public func check(_ archive: ArchiveReference) async throws -> Int64 {
        switch archive.place {
        case .file(let path):
            try LocalFile.checkReadable(path, what: "archive", .fileFailed, missing: .notFound)
            var facts = stat()
            guard stat(path, &facts) == 0 else { throw LocalFile.failure("read", path) }
            guard facts.st_mode & S_IFMT == S_IFREG else {
                throw RegistryError(.fileFailed, "\(path) is not a file", hint: "Name the archive itself.")
            }
            return Int64(facts.st_size)
        case .web(let url):
            let deadline = Deadline(settings.deadline)
            let request = HTTPRequest(method: .head, url: url)
            let response = try await settings.retry.run(deadline: deadline, what: request.display) {
                try await http.exchange(request, deadline: deadline)
            }
            guard response.status == 200 else {
                throw RegistryError(response, to: request).naming("the archive \(archive)", hint: Self.whereToLook)
            }
            return response.head.contentLength ?? -1
        }
    }
}

extension FileDownload {
    /// Copies a file of this machine in the place of fetching it.
    func copy(from source: String) throws {
        let descriptor = open(source, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw errno == ENOENT
                ? RegistryError(
                    .notFound, "\(name) does not exist", detail: "There is no file \(source).",
                    hint: "Check the path.")
                : LocalFile.failure("read", source)
        }
        defer { close(descriptor) }
        let file = try PartialFile(self)
        try file.startOver()
        try PartialFile.read(descriptor, source) { try file.append($0) }
        guard file.digest == digest else {
            let found = file.digest
            try file.discard()
            throw RegistryError(
                .digestMismatch, "\(name) is not what its digest names",
                detail: "The digest should be \(digest) and is \(found).",
                hint: "Do not use it: it was changed.")
        }
        try file.complete()
    }
}
