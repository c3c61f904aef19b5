/// Programs that a target names and this machine allows.
///
/// The target says *which*, by a plain name; the owner of this machine says *what that is*, by
/// putting a program into a folder. Whoever may write the settings of a target cannot have
/// anything run here that nobody put there.
enum RuntimeProgram {
    /// The folders, in the order in which they are looked through.
    static var folders: [String] {
        if let named = ProcessEnvironment["YESTERDAY_PROGRAMS"] { return [named] }
        let own = ProcessEnvironment["HOME"].map { ["\($0)/.config/yesterday/programs"] } ?? []
        return own + ["/etc/yesterday/programs"]
    }

    /// Path of a program.
    ///
    /// - Throws: ``YesterdayError`` with code `configuration`.
    static func path(_ name: String, of artifact: String) throws -> String {
        let isPlain = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                true
            default: false
            }
        }
        guard isPlain, !name.isEmpty, !name.hasPrefix(".") else {
            throw YesterdayError(
                .configuration, "\"\(name)\" is not the name of a program for \(artifact)",
                detail: "It is a plain name; where the program is, this machine decides.",
                hint: "Put the program into \(folders.last ?? "")/ and give its name.")
        }
        for folder in folders {
            if let path = try? ExecutableSearch.path(of: "\(folder)/\(name)") { return path }
        }
        throw YesterdayError(
            .configuration, "the program \(name) for \(artifact) is not on this machine",
            detail: "Looked in: \(folders.joined(separator: ", ")).",
            hint: "Put it there, executable; YESTERDAY_PROGRAMS names another folder. Or run this on the machine that has it.")
    }
}
