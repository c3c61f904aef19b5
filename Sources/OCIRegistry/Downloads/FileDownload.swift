/// Where a piece of a file belongs (RFC 9110, "Content-Range").
struct ContentRange {
    let start: Int64
    /// Size of the whole, if the server tells.
    let total: Int64?

    /// `nil` if there is no such field, or none that can be understood.
    init?(_ headers: HTTPHeaders) {
        guard let words = headers["Content-Range"]?.split(separator: " "), words.count == 2, words[0] == "bytes" else {
            return nil
        }
        let parts = words[1].split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let start = parts[0].split(separator: "-").first.flatMap({ Int64($0) }) else {
            return nil
        }
        self.start = start
        total = Int64(parts[1])
    }
}

/// Fetches a file that is named by its digest.
struct FileDownload: Sendable {
    /// For messages.
    let name: String
    let digest: Digest
    /// In bytes; `nil` if it is not known beforehand.
    let size: Int64?
    let path: String
    let progress: (@Sendable (Int64) -> Void)?

    /// Fetches it, from where an earlier attempt ended.
    ///
    /// - Parameter exchange: sends the request once.
    func run(
        _ request: HTTPRequest, deadline: Deadline, retry: RetryPolicy,
        exchange: @escaping @Sendable (HTTPRequest, @escaping BodyReceiver) async throws -> HTTPResponse
    ) async throws {
        let file = try await TransferThread.run { try PartialFile(self) }
        var startedOver = false
        while true {
            let resumed = file.count
            if !file.isComplete {
                try await retry.run(deadline: deadline, what: request.display, progress: { file.count }) {
                    try await attempt(request, file, exchange)
                }
            }
            if file.digest == digest { break }
            // What was there before may have been of another file.
            guard resumed > 0, !startedOver else {
                let found = file.digest
                try file.discard()
                throw RegistryError(
                    .digestMismatch, "\(name) is not what its digest names",
                    detail: "The digest should be \(digest) and is \(found).",
                    hint: "Do not use it: it was changed at the source, or damaged on the way.")
            }
            startedOver = true
            try file.startOver()
        }
        try await TransferThread.run { try file.complete() }
    }

    private func attempt(
        _ request: HTTPRequest, _ file: PartialFile,
        _ exchange: @Sendable (HTTPRequest, @escaping BodyReceiver) async throws -> HTTPResponse
    ) async throws {
        var request = request
        let start = file.count
        if start > 0 { request.headers.append("Range", "bytes=\(start)-") }
        file.beginAttempt()
        let response = try await exchange(request) { head, bytes in try file.append(bytes, head: head) }
        switch response.status {
        case 200, 206:
            // An empty body reaches no receiver.
            try file.append(UnsafeRawBufferPointer(start: nil, count: 0), head: response.head)
        case 416 where start > 0:
            // There is nothing after what we have, so what we have is not a part of it.
            try file.startOver()
            throw TransientFailure(error: RegistryError(response, to: request))
        default:
            throw RegistryError(response, to: request).naming(name)
        }
        if let size, file.count < size {
            throw TransientFailure(
                error: RegistryError(
                    .sizeMismatch, "\(name) ends too early",
                    detail: "There are \(file.count) bytes, and should be \(size).",
                    hint: "Try again; if it stays so, what the server has is damaged."))
        }
    }
}
