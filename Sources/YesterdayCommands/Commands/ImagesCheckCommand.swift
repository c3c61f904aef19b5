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
            for with its size, and not fetched. No database is needed, and nothing is changed.

            Logins are those of Podman and Docker: $REGISTRY_AUTH_FILE, or what podman login and docker \
            login wrote. Proxies: http_proxy, https_proxy, no_proxy.

            Exits with the code of the first image that cannot be fetched.
            """)

    @Argument(help: ArgumentHelp("[REGISTRY[:PORT]/]REPOSITORY[:TAG][@DIGEST]", valueName: "image"))
    var images: [String]

    @Option(
        help: ArgumentHelp("OS/ARCHITECTURE[/VARIANT]; the default is Linux on this machine.", valueName: "platform"))
    var platform: String?

    @Option(help: ArgumentHelp("PEM file of certificates to trust.", valueName: "file"))
    var caFile: String?

    @Option(
        name: .customLong("insecure-http"),
        help: ArgumentHelp("Speak plain HTTP to this registry; may be repeated.", valueName: "registry"))
    var plainRegistries: [String] = []

    @Option(help: ArgumentHelp("Longest time for one image, in seconds.", valueName: "seconds"))
    var timeout = 120

    @OptionGroup(title: "Output") var output: OutputOptions

    func validate() throws {
        guard 1...86_400 ~= timeout else { throw ValidationError("--timeout takes 1 to 86400 seconds.") }
    }

    func execute(_ context: CommandContext) async throws {
        let references = try images.map { text in try RegistryReference(text) }
        let platform = try platform.map { text in try Platform(text) } ?? .host
        let plain = try plainRegistries.map { text in try RegistryName(text) }
        var settings = RegistrySettings()
        settings.caFile = caFile
        settings.deadline = .seconds(timeout)
        let checker = ImageChecker(settings: settings, plainRegistries: Set(plain))
        let result = ImagesCheckOutput(findings: try await checker.check(references, platform: platform))
        context.output.emit(result)
        if let failure = result.failures.first { throw QuietExit(status: ExitStatus(.init(failure.code))) }
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
