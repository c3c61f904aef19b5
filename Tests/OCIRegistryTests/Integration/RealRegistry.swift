import Foundation
import Testing

@testable import OCIRegistry

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Runs a program that must succeed, and returns what it wrote to standard output.
@discardableResult
func run(_ program: String, _ arguments: String..., input: String? = nil) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [program] + arguments
    let (output, errors, inputPipe) = (Pipe(), Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = errors
    process.standardInput = inputPipe
    try process.run()
    try inputPipe.fileHandleForWriting.write(contentsOf: Data((input ?? "").utf8))
    try inputPipe.fileHandleForWriting.close()
    let text = try String(decoding: output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    let complaint = try String(decoding: errors.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
        throw RegistryError(.fileFailed, "\(program) failed: \(complaint)")
    }
    return text
}

/// Debian's `docker-registry` (CNCF Distribution), on a port of its own, with a folder of its own.
///
/// Unchecked: `Process` is not Sendable; nothing but this class touches it, when it begins and
/// when it ends.
final class RealRegistry: @unchecked Sendable {
    static let programs = ["docker-registry", "htpasswd", "openssl", "sha256sum"]

    /// What is missing of what these tests need.
    static let missing: [String] = programs.filter { program in
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        return !folders.contains { access("\($0)/\(program)", X_OK) == 0 }
    }

    static let isAvailable: Bool = {
        if missing.isEmpty { return true }
        let stars = String(repeating: "*", count: 70)
        FileHandle.standardError.write(
            Data(
                "\(stars)\n*** The tests against a real registry are skipped: no \(missing.joined(separator: ", ")).\n*** make setup installs them.\n\(stars)\n"
                    .utf8))
        return false
    }()

    enum Kind {
        case plain
        case password(username: String, password: String)
        case encrypted
    }

    let folder = try! TemporaryFolder()
    let name: RegistryName
    /// For ``Kind/encrypted``: who signed its certificate.
    var caFile: String { "\(folder.path)/ca.pem" }
    var storage: String { "\(folder.path)/storage" }
    private let process = Process()

    init(_ kind: Kind = .plain) async throws {
        let port = try Self.freePort()
        name = try RegistryName("127.0.0.1:\(port)")
        var config = """
            version: 0.1
            log: {level: error}
            storage: {filesystem: {rootdirectory: \(folder.path)/storage}, delete: {enabled: true}}
            http: {addr: "127.0.0.1:\(port)", secret: x
            """
        switch kind {
        case .plain: config += "}\n"
        case .password(let username, let password):
            let file = try folder.file("htpasswd", run("htpasswd", "-Bbn", username, password))
            config += "}\nauth: {htpasswd: {realm: test, path: \(file)}}\n"
        case .encrypted:
            try makeCertificates()
            config += ", tls: {certificate: \(folder.path)/server.pem, key: \(folder.path)/server.key}}\n"
        }
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["docker-registry", "serve", try folder.file("config.yml", config)]
        let log = folder.path + "/log"
        _ = FileManager.default.createFile(atPath: log, contents: nil)
        process.standardOutput = FileHandle(forWritingAtPath: log)
        process.standardError = process.standardOutput
        try process.run()
        let end = ContinuousClock.now + .seconds(30)
        while !Self.listens(port) {
            guard process.isRunning, ContinuousClock.now < end else {
                throw RegistryError(
                    .connectionFailed, "docker-registry does not run",
                    detail: try String(contentsOfFile: log, encoding: .utf8))
            }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    deinit { stop() }

    func stop() {
        guard process.isRunning else { return }
        process.terminate()
        process.waitUntilExit()
    }

    func client(_ change: (inout RegistrySettings) -> Void = { _ in }) throws -> RegistryClient {
        try RegistryClient(name, settings: RegistrySettings.test.with(change))
    }

    func reference(_ rest: String) throws -> RegistryReference { try RegistryReference("\(name)/\(rest)") }

    private func makeCertificates() throws {
        let path = folder.path
        let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        try runList(
            [
                "openssl", "req", "-x509", "-days", "2", "-subj", "/CN=Test CA", "-keyout", "\(path)/ca.key", "-out",
                caFile,
            ] + key)
        try runList(
            ["openssl", "req", "-subj", "/CN=registry", "-keyout", "\(path)/server.key", "-out", "\(path)/server.csr"]
                + key)
        let names = try folder.file("names", "subjectAltName=IP:127.0.0.1\n")
        try runList([
            "openssl", "x509", "-req", "-days", "2", "-in", "\(path)/server.csr", "-CA", caFile, "-CAkey",
            "\(path)/ca.key", "-CAcreateserial", "-extfile", names, "-out", "\(path)/server.pem",
        ])
    }

    private func runList(_ words: [String]) throws {
        try run("sh", "-c", words.map { "'\($0)'" }.joined(separator: " "))
    }

    private static func address(_ port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        address.sin_port = UInt16(port).bigEndian
        return address
    }

    private static func freePort() throws -> Int {
        try FakeServer { _ in FakeServer.Response() }.port
    }

    private static func listens(_ port: Int) -> Bool {
        let connection = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(connection) }
        var address = address(port)
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(connection, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}

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
