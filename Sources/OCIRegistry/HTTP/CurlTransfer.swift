import CCurl

/// One exchange on the thread that runs it.
final class CurlTransfer {
    private let request: HTTPRequest
    private let deadline: Deadline
    private let receiver: BodyReceiver?

    private var head: HTTPHead
    private var headerBytes = 0
    private var body: [UInt8] = []
    /// Why a callback ended the transfer.
    private var failure: (any Error)?

    /// Most bytes of a header; more is no header that anybody sends in good faith.
    private static let headerLimit = 256 << 10

    /// Most bytes of a body that is an error message and not what was asked for.
    private static let errorBodyLimit = 64 << 10

    init(_ request: HTTPRequest, deadline: Deadline, receiver: BodyReceiver?) {
        self.request = request
        self.deadline = deadline
        self.receiver = receiver
        head = HTTPHead(status: 0, url: request.url)
    }

    func run(
        _ session: CurlSession, _ settings: HTTPTransport.Settings, _ interrupt: Interrupt
    ) throws -> HTTPResponse {
        guard deadline.left > .zero else { throw deadline.passed(during: request.display) }
        let easy = session.easy
        var reason = [CChar](repeating: 0, count: Int(CURL_ERROR_SIZE))
        var headerList: UnsafeMutablePointer<curl_slist>?
        defer {
            // Options point to what ends with this function; connections stay with the multi handle.
            curl_easy_reset(easy)
            curl_slist_free_all(headerList)
        }
        for (name, value) in request.headers.fields {
            guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
                throw RegistryError(.malformedResponse, "a value for the header \(name) has control characters")
            }
            guard let longer = curl_slist_append(headerList, "\(name): \(value)") else { throw CurlFailure.noMemory }
            headerList = longer
        }
        return try reason.withUnsafeMutableBufferPointer { reason in
            try request.body.withUnsafeBytes { body in
                try setOptions(easy, settings, headerList: headerList, body: body, reason: reason.baseAddress!)
                let result = try withExtendedLifetime(self) { try perform(session, interrupt) }
                if let failure { throw failure }
                guard result == CURLE_OK else {
                    let text = String(cString: reason.baseAddress!)
                    throw CurlFailure(result, text.isEmpty ? String(cString: curl_easy_strerror(result)) : text)
                        .error(for: request, head: head, deadline: deadline, settings: settings)
                }
                return HTTPResponse(head: head, body: self.body)
            }
        }
    }

    private func setOptions(
        _ easy: UnsafeMutableRawPointer, _ settings: HTTPTransport.Settings,
        headerList: UnsafeMutablePointer<curl_slist>?, body: UnsafeRawBufferPointer,
        reason: UnsafeMutablePointer<CChar>
    ) throws {
        func set(_ option: CURLoption, _ value: Int) throws {
            try CurlFailure.check(yesterday_curl_set_long(easy, option, value))
        }
        func set(_ option: CURLoption, _ value: String) throws {
            try CurlFailure.check(yesterday_curl_set_text(easy, option, value))
        }
        func set(_ option: CURLoption, _ value: UnsafeMutableRawPointer?) throws {
            try CurlFailure.check(yesterday_curl_set_pointer(easy, option, value))
        }
        try set(CURLOPT_ERRORBUFFER, UnsafeMutableRawPointer(reason))
        try CurlFailure.check(yesterday_curl_set_web_only(easy))
        try CurlFailure.check(yesterday_curl_set_impatient(easy))
        try set(CURLOPT_URL, request.url.text)
        // What a path means is the server's business: a registry's names have no "..".
        try set(CURLOPT_PATH_AS_IS, 1)
        try set(CURLOPT_FOLLOWLOCATION, 0)
        try set(CURLOPT_NOSIGNAL, 1)
        try set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        try set(CURLOPT_USERAGENT, settings.userAgent)
        try set(CURLOPT_CONNECTTIMEOUT_MS, settings.connectTimeout.milliseconds(atLeast: 1))
        try set(CURLOPT_LOW_SPEED_LIMIT, 1)
        try set(CURLOPT_LOW_SPEED_TIME, max(settings.stallTimeout.milliseconds(atLeast: 1000) / 1000, 1))
        try set(CURLOPT_TIMEOUT_MS, deadline.left.milliseconds(atLeast: 1))
        if let caFile = settings.caFile { try set(CURLOPT_CAINFO, caFile) }
        switch settings.proxy {
        case .environment: break
        case .none: try set(CURLOPT_PROXY, "")
        case .url(let url): try set(CURLOPT_PROXY, url)
        }
        switch request.method {
        case .get: break
        case .head: try set(CURLOPT_NOBODY, 1)
        case .post, .put:
            try set(CURLOPT_POST, 1)
            try set(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
            try CurlFailure.check(
                yesterday_curl_set_size(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count)))
            // An empty array may have no address, and NULL would mean a body from a callback.
            try set(
                CURLOPT_POSTFIELDS,
                UnsafeMutableRawPointer(mutating: body.baseAddress) ?? UnsafeMutableRawPointer(reason))
        }
        if let headerList { try set(CURLOPT_HTTPHEADER, UnsafeMutableRawPointer(headerList)) }

        let context = Unmanaged.passUnretained(self).toOpaque()
        try CurlFailure.check(
            yesterday_curl_set_receiver(easy, CURLOPT_HEADERFUNCTION) { bytes, one, count, context in
                let transfer = Unmanaged<CurlTransfer>.fromOpaque(context!).takeUnretainedValue()
                return transfer.takeHeader(UnsafeRawBufferPointer(start: bytes, count: one * count))
            })
        try set(CURLOPT_HEADERDATA, context)
        try CurlFailure.check(
            yesterday_curl_set_receiver(easy, CURLOPT_WRITEFUNCTION) { bytes, one, count, context in
                let transfer = Unmanaged<CurlTransfer>.fromOpaque(context!).takeUnretainedValue()
                return transfer.takeBody(UnsafeRawBufferPointer(start: bytes, count: one * count))
            })
        try set(CURLOPT_WRITEDATA, context)
    }

    /// Runs the transfer to its end, or to the moment of being cancelled.
    private func perform(_ session: CurlSession, _ interrupt: Interrupt) throws -> CURLcode {
        let multi = session.multi
        guard curl_multi_add_handle(multi, session.easy) == CURLM_OK else { throw CurlFailure.noMemory }
        interrupt.attach(session)
        defer {
            interrupt.attach(nil)
            curl_multi_remove_handle(multi, session.easy)
        }
        var running: Int32 = 1
        while running > 0 {
            guard curl_multi_perform(multi, &running) == CURLM_OK else { throw CurlFailure.noMemory }
            if interrupt.isCancelled { throw CancellationError() }
            if running > 0 { curl_multi_poll(multi, nil, 0, 1000, nil) }
        }
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            var result = CURLE_OK
            if yesterday_curl_is_done(message, &result) != 0 { return result }
        }
        throw CurlFailure.noMemory
    }

    /// Takes one line of a header; there are several headers where an answer is announced by
    /// `100 Continue`, and the last counts. Anything but the full count ends the transfer.
    private func takeHeader(_ bytes: UnsafeRawBufferPointer) -> Int {
        headerBytes += bytes.count
        guard headerBytes <= Self.headerLimit else {
            failure = RegistryError(
                .tooLarge, "\(request.display) is answered with a header of more than \(Self.headerLimit >> 10) KB")
            return 0
        }
        var line = String(decoding: bytes, as: UTF8.self)[...]
        // A carriage return and a line feed are one Character.
        while let last = line.last, last.isNewline || last == " " || last == "\t" { line.removeLast() }
        if line.hasPrefix("HTTP/"), let status = line.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) {
            head = HTTPHead(status: status, url: request.url)
        } else if let colon = line.firstIndex(of: ":") {
            let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
            head.headers.append(String(line[..<colon]), String(value))
        }
        return bytes.count
    }

    private func takeBody(_ bytes: UnsafeRawBufferPointer) -> Int {
        let isWanted = head.status == 200 || head.status == 206
        if isWanted, let receiver {
            do {
                try receiver(head, bytes)
            } catch {
                failure = error
                return 0
            }
            return bytes.count
        }
        let limit = isWanted ? request.bodyLimit : Self.errorBodyLimit
        if body.count + bytes.count > limit {
            if isWanted {
                failure = RegistryError(
                    .tooLarge, "\(request.display) is answered with more than \(limit) bytes",
                    hint: "Nothing of this kind is that large; ask those who run the server.")
                return 0
            }
            body.append(contentsOf: bytes.prefix(limit - body.count))
            return bytes.count
        }
        body.append(contentsOf: bytes)
        return bytes.count
    }
}

