import ArgumentParser
import Foundation
import PostgresClient
import YesterdayKit

/// Which registry.
public struct RegistryOptions: ParsableArguments {
    /// A connection string, URI or name of a database.
    @Option(
        help: ArgumentHelp(
            "Registry of the train, as --db names a database.",
            discussion: """
                Else YESTERDAY_REGISTRY of the environment; else the database that --db and PG* name \
                is its own registry.
                """,
            valueName: "conninfo"))
    public var registry: String?

    /// Parsed by ArgumentParser.
    public init() {}

    /// What names the registry, if anything does.
    var named: String? {
        let variable = ProcessInfo.processInfo.environment["YESTERDAY_REGISTRY"]
        return registry ?? variable.flatMap { $0.isEmpty ? nil : $0 }
    }
}

/// A command that talks to the registry.
public protocol TrainSubcommand: Subcommand {
    /// Which registry.
    var registry: RegistryOptions { get }
    /// Which database, where no registry is named.
    var connection: ConnectionOptions { get }

    /// Does what the command is for.
    func execute(_ context: CommandContext, on registry: TrainRegistry) async throws
}

extension TrainSubcommand {
    /// Connects to the registry and runs the command.
    public func execute(_ context: CommandContext) async throws {
        let registry = try await context.registry(registry, connection)
        do {
            try await execute(context, on: registry)
        } catch {
            await registry.connection.close()
            throw error
        }
        await registry.connection.close()
    }
}

extension CommandContext {
    /// Connects to the registry that the options name.
    func registryConnection(
        _ options: RegistryOptions, _ connection: ConnectionOptions
    ) async throws -> PostgresConnection {
        var settings = connection.settings
        if let named = options.named { settings = ConnectionSettings(target: named) }
        return try await TrainRegistry.connection(settings, onNotice: noticeHandler)
    }

    /// The registry that the options name.
    func registry(_ options: RegistryOptions, _ connection: ConnectionOptions) async throws -> TrainRegistry {
        try await TrainRegistry(registryConnection(options, connection))
    }
}

/// A target or a group.
struct ScopeOptions: ParsableArguments {
    @Option(help: ArgumentHelp("This target.", valueName: "name"))
    var target: String?

    @Option(help: ArgumentHelp("All targets of this group.", valueName: "name"))
    var group: String?

    func validate() throws {
        guard (target == nil) != (group == nil) else { throw ValidationError("Give --target or --group.") }
    }

    var scope: FreezeScope { target.map { .target($0) } ?? .group(group ?? "") }
    var words: String { target.map { "target \($0)" } ?? "group \(group ?? "")" }
}

/// Folders with the bundles of a realignment.
struct BundleFolderOptions: ParsableArguments {
    @Option(
        name: .customLong("bundles"),
        help: ArgumentHelp(
            "A bundle, or a folder of bundles; may be repeated. Each step finds its own by its digest.",
            valueName: "folder"))
    var folders: [String] = []

    /// All bundles that are there. What lies beside them in a folder and is no bundle, or a broken one,
    /// does not matter: a step that misses its bundle says so.
    func load() throws -> [LoadedBundle] {
        guard !folders.isEmpty else {
            throw YesterdayError(
                .usage, "the bundles of the steps are needed",
                hint: "Name the folder that holds them as they were released: --bundles FOLDER")
        }
        var bundles: [LoadedBundle] = []
        for folder in folders {
            do {
                bundles.append(try LoadedBundle(path: folder))
            } catch let error as BundleError {
                let inside = Self.bundles(in: folder)
                guard !inside.isEmpty else { throw YesterdayError(error) }
                bundles += inside
            }
        }
        return bundles
    }

    private static func bundles(in folder: String) -> [LoadedBundle] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.sorted().compactMap { try? LoadedBundle(path: "\(folder)/\($0)") }
    }
}

/// A window: `01:00-06:00`.
struct WindowArgument: ExpressibleByArgument, Sendable {
    let start: String
    let end: String

    init?(argument: String) {
        let parts = argument.split(separator: "-").map(String.init)
        guard parts.count == 2, parts[0] != parts[1], parts.allSatisfy(Self.isTime) else { return nil }
        start = parts[0]
        end = parts[1]
    }

    private static func isTime(_ text: String) -> Bool {
        let numbers = text.split(separator: ":", omittingEmptySubsequences: false).map { UInt8($0) }
        guard numbers.count == 2, let hour = numbers[0], let minute = numbers[1] else { return false }
        return hour < 24 && minute < 60 || hour == 24 && minute == 0
    }
}

/// Days of the week: `sat,sun` or `mon-fri`.
struct DaysArgument: ExpressibleByArgument, Sendable {
    let days: [Int]

    init?(argument: String) {
        let names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
        var days: [Int] = []
        for part in argument.lowercased().split(separator: ",") {
            let ends = part.split(separator: "-").map { names.firstIndex(of: String($0.prefix(3))) }
            guard let first = ends.first ?? nil, let last = ends.last ?? nil, ends.count <= 2 else { return nil }
            days += first <= last ? Array(first...last) : Array(first...6) + Array(0...last)
        }
        guard !days.isEmpty else { return nil }
        self.days = Array(Set(days.map { $0 + 1 })).sorted()
    }
}
