import Foundation
import Testing

@testable import YesterdayKit

@Suite("Who is dead")
struct MachineTests {
    @Test func thisProcessIsNot() throws {
        let own = try #require(Machine.identity(ofProcess: getpid()))
        #expect(!Machine.isDead(own))
        // Its id was given to another process that began at another time.
        let parts = own.split(separator: ":")
        #expect(Machine.isDead((parts.dropLast() + ["1"]).joined(separator: ":")))
    }

    @Test func aProcessThatHasEnded() throws {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sleep")
        process.arguments = ["60"]
        try process.run()
        let identity = try #require(Machine.identity(ofProcess: process.processIdentifier))
        #expect(!Machine.isDead(identity))
        // What began on a thread of Dispatch may have inherited a blocked SIGTERM.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        #expect(Machine.isDead(identity))
    }

    /// Of another machine, another boot, another namespace, nobody here knows.
    @Test(arguments: ["", "x", "x:pid:[1]:1:1", "a:b:c:d:e", ":::::"])
    func whatNobodyHereCanTell(_ identity: String) throws {
        #expect(!Machine.isDead(identity))
        let own = try #require(Machine.identity(ofProcess: 1)).split(separator: ":").map(String.init)
        #expect(!Machine.isDead([own[0], own[1], "[1]", own[3], "7"].joined(separator: ":")))
        #expect(!Machine.isDead(["another boot", own[1], own[2], own[3], "7"].joined(separator: ":")))
    }
}
