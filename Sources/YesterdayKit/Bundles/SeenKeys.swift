/// 128 bits of a key: keys themselves would fill the memory.
struct KeyHash {
    private(set) var one: UInt64 = 0xCBF2_9CE4_8422_2325
    private(set) var other: UInt64 = 0x9E37_79B9_7F4A_7C15

    /// Takes the next value of the key.
    mutating func add(_ bytes: some Sequence<UInt8>) {
        for byte in bytes {
            one = (one ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
            other = (other &+ UInt64(byte) &+ 1) &* 0xD6E8_FEB8_6659_FD93
            other ^= other >> 32
        }
        // Where one value ends and the next begins matters.
        one = (one ^ 0x1FF) &* 0x0000_0100_0000_01B3
        other = (other ^ 0x1FF) &* 0xD6E8_FEB8_6659_FD93
    }
}

/// Which keys came before, and in which line: 128 bits of each, in a table of its own, because there are
/// up to a million of them.
struct SeenKeys {
    /// Keys of one file that are remembered to find those that come twice.
    static let most = 1_000_000

    private var first: [UInt64] = []
    private var second: [UInt64] = []
    private var lines: [Int32] = []
    /// Keys that it holds.
    private(set) var count = 0

    /// The line in which the key came before, or nil; then it is remembered, if there is room.
    mutating func line(of key: KeyHash, remembering line: Int) -> Int? {
        let (one, other) = (key.one, key.other)
        if (count + 1) * 2 > lines.count { grow() }
        var at = Int(truncatingIfNeeded: one ^ other >> 29) & (lines.count - 1)
        while lines[at] != 0 {
            if first[at] == one, second[at] == other { return Int(lines[at]) }
            at = (at + 1) & (lines.count - 1)
        }
        guard count < Self.most else { return nil }
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
