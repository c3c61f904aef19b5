import Archives
import Foundation
import OCIRegistry

/// Unpacks an archive beside what runs and points a symbolic link to it, atomically.
///
/// ```
/// ROOT/archives/sha256-...   as they were fetched
/// ROOT/releases/sha256-...   unpacked, complete; ….tmp-PID while it grows
/// ROOT/current               -> releases/sha256-...
/// ```
struct SymlinkDriver: RuntimeDriver {
    static let settings: Set<String> = ["root", "link", "keep", "program"]

    let health: HealthCheck
    let drainsBeforeRollback: Bool
    private let root: String
    private let link: String
    private let keepCount: Int
    private let program: String?
    private let artifact: String
    private let target: String
    private let source: ArtifactSource

    var label: String { "\(root)/\(link)" }

    init(_ settings: RuntimeSettings, artifact: String, target: String, source: ArtifactSource) throws {
        root = try settings.required("root")
        guard root.hasPrefix("/"), root.count > 1, !root.hasSuffix("/"), !root.split(separator: "/").contains("..") else {
            throw settings.refusal("has a root that is none", "It is an absolute path without .. and without / at its end: \(root)")
        }
        link = try settings.text("link") ?? "current"
        guard !link.contains("/"), !link.hasPrefix("."), link != "archives", link != "releases" else {
            throw settings.refusal("has a link that is none", "It is a plain name, neither archives nor releases: \(link)")
        }
        keepCount = try settings.whole("keep", 1...1000) ?? 3
        program = try settings.text("program")
        health = try settings.health()
        drainsBeforeRollback = try settings.truth("drain") ?? false
        self.artifact = artifact
        self.target = target
        self.source = source
    }

    private func name(_ digest: Digest) -> String { "\(digest.algorithm.rawValue)-\(digest.hex)" }
    private func place(_ digest: Digest) -> String { "\(root)/releases/\(name(digest))" }

    func current() async throws -> RuntimeState {
        let path = "\(root)/\(link)"
        let destination: String
        switch try FileLink.read(path) {
        case .missing: return .nothing
        case .notALink:
            throw YesterdayError(
                .configuration, "\(path) is not a symbolic link", detail: "It would have to be replaced, and what is in it with it.",
                hint: "Move it away, and make it a link to where you moved it.")
        case .link(let found): destination = found
        }
        let last = destination.split(separator: "/").last.map(String.init) ?? ""
        let inReleases = destination == "releases/\(last)" || destination == "\(root)/releases/\(last)"
        guard inReleases, let dash = last.firstIndex(of: "-"), let digest = try? Digest("\(last[..<dash]):\(last[last.index(after: dash)...])")
        else { return RuntimeState(isRunning: true, description: "\(destination), which is not one of ours") }
        guard FileManager.default.fileExists(atPath: place(digest)) else {
            return RuntimeState(isRunning: false, description: "nothing (\(path) leads to \(destination), which is gone)")
        }
        return RuntimeState(digest: digest, isRunning: true, description: digest.description)
    }

    func keep(_ artifact: Artifact) async throws -> String? {
        let place = place(artifact.digest)
        if !FileManager.default.fileExists(atPath: place) { try await unpack(artifact, to: place) }
        return "\(place), on \(Machine.name)"
    }

    private func unpack(_ artifact: Artifact, to place: String) async throws {
        do {
            for folder in ["archives", "releases"] {
                try FileManager.default.createDirectory(atPath: "\(root)/\(folder)", withIntermediateDirectories: true)
            }
        } catch {
            throw YesterdayError(
                .configuration, "\(root) cannot be written", detail: "\(error.localizedDescription)",
                hint: "Make the folder, for the user that runs this.", cause: error)
        }
        do {
            let archive = try artifact.archive()
            let packed = try await source.store(in: "\(root)/archives", for: archive).fetch(archive)
            // A folder of its own for every try: two processes may be at it, and the first that is
            // complete is as good as the second.
            let growing = "\(place).tmp-\(ProcessIdentifier.own)"
            try FileLink.removeTree(growing)
            do {
                try TreeUnpacker().unpack(packed, into: growing)
                try FileLink.rename(growing, to: place)
            } catch {
                try FileLink.removeTree(growing)
                // The other one was first.
                if FileManager.default.fileExists(atPath: place) { return }
                throw error
            }
            try TreeUnpacker.sync("\(root)/releases")
        } catch let error as RegistryError {
            let plain = YesterdayError(error)
            throw YesterdayError(
                plain.code, "artifact \(artifact.name): \(plain.message)", detail: plain.detail, hint: plain.hint, cause: error)
        } catch let error as ArchiveError {
            throw YesterdayError(
                error.code == .unavailable ? .failed : .badInput, "the archive of \(artifact.name) cannot be unpacked: \(error.message)",
                detail: artifact.label,
                hint: Self.hint(for: error.code), cause: error)
        }
    }

