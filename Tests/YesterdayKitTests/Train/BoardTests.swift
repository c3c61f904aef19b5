import Foundation
import Testing
import TestSupport

@testable import YesterdayKit

@Suite("board")
struct BoardTests {
    /// A group of which one target fell off, and one with a hostile name.
    static func board(targets: Int = 5, patches: Int = 8) -> Board {
        let list = (1...patches).map {
            Board.Patch(ordinal: Int64($0), name: "apps 4.\($0)", kind: $0 == patches ? "release" : "metadata")
        }
        let rows = (1...targets).map { number -> Board.Target in
            var cells = [Board.Cell](repeating: .applied, count: patches)
            guard number == 3 else {
                return Board.Target(
                    name: number == 4 ? "<script>alert(1)</script>&\u{1B}[31m" : "shop-\(number)", state: .onTrain,
                    seenAt: Timestamp(postgresText: "2026-11-21 0\(number == 2 ? 1 : 3):00:00+00"), position: Int64(patches),
                    cells: cells)
            }
            cells[patches - 3] = .rolledBack
            cells[patches - 2] = .missed
            cells[patches - 1] = .missed
            return Board.Target(
                name: "shop-3", state: .offTrain, reason: "orders fail",
                since: Timestamp(postgresText: "2026-11-21 02:10:00+00"),
                seenAt: Timestamp(postgresText: "2026-11-21 02:59:00+00"), position: Int64(patches - 3), cells: cells)
        }
        return Board(
            takenAt: Timestamp(postgresText: "2026-11-21 03:00:00+00")!, registry: "train",
            groups: [Board.Group(name: "shops", patches: list, targets: rows)])
    }

    @Test func jsonHasEveryCell() throws {
        let json = try #require(
            JSONSerialization.jsonObject(with: Data(Self.board().json.text().utf8)) as? [String: Any])
        let group = try #require((json["groups"] as? [[String: Any]])?.first)
        let targets = try #require(group["targets"] as? [[String: Any]])
        #expect((group["patches"] as? [Any])?.count == 8 && targets.count == 5)
        #expect(targets[2]["patches"] as? [String] == Array(repeating: "applied", count: 5) + ["rolled_back", "missed", "missed"])
        #expect(targets[2]["state"] as? String == "off_train")
    }

    @Test func namesNeverBecomeMarkup() {
        let page = Self.board().html()
        #expect(!page.contains("<script"))
        #expect(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;&amp;\u{FFFD}[31m"))
    }

    /// What happened in a target since it was asked is not on the page, so it says when that was.
    @Test func thePageSaysHowOldItsNewsIs() {
        #expect(Self.board().html().contains("when they were last asked, the first of them at 2026-11-21 01:00 UTC"))
        let board = Self.board()
        let fresh = Board(
            takenAt: Timestamp(postgresText: "2026-11-21 01:00:30+00")!, registry: "train", groups: board.groups)
        #expect(!fresh.html().contains("last asked"))
    }

    @Test func thePageHasTheNewestPatchesOnly() {
        let page = Self.board(patches: 40).html(newest: 10)
        #expect(page.contains("the newest 10 of 40 patches"))
        #expect(!page.contains("apps 4.30<") && page.contains("apps 4.31<"))
    }

    /// A real browser, as wide as a phone and as a desk: what it shows, and what it tells somebody
    /// who cannot see it.
    @Test(.enabled(if: Browser.isAvailable), arguments: [360, 1280])
    func aBrowserShowsIt(width: Int) async throws {
        let look = try await Browser.look(at: Self.board().html(), width: width)
        #expect(look.complaints.isEmpty && look.requests.count == 1, "\(look.requests) \(look.complaints)")
        #expect(look.scrollWidth <= look.clientWidth, "the page itself never scrolls sideways")
        #expect(look.smallestFont >= 12)
        #expect(look.contrast >= 4.5)
        #expect(look.screenshotBytes > 5000)

        let table = try #require(look.all("table").first)
        #expect(table.name.contains("Targets by patches of group shops"))
        #expect(table.all("columnheader").map { $0.name }.starts(with: ["Target", "State"]))
        #expect(table.all("rowheader").map { $0.name }.contains("shop-3"))
        let row = try #require(table.all("row").first { $0.all("rowheader").first?.name == "shop-3" })
        let cells = row.all("cell").map(\.name)
        #expect(cells.first?.hasPrefix("OFF THE TRAIN") == true)
        #expect(cells.dropFirst().starts(with: ["missed", "missed", "rolled back", "applied"]))
        #expect(look.all("heading").map { $0.name } == ["The train", "Group shops"])
        let attention = try #require(look.all("list").first { $0.name == "Needs attention" })
        #expect(attention.text.contains("shop-3") && attention.text.contains("orders fail"))
        #expect(look.all("region").contains { $0.name.contains("Targets by patches") })
    }
}

/// A headless Chromium.
struct Browser {
    /// False if there is none; says so on standard error, once and loudly.
    static let isAvailable: Bool = {
        let programs = ["chromium", "chromium-browser", "google-chrome"]
        if programs.contains(where: { (try? ExecutableSearch.path(of: $0)) != nil }) { return true }
        let stars = String(repeating: "*", count: 70)
        FileHandle.standardError.write(
            Data("\(stars)\n*** The tests of pages in a browser are skipped; missing: chromium.\n\(stars)\n".utf8))
        return false
    }()

    /// A node of the accessibility tree.
    struct Node: Decodable {
        let role: String?
        let label: String?
        let children: [Node]

        enum CodingKeys: String, CodingKey {
            case role, children
            case label = "name"
        }

        var name: String { label ?? "" }

        func all(_ role: String) -> [Node] {
            children.flatMap { ($0.role == role ? [$0] : []) + $0.all(role) }
        }

        /// All text below it.
        var text: String { ([name] + children.map(\.text)).joined(separator: " ") }
    }

    /// What the browser made of a page.
    struct Look: Decodable {
        let tree: [Node]
        let requests: [String]
        let complaints: [String]
        let scrollWidth: Int
        let clientWidth: Int
        let smallestFont: Double
        let contrast: Double
        var screenshotBytes = 0

        enum CodingKeys: String, CodingKey {
            case tree, requests, complaints, scrollWidth, clientWidth, contrast
            case smallestFont = "smallest"
        }

        func all(_ role: String) -> [Node] { tree.flatMap { $0.all(role) } }
    }

    static func look(at page: String, width: Int) async throws -> Look {
        let folder = FileManager.default.temporaryDirectory.appending(path: "page-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "page.html")
        try page.write(to: file, atomically: false, encoding: .utf8)
        let picture = folder.appending(path: "page.png").path
        let tool = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../scripts/lib/browser").standardized.path
        let output = try await Tool("python3").run([tool, file.path, String(width), "800", picture])
        if let kept = ProcessInfo.processInfo.environment["YESTERDAY_SCREENSHOTS"] {
            try FileManager.default.copyItem(atPath: picture, toPath: "\(kept)/board-\(width).png")
        }
        var look = try JSONDecoder().decode(Look.self, from: Data(output.utf8))
        look.screenshotBytes = try Data(contentsOf: URL(filePath: picture)).count
        return look
    }
}
