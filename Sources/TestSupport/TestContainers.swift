import Foundation
import YesterdayKit

/// A podman for tests: with a store of its own, and real containers.
public struct TestContainers: Sendable {
    /// True if all programs are here and a container can really be run. If not, says so on standard
    /// error, once and loudly.
    public static let isAvailable: Bool = {
        let missing = ["podman", "runc", "busybox"].filter { (try? ExecutableSearch.path(of: $0)) == nil }
        if missing.isEmpty, geteuid() == 0 { return true }
        let stars = String(repeating: "*", count: 70)
        let reason = missing.isEmpty ? "they are run as root only" : "missing: \(missing.joined(separator: ", "))"
        FileHandle.standardError.write(
            Data("\(stars)\n*** Tests with real containers are skipped; \(reason).\n\(stars)\n".utf8))
        return false
    }()

    /// Where everything of it is.
    public let folder: String

    /// What comes before the verb.
    public var flags: [String] {
        [
            "--root", "\(folder)/root", "--runroot", "\(folder)/run", "--tmpdir", "\(folder)/tmp", "--storage-driver", "vfs",
            "--runtime", "runc", "--events-backend", "file",
        ]
    }

    /// What every container needs here.
    public static let runFlags = ["--network", "host", "--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024"]

    /// A store that goes with ``remove()``.
    public init() throws {
        // The path of a container's socket has to be short.
        folder = "/tmp/yd-pod-\(UInt32.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    /// Ends every container and removes all.
    public func remove() async {
        _ = try? await podman(["rm", "-f", "-a", "-t", "0"])
        _ = try? await Tool("rm").output(["-rf", folder])
    }

    /// Runs podman.
    @discardableResult
    public func podman(_ arguments: [String]) async throws -> String {
        try await Tool("podman", leading: flags).run(arguments)
    }

    /// Builds an image that serves a text on a port of this machine, or does something else, and
    /// pushes it.
    public func push(_ text: String, as image: String, port: Int, command: [String]? = nil, pushFlags: [String]) async throws {
        let context = "\(folder)/image-\(text)"
        try FileManager.default.createDirectory(atPath: "\(context)/www", withIntermediateDirectories: true)
        let busybox = try ExecutableSearch.path(of: "busybox")
        if !FileManager.default.fileExists(atPath: "\(context)/busybox") {
            try FileManager.default.copyItem(atPath: busybox, toPath: "\(context)/busybox")
        }
        try text.write(toFile: "\(context)/www/version", atomically: true, encoding: .utf8)
        let words = (command ?? ["/bin/busybox", "httpd", "-f", "-p", "127.0.0.1:\(port)", "-h", "/www"])
            .map { "\"\($0)\"" }.joined(separator: ", ")
        try """
        FROM scratch
        COPY busybox /bin/busybox
        COPY www /www
        CMD [\(words)]
        """.write(toFile: "\(context)/Containerfile", atomically: true, encoding: .utf8)
        try await podman(["build", "-q", "-t", image, context])
        try await podman(["push"] + pushFlags + [image])
        try await podman(["rmi", image])
    }
}
