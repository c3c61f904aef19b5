import Foundation
import OCIRegistry
import PostgresClient
import TestSupport
import YesterdayKit

/// A target with a table of metadata, a folder on "this machine" for programs and archives, and
/// releases made on the spot.
struct ReleaseFixture: Sendable {
    let target: TestTarget
    /// Everything on disk.
    let folder: String

    /// Runs a test with a target of its own, with `api` switched by a program of ours and `web` by
    /// a symbolic link.
    static func with<T: Sendable>(_ body: @Sendable (ReleaseFixture) async throws -> T) async throws -> T {
        try await TestTarget.with { try await with($0, body) }
    }

    /// The same with a server of its own.
    static func with<T: Sendable>(
        on cluster: ThrowawayCluster, _ body: @Sendable (ReleaseFixture) async throws -> T
    ) async throws -> T {
        try await with(TestTarget.make(on: cluster), body)
    }

    private static func with<T: Sendable>(
        _ target: TestTarget, _ body: @Sendable (ReleaseFixture) async throws -> T
    ) async throws -> T {
        let folder = FileManager.default.temporaryDirectory.appending(path: "release-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let fixture = ReleaseFixture(target: target, folder: folder)
        try await fixture.set()
        return try await body(fixture)
    }

    private func set() async throws {
        for part in ["programs", "state", "files"] {
            try FileManager.default.createDirectory(atPath: "\(folder)/\(part)", withIntermediateDirectories: true)
        }
        try write("programs/switch", Self.program)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: "\(folder)/programs/switch")
        try await set("api", "command", "program=switch", "stable=0", "health_timeout=2", "drain=true")
        try await set("web", "symlink", "root=\(folder)/web", "stable=0")
    }

    /// A runtime that is a file: what runs is what is written in it. Other files make it misbehave:
    /// `fail-ACTION`, `sick` (a digest that never becomes well), `hold-ACTION` (waits while it is
    /// there), `lie-ACTION` (says that it did), `late-ACTION` (a child of it does it, after two
    /// seconds), `kill-before-ACTION` and `kill-after-ACTION` (kills the controller, once).
    private static let program = """
        #!/bin/bash
        cd "${0%/*}/../state" || exit 1
        name=$YESTERDAY_ARTIFACT
        echo "$YESTERDAY_ACTION $name ${YESTERDAY_DIGEST:0:15}" >> log
        if [ -e "kill-before-$YESTERDAY_ACTION" ]; then rm "kill-before-$YESTERDAY_ACTION"; kill -9 $PPID; exit 0; fi
        [ -e "fail-$YESTERDAY_ACTION" ] && { echo "told to fail" >&2; exit 3; }
        [ -e "lie-$YESTERDAY_ACTION" ] && exit 0
        [ -e "late-$YESTERDAY_ACTION" ] && (sleep 2; echo "$YESTERDAY_DIGEST $YESTERDAY_REFERENCE" > "runs-$name")
        [ -e "hold-$YESTERDAY_ACTION" ] && touch "held-$YESTERDAY_ACTION"
        for i in $(seq 600); do [ -e "hold-$YESTERDAY_ACTION" ] || break; sleep 0.05; done
        case $YESTERDAY_ACTION in
            current) [ ! -e "runs-$name" ] || cat "runs-$name" ;;
            keep) touch "kept-$YESTERDAY_DIGEST" ;;
            start) echo "$YESTERDAY_DIGEST $YESTERDAY_REFERENCE" > "runs-$name" ;;
            stop) rm -f "runs-$name" ;;
            probe) if grep -q "$YESTERDAY_DIGEST" sick 2>/dev/null; then echo "it is sick" >&2; exit 75; fi ;;
        esac
        if [ -e "kill-after-$YESTERDAY_ACTION" ]; then rm "kill-after-$YESTERDAY_ACTION"; kill -9 $PPID; fi
        exit 0
        """

    func set(_ artifact: String, _ driver: String, _ settings: String...) async throws {
        let output = try await yesterday(["runtime", "set", artifact, driver] + settings)
        guard output.exitCode == 0 else { throw YesterdayError(.failed, "no runtime: \(output.standardError)") }
    }

    func write(_ file: String, _ text: String) throws {
        try text.write(toFile: "\(folder)/\(file)", atomically: true, encoding: .utf8)
    }

    /// Makes the program misbehave.
    func tell(_ what: String, _ text: String = "") throws { try write("state/\(what)", text) }

