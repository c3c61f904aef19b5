/// The header fields of a message. Names are compared without regard to case.
struct HTTPHeaders: Sendable {
    private(set) var fields: [(name: String, value: String)] = []

    init(_ fields: [(name: String, value: String)] = []) { self.fields = fields }

    /// The first value of a field.
    subscript(name: String) -> String? { all(name).first }

    /// All values of a field, in order.
    func all(_ name: String) -> [String] {
        let wanted = name.lowercased()
        return fields.filter { $0.name.lowercased() == wanted }.map(\.value)
    }

    mutating func append(_ name: String, _ value: String) { fields.append((name, value)) }

    mutating func remove(_ name: String) {
        let unwanted = name.lowercased()
        fields.removeAll { $0.name.lowercased() == unwanted }
    }
}

struct HTTPRequest: Sendable {
    enum Method: String, Sendable {
        case get = "GET"
        case head = "HEAD"
        case post = "POST"
        case put = "PUT"
    }

    var method: Method = .get
    var url: HTTPURL
    var headers = HTTPHeaders()
    /// For POST and PUT.
    var body: [UInt8] = []
    /// Most bytes of a body that are kept in memory.
    var bodyLimit = 1 << 20

    /// For messages.
    var display: String { "\(method.rawValue) \(url.display)" }
}

/// What comes before the body of an answer.
struct HTTPHead: Sendable {
    var status: Int
    var headers = HTTPHeaders()
    /// Who answered, after redirects.
    var url: HTTPURL

    /// The size that the answer announces.
    var contentLength: Int64? { headers["Content-Length"].flatMap { Int64($0) } }
}

struct HTTPResponse: Sendable {
    var head: HTTPHead
    /// Empty if the body went to a receiver.
    var body: [UInt8] = []

    var status: Int { head.status }
    var headers: HTTPHeaders { head.headers }
}

/// Takes the body of a successful answer piece by piece. Called on a thread of the transport, by
/// one transfer at a time; what it throws ends the transfer.
typealias BodyReceiver = @Sendable (HTTPHead, UnsafeRawBufferPointer) throws -> Void