    /// Its SHA-256 was right: what is wrong was released like that.
    private static func hint(for code: ArchiveError.Code) -> String {
        switch code {
        case .forbidden: "Pack plain files and folders, each once and with relative paths; do not trust who packed this one."
        case .notAnArchive, .truncated, .corrupt: "Pack it again, and release that with its own SHA-256."
        case .tooLarge: "Pack what belongs to the release, and nothing that unpacks to many times its size."
        case .unavailable: "Make room on the disk, then run the same command again."
        }
    }

    func start(_ artifact: Artifact) async throws {
        _ = try await keep(artifact)
        if case .notALink = try FileLink.read("\(root)/\(link)") { _ = try await current() }
        let new = "\(root)/.\(link).tmp-\(ProcessIdentifier.own)"
        try FileLink.make(new, to: "releases/\(name(artifact.digest))")
        try FileLink.rename(new, to: "\(root)/\(link)")
        try sync(root)
        try await tell("start", artifact)
    }

    func stop() async throws {
        guard case .link = try FileLink.read("\(root)/\(link)") else { return }
        try FileLink.remove("\(root)/\(link)")
        try sync(root)
        try await tell("stop", nil)
    }

    private func sync(_ folder: String) throws {
        do {
            try TreeUnpacker.sync(folder)
        } catch {
            throw YesterdayError(.failed, error.localizedDescription, cause: error)
        }
    }

    /// Whoever serves the files may have to be told.
    private func tell(_ action: String, _ wanted: Artifact?) async throws {
        guard let program else { return }
        var tool = try Tool(
            RuntimeProgram.path(program, of: artifact),
            environment: [
                "YESTERDAY_ACTION": action, "YESTERDAY_TARGET": target, "YESTERDAY_ARTIFACT": artifact,
                "YESTERDAY_REFERENCE": wanted?.reference, "YESTERDAY_DIGEST": wanted?.digest.description,
                "YESTERDAY_PATH": "\(root)/\(link)",
            ])
        tool.endsDescendants = true
        let output = try await tool.output()
        guard output.exitCode == 0 else {
            throw YesterdayError(
                .failed, "\(program) failed after \(label) was switched, with exit code \(output.exitCode)",
                detail: (output.standardError + output.standardOutput).split(whereSeparator: \.isNewline).suffix(5).joined(separator: "\n"),
                hint: "Mend it, then: yesterday reconcile")
        }
    }

    func probe(_ artifact: Artifact) async throws -> HealthCheck.Answer {
        let state = try await current()
        return state.isWhatRuns(artifact) ? .healthy : .notYet("it leads to \(state.description)")
    }

    /// Keeps what is needed, and the newest of the rest up to the limit.
    func retire(except needed: [Artifact]) async throws {
        var keep = Set(needed.map { name($0.digest) })
        if let digest = try await current().digest { keep.insert(name(digest)) }
        let folder = "\(root)/releases"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        // What somebody was killed over while it grew: nobody unpacks for a day.
        for name in names where name.contains(".tmp-") && FileLink.changed("\(folder)/\(name)") < FileLink.now - 86_400 {
            try FileLink.removeTree("\(folder)/\(name)")
        }
        let spare = names.filter { !keep.contains($0) && !$0.contains(".tmp-") }
            .sorted { FileLink.changed("\(folder)/\($0)") > FileLink.changed("\(folder)/\($1)") }
        for name in spare.dropFirst(max(0, keepCount - keep.count)) {
            try FileLink.removeTree("\(folder)/\(name)")
            try FileLink.removeTree("\(root)/archives/\(name)")
        }
    }
}
