import TestSupport

@testable import OCIRegistry

extension RegistryClient {
    /// Pushes an image (distribution spec, "Pushing blobs", "Pushing Manifests"); the controller
    /// itself never does.
    func push(_ image: FakeImage, to reference: RegistryReference) async throws {
        for blob in image.blobs { try await push(blob, to: reference.repository) }
        try await push(image.manifest, image.mediaType, to: reference)
    }

    func push(_ blob: [UInt8], to repository: RepositoryName) async throws {
        let begin = HTTPRequest(method: .post, url: try url("\(repository)/blobs/uploads/"))
        let begun = try await send(begin, scope: repository, deadline: Deadline(.seconds(20)))
        guard begun.status == 202, let location = begun.headers["Location"] else {
            throw RegistryError(begun, to: begin)
        }
        let separator = location.contains("?") ? "&" : "?"
        var end = HTTPRequest(
            method: .put, url: try HTTPURL("\(location)\(separator)digest=\(Digest(of: blob))", relativeTo: begin.url),
            body: blob)
        end.headers.append("Content-Type", "application/octet-stream")
        let ended = try await send(end, scope: repository, deadline: Deadline(.seconds(20)))
        guard ended.status == 201 else { throw RegistryError(ended, to: end) }
    }

    func push(_ manifest: [UInt8], _ type: MediaType, to reference: RegistryReference) async throws {
        var request = HTTPRequest(
            method: .put, url: try url("\(reference.repository)/manifests/\(reference.manifestName)"), body: manifest)
        request.headers.append("Content-Type", type.rawValue)
        let response = try await send(request, scope: reference.repository, deadline: Deadline(.seconds(20)))
        guard response.status == 201 else { throw RegistryError(response, to: request) }
    }
}

extension TestRegistry {
    func client(_ change: (inout RegistrySettings) -> Void = { _ in }) throws -> RegistryClient {
        try RegistryClient(name, settings: RegistrySettings.test.with(change))
    }
}
