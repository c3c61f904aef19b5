import Digests
import Testing

/// Vectors of FIPS 180-4 and of NIST's example files.
@Suite struct SHA512Tests {
    private static func hex(_ hash: SHA512) -> String {
        hash.digest().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private static func hash(_ bytes: some Collection<UInt8>, pieces: Int) -> SHA512 {
        var hash = SHA512()
        let bytes = Array(bytes)
        for start in stride(from: 0, to: bytes.count, by: pieces) {
            bytes[start..<min(start + pieces, bytes.count)].withUnsafeBytes { hash.update($0) }
        }
        return hash
    }

    @Test(arguments: [
        (
            "",
            "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e"
        ),
        (
            "abc",
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
        ),
        (
            "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
            "8e959b75dae313da8cf4f72814fc143f8f7779c6eb9f7fa17299aeadb6889018501d289e4900f7e4331b99dec4b5433ac7d329eeb6dd26545e96e55b874be909"
        ),
        (
            String(repeating: "a", count: 1_000_000),
            "e718483d0ce769644e2e42c7bc15b4638e1f98b13b2044285632a803afa973ebde0ff244877ea60a4cb0432ce577c31beb009c5c2c49aa2e4eadb217ad8cc09b"
        ),
    ])
    func standardVectors(message: String, digest: String) {
        #expect(Self.hex(Self.hash(message.utf8, pieces: 64 << 10)) == digest)
    }

    @Test func piecesMakeNoDifference() {
        let message = (0..<400).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        for length in [1, 111, 112, 113, 127, 128, 129, 239, 240, 255, 256, 257, 400] {
            let whole = Self.hex(Self.hash(message[..<length], pieces: length))
            for step in [1, 3, 127, 128, 129] {
                let pieces = Self.hex(Self.hash(message[..<length], pieces: step))
                #expect(pieces == whole, "length \(length), pieces of \(step)")
            }
        }
    }
}
