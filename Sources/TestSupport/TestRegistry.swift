import Foundation
import OCIRegistry
import YesterdayKit

/// A registry for tests: Debian's `docker-registry` (CNCF Distribution) on a port and with a folder
/// of its own, ended with this value.
///
/// Unchecked: `Process` is not Sendable; nothing but this class touches it, when it begins and
/// when it ends.
public final class TestRegistry: @unchecked Sendable {
    /// Who is let in, and how.
    public enum Kind: Sendable {
        /// Everybody, in plain HTTP.
        case plain
        /// One user, in plain HTTP.
        case password(username: String, password: String)
        /// Everybody, in TLS with a certificate that ``TestRegistry/caFile`` signed.
        case encrypted
    }

    /// True if all programs are here. If not, says so on standard error, once and loudly.
    public static let isAvailable: Bool = {
        let missing = ["docker-registry", "htpasswd", "openssl", "curl", "sha256sum"].filter { program in
            (try? ExecutableSearch.path(of: program)) == nil
        }
        if missing.isEmpty { return true }
        let stars = String(repeating: "*", count: 70)
        let names = missing.joined(separator: ", ")
        FileHandle.standardError.write(
            Data("\(stars)\n*** Tests against a real registry are skipped; missing: \(names).\n\(stars)\n".utf8))
        return false
    }()

    /// Host and port.
    public let name: RegistryName
    /// Where everything of it is.
    public let folder: String
    /// For ``Kind/encrypted``: who signed its certificate.
    public var caFile: String { "\(folder)/ca.pem" }
    /// Where its blobs are: a folder for the first two digits of each digest, a folder for each digest.
    public var blobFolder: String { "\(folder)/storage/docker/registry/v2/blobs/sha256" }

    private let kind: Kind
    private let process = Process()

