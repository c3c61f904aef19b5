import Foundation

/// Symbolic links and folders, one call of the system each.
enum FileLink {
    /// What is at a path.
    enum Found {
        case missing
        case notALink
        case link(String)
    }

    private static func failure(_ what: String, _ path: String) -> YesterdayError {
        YesterdayError(
            .failed, "\(path) cannot be \(what)", detail: String(cString: strerror(errno)),
            hint: "Check the path, its permissions and the room on the disk.")
    }

    static func read(_ path: String) throws -> Found {
        var facts = stat()
        guard lstat(path, &facts) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return .missing }
            throw failure("read", path)
        }
        guard facts.st_mode & S_IFMT == S_IFLNK else { return .notALink }
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        let length = readlink(path, &buffer, Int(PATH_MAX))
        guard length >= 0 else { throw failure("read", path) }
        return .link(String(decoding: buffer.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self))
    }

    /// Makes a link in the place of whatever link was there.
    static func make(_ path: String, to destination: String) throws {
        if unlink(path) != 0, errno != ENOENT { throw failure("replaced", path) }
        guard symlink(destination, path) == 0 else { throw failure("made", path) }
    }

    static func rename(_ path: String, to new: String) throws {
        guard Foundation.rename(path, new) == 0 else { throw failure("moved to \(new)", path) }
    }

    static func remove(_ path: String) throws {
        guard unlink(path) == 0 || errno == ENOENT else { throw failure("removed", path) }
    }

    /// Removes a folder with all that is in it, or a file; nothing there is no error.
    static func removeTree(_ path: String) throws {
        var facts = stat()
        guard lstat(path, &facts) == 0 else {
            if errno == ENOENT { return }
            throw failure("removed", path)
        }
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            throw YesterdayError(.failed, "\(path) cannot be removed", detail: error.localizedDescription, cause: error)
        }
    }

    /// The time, as ``changed(_:)`` tells it.
    static var now: Int { Int(Date().timeIntervalSince1970) }

    /// When it was last changed; 0 if nobody knows.
    static func changed(_ path: String) -> Int {
        var facts = stat()
        return stat(path, &facts) == 0 ? Int(facts.st_mtim.tv_sec) : 0
    }
}
