import Digests
import Foundation
import OCIRegistry

/// Runs an image as a container of podman.
///
/// Every version has a container of its own, named after the digest, so that what ran before can be
/// started again as it was. Which containers are ours says a label and nothing else. Images are kept
/// under a tag of ours: no `podman image prune` takes them.
struct PodmanDriver: RuntimeDriver {
    static let settings: Set<String> = [
        "container", "flags", "command", "podman", "podman_flags", "pull_flags", "stop_timeout",
    ]
    private static let label = "io.yesterday.container"
    private static let digestLabel = "io.yesterday.digest"
    private static let referenceLabel = "io.yesterday.reference"
    private static let settingsLabel = "io.yesterday.settings"

    let health: HealthCheck
    let drainsBeforeRollback: Bool
    private let container: String
    private let flags: [String]
    private let command: [String]
    private let pullFlags: [String]
    private let stopTimeout: Int
    private let podman: Tool
    private let keepRepository: String

    var label: String { "podman container \(container)" }

    init(_ settings: RuntimeSettings, artifact: String, target: String) throws {
        container = try settings.required("container")
        guard container.utf8.first.map({ $0 != UInt8(ascii: "-") }) ?? false,
            container.utf8.allSatisfy({ Self.isNameByte($0) })
        else { throw settings.refusal("has a container name that is none", "Letters, digits, dots, hyphens, underscores.") }
        flags = try settings.list("flags") ?? []
        command = try settings.list("command") ?? []
        pullFlags = try settings.list("pull_flags") ?? []
        stopTimeout = try settings.whole("stop_timeout", 0...3600) ?? 10
        health = try settings.health()
        drainsBeforeRollback = try settings.truth("drain") ?? true
        podman = Tool(try settings.text("podman") ?? "podman", leading: try settings.list("podman_flags") ?? [])
        // Names of targets have characters that names of images have not.
        let place = String(decoding: target.lowercased().utf8.map { Self.isNameByte($0) ? $0 : UInt8(ascii: "-") }, as: UTF8.self)
        let clean = place.trimmingCharacters(in: CharacterSet(charactersIn: "-._"))
        keepRepository = "localhost/yesterday-keep/t-\(clean.isEmpty ? "x" : clean)/a-\(artifact.lowercased())"
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
            true
        default: false
        }
    }

    // MARK: what runs

    /// A container, as `podman inspect` tells it.
    private struct Container: Decodable {
        struct Condition: Decodable {
            let status: String
            let isRunning: Bool
            let exitCode: Int?
            let health: Health?
            let healthcheck: Health?

            enum CodingKeys: String, CodingKey {
                case status = "Status"
                case isRunning = "Running"
                case exitCode = "ExitCode"
                case health = "Health"
                case healthcheck = "Healthcheck"
            }
        }
        struct Health: Decodable {
            let status: String?

            enum CodingKeys: String, CodingKey { case status = "Status" }
        }
        struct Configuration: Decodable {
            let labels: [String: String]?

            enum CodingKeys: String, CodingKey { case labels = "Labels" }
        }
        let id: String
        let name: String
        let imageName: String
        let imageDigest: String?
        let state: Condition
        let configuration: Configuration

        enum CodingKeys: String, CodingKey {
            case id = "Id"
            case name = "Name"
            case imageName = "ImageName"
            case imageDigest = "ImageDigest"
            case state = "State"
            case configuration = "Config"
        }

        var labels: [String: String] { configuration.labels ?? [:] }
        var health: String? { (state.health ?? state.healthcheck)?.status }
    }

    /// Ours, and one that has the plain name and was there before us.
    private func containers() async throws -> [Container] {
        let labelled = try await run(["ps", "-a", "-q", "--no-trunc", "--filter", "label=\(Self.label)=\(container)"])
        let named = try await run(["ps", "-a", "-q", "--no-trunc", "--filter", "name=^\(container)$"])
        let ids = Set((labelled + "\n" + named).split(whereSeparator: \.isNewline).map(String.init))
        guard !ids.isEmpty else { return [] }
        let output = try await podman.output(["container", "inspect"] + ids.sorted())
        // One that went meanwhile makes inspect fail; the list is asked for again then.
        guard output.exitCode == 0 else {
            if output.standardError.contains("no such") { return try await containersAgain() }
            throw failure("inspect its containers", output)
        }
        return try decode(output.standardOutput)
    }

    private func containersAgain() async throws -> [Container] {
        let ids = try await run(["ps", "-a", "-q", "--no-trunc", "--filter", "label=\(Self.label)=\(container)"])
            .split(whereSeparator: \.isNewline).map(String.init)
        return ids.isEmpty ? [] : try decode(try await run(["container", "inspect"] + ids))
    }

    private func decode(_ json: String) throws -> [Container] {
        do {
            return try JSONDecoder().decode([Container].self, from: Data(json.utf8))
        } catch {
            throw YesterdayError(
                .failed, "\(label): what podman inspect prints cannot be read", detail: "\(error)",
                hint: "Which version is it? podman --version", cause: error)
        }
    }

    func current() async throws -> RuntimeState {
        let all = try await containers()
        guard let running = all.first(where: \.state.isRunning) else {
            guard let last = all.first else { return .nothing }
            return RuntimeState(isRunning: false, description: "nothing (\(last.name) is \(last.state.status))")
        }
        guard let text = running.labels[Self.digestLabel] ?? running.imageDigest, let digest = try? Digest(text) else {
            return RuntimeState(isRunning: true, description: "\(running.name), of an image without a digest")
        }
        let reference = running.labels[Self.referenceLabel] ?? running.imageName
        return RuntimeState(digest: digest, reference: reference, isRunning: true, description: reference)
    }

    // MARK: images

    func keep(_ artifact: Artifact) async throws -> String? {
        _ = try await imageID(artifact)
        return "podman on \(Machine.name)"
    }

    /// The id of the image, which is here and kept from now on.
    private func imageID(_ artifact: Artifact) async throws -> String {
        if let id = try await keptImage(artifact) { return id }
        let image = try artifact.image()
        let byDigest = "\(image.registry)/\(image.repository)@\(artifact.digest)"
        let output = try await podman.output(["pull", "-q"] + pullFlags + [byDigest])
        guard output.exitCode == 0 else {
            throw failure(
                "pull \(byDigest)", output, .unavailable,
                hint: "Look at the registry and at the room on the disk, then run the same command again.")
        }
        guard let id = output.standardOutput.split(whereSeparator: \.isNewline).last.map(String.init) else {
            throw failure("pull \(byDigest)", output)
        }
        try await run(["tag", id, keepTag(artifact.digest)])
        return id
    }

    private func keepTag(_ digest: Digest) -> String { "\(keepRepository):\(digest.algorithm.rawValue)-\(digest.hex)" }

    private func keptImage(_ artifact: Artifact) async throws -> String? {
        let output = try await podman.output(["image", "inspect", "--format", "{{.Id}}", keepTag(artifact.digest)])
        if output.exitCode == 0 { return output.standardOutput.split(whereSeparator: \.isNewline).first.map(String.init) }
        return nil
    }

    // MARK: switching

    func start(_ artifact: Artifact) async throws {
        let id = try await imageID(artifact)
        let all = try await containers()
        let mine = all.first { $0.labels[Self.digestLabel] == artifact.digest.description && $0.labels[Self.label] == container }
        for other in all where other.id != mine?.id && other.state.isRunning { try await stop(other) }
        if let mine {
            if mine.labels[Self.settingsLabel] == fingerprint {
                if !mine.state.isRunning { try await run(["start", mine.id]) }
                return
            }
            // Made with other settings: it cannot be changed, only made anew.
            if mine.state.isRunning { try await stop(mine) }
            try await run(["rm", "-f", mine.id])
        }
        // One that is in the way without being ours to start: made and killed before it had labels.
        try await run(["rm", "-f", "-i", name(artifact.digest)])
        try await run(
            [
                "run", "-d", "--pull=never", "--name", name(artifact.digest), "--label", "\(Self.label)=\(container)",
                "--label", "\(Self.digestLabel)=\(artifact.digest)", "--label", "\(Self.referenceLabel)=\(artifact.reference)",
                "--label", "\(Self.settingsLabel)=\(fingerprint)",
            ] + flags + [id] + command)
    }

    func stop() async throws {
        for one in try await containers() where one.state.isRunning { try await stop(one) }
    }

    private func stop(_ one: Container) async throws {
        let output = try await podman.output(["stop", "-t", String(stopTimeout), one.id])
        guard output.exitCode == 0 else { throw failure("stop \(one.name)", output) }
    }

    private func name(_ digest: Digest) -> String { "\(container)-\(digest.hex.prefix(12))" }

    /// What a container was made with.
    private var fingerprint: String {
        var hash = SHA256()
        hash.update(Array((flags + ["\u{0}"] + command).joined(separator: "\u{1}").utf8))
        return String(hash.hexDigest().prefix(16))
    }

    func probe(_ artifact: Artifact) async throws -> HealthCheck.Answer {
        let mine = try await containers().first {
            $0.labels[Self.digestLabel] == artifact.digest.description && $0.labels[Self.label] == container
        }
        guard let mine else { return .notYet("its container is not there") }
        guard mine.state.isRunning else {
            let log = try await podman.output(["logs", "--tail", "5", mine.id])
            throw YesterdayError(
                .failed, "\(label): \(mine.name) ended with exit code \(mine.state.exitCode ?? -1)",
                detail: (log.standardOutput + log.standardError).isEmpty ? nil : log.standardOutput + log.standardError,
                hint: "podman logs \(mine.name)")
        }
        switch mine.health {
        case "starting": return .notYet("its health check is still starting")
        case "unhealthy": return .notYet("its health check says: unhealthy")
        default: return .healthy
        }
    }

    func retire(except needed: [Artifact]) async throws {
        let digests = Set(needed.map(\.digest.description))
        for one in try await containers() where !one.state.isRunning {
            guard let digest = one.labels[Self.digestLabel], !digests.contains(digest) else { continue }
            try await run(["rm", one.id])
        }
        let tags = Set(needed.map { keepTag($0.digest) })
        let kept = try await run(["images", "--format", "{{.Repository}}:{{.Tag}}", "--filter", "reference=\(keepRepository)"])
        for tag in kept.split(whereSeparator: \.isNewline).map(String.init) where tag.hasPrefix("\(keepRepository):") && !tags.contains(tag) {
            try await run(["untag", tag, tag])
        }
    }

    // MARK: podman

    @discardableResult
    private func run(_ arguments: [String]) async throws -> String {
        let output = try await podman.output(arguments)
        guard output.exitCode == 0 else { throw failure(arguments.prefix(2).joined(separator: " "), output) }
        return output.standardOutput
    }

    private func failure(
        _ what: String, _ output: Tool.Output, _ code: YesterdayError.Code = .failed,
        hint: String = "Look at it with podman ps -a, mend it, then: yesterday reconcile"
    ) -> YesterdayError {
        let told = output.standardError.isEmpty ? output.standardOutput : output.standardError
        return YesterdayError(
            code, "\(label): podman could not \(what)",
            detail: told.split(whereSeparator: \.isNewline).suffix(5).joined(separator: "\n"),
            hint: hint)
    }
}
