/// Which keys came before, and in which line: 128 bits of each, in a table of its own, because there are
/// up to a million of them.
struct SeenKeys {
    private var first: [UInt64] = []
    private var second: [UInt64] = []
    private var lines: [Int32] = []
    /// Keys that it holds.
    private(set) var count = 0

    /// The line in which the key came before, or nil; then it is remembered unless `full`.
    mutating func line(of one: UInt64, _ other: UInt64, remembering line: Int, unless full: Bool) -> Int? {
        if (count + 1) * 2 > lines.count { grow() }
        var at = Int(truncatingIfNeeded: one ^ other >> 29) & (lines.count - 1)
        while lines[at] != 0 {
            if first[at] == one, second[at] == other { return Int(lines[at]) }
            at = (at + 1) & (lines.count - 1)
        }
        guard !full else { return nil }
        first[at] = one
        second[at] = other
        lines[at] = Int32(clamping: line)
        count += 1
        return nil
    }

    private mutating func grow() {
        let old = (first, second, lines)
        let size = max(1024, lines.count * 4)
        first = Array(repeating: 0, count: size)
        second = Array(repeating: 0, count: size)
        lines = Array(repeating: 0, count: size)
        for index in old.2.indices where old.2[index] != 0 {
            var at = Int(truncatingIfNeeded: old.0[index] ^ old.1[index] >> 29) & (size - 1)
            while lines[at] != 0 { at = (at + 1) & (size - 1) }
            (first[at], second[at], lines[at]) = (old.0[index], old.1[index], old.2[index])
        }
    }
}
