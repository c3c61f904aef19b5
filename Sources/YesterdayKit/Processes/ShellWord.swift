/// A word of a command line that people copy from a message.
public enum ShellWord {
    /// The word as a POSIX shell reads it: as it is where that is safe, else in quotes.
    public static func quoted(_ word: String) -> String {
        let safe = word.utf8.allSatisfy {
            switch $0 {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: "_-./:@%+=,".utf8.contains($0)
            }
        }
        if safe, !word.isEmpty { return word }
        return "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }
}
