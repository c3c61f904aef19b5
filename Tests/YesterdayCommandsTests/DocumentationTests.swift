import ArgumentParser
import Foundation
import Testing
import YesterdayKit

@testable import YesterdayCommands

@Suite("docs/cli.md")
struct DocumentationTests {
    private let text: String

    init() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        text = try String(contentsOf: root.appending(path: "docs/cli.md"), encoding: .utf8)
    }

    @Test func namesEveryCommand() throws {
        for group in YesterdayCommand.configuration.groupedSubcommands {
            for command in group.subcommands {
                let name = try #require(command.configuration.commandName)
                #expect(text.contains("`yesterday \(name)"), "\(name) is not described")
            }
        }
    }

    @Test(arguments: YesterdayError.Code.allCases)
    func namesEveryExitCode(_ code: YesterdayError.Code) {
        #expect(text.contains("| \(ExitStatus(code).rawValue) | `\(code.rawValue)` |"))
    }
}
