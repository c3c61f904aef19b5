import YesterdayKit

/// A realignment plan as the result of a command.
struct TrainPlanOutput: CommandOutput {
    let plan: Realignment.Plan

    var json: JSONValue { ["realignment": plan.json, "steps": .array(plan.steps.map(\.json))] }

    var document: Document {
        var document = Document(
            .headline("Realignment \(plan.id) of \(plan.target): \(plan.state).", plan.state == "draft" ? .warning : .good))
        var table = TextTable(
            .init("step", isNumeric: true), .init("what"), .init("patch", isNumeric: true), .init("name"),
            .init("signed by"))
        for step in plan.steps {
            table.append(
                String(step.number), step.kind.replacing("_", with: " "), step.ordinal.map { String($0) }, step.name,
                step.signature ?? "nobody yet")
        }
        document.append(.table(table))
        let target = ShellWord.quoted(plan.target)
        switch plan.state {
        case "draft":
            if !plan.steps.contains(where: { $0.kind == "fix" }) {
                document.append(
                    .paragraph("There is no fix yet: the target would get back what was rolled back, just as it was."))
                document.append(
                    .next(command: "yesterday train plan \(target) --fix BUNDLE", purpose: "to add the fix"))
            }
            document.append(
                .next(
                    command: "yesterday train approve \(target) --reason \"...\"",
                    purpose: "whoever answers for it signs each step"))
        case "signed":
            document.append(
                .next(
                    command: "yesterday train rehearse \(target) --bundles FOLDER",
                    purpose: "to try it on the target's own state"))
        case "rehearsed", "applying":
            document.append(
                .next(command: "yesterday train apply \(target) --bundles FOLDER", purpose: "to apply it"))
        case "applied":
            document.append(
                .next(
                    command: "yesterday train clear \(target) --reason \"...\"",
                    purpose: "when it is as it should be, an admin types"))
        default: break
        }
        return document
    }
}

/// A plan that is under way, or the steps that one would have.
struct TrainPlanView: CommandOutput {
    let view: Realignment.View

    var json: JSONValue {
        guard let plan = view.plan else { return ["realignment": nil, "steps": .array(view.steps.map(\.json))] }
        return TrainPlanOutput(plan: plan).json
    }

    var document: Document {
        if let plan = view.plan { return TrainPlanOutput(plan: plan).document }
        var document = Document(
            .headline("\(view.target) is off the train, and nobody has planned its way back yet.", .warning))
        var table = TextTable(.init("what"), .init("patch", isNumeric: true), .init("name"))
        for step in view.steps {
            table.append(step.kind.replacing("_", with: " "), String(step.ordinal), step.name)
        }
        document.append(.table(table))
        document.append(
            .next(
                command: "yesterday train plan \(ShellWord.quoted(view.target)) --reason \"...\" --fix BUNDLE",
                purpose: "to plan it with these steps and the fix"))
        return document
    }
}

/// What a rehearsal or an application did.
struct TrainRealignmentOutput: CommandOutput {
    let outcome: Realignment.Outcome
    let isRehearsal: Bool
    /// True if it counts though the target does not become like its peer.
    var isAccepted = false

    var json: JSONValue {
        [
            "realignment": outcome.plan.json, "committed": .bool(!isRehearsal),
            "deployment": isRehearsal ? nil : .integer(outcome.deployment), "peer": .optional(outcome.peer),
            "code": .optional(outcome.code?.state),
            "differences": .array(outcome.differences.map { .string($0) }), "report": outcome.report.json,
        ]
    }

    var document: Document {
        let target = outcome.plan.target
        let isAlike = outcome.differences.isEmpty
        var document = Document(
            isRehearsal
                ? .headline(
                    isAlike
                        ? "\(target) can be realigned; nothing was changed."
                        : "\(target) would not become like its peer; nothing was changed.", isAlike ? .good : .bad)
                : .headline(
                    "\(target) is realigned, as deployment \(outcome.deployment).", isAlike ? .good : .warning))
        document.append(
            .paragraph(
                outcome.peer.map { peer in
                    isAlike
                        ? "Compared with its peer \(peer): alike."
                        : "Compared with its peer \(peer) it differs in \(outcome.differences.joined(separator: ", "))."
                } ?? "There is no aligned peer to compare it with."))
        if let code = outcome.code {
            document.append(
                .paragraph(
                    code.isPending
                        ? "The code does not run yet: \(code.detail ?? ""). Next: yesterday reconcile, on that target."
                        : "Its code is \(code.state)."))
        }
        document.append(.table(Report.table(outcome.report.lines)))
        let quoted = ShellWord.quoted(target)
        let accepted = isAlike ? "" : " --accept-unaligned"
        if !isRehearsal {
            document.append(
                .next(
                    command: "yesterday train clear \(quoted)\(accepted) --reason \"...\"",
                    purpose: "it is still frozen; when it is as it should be, an admin types"))
        } else if isAlike || isAccepted {
            document.append(.next(command: "yesterday train apply \(quoted) --bundles FOLDER\(accepted)", purpose: "to apply it"))
        } else {
            let group = outcome.plan.json["group_name"]?.plainText.map { " --group \(ShellWord.quoted($0))" } ?? ""
            document.append(
                .next(command: "yesterday train check\(group) --rows", purpose: "this rehearsal does not count; to see where they differ"))
            document.append(
                .next(
                    command: "yesterday train rehearse \(quoted) --bundles FOLDER --accept-unaligned",
                    purpose: "or, if it may stay different, for good"))
        }
        return document
    }
}
