extension LoadedBundle {
    /// Everything about the bundle, for programs; docs/bundles.md lists the keys.
    public var json: JSONValue {
        [
            "name": .string(name),
            "kind": .string(description.kind.rawValue),
            "note": .optional(description.note),
            "requires": .optional(description.requires),
            "layer": .optional(description.layer),
            "triggers": .string(description.triggers.rawValue),
            "digest": .string("sha256:\(digest)"),
            "size": .integer(Int64(size)),
            "artifacts": .array(description.artifacts.map(\.json)),
            "contents": .array(files.map(\.json)),
            "manifest": manifest,
        ]
    }
}

extension LoadedBundle.File {
    var json: JSONValue {
        var members: [(String, JSONValue?)] = [
            ("file", .string(entry.file)), ("type", .string(entry.kind.rawValue)),
            ("size", .integer(Int64(size))), ("sha256", .string(sha256)),
        ]
        let columns = JSONValue.array(columns.map { .string($0) })
        switch entry.action {
        case .records(let table, let key, let mode, let values):
            members += [
                ("table", .string(table.description)), ("mode", .string(mode.rawValue)),
                ("key", .array(key.map { .string($0) })), ("columns", columns), ("values", .string(values.rawValue)),
                ("records", .integer(Int64(count))),
            ]
        case .copy(let table, let key, let mode, let condition):
            members += [
                ("table", .string(table.description)), ("mode", .string(mode.rawValue)),
                ("key", .array(key.map { .string($0) })), ("where", .optional(condition)), ("columns", columns),
                ("rows", .integer(Int64(count))),
            ]
        case .script:
            members.append(("statements", .integer(Int64(count))))
        }
        members.append(("writes", .array(entry.writes.map { .string($0.description) })))
        return .members(members.map { (key: $0.0, value: $0.1) })
    }
}

extension BundleProblem {
    /// The problem, for programs.
    public var json: JSONValue {
        [
            "severity": .string(severity.rawValue), "code": .string(code.rawValue), "file": .string(file),
            "line": .optional(line.map { Int64($0) }), "message": .string(message), "hint": .string(hint),
        ]
    }
}
