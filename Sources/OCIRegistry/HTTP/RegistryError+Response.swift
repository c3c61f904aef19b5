#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension RegistryError {
    /// The error that an answer stands for.
    ///
    /// - Parameters:
    ///   - response: an answer that is not what was asked for.
    ///   - request: what was asked.
    init(_ response: HTTPResponse, to request: HTTPRequest) {
        let host = response.head.url.server
        let body = ErrorBody(response)
        let code: Code
        let message: String
        let hint: String
        switch response.status {
        case 401:
            code = .unauthorized
            message = "\(host) does not let us in (401)"
            hint = "Log in: podman login \(host). A repository that does not exist may be answered like this, too."
        case 403:
            code = .forbidden
            message = "\(host) refuses access (403)"
            hint = "Have this account allowed to pull from the repository."
        case 404:
            code = .notFound
            message = "\(host) does not have it (404)"
            hint = "Check repository and tag; it may have been deleted or collected."
        case 429:
            code = .rateLimited
            message = "\(host) gets too many requests (429)"
            hint = "Try again later, or log in if you are not: accounts are given more."
        case 500...599:
            code = .serverFailed
            message = "\(host) failed (\(response.status))"
            hint = "Try again later; if it stays so, ask those who run the server."
        default:
            code = .unexpectedStatus
            message = "\(host) answered \(response.status)"
            hint = "Check that this is the server meant, and whether it is a registry."
        }
        let told = body.entries.map { $0.message.isEmpty ? $0.code : "\($0.code): \($0.message)" }
        let said =
            told.isEmpty
            ? body.text.map { ["The server says: \($0)"] } ?? [] : ["The server says: " + told.joined(separator: "; ")]
        self.init(
            code, message,
            detail: (["Request: \(request.method.rawValue) \(response.head.url.display)"] + said)
                .joined(separator: "\n"),
            hint: hint,
            response: ErrorResponse(
                status: response.status, url: response.head.url.display, entries: body.entries))
    }
}

extension RegistryError {
    /// An answer that there is no such thing, with what it is; every other error as it is.
    func naming(_ subject: String, hint: String? = nil) -> RegistryError {
        guard code == .notFound, let response else { return self }
        return RegistryError(
            code, "\(subject) does not exist (404)", detail: detail, hint: hint ?? self.hint, response: response, cause: cause)
    }
}

/// What an error answer says, in the form of registries or in any other.
private struct ErrorBody {
    let entries: [ErrorResponse.Entry]
    /// The beginning of a body that is not in the form of registries.
    let text: String?

    private struct Document: Decodable {
        struct Entry: Decodable {
            let code: String?
            let message: String?
        }
        let errors: [Entry]?
        /// Docker Hub's token server.
        let details: String?
    }

    init(_ response: HTTPResponse) {
        let document = try? JSONDecoder().decode(Document.self, from: Data(response.body))
        entries = (document?.errors ?? []).prefix(5).map {
            ErrorResponse.Entry(code: Self.short($0.code ?? "UNKNOWN"), message: Self.short($0.message ?? ""))
        }
        let type = MediaType(contentType: response.headers["Content-Type"])?.rawValue ?? ""
        if let details = document?.details {
            text = Self.short(details)
        } else if type == "text/html" || response.body.isEmpty {
            text = nil
        } else {
            text = Self.short(String(decoding: response.body.prefix(1000), as: UTF8.self))
        }
    }

    /// On one line, without control characters, and not too much of it.
    private static func short(_ text: String) -> String {
        let line = text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : Character($0) }
        return line.count > 300 ? String(line.prefix(300)) + "..." : String(line)
    }
}
