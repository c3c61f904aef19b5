import Testing

@testable import YesterdayCommands
@testable import YesterdayKit

@Suite("board on a terminal")
struct BoardTextTests {
    private func group(targets: Int, patches: Int) -> Board.Group {
        let list = (1...patches).map { Board.Patch(ordinal: Int64($0), name: "release \($0)", kind: "metadata") }
        let rows = (1...targets).map { number -> Board.Target in
            var cells = [Board.Cell](repeating: .applied, count: patches)
            if number == 2 { cells[patches - 1] = .missed }
            return Board.Target(
                name: "a target with a long name \(number)", state: number == 2 ? .offTrain : .onTrain,
                reason: number == 2 ? "it broke" : nil, position: Int64(patches), cells: cells)
        }
        return Board.Group(name: "shops", patches: list, targets: rows)
    }

    private func board(_ group: Board.Group) -> Board {
        Board(takenAt: Timestamp(postgresText: "2026-11-21 03:00:00+00")!, registry: "train", groups: [group])
    }

    private func lines(_ text: String) -> [String] { text.split(separator: "\n").map(String.init) }

    @Test(arguments: [1, 3, 5, 12, 99, 500], [40, 80, 200])
    func fitsTheTerminal(patches: Int, width: Int) {
        let text = BoardText(width: width, asciiOnly: false, paint: Paint(on: false))
            .text(board(group(targets: 4, patches: patches)))
        for line in lines(text) { #expect(PlainText.width(line) <= width, "\(line)") }
        #expect(text.contains(patches * 14 + 41 <= width ? "missed" : "○"))
        if patches == 500 { #expect(text.contains("to 500 of 500")) }
    }

    @Test func saysWhatIsTheMatter() {
        let text = BoardText(width: 80, asciiOnly: true, paint: Paint(on: false))
            .text(board(group(targets: 4, patches: 30)))
        #expect(text.contains("a target with a long name 2: OFF THE TRAIN: it broke; missed: 30 release 30.\n"))
        #expect(text.unicodeScalars.allSatisfy { $0.isASCII })
    }

    /// A target that was rolled back in psql stands on the train here until somebody asks it.
    @Test func saysHowOldItIs() {
        func text(_ seen: [String]) -> String {
            let rows = seen.enumerated().map { number, time in
                Board.Target(
                    name: "t\(number)", state: .onTrain, seenAt: Timestamp(postgresText: time), position: 0, cells: [])
            }
            return BoardText(width: 60, asciiOnly: true, paint: Paint(on: false))
                .text(board(Board.Group(name: "shops", patches: [], targets: rows)))
        }
        let old = text(["2026-11-21 02:59:30+00", "2026-11-20 17:05:00+00"])
        #expect(old.contains("2026-11-20 17:05"))
        #expect(old.contains("train board --sync"))
        #expect(lines(old).allSatisfy { PlainText.width($0) <= 60 })
        #expect(!text(["2026-11-21 02:59:30+00", "2026-11-21 02:59:20+00"]).contains("--sync"))
    }

    @Test func theArrowKeysReachEveryCorner() {
        let scroller = BoardScroller(group: group(targets: 100, patches: 500), asciiOnly: true, colours: false)
        var window = BoardScroller.Window()
        #expect(scroller.screen(window, columns: 80, rows: 24).joined().contains("targets 1-18 of 100, patches 1-"))
        window = scroller.window(window, after: .last, columns: 80, rows: 24)
        for _ in 0..<10 { window = scroller.window(window, after: .pageDown, columns: 80, rows: 24) }
        let screen = scroller.screen(window, columns: 80, rows: 24)
        #expect(screen.joined().contains("targets 83-100 of 100") && screen.joined().contains("-500 of 500"))
        #expect(screen.count == 24 && screen.allSatisfy { PlainText.width($0) <= 80 })
        for key in [BoardScroller.Key.up, .left, .first, .pageUp, .quit] {
            window = scroller.window(window, after: key, columns: 20, rows: 4)
            #expect(scroller.screen(window, columns: 20, rows: 4).count <= 4)
        }
    }

    @Test func keysAreRead() {
        #expect(BoardScroller.key([0x1B, 0x5B, 0x41]) == .up)
        #expect(BoardScroller.key([UInt8(ascii: "q")]) == .quit)
        #expect(BoardScroller.key([UInt8(ascii: "z")]) == nil)
        // A key that is held down, a letter among arrows, an end of input.
        #expect(BoardScroller.keys([0x1B, 0x5B, 0x41, 0x1B, 0x5B, 0x41, 0x6A, 0x1B, 0x5B, 0x35, 0x7E, 0x71]) == [.up, .up, .down, .pageUp, .quit])
        #expect(BoardScroller.keys([0x1B]) == [.quit] && BoardScroller.keys([]) == [.quit])
    }
}
