extension RegistryClient {
    /// Looks whether a blob can be fetched (distribution spec, "Checking if content exists in the
    /// registry", end-2).
    ///
    /// - Returns: its size in bytes, -1 if the registry does not tell; `nil` if there is no such blob.
    /// - Throws: ``RegistryError``, `CancellationError`.
    public func sizeOfBlob(_ digest: Digest, in repository: RepositoryName) async throws -> Int64? {
        try await sizeOfBlob(digest, in: repository, Deadline(settings.deadline))
    }

    func sizeOfBlob(_ digest: Digest, in repository: RepositoryName, _ deadline: Deadline) async throws -> Int64? {
        var request = HTTPRequest(method: .head, url: try url("\(repository)/blobs/\(digest)"))
        var response = try await send(request, scope: repository, deadline: deadline)
        if !isOwn(response.head.url), ![200, 404].contains(response.status) {
            // Storage behind a registry may have signed its URL for GET alone: one byte will do.
            request.method = .get
            request.headers.append("Range", "bytes=0-0")
            // Where ranges are not known the whole blob comes: enough was seen by then.
            request.bodyLimit = 1
            do {
                response = try await send(request, scope: repository, deadline: deadline)
            } catch let error as RegistryError where error.code == .tooLarge {
                return -1
            }
            if response.status == 206 { return ContentRange(response.headers)?.total ?? -1 }
        }
        switch response.status {
        case 200: return response.head.contentLength ?? -1
        case 404: return nil
        default: throw failure(response, to: request, subject: "the blob \(digest)")
        }
    }

    /// A small blob, in memory.
    func smallBlob(_ descriptor: Descriptor, in repository: RepositoryName, _ deadline: Deadline) async throws
        -> [UInt8]
    {
        var request = HTTPRequest(url: try url("\(repository)/blobs/\(descriptor.digest)"))
        request.bodyLimit = settings.manifestLimit
        let response = try await send(request, scope: repository, deadline: deadline)
        guard response.status == 200 else {
            throw failure(response, to: request, subject: "the blob \(descriptor.digest)")
        }
        let found = Digest(of: response.body, algorithm: descriptor.digest.algorithm)
        guard found == descriptor.digest else {
            throw RegistryError(
                .digestMismatch,
                "the blob \(descriptor.digest) of \(registry)/\(repository) is not what its digest names",
                detail: "The digest is \(found).",
                hint: "Do not use it. The registry, or a proxy on the way, is broken or lies.")
        }
        return response.body
    }

    /// Fetches a blob into a file (distribution spec, "Pulling blobs", end-2), piece by piece: the
    /// memory needed does not depend on its size.
    ///
    /// The file has its name only when it is complete and its digest is right. What was fetched of
    /// it before, also by an earlier call, is not fetched again.
    ///
    /// - Parameters:
    ///   - path: the file; one that exists is replaced.
    ///   - progress: called with the bytes there are.
    /// - Throws: ``RegistryError``: `digestMismatch`, `sizeMismatch` or `tooLarge` if it is not what
    ///   the descriptor names, `busy` if another process fetches it to the same file;
    ///   `CancellationError`.
    public func fetchBlob(
        _ descriptor: Descriptor, from repository: RepositoryName, to path: String,
        progress: (@Sendable (Int64) -> Void)? = nil
    ) async throws {
        let deadline = Deadline(settings.downloadDeadline)
        let download = FileDownload(
            name: "the blob \(descriptor.digest) of \(registry)/\(repository)", digest: descriptor.digest,
            size: descriptor.size, path: path, progress: progress)
        let request = HTTPRequest(url: try url("\(repository)/blobs/\(descriptor.digest)"))
        try await download.run(request, deadline: deadline, retry: settings.retry) { request, receiver in
            try await exchange(request, scope: repository, deadline: deadline, receiver: receiver)
        }
    }
}
