import Foundation
import TestSupport
import YesterdayKit

@testable import OCIRegistry

/// A web server in TLS that answers GET with what is in a file, header and all: `openssl s_server`.
///
/// Unchecked: `Process` is not Sendable; nothing but this class touches it, when it begins and
/// when it ends.
final class EncryptedServer: @unchecked Sendable {
    let port: Int
    private let folder: TemporaryFolder
    private let process = Process()

    /// - Parameters:
    ///   - certificates: a folder with `server.pem` and `server.key`.
    ///   - files: what to answer, by path.
    init(certificatesIn certificates: String, files: [String: String]) async throws {
        folder = try TemporaryFolder()
        for (name, answer) in files {
            let path = URL(filePath: "\(folder.path)/\(name)")
            try FileManager.default.createDirectory(
                at: path.deletingLastPathComponent(), withIntermediateDirectories: true)
            try answer.write(to: path, atomically: false, encoding: .utf8)
        }
        port = try TestRegistry.freePort()
        process.executableURL = URL(filePath: try ExecutableSearch.path(of: "openssl"))
        process.arguments = [
            "s_server", "-accept", "127.0.0.1:\(port)", "-HTTP", "-cert", "\(certificates)/server.pem", "-key",
            "\(certificates)/server.key",
        ]
        process.currentDirectoryURL = URL(filePath: folder.path)
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        let end = ContinuousClock.now + .seconds(20)
        while !TestRegistry.listens(port) {
            guard process.isRunning, ContinuousClock.now < end else {
                throw YesterdayError(.failed, "openssl s_server does not listen")
            }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    deinit {
        guard process.isRunning else { return }
        // It inherits the signals that the threads of Dispatch block, SIGTERM among them.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }
}
