extension RegistryClient {
    /// The digest that a reference stands for now (distribution spec, "Checking if content exists in
    /// the registry"). A reference with a digest is looked up, too: what is returned exists.
    ///
    /// - Throws: ``RegistryError``, `CancellationError`.
    public func resolve(_ reference: RegistryReference) async throws -> Digest {
        let deadline = Deadline(settings.deadline)
        let (request, response) = try await head(reference, deadline)
        guard response.status == 200 else { throw failure(response, to: request, subject: "the image \(reference)") }
        guard let announced = try digestHeader(response, reference) else {
            // Registries need not tell the digest; the manifest does.
            return try await manifest(reference, deadline).digest
        }
        if let wanted = reference.digest, wanted.algorithm == announced.algorithm, wanted != announced {
            throw mismatch(reference, wanted, announced)
        }
        return reference.digest ?? announced
    }

    /// Whether an image exists: false for 404, an error for everything else that is no success.
    ///
    /// - Throws: ``RegistryError``, `CancellationError`.
    public func exists(_ reference: RegistryReference) async throws -> Bool {
        let (request, response) = try await head(reference, Deadline(settings.deadline))
        switch response.status {
        case 200: return true
        case 404: return false
        default: throw RegistryError(response, to: request)
        }
    }

    /// Makes sure that a tag still names a digest.
    ///
    /// - Throws: ``RegistryError`` with code `tagMoved` if it names another, and for all else
    ///   that can go wrong; `CancellationError`.
    public func confirm(_ reference: RegistryReference, names digest: Digest) async throws {
        let tagged = RegistryReference(
            registry: reference.registry, repository: reference.repository, tag: reference.tag ?? .latest)
        let found = try await resolve(tagged)
        guard found == digest else {
            throw RegistryError(
                .tagMoved, "the tag \(tagged) was moved",
                detail: "It named \(digest) and names \(found) now.",
                hint: "Find out which of the two is meant, and name it by its digest.")
        }
    }

    /// The manifest or index that a reference names (distribution spec, "Pulling manifests", end-3).
    ///
    /// - Throws: ``RegistryError``: `digestMismatch` if it is not what the digest names, `tooLarge`,
    ///   `malformedResponse`, `unsupportedManifest` if it cannot be used; `CancellationError`.
    public func manifest(_ reference: RegistryReference) async throws -> Manifest {
        try await manifest(reference, Deadline(settings.deadline))
    }

    /// The manifest of the image for a platform: what a reference names, or what the index that it
    /// names has for the platform.
    ///
    /// An image that is in no index is not asked for its platform; ``check(_:platform:)`` does.
    ///
    /// - Throws: as ``manifest(_:)``, and `platformMissing`.
    public func image(_ reference: RegistryReference, platform: Platform = .host) async throws -> Manifest {
        let deadline = Deadline(settings.deadline)
        return try await image(from: manifest(reference, deadline), reference, platform, deadline)
    }

    func image(
        from top: Manifest, _ reference: RegistryReference, _ platform: Platform, _ deadline: Deadline
    ) async throws -> Manifest {
        var manifest = top
        // An index may hold indexes; nobody nests them deeper than this.
        for _ in 0..<3 {
            guard case .index(let entries) = manifest.content else { return manifest }
            let entry = try Manifest.choose(platform, from: entries, name: "\(reference)")
            let child = reference.pinned(to: entry.digest)
            manifest = try await self.manifest(child, deadline)
            guard manifest.bytes.count == entry.size else {
                throw RegistryError(
                    .sizeMismatch, "the manifest \(child) has not the size that its index names",
                    detail: "It has \(manifest.bytes.count) bytes and should have \(entry.size).",
                    hint: "Push the image again.")
            }
        }
        guard case .image = manifest.content else {
            throw malformed("the image \(reference)", "Its indexes hold indexes, again and again.")
        }
        return manifest
    }

    func manifest(_ reference: RegistryReference, _ deadline: Deadline) async throws -> Manifest {
        try check(isMine: reference)
        var request = try manifestRequest(reference)
        request.bodyLimit = settings.manifestLimit
        let response: HTTPResponse
        do {
            response = try await send(request, scope: reference.repository, deadline: deadline)
        } catch let error as RegistryError where error.code == .tooLarge {
            throw RegistryError(
                .tooLarge, "the manifest of \(reference) is larger than \(settings.manifestLimit) bytes",
                detail: error.message, hint: "No image needs that much; ask those who pushed it.", cause: error)
        }
        guard response.status == 200 else { throw failure(response, to: request, subject: "the image \(reference)") }
        for wanted in [reference.digest, try digestHeader(response, reference)].compactMap({ $0 }) {
            let found = Digest(of: response.body, algorithm: wanted.algorithm)
            guard found == wanted else { throw mismatch(reference, wanted, found) }
        }
        return try Manifest(
            bytes: response.body, contentType: response.headers["Content-Type"],
            algorithm: reference.digest?.algorithm ?? .sha256, name: "\(reference)")
    }

    private func head(
        _ reference: RegistryReference, _ deadline: Deadline
    ) async throws -> (HTTPRequest, HTTPResponse) {
        try check(isMine: reference)
        var request = try manifestRequest(reference)
        request.method = .head
        return (request, try await send(request, scope: reference.repository, deadline: deadline))
    }

    private func manifestRequest(_ reference: RegistryReference) throws -> HTTPRequest {
        var request = HTTPRequest(url: try url("\(reference.repository)/manifests/\(reference.manifestName)"))
        // Registries convert or refuse what is not named here.
        request.headers.append("Accept", MediaType.manifests.map(\.rawValue).joined(separator: ", "))
        return request
    }

    private func digestHeader(_ response: HTTPResponse, _ reference: RegistryReference) throws -> Digest? {
        guard let text = response.headers["Docker-Content-Digest"] else { return nil }
        do {
            return try Digest(text)
        } catch {
            throw malformed(
                "the image \(reference)", "The digest in its header is none: \(error.detail ?? "")", cause: error)
        }
    }

    private func mismatch(_ reference: RegistryReference, _ wanted: Digest, _ found: Digest) -> RegistryError {
        RegistryError(
            .digestMismatch, "the manifest of \(reference) is not what its digest names",
            detail: "The digest should be \(wanted) and is \(found).",
            hint: "Do not use it. The registry, or a proxy on the way, is broken or lies.")
    }
}
