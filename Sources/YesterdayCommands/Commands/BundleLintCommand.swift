import ArgumentParser
import YesterdayKit

/// `yesterday bundle lint`
struct BundleLintCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "lint",
        abstract: "Check a bundle and every file in it.",
        discussion: "Exits with 65 if the bundle cannot be deployed; warnings alone are no failure.")

    @OptionGroup var bundle: BundleOptions

    @OptionGroup(title: "Output") var output: OutputOptions

    func execute(_ context: CommandContext) async throws {
        do {
            let loaded = try await bundle.read(context)
            context.output.emit(BundleLintOutput(path: bundle.path, bundle: loaded, problems: loaded.warnings))
        } catch let error as BundleError {
            context.output.emit(BundleLintOutput(path: bundle.path, bundle: nil, problems: error.problems))
            throw QuietExit(status: ExitStatus(.badInput))
        }
    }
}

struct BundleLintOutput: CommandOutput {
    let path: String
    /// Nil if it cannot be deployed.
    let bundle: LoadedBundle?
    let problems: [BundleProblem]

    private var errors: Int { problems.count { $0.severity == .error } }

    var json: JSONValue {
        [
            "bundle": .string(path),
            "name": .optional(bundle?.name),
            "digest": .optional(bundle.map { "sha256:\($0.digest)" }),
            "deployable": .bool(bundle != nil),
            "problems": .array(problems.map(\.json)),
        ]
    }

    var document: Document {
        var document = Document(headline)
        for problem in problems {
            document.append(
                .paragraph("\(problem.place): \(problem.severity.rawValue): \(problem.message)\n    \(problem.hint)"))
        }
        return document
    }

    private var headline: Document.Block {
        guard let bundle else {
            return .headline("\(path): \(Words.count(Int64(errors), "mistake")), it cannot be deployed.", .bad)
        }
        let size = "\(Words.count(Int64(bundle.files.count), "file")), \(Words.bytes(Int64(bundle.size)))"
        guard problems.isEmpty else {
            let warnings = Words.count(Int64(problems.count), "warning")
            return .headline("\"\(bundle.name)\" can be deployed, with \(warnings) (\(size)).", .warning)
        }
        return .headline("\"\(bundle.name)\" is in order (\(size)).", .good)
    }
}
