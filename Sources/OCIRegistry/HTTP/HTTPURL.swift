import CCurl

/// An `http` or `https` URL, read by the same code that will open it.
struct HTTPURL: Sendable, Hashable {
    enum Scheme: String, Sendable {
        case http
        case https
    }

    /// The whole URL. Its query may hold a signature: show ``display``.
    let text: String
    let scheme: Scheme
    let host: String
    let port: Int
    let path: String

    /// Reads an absolute URL, or one relative to `base`.
    ///
    /// - Throws: ``RegistryError`` with code `invalidReference`.
    init(_ text: String, relativeTo base: HTTPURL? = nil) throws(RegistryError) {
        func refuse(_ reason: String) -> RegistryError {
            RegistryError(
                .invalidReference, "a URL cannot be used: \(Self.display(text))", detail: reason,
                hint: "Write https://HOST[:PORT]/PATH.")
        }
        guard let handle = curl_url() else { throw refuse("There is no memory for it.") }
        defer { curl_url_cleanup(handle) }
        for part in [base?.text, text].compactMap({ $0 }) {
            let failure = curl_url_set(handle, CURLUPART_URL, part, UInt32(CURLU_NON_SUPPORT_SCHEME))
            guard failure == CURLUE_OK else { throw refuse(String(cString: curl_url_strerror(failure)) + ".") }
        }
        func part(_ part: CURLUPart, _ flags: Int32 = 0) -> String? {
            var value: UnsafeMutablePointer<CChar>?
            guard curl_url_get(handle, part, &value, UInt32(flags)) == CURLUE_OK, let value else { return nil }
            defer { curl_free(value) }
            return String(cString: value)
        }
        guard let scheme = part(CURLUPART_SCHEME).flatMap({ Scheme(rawValue: $0.lowercased()) }) else {
            throw refuse("Only http and https URLs are opened here.")
        }
        // A name and password in a URL would be sent to whoever is named there, and shown in logs.
        guard part(CURLUPART_USER) == nil, part(CURLUPART_PASSWORD) == nil else {
            throw refuse("It holds a user name or a password.")
        }
        guard let host = part(CURLUPART_HOST), !host.isEmpty, let whole = part(CURLUPART_URL),
            let port = part(CURLUPART_PORT, CURLU_DEFAULT_PORT).flatMap(Int.init)
        else { throw refuse("It has no host.") }
        self.text = whole
        self.scheme = scheme
        self.host = host.lowercased()
        self.port = port
        path = part(CURLUPART_PATH) ?? "/"
    }

    /// Host and port, as a registry is named; without the port that is usual.
    var server: String { port == (scheme == .https ? 443 : 80) ? host : "\(host):\(port)" }

    /// True if both are of the same server: the one that may see the credentials of the other.
    func isSameOrigin(as other: HTTPURL) -> Bool {
        scheme == other.scheme && host == other.host && port == other.port
    }

    /// The URL without what may be secret.
    var display: String { Self.display(text) }

    /// Any text that may be a URL, without what may be secret.
    static func display(_ text: String) -> String {
        var shown = text.prefix { $0 != "?" && $0 != "#" }
        if let scheme = shown.firstRange(of: "://") {
            let authority = shown[scheme.upperBound...].prefix { $0 != "/" }
            if let at = authority.lastIndex(of: "@") {
                shown = shown[..<scheme.upperBound] + shown[shown.index(after: at)...]
            }
        }
        return String(shown)
    }
}
