import Archives
import Digests
import Foundation

/// Packs a bundle into a `.tar.gz` that is the same, byte by byte, wherever and whenever it is packed.
public struct BundlePacker: Sendable {
    private let bundle: LoadedBundle

    /// A packer of a bundle that was read and checked.
    public init(_ bundle: LoadedBundle) {
        self.bundle = bundle
    }

    /// The name that an archive of the bundle bears unless somebody chooses another.
    public var fileName: String {
        let plain = bundle.name.unicodeScalars.map { scalar -> Character in
            scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || scalar == ".")
                ? Character(scalar) : "-"
        }
        let name = String(plain).drop { $0 == "." }
        return (name.isEmpty ? "bundle" : String(name)) + ".tar.gz"
    }

    /// Writes the archive. It appears under its name when it is complete, or not at all.
    ///
    /// - Parameters:
    ///   - overwrites: true to replace a file of that name.
    ///   - progress: told how many bytes were packed since the last call.
    /// - Returns: size of the archive in bytes.
    /// - Throws: ``YesterdayError``.
    public func write(to path: String, overwrites: Bool = false, progress: (Int) -> Void = { _ in }) throws -> Int {
        let file = try NewFile(path, overwrites: overwrites)
        try withoutActuallyEscaping(progress) { progress in
            let gzip = try GzipWriter { try file.write($0) }
            var tar = TarWriter { try gzip.write($0) }
            try tar.begin(BundleDescription.fileName, size: bundle.yaml.count)
            try bundle.yaml.withUnsafeBytes { try tar.write($0) }
            try tar.end()
            for file in bundle.files { try pack(file, &tar, progress) }
            try tar.finish()
            try gzip.finish()
        }
        return try file.finish()
    }

    private func pack(_ file: LoadedBundle.File, _ tar: inout TarWriter, _ progress: (Int) -> Void) throws {
        do {
            try tar.begin(file.entry.file, size: file.size)
            var hash = SHA256()
            let stream = try FileStream(file.content)
            while let piece = try stream.next() {
                hash.update(piece)
                try tar.write(piece)
                progress(piece.count)
            }
            try tar.end()
            guard hash.hexDigest() == file.sha256 else { throw ArchiveError(.corrupt, "the file has changed") }
        } catch let error as FileStream.ReadError {
            throw YesterdayError(.badInput, "\(file.entry.file) cannot be read: \(error.reason)", cause: error)
        } catch let error as ArchiveError {
            throw YesterdayError(
                .badInput, "\(file.entry.file) changed while it was packed", detail: error.message,
                hint: "Pack a bundle that nobody is writing to.", cause: error)
        }
    }
}
