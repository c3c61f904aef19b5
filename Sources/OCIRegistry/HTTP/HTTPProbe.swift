/// Asks a URL whether somebody is well there. Nothing is tried again and no redirect followed: the
/// caller asks as often as it likes.
public struct HTTPProbe: Sendable {
    private let url: HTTPURL
    private let transport: HTTPTransport

    /// A probe of an `http` or `https` URL.
    ///
    /// - Throws: ``RegistryError`` with code `invalidReference` or `invalidSettings`.
    public init(url: String, caFile: String? = nil) throws {
        self.url = try HTTPURL(url)
        transport = try HTTPTransport(HTTPTransport.Settings(caFile: caFile, connectTimeout: .seconds(5)))
    }

    /// The status that the URL answers with.
    ///
    /// - Parameter limit: longest wait for the answer.
    /// - Throws: ``RegistryError`` if there is no answer; `CancellationError`.
    public func status(within limit: Duration) async throws -> Int {
        do {
            return try await transport.transfer(HTTPRequest(url: url), deadline: Deadline(limit)).status
        } catch let failure as TransientFailure {
            throw failure.error
        }
    }
}
