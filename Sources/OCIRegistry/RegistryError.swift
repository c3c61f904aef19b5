/// Anything that can go wrong between this program and a registry, or a server of archives.
///
/// Never holds a password or a token, nor the query of a URL, in which one could be.
public struct RegistryError: Error, Sendable {
    /// What kind of thing went wrong.
    public enum Code: String, Sendable, CaseIterable {
        /// A reference, digest, tag, platform or URL is not written as it must be.
        case invalidReference = "invalid_reference"
        /// A setting cannot be used, for example a CA file that cannot be read.
        case invalidSettings = "invalid_settings"
        /// A file with credentials cannot be read or understood.
        case invalidCredentials = "invalid_credentials"
        /// A credential helper could not be run, or failed.
        case credentialHelperFailed = "credential_helper_failed"
        /// No connection to the server, or it was lost again and again.
        case connectionFailed = "connection_failed"
        /// The server's certificate is not trusted, or no encryption could be agreed on.
        case tlsFailed = "tls_failed"
        /// The deadline passed.
        case timedOut = "timed_out"
        /// 401: the registry wants to know who asks, or did not take the answer.
        case unauthorized
        /// 403: whoever asks may not.
        case forbidden
        /// 404: no such repository, tag, manifest or blob.
        case notFound = "not_found"
        /// 429: too many requests, also after waiting.
        case rateLimited = "rate_limited"
        /// 5xx: the server failed, again and again.
        case serverFailed = "server_failed"
        /// Any other status that is not a success.
        case unexpectedStatus = "unexpected_status"
        /// A redirect leads back to where it came from.
        case redirectLoop = "redirect_loop"
        /// More redirects than the limit.
        case tooManyRedirects = "too_many_redirects"
        /// Plain HTTP where nobody asked for it by word.
        case insecure
        /// An answer is not what the protocol says.
        case malformedResponse = "malformed_response"
        /// A manifest of a kind that is not supported.
        case unsupportedManifest = "unsupported_manifest"
        /// More bytes than the limit, or than were announced.
        case tooLarge = "too_large"
        /// The bytes are not those that the digest names.
        case digestMismatch = "digest_mismatch"
        /// The size is not the one that the manifest names.
        case sizeMismatch = "size_mismatch"
        /// The tag names another digest than before.
        case tagMoved = "tag_moved"
        /// The image does not exist for this platform.
        case platformMissing = "platform_missing"
        /// Blobs that the manifest names are not in the registry any more.
        case blobsMissing = "blobs_missing"
        /// A file of this machine cannot be read or written.
        case fileFailed = "file_failed"
        /// Another process is fetching the same file.
        case busy
    }

    /// What kind of thing went wrong.
    public let code: Code
    /// What happened, in one sentence.
    public let message: String
    /// The facts behind the message.
    public let detail: String?
    /// What to do about it.
    public let hint: String?
    /// What the server answered, where it is the server's answer that is the error.
    public let response: ErrorResponse?
    /// The error that led to this one.
    public let cause: (any Error)?

    /// Makes an error of which the fields say all.
    public init(
        _ code: Code, _ message: String, detail: String? = nil, hint: String? = nil,
        response: ErrorResponse? = nil, cause: (any Error)? = nil
    ) {
        self.code = code
        self.message = message
        self.detail = detail
        self.hint = hint
        self.response = response
        self.cause = cause
    }

    /// The same error with one more fact.
    func adding(detail fact: String) -> RegistryError {
        RegistryError(
            code, message, detail: [detail, fact].compactMap { $0 }.joined(separator: "\n"), hint: hint,
            response: response, cause: cause)
    }
}

extension RegistryError: CustomStringConvertible {
    /// Message, detail and hint, one a line.
    public var description: String {
        var lines = [message]
        if let detail { lines.append("DETAIL: \(detail)") }
        if let hint { lines.append("HINT: \(hint)") }
        return lines.joined(separator: "\n")
    }
}

/// An answer that is an error.
public struct ErrorResponse: Sendable, Equatable {
    /// One error of the registry's own list.
    public struct Entry: Sendable, Equatable {
        /// For programs, such as `MANIFEST_UNKNOWN`.
        public let code: String
        /// For people; may be empty.
        public let message: String
    }

    /// The HTTP status.
    public let status: Int
    /// Which URL answered, without its query.
    public let url: String
    /// What the registry says (distribution spec, "Error Codes"); empty where it says nothing.
    public let entries: [Entry]
}
