import Yams

extension BundleDescription {
    /// Name of the file in a bundle that describes it.
    public static let fileName = "bundle.yaml"

    /// Reads `bundle.yaml`. Everything wrong with it is found in one go.
    ///
    /// - Throws: ``BundleError`` with a problem for each mistake.
    public init(yaml: String) throws {
        let root: Node?
        do {
            root = try Yams.compose(yaml: yaml)
        } catch let error as YamlError {
            throw BundleError(Self.problem(of: error))
        }
        var reader = BundleYAMLReader()
        guard let root else {
            throw BundleError(
                BundleProblem(
                    .emptyBundle, file: Self.fileName, message: "the file is empty",
                    hint: "it needs at least name and contents, see docs/bundles.md"))
        }
        let description = reader.description(root)
        guard let description, reader.problems.isEmpty else { throw BundleError(problems: reader.problems) }
        self = description
    }

    private static func problem(of error: YamlError) -> BundleProblem {
        var line: Int?
        var message: String
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            line = mark.line
            message = problem
        case .duplicatedKeysInMapping(let duplicates, let context):
            line = context.mark.line
            message = "\(duplicates.map { "\"\($0)\"" }.joined(separator: ", ")), which stands here, comes again"
        case .reader(let problem, _, _, _):
            message = problem
        default:
            message = "\(error)"
        }
        return BundleProblem(
            .badYAML, file: fileName, line: line, message: "this is not YAML: \(message)",
            hint: "mend line \(line.map(String.init) ?? "1 and after"); indent with blanks, never with tabs")
    }
}

/// Turns the nodes of `bundle.yaml` into a description and collects what is wrong.
private struct BundleYAMLReader {
    private(set) var problems: [BundleProblem] = []

    mutating func description(_ root: Node) -> BundleDescription? {
        guard let map = mapping(root, of: "the file") else { return nil }
        check(map, allowed: ["name", "kind", "note", "requires", "layer", "triggers", "artifacts", "contents"], in: "the bundle")
        let name = required(map, "name", in: "the bundle", at: root).flatMap { self.name($0, of: "name") }
        let kind = map["kind"].flatMap { choice($0, of: "kind", BundleDescription.Kind.self) }
        let note = map["note"].flatMap { text($0, of: "note") }
        let requires = map["requires"].flatMap { self.name($0, of: "requires") }
        let layer = map["layer"].flatMap { self.name($0, of: "layer") }
        let triggers = map["triggers"].map { choice($0, of: "triggers", BundleDescription.Triggers.self) } ?? .fire
        let artifacts = map["artifacts"].map { list($0, of: "artifacts") { $0.artifact($1) } } ?? []
        let contents =
            required(map, "contents", in: "the bundle", at: root).map { list($0, of: "contents") { $0.entry($1) } }
            ?? []
        let resolvedKind = kind ?? (artifacts.isEmpty ? .metadata : .release)
        if let node = map["contents"], contents.isEmpty, problems.isEmpty, artifacts.isEmpty {
            report(.emptyBundle, node, "the bundle is empty: contents lists nothing", "list at least one file")
        }
        if kind == .metadata, let node = map["artifacts"], !artifacts.isEmpty {
            report(.badValue, node, "a bundle of kind metadata has artifacts", "say kind: release, or leave them out")
        }
        if kind == .release, artifacts.isEmpty, problems.isEmpty, let node = map["kind"] {
            report(.missingKey, node, "a bundle of kind release has no artifacts", "list them, or say kind: metadata")
        }
        checkDuplicates(contents, artifacts, root)
        return name.map {
            BundleDescription(
                name: $0, kind: resolvedKind, note: note, requires: requires, layer: layer, triggers: triggers ?? .fire,
                artifacts: artifacts, contents: contents)
        }
    }

    private mutating func checkDuplicates(_ contents: [BundleEntry], _ artifacts: [BundleArtifact], _ root: Node) {
        var lines: [String: Int] = [:]
        for entry in contents {
            if let earlier = lines[entry.file] {
                problems.append(
                    BundleProblem(
                        .duplicateEntry, file: BundleDescription.fileName, line: entry.line,
                        message: "\(entry.file) is listed twice, in line \(earlier) already",
                        hint: "list every file once; give a second step a file of its own"))
            }
            lines[entry.file] = entry.line
        }
        for (index, artifact) in artifacts.enumerated()
        where artifacts[..<index].contains(where: { $0.name == artifact.name }) {
            report(.duplicateEntry, root, "two artifacts are called \"\(artifact.name)\"", "give each its own name")
        }
    }

