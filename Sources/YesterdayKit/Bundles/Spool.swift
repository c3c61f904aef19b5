import Foundation

/// A file without a name, for what is too large for the memory: it is gone as soon as nobody uses
/// it, also after a crash, and nobody else can open it.
final class Spool: Sendable {
    /// Why it cannot be written.
    struct WriteError: Error, Equatable {
        let reason: String
    }

    let descriptor: Int32

    /// Makes one in `TMPDIR`, or else in /var/tmp, which unlike /tmp does not lie in memory.
    init() throws(WriteError) {
        let named = ProcessInfo.processInfo.environment["TMPDIR"].flatMap { $0.isEmpty ? nil : $0 }
        let folder = named ?? (access("/var/tmp", W_OK) == 0 ? "/var/tmp" : "/tmp")
        var template = Array("\(folder)/yesterday-XXXXXX".utf8CString)
        descriptor = mkstemp(&template)
        guard descriptor >= 0 else {
            throw WriteError(reason: "no temporary file can be made in \(folder): \(String(cString: strerror(errno)))")
        }
        unlink(template)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }

    deinit { close(descriptor) }

    /// Writes at the end.
    func append(_ bytes: UnsafeRawBufferPointer) throws(WriteError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                throw WriteError(reason: "the temporary file cannot be written: \(String(cString: strerror(errno)))")
            }
        }
    }
}

/// Where the bytes of a file of a bundle are.
enum BundleContent: Sendable, Equatable {
    /// In a file of the file system.
    case file(path: String)
    /// In a part of a spool.
    case spooled(Spool, offset: Int, size: Int)

    static func == (left: Self, right: Self) -> Bool {
        switch (left, right) {
        case (.file(let one), .file(let other)): one == other
        case (.spooled(let one, let offset, let size), .spooled(let other, let otherOffset, let otherSize)):
            one === other && offset == otherOffset && size == otherSize
        default: false
        }
    }
}
