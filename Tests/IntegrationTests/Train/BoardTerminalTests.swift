import Foundation
import Testing
import TestSupport
import YesterdayKit

/// The board on a terminal that is too small for it, moved with keys as a person would.
@Suite("train board on a terminal")
struct BoardTerminalTests {
    @Test func keysMoveIt() async throws {
        try await TrainFixture.with(targets: 1) { train in
            try await train.query(
                train.registry,
                """
                SELECT count(train.release_patch('shops', 'release ' || n, 'metadata', 'sha256:' || n)) FROM generate_series(1, 60) n;
                SELECT count(train.add_target('target ' || n, 'shops', 'service=x', 1, n, 'x', baseline => 60)) FROM generate_series(1, 40) n
                """)
            let recording = "\(train.folder)/terminal"
            var environment: [String: String?] = train.cluster.environment.mapValues { $0 }
            environment["YESTERDAY_REGISTRY"] = train.registryConninfo()
            environment["YESTERDAY"] = try YesterdayBinary.path()
            environment["OUT"] = recording
            environment["TERM"] = "xterm"
            environment["LC_ALL"] = "C.UTF-8"
            // Each key is sent when what the one before asked for is on the screen.
            let output = try await Tool("bash", environment: environment).output([
                "-c",
                """
                expect() {
                    for _ in $(seq 1200); do grep -aq -- "$1" "$OUT" 2>/dev/null && return; sleep 0.05; done
                    echo "never on the screen: $1" >&2
                }
                keys() {
                    expect 'targets 1-14 of 41'; expect '-60 of 60'
                    printf '\\033[D\\033[D\\033[D'; expect '-57 of 60'
                    printf '\\033OB'; expect 'targets 2-15 of 41'
                    printf ' '; expect 'targets 16-29 of 41'
                    printf 'g'; expect 'patches 1-'
                    printf '\\033[6~\\033[6~'; expect 'targets 28-41 of 41'
                    printf 'q'
                }
                keys | script --quiet --flush --return --command 'stty rows 20 cols 80; "$YESTERDAY" train board; echo ended $?; stty -a' "$OUT"
                """,
            ])
            let screen = try String(contentsOfFile: recording, encoding: .utf8)
            #expect(output.standardError.isEmpty && screen.contains("ended 0"), "\(output.standardError)\(screen)")
            // The terminal is as it was.
            #expect(screen.contains("\u{1B}[?1049h") && screen.contains("\u{1B}[?1049l") && screen.contains("\u{1B}[?25h"))
            let settings = screen.components(separatedBy: "ended 0").last ?? ""
            let words = settings.split(whereSeparator: { $0.isWhitespace || $0 == ";" })
            #expect(["icanon", "echo", "isig"].allSatisfy { words.contains(Substring($0)) }, "\(settings)")
            // Nothing is wider than the terminal.
            let board = (screen.components(separatedBy: "\u{1B}[?1049l")[0].components(separatedBy: "\u{1B}[?1049h").last ?? "")
                .replacing("\u{1B}[H", with: "\n")
                .replacing(try Regex("\u{1B}\\[[0-9;?]*[A-Za-z]"), with: "")
            for line in board.split(whereSeparator: \.isNewline) { #expect(line.count <= 80, "\(line)") }
        }
    }
}
