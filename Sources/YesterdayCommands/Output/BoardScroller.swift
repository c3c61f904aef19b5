import YesterdayKit

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A board that is larger than the terminal, moved with the arrow keys.
struct BoardScroller {
    /// What a key asks for.
    enum Key: Equatable {
        case up, down, left, right, pageUp, pageDown, first, last, quit
    }

    /// The part that is shown.
    struct Window: Equatable {
        var firstTarget = 0
        var firstPatch = 0
    }

    let group: Board.Group
    let asciiOnly: Bool
    let colours: Bool

    /// The window after a key; it never leaves the grid.
    func window(_ window: Window, after key: Key, columns: Int, rows: Int) -> Window {
        var window = window
        let text = BoardText(width: columns, asciiOnly: asciiOnly, paint: Paint(on: colours))
        let patches = text.patchesThatFit(group)
        let targets = targetsThatFit(rows)
        switch key {
        case .up: window.firstTarget -= 1
        case .down: window.firstTarget += 1
        case .pageUp: window.firstTarget -= targets
        case .pageDown: window.firstTarget += targets
        case .left: window.firstPatch -= 1
        case .right: window.firstPatch += 1
        case .first: window.firstPatch = 0
        case .last: window.firstPatch = group.patches.count
        case .quit: break
        }
        window.firstTarget = min(max(0, window.firstTarget), max(0, group.targets.count - targets))
        window.firstPatch = min(max(0, window.firstPatch), max(0, group.patches.count - patches))
        return window
    }

    private func targetsThatFit(_ rows: Int) -> Int { max(1, rows - 6) }

    /// What the terminal shows, exactly `rows` lines.
    func screen(_ window: Window, columns: Int, rows: Int) -> [String] {
        let text = BoardText(width: columns, asciiOnly: asciiOnly, paint: Paint(on: colours))
        let patches = text.patchesThatFit(group)
        let lastPatch = min(group.patches.count, window.firstPatch + patches)
        let part = group.columns(window.firstPatch..<lastPatch)
        // The widths are those of the whole group, so that nothing jumps while it is moved.
        let grid = text.grid(part)
        let lastTarget = min(group.targets.count, window.firstTarget + targetsThatFit(rows))
        var lines = [PlainText.wrap("Group \(PlainText.visible(group.name)): \(group.summary).", width: columns)[0], ""]
        lines.append(grid[0])
        lines += grid[(window.firstTarget + 1)..<(lastTarget + 1)]
        while lines.count < rows - 2 { lines.append("") }
        lines.append(
            PlainText.wrap(
                Board.Cell.allCases.filter { cell in part.targets.contains { $0.cells.contains(cell) } }
                    .map { "\(asciiOnly ? $0.letter : $0.symbol) \($0.words)" }.joined(separator: "  "), width: columns
            )[0])
        let place =
            "targets \(window.firstTarget + 1)-\(lastTarget) of \(group.targets.count), patches "
            + "\(part.patches.first?.ordinal ?? 0)-\(part.patches.last?.ordinal ?? 0) of \(group.patches.count);"
        lines.append(PlainText.wrap("\(place) arrow keys move, q ends", width: columns)[0])
        return Array(lines.prefix(rows))
    }

    /// The keys in what a terminal sent: of one that is held down several come at once.
    static func keys(_ bytes: [UInt8]) -> [Key] {
        guard !bytes.isEmpty else { return [.quit] }
        var keys: [Key] = []
        var rest = bytes[...]
        while let first = rest.first {
            var length = 1
            if first == 0x1B, rest.count > 1 {
                // ESC [ ... or ESC O ..., up to a letter or a tilde
                length = 2
                while length < rest.count, length < 3 || rest[rest.startIndex + length - 1] < 0x40 { length += 1 }
            }
            if let key = key(Array(rest.prefix(length))) { keys.append(key) }
            rest = rest.dropFirst(length)
        }
        return keys
    }

    /// Reads a key out of what a terminal sent.
    static func key(_ bytes: [UInt8]) -> Key? {
        switch bytes {
        case [0x1B, 0x5B, 0x41], [0x1B, 0x4F, 0x41], [UInt8(ascii: "k")]: .up
        case [0x1B, 0x5B, 0x42], [0x1B, 0x4F, 0x42], [UInt8(ascii: "j")]: .down
        case [0x1B, 0x5B, 0x43], [0x1B, 0x4F, 0x43], [UInt8(ascii: "l")]: .right
        case [0x1B, 0x5B, 0x44], [0x1B, 0x4F, 0x44], [UInt8(ascii: "h")]: .left
        case [0x1B, 0x5B, 0x35, 0x7E], [UInt8(ascii: "b")]: .pageUp
        case [0x1B, 0x5B, 0x36, 0x7E], [UInt8(ascii: " ")]: .pageDown
        case [0x1B, 0x5B, 0x48], [UInt8(ascii: "g")]: .first
        case [0x1B, 0x5B, 0x46], [UInt8(ascii: "G")]: .last
        case [UInt8(ascii: "q")], [0x1B], [0x03], [0x04], []: .quit
        default: nil
        }
    }

    /// Shows the board until a key ends it. The terminal is as before afterwards.
    func run() {
        var saved = termios()
        guard tcgetattr(STDIN_FILENO, &saved) == 0 else { return }
        var raw = saved
        // Ctrl-C comes as a key, so that the terminal is always put back.
        raw.c_lflag &= ~tcflag_t(ICANON | ECHO | ISIG)
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &raw)
        Self.put("\u{1B}[?1049h\u{1B}[?25l")
        defer {
            Self.put("\u{1B}[?25h\u{1B}[?1049l")
            tcsetattr(STDIN_FILENO, TCSAFLUSH, &saved)
        }
        var window = Window()
        var (columns, rows) = Self.size()
        window = self.window(window, after: .last, columns: columns, rows: rows)
        while true {
            (columns, rows) = Self.size()
            let lines = screen(window, columns: columns, rows: rows)
            Self.put("\u{1B}[H" + lines.map { $0 + "\u{1B}[K" }.joined(separator: "\r\n") + "\u{1B}[J")
            var bytes = [UInt8](repeating: 0, count: 64)
            let count = read(STDIN_FILENO, &bytes, bytes.count)
            if count < 0, errno == EINTR { continue }
            for key in Self.keys(Array(bytes.prefix(max(0, count)))) {
                if key == .quit { return }
                window = self.window(window, after: key, columns: columns, rows: rows)
            }
        }
    }

    /// Columns and lines of the terminal.
    static func size() -> (columns: Int, rows: Int) {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
            return (80, 24)
        }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    private static func put(_ text: String) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let written = bytes.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            guard written > 0 || errno == EINTR || errno == EAGAIN else { return }
            bytes = bytes.dropFirst(max(0, written))
        }
    }
}
