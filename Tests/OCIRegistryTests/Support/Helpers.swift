import Foundation
import Testing

@testable import OCIRegistry

extension RegistrySettings {
    /// Plain HTTP without a proxy, nobody's credentials, and short waits.
    static var test: RegistrySettings {
        var settings = RegistrySettings()
        settings.insecureHTTP = true
        settings.proxy = .none
        settings.credentials = .anonymous
        settings.retry = RetryPolicy(attempts: 3, firstWait: .milliseconds(1), longestWait: .milliseconds(5))
        settings.deadline = .seconds(20)
        settings.downloadDeadline = .seconds(20)
        return settings
    }

    func with(_ change: (inout RegistrySettings) -> Void) -> RegistrySettings {
        var settings = self
        change(&settings)
        return settings
    }
}

extension FakeServer {
    func client(_ settings: RegistrySettings = .test) throws -> RegistryClient {
        try RegistryClient(registry, settings: settings)
    }

    func reference(_ rest: String = "shop/api:1.0") throws -> RegistryReference {
        try RegistryReference("127.0.0.1:\(port)/\(rest)")
    }
}

/// Runs something that must fail with a ``RegistryError`` of a code, and returns the error.
@discardableResult
func expectError<T>(
    _ code: RegistryError.Code, sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws -> T
) async -> RegistryError? {
    do {
        _ = try await body()
        Issue.record("no error, expected \(code)", sourceLocation: sourceLocation)
    } catch let error as RegistryError {
        #expect(error.code == code, "\(error)", sourceLocation: sourceLocation)
        return error
    } catch {
        Issue.record("\(error), expected \(code)", sourceLocation: sourceLocation)
    }
    return nil
}

/// A folder that lasts as long as this value.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appending(path: "oci-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String, _ text: String) throws -> String {
        let file = "\(path)/\(name)"
        try text.write(toFile: file, atomically: true, encoding: .utf8)
        return file
    }

    func bytes(_ name: String) throws -> [UInt8] { try [UInt8](Data(contentsOf: URL(filePath: "\(path)/\(name)"))) }

    var names: [String] { get throws { try FileManager.default.contentsOfDirectory(atPath: path).sorted() } }
}
