import ArgumentParser
import YesterdayKit

/// `yesterday train check`
struct TrainCheckCommand: TrainSubcommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Compare the targets of a group: are they alike, and if not, where not?",
        discussion: """
            Changes nothing. Layers of the partner may differ; everything else has to be alike. Exits \
            with 5 if a target has diverged, with 69 if one cannot be asked.
            """)

    @Option(help: ArgumentHelp("Only this group.", valueName: "name"))
    var group: String?

    @Flag(help: "Name the rows that differ, too.")
    var rows = false

    @Option(help: ArgumentHelp("At most so many rows of a table.", valueName: "count"))
    var limit = 20

    @Option(help: ArgumentHelp("So many targets at a time.", valueName: "count"))
    var parallel = 8

    @OptionGroup(title: "Registry") var registry: RegistryOptions
    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    func execute(_ context: CommandContext, on registry: TrainRegistry) async throws {
        let names = try await group.map { [$0] }.ifNone { try await registry.groups().map(\.name) }
        var outcomes: [(String, AlignmentCheck.Outcome)] = []
        for name in names {
            var check = AlignmentCheck(of: name, registry: registry)
            check.comparesRows = rows
            check.rowLimit = limit
            check.parallel = parallel
            let ready = check
            outcomes.append((name, try await context.workingOnGroup("Comparing") { try await ready.run(tell: $0) }))
        }
        context.output.emit(TrainCheckOutput(outcomes: outcomes))
        if outcomes.contains(where: { !$0.1.isAligned }) { throw QuietExit(status: ExitStatus(.refused)) }
        if outcomes.contains(where: { !$0.1.unreachable.isEmpty }) { throw QuietExit(status: ExitStatus(.unavailable)) }
    }
}

extension Optional {
    /// The value, or what an asynchronous closure gives.
    func ifNone(_ other: () async throws -> Wrapped) async throws -> Wrapped {
        if let self { return self }
        return try await other()
    }
}

struct TrainCheckOutput: CommandOutput {
    let outcomes: [(group: String, outcome: AlignmentCheck.Outcome)]

    var json: JSONValue {
        [
            "groups": .array(
                outcomes.map { group, outcome in
                    [
                        "group": .string(group), "aligned": .bool(outcome.isAligned && outcome.isCompared),
                        "tie": .bool(outcome.isTie),
                        "targets": .array(outcome.findings.map(Self.json)),
                        "proposed_local_columns": .array(
                            outcome.proposals.map {
                                ["table": .string($0.table), "column": .string($0.column), "reason": .string($0.reason)]
                            }),
                    ]
                })
        ]
    }

    private static func json(_ finding: AlignmentCheck.Finding) -> JSONValue {
        [
            "target": .string(finding.target), "state": .string(finding.state), "position": .integer(finding.position),
            "peer": .optional(finding.peer), "error": .optional(finding.error?.message),
            "differences": .array(
                finding.differences.map { difference in
                    [
                        "table": .string(difference.table), "kind": .string(difference.kind),
                        "layer": .string(difference.layer), "expected": .bool(difference.isExpected),
                        "rows": .optional(difference.rows), "peer_rows": .optional(difference.peerRows),
                        "detail": .optional(difference.detail),
                        "differing_rows": .optional(difference.keyCount.map { Int64($0) }),
                        "rows_forbidden": .bool(difference.areRowsForbidden),
                        "keys": .array(
                            difference.keys.map {
                                ["kind": .string($0.kind.rawValue), "key": $0.key.map { .raw($0) } ?? nil]
                            }),
                    ]
                }),
        ]
    }

    /// What of the targets that were compared, and which were not.
    private static func verdict(_ outcome: AlignmentCheck.Outcome) -> String {
        let diverged = outcome.findings.filter { $0.state == "diverged" }.map(\.target)
        let unasked = outcome.unreachable.isEmpty ? "" : "; not asked: \(outcome.unreachable.joined(separator: ", "))"
        if outcome.isTie { return "the targets are not alike, and no state is that of most of them" + unasked }
        if !diverged.isEmpty {
            return "\(diverged.joined(separator: ", ")) \(diverged.count == 1 ? "has" : "have") diverged" + unasked
        }
        guard outcome.isCompared || outcome.unreachable.isEmpty else {
            return "no target could be asked, so nobody knows whether they are alike"
        }
        let behind = outcome.behind
        let late = behind.isEmpty ? "" : "; \(behind.joined(separator: ", ")) \(behind.count == 1 ? "is" : "are") behind"
        return (late.isEmpty && unasked.isEmpty ? "aligned" : "those that were compared are aligned") + late + unasked
    }

    var document: Document {
        var document = Document()
        for (group, outcome) in outcomes {
            let headline = "Group \(group): \(Self.verdict(outcome))."
            document.append(
                .headline(
                    headline,
                    !outcome.isAligned ? .bad : outcome.unreachable.isEmpty && outcome.behind.isEmpty ? .good : .warning))
            var table = TextTable(
                .init("target"), .init("state"), .init("at patch", isNumeric: true), .init("differs in"))
            for finding in outcome.findings {
                let unexpected = finding.differences.filter { !$0.isExpected }
                let expected = finding.differences.count - unexpected.count
                var text = unexpected.map { "\($0.table)\($0.kind == "rows" ? "" : " (\($0.kind))")" }
                    .joined(separator: ", ")
                if expected > 0 { text += (text.isEmpty ? "" : "; ") + "as expected in \(Words.count(Int64(expected), "table")) of partner layers" }
                table.append(
                    finding.target, finding.state, String(finding.position), finding.error?.message ?? text)
            }
            document.append(.table(table))
            let forbidden = outcome.findings.flatMap(\.differences).filter(\.areRowsForbidden).map(\.table)
            if !forbidden.isEmpty {
                document.append(
                    .paragraph(
                        "Their rows were not compared (\(Set(forbidden).sorted().joined(separator: ", "))): "
                            + "that takes yesterday_operator or yesterday_deployer in the targets."))
            }
            for finding in outcome.findings {
                for difference in finding.differences where !difference.keys.isEmpty {
                    var rows = TextTable(.init("row"), .init("key"))
                    for key in difference.keys { rows.append(key.kind.rawValue, key.key ?? "not for this role to see") }
                    document.append(
                        .paragraph(
                            "\(finding.target), \(difference.table), compared with \(finding.peer ?? ""): "
                                + "\(Words.count(Int64(difference.keyCount ?? 0), "row"))"
                                + (difference.keyCount ?? 0 > difference.keys.count ? ", the first \(difference.keys.count):" : ":")))
                    document.append(.table(rows))
                }
            }
            for proposal in outcome.proposals {
                document.append(
                    .paragraph("\(proposal.table).\(proposal.column) should be declared as local: \(proposal.reason)."))
            }
            let tables = Dictionary(grouping: outcome.proposals, by: \.table)
            for some in tables.sorted(by: { $0.key < $1.key }).map(\.value) {
                let columns = (some[0].declared + some.map(\.column)).joined(separator: ",")
                document.append(
                    .next(
                        command: "yesterday track \(ShellWord.quoted(some[0].table)) --layer \(ShellWord.quoted(some[0].layer)) "
                            + "--local-columns \(ShellWord.quoted(columns)) --db ...",
                        purpose: "to declare that, on every target"))
            }
        }
        return document
    }
}
