import ArgumentParser
import OCIRegistry
import YesterdayKit

/// `yesterday images check`
struct ImagesCheckCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Resolve images to digests and make sure that all of each can be fetched.",
        discussion: """
            Manifest and configuration are fetched and compared with their digests; every layer is looked \
            for with its size, and not fetched. No database is needed for images that are named.

            Without a name: everything that the target needs, archives too; when it was found is noted in \
            the target, where the preview of a rollback shows it.

            Logins are those of Podman and Docker: $REGISTRY_AUTH_FILE, or what podman login and docker \
            login wrote. Proxies: http_proxy, https_proxy, no_proxy.

            Exits with the code of the first image that cannot be fetched.
            """)

    @Argument(help: ArgumentHelp("[REGISTRY[:PORT]/]REPOSITORY[:TAG][@DIGEST]", valueName: "image"))
    var images: [String] = []

    @Option(
        help: ArgumentHelp("OS/ARCHITECTURE[/VARIANT]; the default is Linux on this machine.", valueName: "platform"))
    var platform: String?

    @OptionGroup(title: "Code") var source: SourceOptions
    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func execute(_ context: CommandContext) async throws {
        let source = try source.source()
        guard !images.isEmpty else { return try await checkTarget(context, source) }
        let references = try images.map { text in try RegistryReference(text) }
        let platform = try platform.map { text in try Platform(text) } ?? .host
        let checker = ImageChecker(settings: source.settings, plainRegistries: source.plainRegistries)
        let result = ImagesCheckOutput(findings: try await checker.check(references, platform: platform))
        context.output.emit(result)
        if let failure = result.failures.first { throw QuietExit(status: ExitStatus(.init(failure.code))) }
    }

    private func checkTarget(_ context: CommandContext, _ source: ArtifactSource) async throws {
        guard platform == nil else {
            throw YesterdayError(.usage, "--platform is for images that are named", hint: "Those of a target are looked for as they are pinned.")
        }
        let target = try await context.target(connection)
        let check = PinnedCheck(source: source, logger: context.logger)
        let findings = try await context.workingOutside("Looking", on: target.connection) { try await check.check(target) }
        await target.connection.close()
        try PinnedFindings(database: target.database, findings: findings, verb: "can be fetched").emit(context)
    }
}

struct ImagesCheckOutput: CommandOutput {
    let findings: [ImageChecker.Finding]

    var failures: [RegistryError] {
        findings.compactMap { finding in
            guard case .failure(let error) = finding.result else { return nil }
            return error
        }
    }

    var json: JSONValue {
        ["fetchable": .bool(failures.isEmpty), "images": .array(findings.map(Self.json))]
    }

    private static func json(_ finding: ImageChecker.Finding) -> JSONValue {
        let check = try? finding.result.get()
        var error = JSONValue.null
        if case .failure(let failure) = finding.result {
            error = [
                "code": .string(failure.code.rawValue),
                "message": .string(failure.message),
                "detail": .optional(failure.detail),
                "hint": .optional(failure.hint),
            ]
        }
        return [
            "reference": .string("\(finding.reference)"),
            "fetchable": .bool(check != nil),
            "digest": .optional(check?.digest.description),
            "pinned": .optional(check?.pinned.description),
            "image_digest": .optional(check?.image.digest.description),
            "platform": .optional(check?.platform?.description),
            "blobs": .optional(check.map { Int64($0.blobs.count) }),
            "unchecked_blobs": .optional(check.map { Int64($0.unchecked.count) }),
            "bytes": .optional(check?.size),
            "error": error,
        ]
    }

    var document: Document {
        var document = Document(headline)
        for finding in findings {
            switch finding.result {
            case .success(let check):
                var facts = "\(Words.count(Int64(check.blobs.count), "blob")), \(Words.bytes(check.size))"
                if let platform = check.platform { facts += ", \(platform)" }
                if !check.unchecked.isEmpty {
                    facts += "; \(Words.count(Int64(check.unchecked.count), "layer")) of elsewhere not looked for"
                }
                document.append(
                    .fields([
                        ("image", "\(finding.reference)"), ("digest", "\(check.digest)"), ("found", facts),
                    ]))
            case .failure(let error):
                document.append(.fields([("image", "\(finding.reference)")] + Self.lines(error)))
            }
        }
        return document
    }

    private static func lines(_ error: RegistryError) -> [(name: String, value: String)] {
        var hint = error.hint
        if error.code == .tlsFailed || error.code == .insecure {
            hint = [hint, "(--ca-file FILE, --insecure-http REGISTRY)"].compactMap { $0 }.joined(separator: " ")
        }
        return [("error", error.message), ("detail", error.detail), ("hint", hint)].flatMap { name, text in
            // Only the first line bears the name.
            (text ?? "").split(separator: "\n").enumerated().map { ($0 == 0 ? name : "", String($1)) }
        }
    }

    private var headline: Document.Block {
        switch (findings.count, failures.count) {
        case (1, 0): .headline("The image can be fetched, all of it.", .good)
        case (let all, 0): .headline("All \(all) images can be fetched.", .good)
        case (1, _): .headline("The image cannot be fetched.", .bad)
        case (let all, let bad): .headline("\(bad) of \(all) images cannot be fetched.", .bad)
        }
    }
}
