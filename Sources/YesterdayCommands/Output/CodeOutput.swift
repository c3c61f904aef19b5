import YesterdayKit

extension CodeSwitch.Outcome {
    /// For programs.
    var json: JSONValue {
        [
            "state": .string(state), "generation": .optional(generation), "rolled_back_meanwhile": .bool(wasRolledBack),
            "artifacts": report,
        ]
    }

    /// For people: what happened to each artifact, and what to do where it did not work.
    var blocks: [Document.Block] {
        guard state != "none" else { return [] }
        var table = TextTable(.init("artifact"), .init("code"), .init("detail"))
        for line in lines { table.append(line.artifact, line.outcome, line.detail) }
        var blocks: [Document.Block] = []
        if wasRolledBack { blocks.append(.paragraph("Rolled back meanwhile: the code follows the rollback.")) }
        if !table.isEmpty { blocks.append(.table(table)) }
        if !isConfirmed {
            blocks.append(.paragraph("CODE PENDING: what should run does not run, and no deployment begins until it does."))
            blocks.append(.next(command: "yesterday reconcile", purpose: "when the cause is mended"))
        }
        return blocks
    }

    /// What the report of a rollback says of the code is settled by what came after it.
    var settled: [Document.Block] {
        guard state == "confirmed" else { return [] }
        return [.paragraph("Code is not pending any more: what should run after the rollback runs, and is confirmed.")]
    }

    /// The error for a command that was to make the code run and did not.
    var failure: YesterdayError? {
        guard !isConfirmed else { return nil }
        let failed = lines.filter { $0.outcome == "failed" || $0.outcome == "not put back" }
        return YesterdayError(
            .codePending, "the code is pending", detail: failed.map { "\($0.artifact): \($0.detail)" }.joined(separator: "\n"),
            hint: "When the cause is mended: yesterday reconcile")
    }
}