/// What libcurl says when it fails.
struct CurlFailure: Error {
    let code: CURLcode
    let text: String

    init(_ code: CURLcode, _ text: String) {
        self.code = code
        self.text = text
    }

    static let noMemory = RegistryError(.connectionFailed, "libcurl has not the memory for a transfer")

    /// An option that this libcurl does not take.
    static func check(_ code: CURLcode) throws {
        guard code == CURLE_OK else {
            throw RegistryError(
                .invalidSettings, "a setting cannot be used: \(String(cString: curl_easy_strerror(code)))",
                hint: "This libcurl is too old or was built without what is needed; install the system's current one.")
        }
    }

    /// The error for people, wrapped as transient where trying again may help.
    func error(
        for request: HTTPRequest, head: HTTPHead, deadline: Deadline, settings: HTTPTransport.Settings
    ) -> any Error {
        let host = "\(request.url.host):\(request.url.port)"
        func transient(_ message: String, _ hint: String) -> TransientFailure {
            TransientFailure(
                error: RegistryError(.connectionFailed, message, detail: text, hint: hint, cause: self))
        }
        switch code {
        case CURLE_OPERATION_TIMEDOUT where deadline.left <= .milliseconds(20):
            return deadline.passed(during: request.display, cause: self)
        case CURLE_OPERATION_TIMEDOUT:
            return transient("\(host) does not answer", "Check the network, and a proxy if there is one.")
        case CURLE_SSL_CACERT_BADFILE:
            return RegistryError(
                .invalidSettings, "the CA file \(settings.caFile ?? "of this system") holds no certificate that can be read",
                detail: text, hint: "Name a file with certificates in PEM form.", cause: self)
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER:
            return RegistryError(
                .tlsFailed, "the certificate of \(host) is not trusted", detail: text,
                hint: "Name the CA file that signed it, or have the server's certificate renewed.", cause: self)
        case CURLE_SSL_CONNECT_ERROR:
            return RegistryError(
                .tlsFailed, "no encrypted connection to \(host)", detail: text,
                hint: "If the server speaks plain HTTP, that must be allowed by word for it.", cause: self)
        case CURLE_COULDNT_RESOLVE_HOST:
            return transient("the host \(request.url.host) is not known", "Check the name, and the name server.")
        case CURLE_COULDNT_RESOLVE_PROXY:
            return transient("the proxy's host is not known", "Check http_proxy, https_proxy and no_proxy.")
        case CURLE_COULDNT_CONNECT:
            return transient(
                "\(host) cannot be reached", "Check that it runs, the network, and a proxy if there is one.")
        case CURLE_PARTIAL_FILE, CURLE_GOT_NOTHING, CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_HTTP2,
            CURLE_HTTP2_STREAM, CURLE_AGAIN:
            return transient("the connection to \(host) was lost", "Check the network, and whether the server runs.")
        default:
            return RegistryError(
                .connectionFailed, "\(request.display) failed", detail: text, hint: "Check the server and the network.",
                cause: self)
        }
    }
}
