import Foundation
import Testing
import YesterdayKit

extension Tool.Output {
    /// Standard output as the one JSON object that it has to be.
    func json(sourceLocation: SourceLocation = #_sourceLocation) throws -> [String: Any] {
        let value = try? JSONSerialization.jsonObject(with: Data(standardOutput.utf8))
        return try #require(
            value as? [String: Any], "not one JSON object: \(standardOutput)\n\(standardError)",
            sourceLocation: sourceLocation)
    }

    /// All that was written, for messages of tests.
    var everything: String { "exit \(exitCode)\n\(standardOutput)\n\(standardError)" }
}
