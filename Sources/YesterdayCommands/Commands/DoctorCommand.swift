import ArgumentParser
import YesterdayKit

/// `yesterday doctor`
struct DoctorCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Check the installation and say how to mend what is wrong.",
        discussion: "Changes nothing. Exits with 1 if deployments or rollbacks would not work.")

    @OptionGroup(title: "Connection") var connection: ConnectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions

    func execute(_ context: CommandContext) async throws {
        let connection = try await context.connect(connection)
        let checkup = try await Checkup.of(connection)
        await connection.close()
        context.output.emit(DoctorOutput(checkup: checkup))
        if !checkup.isHealthy { throw QuietExit(status: ExitStatus(.failed)) }
    }
}

struct DoctorOutput: CommandOutput {
    let checkup: Checkup

    var json: JSONValue {
        [
            "healthy": .bool(checkup.isHealthy),
            "checks": .array(
                checkup.findings.map {
                    [
                        "check": .string($0.check), "state": .string($0.state.rawValue),
                        "finding": .string($0.finding), "mend": .optional($0.mend),
                    ]
                }),
        ]
    }

    var document: Document {
        let failures = checkup.findings.filter { $0.state == .failure }
        let warnings = checkup.findings.filter { $0.state == .warning }
        var document = Document()
        if !failures.isEmpty {
            document.append(
                .headline("\(Words.count(Int64(failures.count), "thing")) must be mended", .bad))
        } else if !warnings.isEmpty {
            document.append(
                .headline(
                    "it works; \(Words.count(Int64(warnings.count), "thing")) worth knowing",
                    .warning))
        } else {
            document.append(.headline("all is well", .good))
        }
        var table = TextTable(.init(""), .init("check"), .init("finding"))
        for finding in checkup.findings {
            let mark =
                switch finding.state {
                case .ok: "ok"
                case .warning: "note"
                case .failure: "FAIL"
                }
            table.append(mark, finding.check, finding.finding)
        }
        document.append(.table(table))
        for finding in failures + warnings {
            if let mend = finding.mend { document.append(.next(command: mend, purpose: finding.check)) }
        }
        return document
    }
}
