import Foundation

/// The settings of a runtime, as the target keeps them.
public struct RuntimeSettings: Sendable {
    private enum Value: Sendable, Decodable {
        case text(String)
        case number(Double)
        case truth(Bool)
        case list([String])

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let value = try? container.decode(Bool.self) {
                self = .truth(value)
            } else if let value = try? container.decode(Double.self) {
                self = .number(value)
            } else if let value = try? container.decode(String.self) {
                self = .text(value)
            } else {
                self = .list(try container.decode([String].self))
            }
        }
    }

    private let artifact: String
    private let driver: String
    private let values: [String: Value]

    /// Reads settings.
    ///
    /// - Parameters:
    ///   - json: an object; its values are texts, numbers, truth values or lists of texts.
    ///   - known: the keys that the driver understands.
    /// - Throws: ``YesterdayError`` with code `configuration` that names what is wrong.
    init(json: String, artifact: String, driver: String, known: Set<String>) throws {
        self.artifact = artifact
        self.driver = driver
        do {
            values = try JSONDecoder().decode([String: Value].self, from: Data(json.utf8))
        } catch {
            throw YesterdayError(
                .configuration, "the settings of the runtime of \(artifact) cannot be read",
                detail: "Each is a text, a number, true or false, or a list of texts. They are: \(json)",
                hint: "yesterday runtime set \(artifact) \(driver) KEY=VALUE ...")
        }
        let allowed = known.union(Self.common)
        if let unknown = values.keys.filter({ !allowed.contains($0) }).min() {
            throw Self.refusal(
                artifact, driver, "has no setting \"\(unknown)\"", "It has: \(allowed.sorted().joined(separator: ", ")).")
        }
    }

    /// A setting as it is typed: JSON where it is some, else a text.
    public static func value(_ typed: String) -> JSONValue {
        let isValue = (try? JSONDecoder().decode(Value.self, from: Data(typed.utf8))) != nil
        return isValue ? .raw(typed) : .string(typed)
    }

    private static let common: Set<String> = ["health_url", "health_ca_file", "health_timeout", "stable", "drain", "timeout"]

    private static func refusal(_ artifact: String, _ driver: String, _ what: String, _ detail: String) -> YesterdayError {
        YesterdayError(
            .configuration, "the runtime of \(artifact) (driver \(driver)) \(what)", detail: detail,
            hint: "An admin sets it: yesterday runtime set \(artifact) \(driver) KEY=VALUE ...")
    }

    func refusal(_ what: String, _ detail: String) -> YesterdayError { Self.refusal(artifact, driver, what, detail) }

    func text(_ key: String) throws -> String? {
        switch values[key] {
        case nil: return nil
        case .text(let text) where !text.isEmpty && !text.utf8.contains(0): return text
        default: throw refusal("has a setting \"\(key)\" that is no text", "It takes a text.")
        }
    }

    func required(_ key: String) throws -> String {
        guard let text = try text(key) else { throw refusal("needs \"\(key)\"", "Without it nobody knows what to switch.") }
        return text
    }

    func list(_ key: String) throws -> [String]? {
        switch values[key] {
        case nil: return nil
        case .list(let list) where !list.contains(where: { $0.utf8.contains(0) }): return list
        default: throw refusal("has a setting \"\(key)\" that is no list", "It takes a list of texts: [\"--env\", \"A=1\"].")
        }
    }

    func truth(_ key: String) throws -> Bool? {
        switch values[key] {
        case nil: return nil
        case .truth(let truth): return truth
        default: throw refusal("has a setting \"\(key)\" that is neither true nor false", "It takes true or false.")
        }
    }

    func whole(_ key: String, _ range: ClosedRange<Int>) throws -> Int? {
        switch values[key] {
        case nil: return nil
        case .number(let number) where number == number.rounded() && range.contains(Int(number)): return Int(number)
        default: throw refusal("has a setting \"\(key)\" out of range", "It takes a whole number from \(range.lowerBound) to \(range.upperBound).")
        }
    }

    func health() throws -> HealthCheck {
        var health = HealthCheck()
        health.url = try text("health_url")
        health.caFile = try text("health_ca_file")
        if let seconds = try whole("health_timeout", 1...3600) { health.timeout = .seconds(seconds) }
        if let seconds = try whole("timeout", 1...86_400) { health.actionTimeout = .seconds(seconds) }
        if let seconds = try whole("stable", 0...600) { health.stable = .seconds(seconds) }
        return health
    }
}

/// A runtime of a target: which driver switches an artifact, with which settings.
public struct RuntimeConfiguration: Sendable {
    /// The artifact.
    public let artifact: String
    /// `podman`, `kubernetes`, `symlink` or `command`.
    public let driver: String
    /// The settings, as JSON; `nil` if who asked may not see them.
    public let settings: String?

    /// A runtime.
    public init(artifact: String, driver: String, settings: String?) {
        self.artifact = artifact
        self.driver = driver
        self.settings = settings
    }

    /// The driver, ready to be asked.
    ///
    /// - Parameters:
    ///   - target: name of the target, for what is kept and for programs.
    ///   - source: where archives come from.
    /// - Throws: ``YesterdayError`` with code `configuration` or `notPermitted`.
    public func makeDriver(target: String, source: ArtifactSource) throws -> any RuntimeDriver {
        guard let settings else {
            throw YesterdayError(
                .notPermitted, "the settings of the runtime of \(artifact) are not shown to this role",
                hint: "It needs yesterday_deployer or yesterday_operator.")
        }
        func read(_ known: Set<String>) throws -> RuntimeSettings {
            try RuntimeSettings(json: settings, artifact: artifact, driver: driver, known: known)
        }
        switch driver {
        case "command": return try CommandDriver(read(CommandDriver.settings), artifact: artifact, target: target)
        case "symlink": return try SymlinkDriver(read(SymlinkDriver.settings), artifact: artifact, target: target, source: source)
        case "podman": return try PodmanDriver(read(PodmanDriver.settings), artifact: artifact, target: target)
        case "kubernetes": return try KubernetesDriver(read(KubernetesDriver.settings), artifact: artifact)
        default:
            throw YesterdayError(
                .configuration, "the driver \(driver) of \(artifact) is not known here",
                hint: "The extension is newer than this program: yesterday doctor")
        }
    }
}
