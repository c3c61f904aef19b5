import PostgresClient
import Testing
import YesterdayKit

@testable import YesterdayCommands

@Suite("Tables")
struct TextTableTests {
    private let table = TextTable(
        [.init("name"), .init("rows", isNumeric: true), .init("detail")],
        rows: [["workflow", "1,234", "restored as it was before the deployment"], ["表", "7", ""]])

    @Test func areAligned() {
        #expect(
            table.text(width: nil, paint: Paint(on: false)) == """
                name       rows  detail
                workflow  1,234  restored as it was before the deployment
                表            7

                """)
    }

    @Test func wrapInsteadOfCuttingOff() {
        let text = table.text(width: 40, paint: Paint(on: false))
        #expect(text.split(separator: "\n").allSatisfy { PlainText.width(String($0)) <= 40 })
        #expect(text.contains("restored as it was") && text.contains("deployment"))
    }

    @Test func haveNoColourUnlessAskedFor() {
        #expect(!table.text(width: 80, paint: Paint(on: false)).contains("\u{1B}"))
        #expect(table.text(width: 80, paint: Paint(on: true)).contains("\u{1B}[2m"))
    }
}

@Suite("Text")
struct PlainTextTests {
    @Test func cannotMoveTheCursor() {
        #expect(PlainText.visible("a\u{1B}[2Jb\r\n\u{9B}c\u{202E}d") == "a\\x1b[2Jb\\r\\n\\x9bc\\x202ed")
        #expect(PlainText.visible("Grüße 表 😀") == "Grüße 表 😀")
    }

    @Test func breaksLongWords() {
        #expect(PlainText.wrap("abcdefgh ij", width: 4) == ["abcd", "efgh", "ij"])
        #expect(PlainText.wrap("", width: 4) == [""])
        #expect(PlainText.wrap("a bc d", width: 4) == ["a bc", "d"])
    }

    @Test func countsForPeople() {
        #expect(Words.count(1, "table") == "1 table" && Words.count(0, "table") == "0 tables")
        #expect(
            Words.grouped(1_234_567) == "1,234,567" && Words.grouped(-999) == "-999" && Words.grouped(-1000) == "-1,000"
        )
        #expect(Words.bytes(17) == "17 B" && Words.bytes(1536) == "1.5 kB" && Words.bytes(3 << 40) == "3.0 TB")
    }
}

@Suite("Documents")
struct DocumentTests {
    @Test func haveTheHeadlineFirstAndNextCommandsTogether() {
        var document = Document(.headline("all is well", .good), .fields([("a", "1"), ("long name", "2")]))
        document.append(.next(command: "x", purpose: "do"))
        document.append(.next(command: "y", purpose: "or"))
        #expect(
            document.text(width: 80, colours: false) == """
                all is well

                a          1
                long name  2

                do: x
                or: y

                """)
    }

    @Test func colourTheHeadline() {
        #expect(Document(.headline("x", .bad)).text(width: nil, colours: true) == "\u{1B}[1;31mx\u{1B}[0m\n")
    }
}

@Suite("Errors as output")
struct ErrorOutputTests {
    private let error = PostgresError(
        ServerMessage(
            sqlState: "YD001", message: "the target is off the train", detail: "Since noon.", hint: "SELECT 1;"))

    @Test func tellPeopleEverything() {
        let fake = FakeConsole()
        let status = OutputRendering(format: .human, console: fake.console).emit(error)
        #expect(status.rawValue == 3 && fake.output.isEmpty)
        #expect(
            fake.errorOutput == """
                error: the target is off the train
                detail: Since noon.
                hint: SELECT 1;
                sqlstate: YD001

                """)
    }

    @Test func areOneDocumentForPrograms() {
        let fake = FakeConsole()
        OutputRendering(format: .json, console: fake.console).emit(error)
        #expect(fake.errorOutput.isEmpty)
        #expect(
            fake.output == """
                {
                  "error": {
                    "code": "frozen",
                    "message": "the target is off the train",
                    "detail": "Since noon.",
                    "hint": "SELECT 1;",
                    "sqlstate": "YD001",
                    "context": null,
                    "exit_code": 3
                  }
                }

                """)
    }

    @Test func anErrorInALineOfATable() {
        let error = YesterdayError(
            .configuration, "no runtime is set for jobs", detail: "berlin does not say how.\nNothing was changed.", hint: "yesterday runtime set")
        #expect(
            GroupDeployOutput.sentences(error)
                == "no runtime is set for jobs. berlin does not say how. Nothing was changed. Next: yesterday runtime set")
        #expect(GroupDeployOutput.sentences(YesterdayError(.failed, "it failed")) == "it failed")
    }
}
