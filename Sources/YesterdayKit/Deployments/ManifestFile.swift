import Yams

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A manifest in a file of its own, as JSON or YAML.
public enum ManifestFile {
    private static let mostBytes = 64 << 20

    /// Reads a manifest and returns it as JSON; what it may say is the server's to judge.
    ///
    /// - Throws: ``YesterdayError`` with code `badInput`, file and line.
    public static func json(at path: String) throws -> String {
        let text = try read(path)
        let node: Node?
        do {
            node = try Yams.compose(yaml: text)
        } catch {
            throw YesterdayError(
                .badInput, "\(path) is neither JSON nor YAML", detail: "\(error)", cause: error)
        }
        guard let node, case .mapping = node else {
            throw YesterdayError(
                .badInput, "\(path) is not a manifest", detail: "It does not hold an object.")
        }
        return try json(node, path).text(indent: nil)
    }

    private static func json(_ node: Node, _ path: String) throws -> JSONValue {
        switch node {
        case .mapping(let mapping):
            var members: [JSONValue.Member] = []
            for (key, value) in mapping {
                guard let name = key.string else {
                    throw problem("a key must be text", key, path)
                }
                guard !members.contains(where: { $0.key == name }) else {
                    throw problem("the key \"\(name)\" comes twice", key, path)
                }
                members.append(.init(name, try json(value, path)))
            }
            return .object(members)
        case .sequence(let sequence):
            return .array(try sequence.map { try json($0, path) })
        case .scalar(let scalar):
            switch Tag.Name(rawValue: node.tag.description) {
            case .null: return .null
            case .bool: return .bool(node.bool ?? false)
            case .int: return node.int.map { .integer(Int64($0)) } ?? .string(scalar.string)
            case .float: return node.float.map { .number($0) } ?? .string(scalar.string)
            default: return .string(scalar.string)
            }
        case .alias:
            throw problem("an alias cannot be resolved", node, path)
        }
    }

    private static func problem(_ what: String, _ node: Node, _ path: String) -> YesterdayError {
        YesterdayError(.badInput, "\(path):\(node.mark?.line ?? 1): \(what)")
    }

    private static func read(_ path: String) throws -> String {
        guard let file = fopen(path, "rb") else {
            throw YesterdayError(
                .badInput, "\(path) cannot be read", detail: String(cString: strerror(errno)))
        }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = fread(&buffer, 1, buffer.count, file)
            guard count > 0 else { break }
            bytes.append(contentsOf: buffer.prefix(count))
            guard bytes.count <= mostBytes else {
                throw YesterdayError(.badInput, "\(path) is larger than 64 MB")
            }
        }
        guard ferror(file) == 0 else {
            throw YesterdayError(
                .badInput, "\(path) cannot be read", detail: String(cString: strerror(errno)))
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw YesterdayError(.badInput, "\(path) is not UTF-8")
        }
        return text
    }
}
