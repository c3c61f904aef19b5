import Foundation

/// This machine and this process, as others can tell them apart.
public enum Machine {
    /// The name of the machine.
    public static let name: String = {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return "unknown" }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }()

    /// What nobody else is: the boot of the machine, the namespace of process ids, the id and the
    /// moment of the start of a process. `nil` where the system does not tell.
    static func identity(ofProcess pid: Int32) -> String? {
        guard let boot = firstLine("/proc/sys/kernel/random/boot_id"), let start = startTime(ofProcess: pid) else { return nil }
        return "\(boot):\(pidNamespace ?? "?"):\(pid):\(start)"
    }

    /// True if an identity is that of a process of this machine, here and now, that has ended.
    static func isDead(_ identity: String) -> Bool {
        let parts = identity.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 5, let boot = firstLine("/proc/sys/kernel/random/boot_id"), parts[0] == boot,
            "\(parts[1]):\(parts[2])" == pidNamespace,
            let pid = Int32(parts[3])
        else { return false }
        return startTime(ofProcess: pid) != parts[4]
    }

    /// `pid:[4026531836]`.
    private static var pidNamespace: String? {
        try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/ns/pid")
    }

    /// Clock ticks between the boot and the start of a process (proc(5), "stat", field 22); `nil`
    /// if there is no such process, or only what is left of one that has ended.
    private static func startTime(ofProcess pid: Int32) -> String? {
        guard let line = firstLine("/proc/\(pid)/stat"), let name = line.lastIndex(of: ")") else { return nil }
        let fields = line[line.index(after: name)...].split(separator: " ")
        guard fields.count > 19, fields[0] != "Z", fields[0] != "X" else { return nil }
        return String(fields[19])
    }

    private static func firstLine(_ path: String) -> String? {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
        return text.split(whereSeparator: \.isNewline).first.map(String.init)
    }
}
