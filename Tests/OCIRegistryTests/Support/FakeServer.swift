import Synchronization

@testable import OCIRegistry

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A web server that answers as a test tells it to, also in ways that no real one would.
final class FakeServer: Sendable {
    struct Request: Sendable {
        let method: String
        /// With the query.
        let target: String
        let headers: HTTPHeaders
        let body: [UInt8]

        var path: String { String(target.prefix { $0 != "?" }) }
    }

    struct Response: Sendable {
        var status = 200
        var headers: [(String, String)] = []
        var body: [UInt8] = []
        /// What Content-Length says, if it is not the truth.
        var announcedLength: Int?
        /// False to leave out Content-Length: the end of the connection ends the body.
        var announcesLength = true
        /// Seconds until the answer begins.
        var delay = 0.0
        /// True to hang up without an answer.
        var hangsUp = false

        init(_ status: Int = 200, _ headers: [(String, String)] = [], body: [UInt8] = []) {
            self.status = status
            self.headers = headers
            self.body = body
        }

        init(_ status: Int = 200, _ headers: [(String, String)] = [], json: String) {
            self.init(status, headers + [("Content-Type", "application/json")], body: Array(json.utf8))
        }

        static func redirect(to url: String) -> Response { Response(307, [("Location", url)]) }
    }

    typealias Handler = @Sendable (Request) -> Response

    let port: Int
    private let listener: Int32
    private let handler: Handler
    private let seen = Mutex<[Request]>([])

    /// All requests so far.
    var requests: [Request] { seen.withLock { $0 } }

    var registry: RegistryName { get throws { try RegistryName("127.0.0.1:\(port)") } }
    var url: String { "http://127.0.0.1:\(port)" }

    init(_ handler: @escaping Handler) throws {
        self.handler = handler
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        self.listener = listener
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let failed = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) != 0 || listen(listener, 64) != 0 || getsockname(listener, $0, &length) != 0
            }
        }
        guard !failed else { throw LocalFile.failure("bound", "a socket") }
        port = Int(UInt16(bigEndian: address.sin_port))
        let accepted = Weak()
        try TransferThread.start {
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0, let server = accepted.server.withLock({ $0.value }) else { break }
                server.serve(connection)
            }
            close(listener)
        }
        accepted.server.withLock { $0.value = self }
    }

    /// The thread that accepts must not keep the server alive.
    private final class Weak: Sendable {
        struct Reference: Sendable { weak var value: FakeServer? }
        let server = Mutex(Reference())
    }

    deinit { shutdown(listener, Int32(SHUT_RDWR)) }

    private func serve(_ connection: Int32) {
        let handler = handler
        do {
            try TransferThread.start { [weak self] in
                defer { close(connection) }
                guard let request = Self.read(connection) else {
                    Self.write(Response(400), to: connection, withBody: true)
                    return
                }
                self?.seen.withLock { $0.append(request) }
                Self.write(handler(request), to: connection, withBody: request.method != "HEAD")
            }
        } catch {
            close(connection)
        }
    }

    private static func read(_ connection: Int32) -> Request? {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 4096)
        func more() -> Bool {
            let count = recv(connection, &piece, piece.count, 0)
            if count > 0 { bytes += piece[..<count] }
            // What begins like this is TLS.
            return count > 0 && bytes[0] != 0x16
        }
        let end = Array("\r\n\r\n".utf8)
        while bytes.firstRange(of: end) == nil { guard more() else { return nil } }
        let split = bytes.firstRange(of: end)!
        let lines = String(decoding: bytes[..<split.lowerBound], as: UTF8.self).split(separator: "\r\n")
        var headers = HTTPHeaders()
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1).map(String.init)
            headers.append(parts[0], parts.count > 1 ? String(parts[1].drop { $0 == " " }) : "")
        }
        let length = headers["Content-Length"].flatMap { Int($0) } ?? 0
        while bytes.count - split.upperBound < length { guard more() else { return nil } }
        let words = lines[0].split(separator: " ").map(String.init)
        return Request(method: words[0], target: words[1], headers: headers, body: Array(bytes[split.upperBound...]))
    }

    private static func write(_ response: Response, to connection: Int32, withBody: Bool) {
        if response.delay > 0 { usleep(UInt32(response.delay * 1_000_000)) }
        if response.hangsUp { return }
        var text = "HTTP/1.1 \(response.status) Fake\r\nConnection: close\r\n"
        for (name, value) in response.headers { text += "\(name): \(value)\r\n" }
        if response.announcesLength {
            text += "Content-Length: \(response.announcedLength ?? response.body.count)\r\n"
        }
        let bytes = Array((text + "\r\n").utf8) + (withBody ? response.body : [])
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes { send(connection, $0.baseAddress, $0.count, 0) }
            guard count > 0 else { return }
            sent += count
        }
        shutdown(connection, Int32(SHUT_WR))
        // Whoever closes with something unread resets the connection and takes the answer back.
        var rest = [UInt8](repeating: 0, count: 256)
        while recv(connection, &rest, rest.count, 0) > 0 {}
    }
}
