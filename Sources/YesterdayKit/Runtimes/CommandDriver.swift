import Foundation
import OCIRegistry

/// Switches code through a program of the user's, with the facts in its environment.
///
/// `YESTERDAY_ACTION` says what to do: `current` (print the digest of what runs, or nothing),
/// `keep`, `start`, `stop`, `probe` (exit code 0: well; 75: not yet; else: will not be).
struct CommandDriver: RuntimeDriver {
    static let settings: Set<String> = ["program", "arguments"]
    private static let notYet: Int32 = 75

    let health: HealthCheck
    let drainsBeforeRollback: Bool
    private let name: String
    private let arguments: [String]
    private let artifact: String
    private let target: String

    var label: String { "\(name) for \(artifact)" }

    init(_ settings: RuntimeSettings, artifact: String, target: String) throws {
        name = try settings.required("program")
        arguments = try settings.list("arguments") ?? []
        health = try settings.health()
        drainsBeforeRollback = try settings.truth("drain") ?? false
        self.artifact = artifact
        self.target = target
    }

    func current() async throws -> RuntimeState {
        let text = try await run("current", nil).standardOutput
        let lines = text.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
        guard let first = lines.first else { return .nothing }
        do {
            // The digest, and after a blank where it came from.
            let parts = first.split(separator: " ", maxSplits: 1).map(String.init)
            let digest = try Digest(parts[0])
            let reference = parts.count > 1 ? parts[1] : nil
            return RuntimeState(digest: digest, reference: reference, isRunning: true, description: reference ?? parts[0])
        } catch {
            throw YesterdayError(
                .configuration, "\(label) does not say what runs", detail: "For the action current it printed: \(first.prefix(200))",
                hint: "It has to print the digest, sha256:..., or nothing if nothing runs.")
        }
    }

    func keep(_ artifact: Artifact) async throws -> String? {
        _ = try await run("keep", artifact)
        return "\(name), on \(Machine.name)"
    }

    func start(_ artifact: Artifact) async throws { _ = try await run("start", artifact) }

    func stop() async throws { _ = try await run("stop", nil) }

    func probe(_ artifact: Artifact) async throws -> HealthCheck.Answer {
        let output = try await output("probe", artifact)
        switch output.exitCode {
        case 0:
            // Its own word counts: what it says runs is what a rollback goes by.
            let state = try await current()
            return state.isWhatRuns(artifact) ? .healthy : .notYet("\(name) says that what runs is \(state.description)")
        case Self.notYet: return .notYet(Self.lastWords(output) ?? "\(name) says: not yet")
        default: throw failure("probe", output)
        }
    }

    func retire(except needed: [Artifact]) async throws {}

    private func run(_ action: String, _ artifact: Artifact?) async throws -> Tool.Output {
        let output = try await output(action, artifact)
        guard output.exitCode == 0 else { throw failure(action, output) }
        return output
    }

    private func output(_ action: String, _ wanted: Artifact?) async throws -> Tool.Output {
        let path = try RuntimeProgram.path(name, of: artifact)
        var tool = Tool(
            path,
            environment: [
                "YESTERDAY_ACTION": action, "YESTERDAY_TARGET": target, "YESTERDAY_ARTIFACT": artifact,
                "YESTERDAY_ARTIFACT_TYPE": wanted?.kind.rawValue, "YESTERDAY_REFERENCE": wanted?.reference,
                "YESTERDAY_DIGEST": wanted?.digest.description,
            ])
        // What takes too long is ended with all that it has begun: a start that is late must not
        // take the place of what was put back meanwhile.
        tool.endsDescendants = true
        return try await tool.output(arguments)
    }

    private func failure(_ action: String, _ output: Tool.Output) -> YesterdayError {
        YesterdayError(
            .failed, "\(label) failed at \(action) with exit code \(output.exitCode)", detail: Self.lastWords(output),
            hint: "Mend it and run the same command again; where code is pending already: yesterday reconcile")
    }

    private static func lastWords(_ output: Tool.Output) -> String? {
        let text = output.standardError.isEmpty ? output.standardOutput : output.standardError
        let lines = text.split(whereSeparator: \.isNewline).suffix(5)
        return lines.isEmpty ? nil : lines.joined(separator: "\n")
    }
}