    /// Starts one and waits until it listens.
    public init(_ kind: Kind = .plain) async throws {
        self.kind = kind
        folder = FileManager.default.temporaryDirectory.appending(path: "registry-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let port = try Self.freePort()
        name = try RegistryName("127.0.0.1:\(port)")
        var access = ""
        var encryption = ""
        switch kind {
        case .plain: break
        case .password(let username, let password):
            try await write("htpasswd", Tool("htpasswd").run(["-Bbn", username, password]))
            access = "auth: {htpasswd: {realm: test, path: \(folder)/htpasswd}}"
        case .encrypted:
            try await makeCertificates()
            encryption = ", tls: {certificate: \(folder)/server.pem, key: \(folder)/server.key}"
        }
        try write(
            "config.yml",
            """
            version: 0.1
            log: {level: error}
            storage: {filesystem: {rootdirectory: \(folder)/storage}, delete: {enabled: true}}
            http: {addr: "127.0.0.1:\(port)", secret: x\(encryption)}
            \(access)

            """)
        try write("log", "")
        process.executableURL = URL(filePath: try ExecutableSearch.path(of: "docker-registry"))
        process.arguments = ["serve", "\(folder)/config.yml"]
        process.standardOutput = FileHandle(forWritingAtPath: "\(folder)/log")
        process.standardError = process.standardOutput
        try process.run()
        let end = ContinuousClock.now + .seconds(30)
        while !Self.listens(port) {
            guard process.isRunning, ContinuousClock.now < end else {
                throw YesterdayError(
                    .failed, "docker-registry does not run",
                    detail: try String(contentsOfFile: "\(folder)/log", encoding: .utf8))
            }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    deinit {
        stop()
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Ends it; what it has stays until this value goes.
    public func stop() {
        guard process.isRunning else { return }
        // What began on a thread of Dispatch may have inherited a blocked SIGTERM.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    /// A reference to an image in it.
    public func reference(_ rest: String) throws -> RegistryReference { try RegistryReference("\(name)/\(rest)") }

    /// Takes a blob away, as a garbage collection would.
    public func collect(_ digest: Digest) throws {
        try FileManager.default.createDirectory(atPath: "\(folder)/collected", withIntermediateDirectories: true)
        try FileManager.default.moveItem(
            atPath: "\(blobFolder)/\(digest.hex.prefix(2))/\(digest.hex)", toPath: "\(folder)/collected/\(digest.hex)")
    }

    /// Puts a blob back that was taken away.
    public func putBack(_ digest: Digest) throws {
        try FileManager.default.moveItem(
            atPath: "\(folder)/collected/\(digest.hex)", toPath: "\(blobFolder)/\(digest.hex.prefix(2))/\(digest.hex)")
    }

    /// Pushes an image for this machine with `curl`: our own code is not there to judge itself.
    ///
    /// - Parameters:
    ///   - rest: `repository:tag`.
    ///   - layers: the content of each layer, which need not be one.
    /// - Returns: the digests of the manifest and of the layers.
    @discardableResult
    public func push(_ rest: String, layers: [String]) async throws -> (manifest: Digest, layers: [Digest]) {
        let reference = try reference(rest)
        let config =
            #"{"os":"\#(Platform.host.os)","architecture":"\#(Platform.host.architecture)","#
            + #""rootfs":{"type":"layers","diff_ids":[]}}"#
        for blob in [config] + layers { try await push(blob: blob, to: reference.repository) }
        func descriptor(_ text: String, _ type: String) -> String {
            let bytes = Array(text.utf8)
            return
                #"{"mediaType":"application/vnd.oci.image.\#(type)","digest":"\#(Digest(of: bytes))","size":\#(bytes.count)}"#
        }
        let parts = layers.map { descriptor($0, "layer.v1.tar") }.joined(separator: ",")
        let manifest = """
            {"schemaVersion":2,"mediaType":"\(MediaType.ociManifest)",\
            "config":\(descriptor(config, "config.v1+json")),"layers":[\(parts)]}
            """
        try await curl(
            "-X", "PUT", "-H", "Content-Type: \(MediaType.ociManifest)", "--data-binary", "@-",
            "/v2/\(reference.repository)/manifests/\(reference.tag ?? .latest)", input: manifest)
        return (Digest(of: Array(manifest.utf8)), layers.map { Digest(of: Array($0.utf8)) })
    }

    private func push(blob: String, to repository: RepositoryName) async throws {
        let answer = try await curl("-X", "POST", "-D", "-", "/v2/\(repository)/blobs/uploads/")
        let field = answer.split(whereSeparator: \.isNewline).first { $0.lowercased().hasPrefix("location:") }
        guard let location = field?.split(separator: " ").last else {
            throw YesterdayError(.failed, "the registry takes no blob", detail: answer)
        }
        try await curl(
            "-X", "PUT", "-H", "Content-Type: application/octet-stream", "--data-binary", "@-",
            "\(location)&digest=\(Digest(of: Array(blob.utf8)))", input: blob)
    }

    @discardableResult
    private func curl(_ arguments: String..., input: String = "") async throws -> String {
        var words = ["-sS", "--fail-with-body", "--noproxy", "*"]
        var scheme = "http"
        switch kind {
        case .plain: break
        case .password(let username, let password): words += ["-u", "\(username):\(password)"]
        case .encrypted:
            words += ["--cacert", caFile]
            scheme = "https"
        }
        let last = arguments[arguments.count - 1]
        words += arguments.dropLast() + [last.hasPrefix("/") ? "\(scheme)://\(name)\(last)" : last]
        return try await Tool("curl").run(words, input: input)
    }

    private func write(_ file: String, _ text: String) throws {
        try text.write(toFile: "\(folder)/\(file)", atomically: false, encoding: .utf8)
    }

    private func makeCertificates() async throws {
        let openssl = Tool("openssl")
        let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout"]
        try await openssl.run(
            ["req", "-x509", "-days", "2", "-subj", "/CN=Test CA", "-out", caFile] + key + ["\(folder)/ca.key"])
        try await openssl.run(
            ["req", "-subj", "/CN=registry", "-out", "\(folder)/server.csr"] + key + ["\(folder)/server.key"])
        try write("names", "subjectAltName=IP:127.0.0.1\n")
        try await openssl.run([
            "x509", "-req", "-days", "2", "-in", "\(folder)/server.csr", "-CA", caFile, "-CAkey", "\(folder)/ca.key",
            "-CAcreateserial", "-extfile", "\(folder)/names", "-out", "\(folder)/server.pem",
        ])
    }

    private static func withAddress<T>(
        _ port: Int, _ body: (UnsafeMutablePointer<sockaddr>, inout socklen_t) throws -> T
    ) rethrows -> T {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        address.sin_port = UInt16(port).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        return try withUnsafeMutablePointer(to: &address) {
            try $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { try body($0, &length) }
        }
    }

    /// A port of this machine that nobody listens on; below those that the system gives to whoever asks for any, so that no
    /// other server of a test gets it before it is used.
    public static func freePort() throws -> Int {
        for _ in 1...200 {
            let port = Int.random(in: 20_000..<32_000)
            let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            defer { close(listener) }
            if withAddress(port, { bind(listener, $0, $1) == 0 }) { return port }
        }
        throw YesterdayError(.failed, "there is no free port", detail: String(cString: strerror(errno)))
    }

    /// Whether somebody listens on a port of this machine.
    public static func listens(_ port: Int) -> Bool {
        let connection = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(connection) }
        return withAddress(port) { connect(connection, $0, $1) == 0 }
    }
}
