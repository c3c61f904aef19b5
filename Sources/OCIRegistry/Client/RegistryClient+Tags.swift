#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension RegistryClient {
    /// Most pages of a list of tags; a registry that has more goes round in circles.
    private static let pageLimit = 1000

    /// The tags of a repository, as the registry orders them (distribution spec, "Listing Tags",
    /// end-8).
    ///
    /// - Throws: ``RegistryError``, `CancellationError`.
    public func tags(of repository: RepositoryName) async throws -> [Tag] {
        let deadline = Deadline(settings.deadline)
        let subject = "the repository \(registry)/\(repository)"
        var tags: [Tag] = []
        var next: HTTPURL? = try url("\(repository)/tags/list?n=1000")
        var visited: Set<HTTPURL> = []
        while let url = next {
            guard visited.insert(url).inserted, visited.count <= Self.pageLimit else {
                throw malformed(subject, "The pages of its list of tags do not end.")
            }
            var request = HTTPRequest(url: url)
            request.bodyLimit = 16 << 20
            let response = try await send(request, scope: repository, deadline: deadline)
            guard response.status == 200 else { throw failure(response, to: request, subject: subject) }
            do {
                // A repository whose last tag was deleted has null in some registries.
                let page = try JSONDecoder().decode(TagList.self, from: Data(response.body))
                tags += try (page.tags ?? []).map(Tag.init)
            } catch let error as DecodingError {
                throw malformed(subject, "Its list of tags: \(error.explanation)", cause: error)
            } catch let error as RegistryError {
                throw malformed(subject, "Its list of tags: \(error.message).", cause: error)
            }
            next = try nextPage(response, after: url, subject: subject)
        }
        return tags
    }

    /// The next page (RFC 8288, "Link"); it must be the registry's own, for it is asked with our
    /// credentials.
    private func nextPage(_ response: HTTPResponse, after url: HTTPURL, subject: String) throws -> HTTPURL? {
        for link in response.headers.all("Link") {
            guard let open = link.firstIndex(of: "<"), let close = link[open...].firstIndex(of: ">") else { continue }
            let parameters = link[close...].lowercased().filter { $0 != " " && $0 != "\"" }
            guard parameters.contains(";rel=next") else { continue }
            let target = try? HTTPURL(String(link[link.index(after: open)..<close]), relativeTo: url)
            guard let target, isOwn(target) else {
                throw malformed(subject, "The next page of its list of tags is not in the registry.")
            }
            return target
        }
        return nil
    }

    func malformed(_ subject: String, _ reason: String, cause: (any Error)? = nil) -> RegistryError {
        RegistryError(
            .malformedResponse, "the registry's answer about \(subject) makes no sense", detail: reason,
            hint: "Ask those who run the registry.", cause: cause)
    }

    private struct TagList: Decodable {
        let tags: [String]?
    }
}
