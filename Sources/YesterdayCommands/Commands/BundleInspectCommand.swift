import ArgumentParser
import YesterdayKit

/// `yesterday bundle inspect`
struct BundleInspectCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Show what a bundle holds and what it would write.")

    @OptionGroup var bundle: BundleOptions

    @OptionGroup(title: "Output") var output: OutputOptions

    func execute(_ context: CommandContext) async throws {
        context.output.emit(BundleInspectOutput(bundle: try await bundle.readDeployable(context)))
    }
}

struct BundleInspectOutput: CommandOutput {
    let bundle: LoadedBundle

    var json: JSONValue { ["bundle": bundle.json] }

    var document: Document {
        let description = bundle.description
        var document = Document(
            .headline(
                "\"\(bundle.name)\": \(Words.count(Int64(bundle.files.count), "file")), "
                    + "\(Words.bytes(Int64(bundle.size))), kind \(description.kind.rawValue)", .neutral))
        var fields: [(name: String, value: String)] = [("digest", "sha256:\(bundle.digest)")]
        if let note = description.note { fields.append(("note", note)) }
        fields.append(("requires", description.requires.map { "\"\($0)\" to be the last deployment" } ?? "nothing"))
        fields.append(("layer", description.layer ?? "any"))
        if description.triggers == .silent { fields.append(("triggers", "do not fire")) }
        document.append(.fields(fields))

        var contents = TextTable(
            .init("#", isNumeric: true), .init("file"), .init("does"), .init("table"), .init("size", isNumeric: true))
        for (index, file) in bundle.files.enumerated() {
            contents.append(
                String(index + 1), file.entry.file, Self.deed(file),
                file.entry.tables.map(\.description).joined(separator: ", "), Words.bytes(Int64(file.size)))
        }
        document.append(.table(contents))

        if !bundle.declaredTables.isEmpty {
            var tables = TextTable(.init("writes"), .init("rows"), .init("operations"))
            for declared in bundle.declaredTables {
                tables.append(
                    declared.table.description,
                    declared.keys.map { Words.count(Int64($0.count), "key") } ?? "any",
                    declared.operations.map(\.rawValue).joined(separator: ", "))
            }
            document.append(.table(tables))
        }
        if !description.artifacts.isEmpty {
            var artifacts = TextTable(.init("artifact"), .init("type"), .init("reference"), .init("pinned"))
            for artifact in description.artifacts {
                artifacts.append(
                    artifact.name, artifact.type.rawValue, artifact.reference, artifact.isPinned ? "yes" : "NO")
            }
            document.append(.table(artifacts))
        }
        return document
    }

    private static func deed(_ file: LoadedBundle.File) -> String {
        let count = Int64(file.count)
        switch file.entry.action {
        case .records(_, let key, .upsert, _):
            return "\(Words.count(count, "record")) by \(key.joined(separator: ", "))"
        case .records(_, let key, .delete, _):
            return "\(Words.count(count, "deletion")) by \(key.isEmpty ? "all columns" : key.joined(separator: ", "))"
        case .records(_, _, .insert, _):
            return Words.count(count, "new record")
        case .copy(_, _, .replace, let condition):
            return "replaces \(condition.map { "rows where \($0)" } ?? "all rows") by \(Words.count(count, "row"))"
        case .copy(_, let key, .merge, let condition):
            return "merges \(Words.count(count, "row")) by \(key.joined(separator: ", "))"
                + (condition.map { ", deletes others where \($0)" } ?? ", deletes others")
        case .script:
            return Words.count(count, "statement")
        }
    }
}
