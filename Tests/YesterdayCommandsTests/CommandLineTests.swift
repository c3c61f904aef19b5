import Testing
import YesterdayKit

@testable import YesterdayCommands

@Suite("Command line")
struct CommandLineTests {
    @Test func helpGoesToStandardOutputAndIsNoError() async {
        let fake = FakeConsole()
        #expect(await fake.run("--help") == 0)
        #expect(fake.output.contains("yesterday rollback") && fake.errorOutput.isEmpty)
    }

    @Test(arguments: [
        "rollback", "preview", "status", "run", "init", "track", "doctor", "history", "show", "diff", "abandon",
        "finish", "freeze", "clear", "drill", "untrack", "completion", "images", "images check",
    ])
    func everyCommandHasHelp(_ command: String) async {
        let fake = FakeConsole()
        #expect(
            await YesterdayCommand.run(
                command.split(separator: " ").map(String.init) + ["--help"], console: fake.console) == .success)
        #expect(fake.output.contains("USAGE: yesterday \(command)"))
    }

    @Test func tellsItsVersion() async {
        let fake = FakeConsole()
        #expect(await fake.run("--version") == 0)
        #expect(fake.output == YesterdayVersion.current + "\n")
    }

    @Test(arguments: [
        ["rollback", "a", "b"], ["rollback", "a", "--to", "b"],
        ["freeze"], ["clear"], ["run", "--name", "x"], ["run", "--", "true"], ["history", "--limit", "0"],
        ["history", "--format", "xml"], ["untrack"], ["track", "--natural-key", "a", "--like", "a.b"],
        ["diff", "--limit", "-1"],
        ["abandon", "notanumber"], ["completion", "powershell"], ["images", "pull", "a"],
        ["images", "check", "a", "--timeout", "0"],
        ["target", "add", "a", "--group", "g", "--window", "25:00-26:00"],
        ["target", "add", "a", "--group", "g", "--window", "01:00-06:60"],
        ["target", "add", "a", "--group", "g", "--window", "01:00-0600"],
        ["target", "add", "a", "--group", "g", "--window", "01:00-01:00"],
    ])
    func refusesWhatMakesNoSense(_ arguments: [String]) async {
        let fake = FakeConsole()
        let status = await YesterdayCommand.run(arguments, console: fake.console)
        #expect(status.rawValue == 64)
        #expect(fake.output.isEmpty && fake.errorOutput.contains("Usage: yesterday"))
    }

    @Test(arguments: [["--format", "json"], ["--format=json"]])
    func saysSoInJSONToo(_ format: [String]) async {
        let fake = FakeConsole()
        let status = await YesterdayCommand.run(["rollback", "a", "b"] + format, console: fake.console)
        #expect(status.rawValue == 64 && fake.errorOutput.isEmpty)
        #expect(fake.output.contains(#""code": "usage""#) && fake.output.contains(#""exit_code": 64"#))
    }

    @Test(arguments: [
        (["nonsense"], "yesterday nonsense"), (["nonsense", "--format", "json"], "yesterday nonsense"),
        (["bundle", "nonsense", "--format", "json"], "yesterday bundle nonsense"),
        (["train", "boared", "--verbose"], "yesterday train boared"),
    ])
    func namesACommandThatThereIsNot(_ arguments: [String], _ name: String) async {
        let fake = FakeConsole()
        let status = await YesterdayCommand.run(arguments, console: fake.console)
        #expect(status.rawValue == 64)
        let said = fake.output + fake.errorOutput
        #expect(said.contains("there is no command") && said.contains(name), "\(said)")
        #expect(!said.lowercased().contains("unknown option"), "\(said)")
    }

    @Test func leavesTheFormatOfTheOtherProgramAlone() async {
        let fake = FakeConsole()
        #expect(await fake.run("run", "--bad", "--", "tool", "--format", "json") == 64)
        #expect(fake.output.isEmpty)
    }

    @Test func cannotConnect() async {
        let fake = FakeConsole()
        #expect(await fake.run("status", "--db", "host=/nonexistent dbname=x password=secret") == 69)
        #expect(fake.errorOutput.hasPrefix("error: cannot connect"))
        #expect(!fake.errorOutput.contains("secret"))
    }

    @Test func neverShowsAPasswordOfAWrongConnectionString() async {
        let fake = FakeConsole()
        #expect(await fake.run("status", "-v", "--db", "postgresql://u:se@cret@host/db") == 78)
        #expect(!(fake.output + fake.errorOutput).contains("cret"))
    }

    @Test(arguments: ["bash", "zsh", "fish"])
    func completes(_ shell: String) async {
        let fake = FakeConsole()
        #expect(await fake.run("completion", shell) == 0)
        #expect(fake.output.contains("rollback"))
    }

    @Test func refusesAProgramThatIsNotThereBeforeItConnects() async {
        let fake = FakeConsole()
        #expect(await fake.run("run", "--name", "x", "--db", "host=/nonexistent", "--", "no-such-program") == 64)
        #expect(fake.errorOutput.contains("no-such-program"))
    }
}

@Suite("Exit codes")
struct ExitStatusTests {
    @Test func areDifferentForEveryKindOfError() {
        let codes = YesterdayError.Code.allCases.map { ExitStatus($0).rawValue }
        #expect(Set(codes).count == codes.count && !codes.contains(0))
    }
}

@Suite("The question")
struct ConfirmationTests {
    private func ask(_ fake: FakeConsole, yes: Bool = false, format: String = "human") throws {
        var options = try OutputOptions.parse(["--format", format])
        options.quiet = true
        try CommandContext.$console.withValue(fake.console) {
            try CommandContext(options).confirm("Roll back \u{1B}[2J?", isAnswered: yes)
        }
    }

    @Test(arguments: ["yes", "y", "YES", " Yes "])
    func isAnsweredWithYes(_ answer: String) throws {
        let fake = FakeConsole(answers: [answer])
        try ask(fake)
        #expect(fake.errorOutput == "Roll back \\x1b[2J? [yes/no] ")
    }

    @Test(arguments: ["", "no", "n", "yess", "rollback"])
    func isNotAnsweredByAnythingElse(_ answer: String) {
        let error = #expect(throws: YesterdayError.self) { try ask(FakeConsole(answers: [answer])) }
        #expect(error?.code == .declined)
    }

    @Test func isNotAnsweredByTheEndOfInput() {
        let error = #expect(throws: YesterdayError.self) { try ask(FakeConsole(answers: [])) }
        #expect(error?.code == .declined)
    }

    @Test func isNotAskedWithoutATerminal() {
        let error = #expect(throws: YesterdayError.self) { try ask(FakeConsole()) }
        #expect(error?.code == .usage && error?.hint?.contains("--yes") == true)
    }

    @Test func isNotAskedInJSON() {
        let error = #expect(throws: YesterdayError.self) { try ask(FakeConsole(answers: ["yes"]), format: "json") }
        #expect(error?.code == .usage)
    }

    @Test func isAnsweredBeforehand() throws {
        let fake = FakeConsole()
        try ask(fake, yes: true)
        #expect(fake.errorOutput.isEmpty)
    }
}
