import Foundation

/// Finds the files of a bundle, and none outside of it.
struct BundlePath {
    /// The bundle's folder, with every symbolic link resolved.
    let root: String

    /// Why the path of an entry is refused as it is written, or nil.
    static func reasonToRefuse(_ path: String) -> String? {
        if path.hasPrefix("/") { return "is an absolute path" }
        if path.unicodeScalars.contains("\\") { return "has a backslash" }
        for part in path.split(separator: "/", omittingEmptySubsequences: false) {
            if part == ".." { return "leaves the bundle" }
            if part.isEmpty || part == "." { return "has an empty part" }
        }
        return nil
    }

    /// What is at an entry's path.
    enum Found {
        case file(BundleContent)
        case missing
        case outside
        case notAFile
    }

    /// Looks an entry up; symbolic links count as what they point to.
    func find(_ path: String) -> Found {
        guard Self.reasonToRefuse(path) == nil else { return .outside }
        guard let resolved = Self.resolve("\(root)/\(path)") else { return .missing }
        guard resolved.hasPrefix(root == "/" ? "/" : "\(root)/") else { return .outside }
        var status = stat()
        guard stat(resolved, &status) == 0 else { return .missing }
        return status.st_mode & S_IFMT == S_IFREG ? .file(.file(path: resolved)) : .notAFile
    }

    /// The path with every symbolic link resolved, or nil if it does not exist.
    static func resolve(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    /// Files under the folders of a bundle, relative to it, in order of name. Hidden files are
    /// left out: editors and file managers leave them behind.
    func files() -> [String] {
        var found: [String] = []
        for kind in BundleEntry.Kind.allCases {
            let folder = "\(root)/\(kind.rawValue)"
            guard let walker = FileManager.default.enumerator(atPath: folder) else { continue }
            for case let name as String in walker {
                let parts = name.split(separator: "/")
                guard !parts.contains(where: { $0.hasPrefix(".") }) else { continue }
                var isFolder: ObjCBool = false
                guard FileManager.default.fileExists(atPath: "\(folder)/\(name)", isDirectory: &isFolder),
                    !isFolder.boolValue
                else { continue }
                found.append("\(kind.rawValue)/\(name)")
            }
        }
        return found.sorted()
    }
}
