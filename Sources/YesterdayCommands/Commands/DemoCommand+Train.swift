import YesterdayKit

extension DemoCommand {
    func playTrain(on cluster: ThrowawayCluster, _ context: CommandContext) async throws {
        let outcome: TrainDemo.Outcome
        do {
            let isHuman = output.format == .human
            let rendering = context.output
            outcome = try await TrainDemo(on: cluster) { scene in
                if isHuman { rendering.emit(DemoSceneOutput(scene: scene)) }
            }.run()
        } catch {
            await cluster.stop()
            throw error
        }
        if keep { try cluster.keep() } else { await cluster.stop() }
        context.output.emit(TrainDemoOutput(outcome: outcome, lookAround: keep ? TrainDemo.lookAround(cluster) : []))
        guard outcome.isGood else { throw QuietExit(status: ExitStatus(.failed)) }
    }
}

/// How the demonstration of the train ended.
struct TrainDemoOutput: CommandOutput {
    let outcome: TrainDemo.Outcome
    let lookAround: [(purpose: String, command: String)]

    var json: JSONValue {
        [
            "demo": [
                "good": .bool(outcome.isGood), "differences": .array(outcome.differences.map { .string($0) }),
                "off_the_train": outcome.boardOff.json, "realigned": outcome.boardRealigned.json,
                "end": outcome.boardEnd.json,
            ]
        ]
    }

    var document: Document {
        var document = Document(
            outcome.isGood
                ? .headline("One partner fell off, four went on, and all five are alike again.", .good)
                : .headline("It did NOT end as it should.", .bad))
        document.append(contentsOf: lookAround.map { .next(command: $0.command, purpose: $0.purpose) })
        return document
    }
}
