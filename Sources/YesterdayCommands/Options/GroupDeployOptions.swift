import ArgumentParser
import YesterdayKit

extension GroupDeployment.FailurePolicy: ExpressibleByArgument {}

/// How to deploy to a group.
struct GroupDeployOptions: ParsableArguments {
    @Option(help: ArgumentHelp("To all targets of this group.", valueName: "name"))
    var group: String?

    @Option(help: ArgumentHelp("At most so many targets at a time.", valueName: "count"))
    var parallel = 8

    @Option(help: ArgumentHelp("This target gets it first and alone.", valueName: "target"))
    var canary: String?

    @Flag(help: "Ask before it goes on from the canary to the others.")
    var pause = false

    @Flag(help: "Commit on all targets or on none.")
    var atomic = false

    @Option(help: "What a failure means for the others: stop or continue.")
    var onFailure: GroupDeployment.FailurePolicy = .stop

    @Option(help: ArgumentHelp("Deploy outside the maintenance windows; kept for ever.", valueName: "reason"))
    var outsideWindow: String?

    @Option(
        help: ArgumentHelp(
            "A larger inverse bundle is not copied to the registry; the target keeps its own in any case.",
            valueName: "megabytes"))
    var inverseLimit = 64

    @OptionGroup(title: "Registry") var registry: RegistryOptions

    func validate() throws {
        if group == nil {
            let isGiven = canary != nil || pause || atomic || outsideWindow != nil || onFailure != .stop
            if isGiven { throw ValidationError("These options are for a group: add --group NAME.") }
        }
        if pause, canary == nil { throw ValidationError("--pause needs --canary TARGET.") }
        if atomic, canary != nil { throw ValidationError("An atomic deployment has no canary: it commits everywhere at once.") }
        if !(0...1000).contains(inverseLimit) { throw ValidationError("--inverse-limit must be from 0 to 1000.") }
        if parallel < 1 { throw ValidationError("--parallel must be at least 1.") }
    }
}
