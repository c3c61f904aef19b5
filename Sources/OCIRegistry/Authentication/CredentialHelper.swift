import Subprocess

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A program that keeps credentials: `docker-credential-NAME`, asked with `get` and the server on
/// its standard input (protocol of docker/docker-credential-helpers).
struct CredentialHelper: Sendable {
    let program: String

    /// Longest time that a helper may take; one may ask a person, but not for ever.
    private static let patience = Duration.seconds(60)

    init(_ name: String) { program = "docker-credential-\(name)" }

    /// - Returns: `nil` if the helper has none for this server.
    /// - Throws: ``RegistryError`` with code `credentialHelperFailed`; never with what the helper
    ///   wrote to standard output, where the secret would be.
    func credentials(for server: String) async throws -> Credentials? {
        let result: (output: String, errors: String, succeeded: Bool)
        do {
            result = try await withThrowingTaskGroup { group in
                group.addTask { try await self.run(server) }
                group.addTask {
                    try await Task.sleep(for: Self.patience)
                    throw self.failure("It did not answer within \(Self.patience.inSeconds) s.")
                }
                defer { group.cancelAll() }
                return try await group.next()!
            }
        } catch let error as RegistryError {
            throw error
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            throw failure("\(error)", cause: error)
        }
        guard result.succeeded else {
            // The one message that the protocol defines; helpers write it to standard output.
            if result.output.contains("credentials not found") { return nil }
            throw failure(result.errors.isEmpty ? "It failed and said nothing." : String(result.errors.prefix(500)))
        }
        guard let answer = try? JSONDecoder().decode(Answer.self, from: Data(result.output.utf8)) else {
            throw failure("Its answer is not JSON with Username and Secret.")
        }
        guard !answer.Secret.isEmpty else { return nil }
        return answer.Username == "<token>"
            ? .identityToken(answer.Secret) : .password(username: answer.Username, password: answer.Secret)
    }

    private func run(_ server: String) async throws -> (output: String, errors: String, succeeded: Bool) {
        let result = try await Subprocess.run(
            .name(program), arguments: ["get"], input: .string(server),
            output: .string(limit: 64 << 10), error: .string(limit: 64 << 10))
        return (result.standardOutput, result.standardError, result.terminationStatus.isSuccess)
    }

    private func failure(_ reason: String, cause: (any Error)? = nil) -> RegistryError {
        RegistryError(
            .credentialHelperFailed, "the credential helper \(program) failed", detail: reason,
            hint: "Try it by hand: echo HOST | \(program) get >/dev/null; or log in anew: podman login.", cause: cause)
    }

    private struct Answer: Decodable {
        // Names of the protocol.
        let Username: String
        let Secret: String
    }
}
