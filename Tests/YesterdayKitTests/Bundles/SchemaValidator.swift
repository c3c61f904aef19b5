import Foundation
import Yams

/// As much of JSON Schema (2020-12) as docs/bundle.schema.json uses. A keyword that it does not
/// know is an error: nothing is ever ignored.
final class SchemaValidator {
    struct UnknownKeyword: Error {
        let keyword: String
    }

    private let root: [String: Any]
    private var patterns: [String: NSRegularExpression] = [:]

    init(_ text: String) throws {
        root = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any] ?? [:]
    }

    /// True if the schema takes the value.
    func accepts(_ value: Any) throws -> Bool { try accepts(value, root) }

    private func accepts(_ value: Any, _ schema: [String: Any]) throws -> Bool {
        for (keyword, argument) in schema {
            guard try accepts(value, keyword, argument, schema) else { return false }
        }
        return true
    }

    private func accepts(_ value: Any, _ keyword: String, _ argument: Any, _ schema: [String: Any]) throws -> Bool {
        func schemas() -> [[String: Any]] { argument as! [[String: Any]] }
        let object = value as? [String: Any]
        let array = value as? [Any]
        let string = value as? String
        switch keyword {
        case "$schema", "$comment", "title", "description", "$defs", "then", "else": return true
        case "$ref":
            let name = String((argument as! String).dropFirst("#/$defs/".count))
            return try accepts(value, (root["$defs"] as! [String: Any])[name] as! [String: Any])
        case "type": return ((argument as? [String]) ?? [argument as! String]).contains(Self.type(of: value))
        case "enum": return string.map { (argument as! [String]).contains($0) } ?? false
        case "const": return string == argument as? String
        case "pattern":
            guard let string else { return true }
            let text = argument as! String
            let pattern = try patterns[text] ?? NSRegularExpression(pattern: text)
            patterns[text] = pattern
            return pattern.firstMatch(in: string, range: NSRange(string.startIndex..., in: string)) != nil
        case "minLength": return string.map { $0.unicodeScalars.count >= argument as! Int } ?? true
        case "maxLength": return string.map { $0.unicodeScalars.count <= argument as! Int } ?? true
        case "required": return object.map { o in (argument as! [String]).allSatisfy { o[$0] != nil } } ?? true
        case "properties":
            return try object?.allSatisfy { name, member in
                try (argument as! [String: [String: Any]])[name].map { try accepts(member, $0) } ?? true
            } ?? true
        case "additionalProperties":
            guard argument as? Bool == false else { throw UnknownKeyword(keyword: keyword) }
            let known = (schema["properties"] as? [String: Any] ?? [:]).keys
            return object?.keys.allSatisfy { known.contains($0) } ?? true
        case "items": return try array?.allSatisfy { try accepts($0, argument as! [String: Any]) } ?? true
        case "minItems": return array.map { $0.count >= argument as! Int } ?? true
        case "maxItems": return array.map { $0.count <= argument as! Int } ?? true
        case "uniqueItems": return array.map { Set($0.map { "\(Self.type(of: $0))\($0)" }).count == $0.count } ?? true
        case "allOf": return try schemas().allSatisfy { try accepts(value, $0) }
        case "anyOf": return try schemas().contains { try accepts(value, $0) }
        case "oneOf": return try schemas().count { try accepts(value, $0) } == 1
        case "not": return try !accepts(value, argument as! [String: Any])
        case "if":
            let branch = try accepts(value, argument as! [String: Any]) ? "then" : "else"
            return try (schema[branch] as? [String: Any]).map { try accepts(value, $0) } ?? true
        default: throw UnknownKeyword(keyword: keyword)
        }
    }

    private static func type(of value: Any) -> String {
        switch value {
        case is String: "string"
        case is [Any]: "array"
        case is [String: Any]: "object"
        case is Bool: "boolean"
        case is Double: "number"
        default: "null"
        }
    }

    /// What a YAML document is to a schema; nil if it is no YAML.
    static func instance(yaml: String) -> Any? {
        guard let node = try? Yams.compose(yaml: yaml) else { return nil }
        return instance(node)
    }

    private static func instance(_ node: Node) -> Any {
        switch node {
        case .mapping(let mapping):
            return Dictionary(
                mapping.map { ($0.key.string ?? "\($0.key)", instance($0.value)) }, uniquingKeysWith: { first, _ in first }
            ) as [String: Any]
        case .sequence(let sequence): return sequence.map(instance) as [Any]
        case .scalar(let scalar):
            switch node.tag {
            case Tag(.null): return NSNull()
            case Tag(.bool): return scalar.string == "true"
            case Tag(.int), Tag(.float): return 1.0
            default: return scalar.string
            }
        default: return NSNull()
        }
    }
}
