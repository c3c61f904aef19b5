/// PostgreSQL's text form of one-dimensional arrays: `{a,"b c",NULL}`.
public enum PostgresArray {
    /// The text form; every element is quoted, so that none can be taken for syntax.
    public static func text(_ elements: [String?]) -> String {
        let parts = elements.map { element -> String in
            guard let element else { return "NULL" }
            var quoted = String.UnicodeScalarView()
            for scalar in element.unicodeScalars {
                if scalar == "\"" || scalar == "\\" { quoted.append("\\") }
                quoted.append(scalar)
            }
            return "\"\(String(quoted))\""
        }
        return "{\(parts.joined(separator: ","))}"
    }

    /// The elements of a text form; a NULL element is `nil`.
    ///
    /// - Throws: ``PostgresError`` with code `invalidValue` for anything but one dimension.
    public static func elements(_ text: String) throws -> [String?] {
        let invalid = PostgresError(.invalidValue, "not a one-dimensional array", detail: text)
        var scanner = Substring(text).unicodeScalars
        guard scanner.popFirst() == "{" else { throw invalid }
        var elements: [String?] = []
        if scanner.first == "}" {
            guard scanner.count == 1 else { throw invalid }
            return elements
        }
        while true {
            var element = String.UnicodeScalarView()
            var wasQuoted = false
            if scanner.first == "\"" {
                wasQuoted = true
                scanner.removeFirst()
                while let next = scanner.popFirst(), next != "\"" {
                    guard let kept = next == "\\" ? scanner.popFirst() : next else { throw invalid }
                    element.append(kept)
                }
            } else {
                while let next = scanner.first, next != ",", next != "}" {
                    guard next != "{" else { throw invalid }
                    element.append(scanner.removeFirst())
                }
            }
            let string = String(element)
            elements.append(!wasQuoted && string.uppercased() == "NULL" ? nil : string)
            switch scanner.popFirst() {
            case ",": continue
            case "}" where scanner.isEmpty: return elements
            default: throw invalid
            }
        }
    }
}