    private mutating func artifact(_ node: Node) -> BundleArtifact? {
        guard let map = mapping(node, of: "an artifact") else { return nil }
        check(map, allowed: ["name", "oci", "archive", "sha256"], in: "an artifact")
        let name = required(map, "name", in: "an artifact", at: node).flatMap { self.name($0, of: "name") }
        let sha256 = map["sha256"].flatMap { digest($0) }
        switch (map["oci"], map["archive"]) {
        case (let image?, nil):
            let reference = text(image, of: "oci")
            if let wrong = map["sha256"] {
                report(.unknownKey, wrong, "an image has no key sha256", "pin it as oci: registry/repo:tag@sha256:...")
            }
            guard let name, let reference else { return nil }
            if let at = reference.range(of: "@"), !Self.isDigest(reference[at.upperBound...]) {
                report(.badValue, image, "the digest of \(reference) is not sha256: and 64 digits", "copy it whole")
                return nil
            }
            return BundleArtifact(name: name, type: .oci, reference: reference, sha256: nil)
        case (nil, let archive?):
            guard let name, let url = text(archive, of: "archive") else { return nil }
            // Plain HTTP is opened only where whoever deploys allows it by word.
            guard ["https://", "http://", "file:"].contains(where: url.hasPrefix) else {
                report(.badValue, archive, "an archive is named by a URL with https:, http: or file:", "give the full URL")
                return nil
            }
            return BundleArtifact(name: name, type: .archive, reference: url, sha256: sha256)
        default:
            report(.missingKey, node, "an artifact is either oci or archive", "give one of the two keys")
            return nil
        }
    }

    private static func isDigest(_ text: Substring) -> Bool {
        text.hasPrefix("sha256:") && isHexadecimal(text.dropFirst(7))
    }

    private static func isHexadecimal(_ text: Substring) -> Bool {
        text.utf8.count == 64 && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }

    private mutating func digest(_ node: Node) -> String? {
        guard let text = text(node, of: "sha256") else { return nil }
        guard Self.isHexadecimal(text[...]) else {
            report(.badValue, node, "sha256 is not 64 lower-case hexadecimal digits", "copy it from sha256sum")
            return nil
        }
        return text
    }

    private mutating func entry(_ node: Node) -> BundleEntry? {
        guard let map = mapping(node, of: "an entry of contents"),
            let fileNode = required(map, "file", in: "an entry of contents", at: node),
            let file = text(fileNode, of: "file"), let kind = kind(ofFile: file, fileNode)
        else { return nil }
        let before = problems.count
        let action: BundleEntry.Action?
        switch kind {
        case .records:
            check(map, allowed: ["file", "table", "key", "mode", "values", "writes"], in: "an entry for records")
            let table = required(map, "table", in: "an entry for records", at: node).flatMap { self.table($0) }
            let mode = map["mode"].map { choice($0, of: "mode", BundleEntry.RecordMode.self) } ?? .upsert
            let values = map["values"].map { choice($0, of: "values", BundleEntry.Values.self) } ?? .json
            let key = map["key"].map { columns($0, of: "key") } ?? []
            if mode == .upsert, map["key"] == nil {
                _ = required(map, "key", in: "an entry for records", at: node)
            }
            if let table, let mode, let values {
                action = .records(table: table, key: key, mode: mode, values: values)
            } else {
                action = nil
            }
        case .copies:
            check(map, allowed: ["file", "table", "key", "mode", "where", "writes"], in: "an entry for a copy")
            let table = required(map, "table", in: "an entry for a copy", at: node).flatMap { self.table($0) }
            let mode = map["mode"].map { choice($0, of: "mode", BundleEntry.CopyMode.self) } ?? .replace
            let condition = map["where"].flatMap { self.condition($0) }
            let key = map["key"].map { columns($0, of: "key") } ?? []
            if mode == .merge, key.isEmpty {
                _ = required(map, "key", in: "a copy with mode: merge", at: node)
            } else if mode == .replace, let keyNode = map["key"] {
                report(
                    .unknownKey, keyNode, "key has no meaning with mode: replace", "leave it out, or say mode: merge")
            }
            action = table.flatMap { table in
                mode.map { .copy(table: table, key: key, mode: $0, condition: condition) }
            }
        case .ddl, .sql:
            check(map, allowed: ["file", "writes"], in: "an entry for \(kind.rawValue)")
            action = .script
        }
        let writes = map["writes"].map { list($0, of: "writes") { $0.table($1) } } ?? []
        guard let action, problems.count == before else { return nil }
        return BundleEntry(file: file, kind: kind, action: action, writes: writes, line: line(of: node))
    }