    func untell(_ what: String) { try? FileManager.default.removeItem(atPath: "\(folder)/state/\(what)") }

    func exists(_ file: String) -> Bool { FileManager.default.fileExists(atPath: "\(folder)/\(file)") }

    /// Which version runs of `api`; `nil` for none.
    var running: String? {
        guard let text = try? String(contentsOfFile: "\(folder)/state/runs-api", encoding: .utf8) else { return nil }
        return text.split(separator: "/").last?.split(whereSeparator: \.isNewline).first.map(String.init)
    }

    /// What the program was asked for, in order, without the looking.
    var actions: [String] {
        let text = (try? String(contentsOfFile: "\(folder)/state/log", encoding: .utf8)) ?? ""
        return text.split(whereSeparator: \.isNewline).compactMap { $0.split(separator: " ").first.map(String.init) }
            .filter { ["start", "stop"].contains($0) }
    }

    func yesterday(
        _ arguments: [String], user: String? = nil, environment: [String: String?] = [:]
    ) async throws -> Tool.Output {
        let usual: [String: String?] = [
            "YESTERDAY_PROGRAMS": "\(folder)/programs", "HOME": "/nonexistent", "no_proxy": "127.0.0.1",
        ]
        return try await target.yesterday(arguments, user: user, environment: usual.merging(environment) { $1 })
    }

    func sql(_ statements: String) async throws { try await target.sql(statements) }
    func value(_ query: String) async throws -> String? { try await target.value(query) }

    // MARK: releases

    /// An archive, and its SHA-256.
    func archive(_ version: String) async throws -> (url: String, sha256: String) {
        let source = "\(folder)/files/src-\(version)"
        try FileManager.default.createDirectory(atPath: "\(source)/js", withIntermediateDirectories: true)
        try version.write(toFile: "\(source)/index.html", atomically: true, encoding: .utf8)
        try "// \(version)".write(toFile: "\(source)/js/app.js", atomically: true, encoding: .utf8)
        let file = "\(folder)/files/\(version).tar.gz"
        if !FileManager.default.fileExists(atPath: file) {
            try await Tool("tar").run(["-C", source, "-czf", file, "."])
        }
        let sum = try await Tool("sha256sum").run([file])
        return ("file://\(file)", String(sum.prefix(64)))
    }

    /// A bundle that renames a workflow, with artifacts.
    ///
    /// - Parameters:
    ///   - version: of everything.
    ///   - artifacts: lines of YAML.
    ///   - requires: the deployment that it builds on.
    func bundle(_ version: String, artifacts: String, requires: String? = nil) throws -> String {
        let path = "\(folder)/bundle-\(version)"
        try FileManager.default.createDirectory(atPath: "\(path)/records", withIntermediateDirectories: true)
        try """
        name: shop \(version)
        kind: release\(requires.map { "\nrequires: \($0)" } ?? "")
        artifacts:
        \(artifacts)
        contents:
          - file: records/workflow.jsonl
            table: public.workflow
            key: id
        """.write(toFile: "\(path)/bundle.yaml", atomically: true, encoding: .utf8)
        try #"{"id": 1, "name": "as in \#(version)"}"#.write(
            toFile: "\(path)/records/workflow.jsonl", atomically: true, encoding: .utf8)
        return path
    }

    /// A release with `api` (an archive that the program "runs") alone.
    func release(_ version: String) async throws -> String {
        let api = try await archive(version)
        return try bundle(version, artifacts: "  - {name: api, archive: \"\(api.url)\", sha256: \(api.sha256)}")
    }

    /// A release with `api` and `web`.
    func release(_ version: String, web: String) async throws -> String {
        let (api, front) = (try await archive(version), try await archive(web))
        return try bundle(
            version,
            artifacts: """
                  - {name: api, archive: "\(api.url)", sha256: \(api.sha256)}
                  - {name: web, archive: "\(front.url)", sha256: \(front.sha256)}
                """)
    }

    func deploy(_ bundle: String, _ options: String...) async throws -> Tool.Output {
        try await yesterday(["deploy", bundle] + options)
    }

    /// `code_state` and how it got there; name of workflow 1.
    func state() async throws -> String {
        let state = try await value(
            """
            SELECT s.state || ' ' || s.code_state || ' "' || (SELECT name FROM workflow WHERE id = 1) || '"'
            FROM yesterday.status s
            """)
        return "\(state ?? "?") \(running ?? "nothing")"
    }
}
