/// Checks UTF-8 byte by byte, across the borders of the pieces that a file is read in.
///
/// PostgreSQL stores neither malformed UTF-8 nor the character NUL; found here, the problem has
/// a file and a line.
struct UTF8Check {
    private var expected = 0
    private var lowest: UInt8 = 0x80
    private var highest: UInt8 = 0xBF

    /// True between characters.
    var isComplete: Bool { expected == 0 }

    /// Takes the next byte; false if it cannot stand here.
    @inline(__always)
    mutating func accept(_ byte: UInt8) -> Bool {
        if expected == 0, byte < 0x80 {
            return byte != 0
        }
        return acceptLong(byte)
    }

    private mutating func acceptLong(_ byte: UInt8) -> Bool {
        if expected > 0 {
            guard byte >= lowest, byte <= highest else { return false }
            expected -= 1
            (lowest, highest) = (0x80, 0xBF)
            return true
        }
        switch byte {
        case 0xC2...0xDF: expected = 1
        case 0xE0: (expected, lowest) = (2, 0xA0)  // shorter forms of the same character are refused
        case 0xED: (expected, highest) = (2, 0x9F)  // surrogates are refused
        case 0xE1...0xEF: expected = 2
        case 0xF0: (expected, lowest) = (3, 0x90)
        case 0xF1...0xF3: expected = 3
        case 0xF4: (expected, highest) = (3, 0x8F)
        default: return false
        }
        return true
    }
}