    private mutating func kind(ofFile file: String, _ node: Node) -> BundleEntry.Kind? {
        if let reason = BundlePath.reasonToRefuse(file) {
            report(
                .pathTraversal, node, "\"\(file)\" \(reason)", "name a file inside the bundle, such as ddl/010-add.sql")
            return nil
        }
        let folder = String(file.split(separator: "/")[0])
        guard file.contains("/"), let kind = BundleEntry.Kind(rawValue: folder) else {
            report(
                .badValue, node, "\"\(file)\" is in none of the folders records, copies, ddl, sql",
                "the folder says what a file is: move it into the right one")
            return nil
        }
        guard file.hasSuffix(".\(kind.fileExtension)") else {
            report(
                .badValue, node, "files under \(folder)/ end with .\(kind.fileExtension), \"\(file)\" does not",
                "rename it, or move it to the folder it belongs to")
            return nil
        }
        return kind
    }

    private mutating func table(_ node: Node) -> TableName? {
        guard let text = text(node, of: "table") else { return nil }
        do {
            return try TableName(parsing: text)
        } catch {
            report(.badValue, node, error.message, error.hint)
            return nil
        }
    }

    private mutating func columns(_ node: Node, of key: String) -> [String] {
        // One column may stand without brackets.
        let nodes = node.sequence.map(Array.init) ?? [node]
        var names: [String] = []
        for node in nodes {
            guard let name = text(node, of: key) else { continue }
            if names.contains(name) {
                report(.badValue, node, "\(key) names the column \"\(name)\" twice", "name it once")
            }
            names.append(name)
        }
        if nodes.isEmpty { report(.badValue, node, "\(key) names no column", "name the columns of the key") }
        return names
    }

    private mutating func condition(_ node: Node) -> String? {
        guard let condition = text(node, of: "where") else { return nil }
        // It becomes part of a statement, so it has to be one expression.
        do {
            let statements = try SQLScript(Array("(\(condition)\n)".utf8)).statements
            guard statements.count == 1, try SQLScript(Array(condition.utf8)).statements.count == 1 else {
                report(.badSQL, node, "where is not one SQL expression", "leave semicolons out")
                return nil
            }
            return condition
        } catch {
            report(.badSQL, node, "where is not one SQL expression: \(error.message)", error.hint)
            return nil
        }
    }

    // MARK: nodes

    private func line(of node: Node) -> Int {
        node.mark?.line ?? 1
    }

    private mutating func report(_ code: BundleProblem.Code, _ node: Node, _ message: String, _ hint: String) {
        problems.append(
            BundleProblem(code, file: BundleDescription.fileName, line: line(of: node), message: message, hint: hint))
    }

    private mutating func mapping(_ node: Node, of what: String) -> Node.Mapping? {
        guard let mapping = node.mapping else {
            report(.badYAML, node, "\(what) has to be a list of keys with values", "see the example in docs/bundles.md")
            return nil
        }
        return mapping
    }

    private mutating func check(_ map: Node.Mapping, allowed: [String], in what: String) {
        for key in map.keys where !allowed.contains(key.string ?? "") {
            report(
                .unknownKey, key, "\(what) has no key \"\(key.string ?? "?")\"",
                "known keys are \(allowed.joined(separator: ", "))")
        }
    }

    private mutating func required(_ map: Node.Mapping, _ key: String, in what: String, at node: Node) -> Node? {
        if let value = map[key] { return value }
        report(.missingKey, node, "\(what) lacks the key \"\(key)\"", "add \(key): ...")
        return nil
    }

    private mutating func list<Element>(
        _ node: Node, of key: String, _ each: (inout Self, Node) -> Element?
    ) -> [Element] {
        guard let sequence = node.sequence else {
            report(.badValue, node, "\(key) has to be a list", "begin each item with a dash")
            return []
        }
        return sequence.compactMap { each(&self, $0) }
    }

    private mutating func text(_ node: Node, of key: String) -> String? {
        guard let scalar = node.scalar, node.tag != Tag(.null), !scalar.string.isEmpty else {
            report(.badValue, node, "\(key) has to be a text that is not empty", "write \(key): something")
            return nil
        }
        guard !scalar.string.utf8.contains(0) else {
            report(.badValue, node, "\(key) holds a zero byte", "take it out")
            return nil
        }
        return scalar.string
    }

    private mutating func name(_ node: Node, of key: String) -> String? {
        guard let text = text(node, of: key) else { return nil }
        let printable = text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
        guard printable, text.utf8.count <= 200, text.first != " ", text.last != " " else {
            report(.badValue, node, "\(key) has to be one line of at most 200 bytes", "choose a shorter, plain name")
            return nil
        }
        return text
    }

    private mutating func choice<Value: RawRepresentable & CaseIterable>(
        _ node: Node, of key: String, _: Value.Type
    ) -> Value? where Value.RawValue == String {
        guard let text = text(node, of: key) else { return nil }
        if let value = Value(rawValue: text) { return value }
        let known = Value.allCases.map(\.rawValue).joined(separator: ", ")
        report(.badValue, node, "\(key) cannot be \"\(text)\"", "it is one of \(known)")
        return nil
    }
}
