import Testing
import YesterdayKit

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

@Suite("Programs")
struct ProcessTests {
    @Test func areFoundAsAShellFindsThem() throws {
        #expect(try ExecutableSearch.path(of: "sh").hasSuffix("/sh"))
        #expect(try ExecutableSearch.path(of: "/bin/sh") == "/bin/sh")
    }

    @Test(arguments: ["", "no-such-program", "/tmp", "/etc/passwd", "./no/such"])
    func areRefusedIfTheyCannotRun(_ name: String) {
        let error = #expect(throws: YesterdayError.self) { try ExecutableSearch.path(of: name) }
        #expect(error?.code == .usage)
    }

    @Test func giveTheirOutputAndExitCode() async throws {
        let output = try await Tool("sh").output(["-c", "cat; echo oops >&2; exit 3"], input: "hello")
        #expect(output.standardOutput == "hello" && output.standardError == "oops\n" && output.exitCode == 3)
        #expect(try await Tool("sh").output(["-c", "kill -TERM $$"]).exitCode == 143)
    }

    @Test func failWithWhatTheyWrote() async throws {
        let error = await #expect(throws: YesterdayError.self) {
            try await Tool("sh").run(["-c", "echo why >&2; exit 1"])
        }
        #expect(error?.detail?.contains("why") == true)
        await #expect(throws: YesterdayError.self) { try await Tool("no-such-program").run() }
    }

    @Test(arguments: ["plain", "a.b", "public.\"it's; x\"", "$HOME `id`", "", "-n", "two\nlines", "ü"])
    func areGivenWordsThatAShellReadsUnchanged(_ word: String) async throws {
        let output = try await Tool("sh").output(["-c", "printf '%s.' " + ShellWord.quoted(word)])
        #expect(output.standardOutput == word + ".")
    }

    @Test func getSignalsAsASequence() async throws {
        let signals = SignalMonitor.signals()
        kill(getpid(), SIGHUP)
        var iterator = signals.makeAsyncIterator()
        let received = await iterator.next()
        #expect(received?.number == SIGHUP && received?.isFromTerminal == false && received?.name == "SIGHUP")
    }
}
