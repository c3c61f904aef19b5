import ArgumentParser

/// `yesterday train`
struct TrainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Targets that get the same patches: the board, freezes, alignment, the way back on.",
        discussion: """
            The train is the ordered list of the patches of a group. A target that rolled back is off \
            the train; its peers go on, and people lead it back with a realignment: plan, approve, \
            rehearse, apply, clear. docs/train.md tells the whole story; "yesterday demo --train" \
            plays it.
            """,
        groupedSubcommands: [
            CommandGroup(
                name: "Look",
                subcommands: [TrainBoardCommand.self, TrainCheckCommand.self, TrainSyncCommand.self, TrainVerifyCommand.self]),
            CommandGroup(
                name: "Set-up",
                subcommands: [TrainInitCommand.self, TrainGroupCommand.self, TrainReleaseCommand.self, TrainWithdrawCommand.self]),
            CommandGroup(
                name: "Freezes",
                subcommands: [
                    TrainFreezeCommand.self, TrainClearFreezeCommand.self, TrainCalendarCommand.self,
                    TrainOverrideCommand.self,
                ]),
            CommandGroup(
                name: "Way back",
                subcommands: [
                    TrainPlanCommand.self, TrainApproveCommand.self, TrainRehearseCommand.self, TrainApplyCommand.self,
                    TrainClearCommand.self, TrainCancelCommand.self, TrainRecoverCommand.self,
                ]),
        ])
}
