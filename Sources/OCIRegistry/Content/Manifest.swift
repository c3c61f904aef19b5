#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A manifest as the registry gave it, byte by byte, and what it says.
public struct Manifest: Sendable {
    /// What a manifest holds.
    public enum Content: Sendable, Equatable {
        /// An image for one platform: configuration and layers, from the lowest up.
        case image(config: Descriptor, layers: [Descriptor])
        /// An image for several platforms.
        case index([Descriptor])
    }

    /// Its digest, computed over ``bytes``.
    public let digest: Digest
    /// What kind of manifest it is.
    public let mediaType: MediaType
    /// The bytes, of which one changed makes another manifest.
    public let bytes: [UInt8]
    /// What the bytes say.
    public let content: Content

    /// Reads a manifest.
    ///
    /// - Parameters:
    ///   - bytes: the manifest, JSON in UTF-8.
    ///   - contentType: what the registry calls it, if it does.
    ///   - algorithm: which digest to compute.
    ///   - name: how to call it in errors.
    /// - Throws: ``RegistryError`` with code `malformedResponse` or `unsupportedManifest`.
    init(bytes: [UInt8], contentType: String?, algorithm: Digest.Algorithm = .sha256, name: String) throws {
        func malformed(_ reason: String, cause: (any Error)? = nil) -> RegistryError {
            RegistryError(
                .malformedResponse, "the manifest of \(name) is malformed", detail: reason,
                hint: "Push the image again; if that does not help, ask those who run the registry.", cause: cause)
        }
        let document: Document
        do {
            document = try JSONDecoder().decode(Document.self, from: Data(bytes))
        } catch let error as DecodingError {
            throw malformed(error.explanation, cause: error)
        }
        let announced = MediaType(contentType: contentType).flatMap {
            ["application/json", "text/plain", "application/octet-stream"].contains($0.rawValue) ? nil : $0
        }
        let written = document.mediaType.map(MediaType.init(rawValue:))
        if let announced, let written, announced != written {
            throw malformed("The registry calls it \(announced), and it calls itself \(written).")
        }
        // Both lists in one document would be one image for this reader and another for the next
        // (distribution spec GHSA-mc8v-mgrf-8f4m).
        guard document.manifests == nil || (document.layers == nil && document.config == nil) else {
            throw malformed("It is an image and an index at once.")
        }
        guard document.schemaVersion == 2 else {
            throw RegistryError(
                .unsupportedManifest, "the manifest of \(name) is of schema version \(document.schemaVersion)",
                detail: "Version 2 is supported.", hint: "Push the image again with a current tool.")
        }
        let kind = written ?? announced ?? (document.manifests == nil ? .ociManifest : .ociIndex)
        guard kind.isIndex || kind.isManifest else {
            throw RegistryError(
                .unsupportedManifest, "\(name) is not an image",
                detail: "Its manifest is of type \(kind).",
                hint: "Name an image in Docker's or in OCI's format.")
        }
        do throws(RegistryError) {
            if kind.isIndex {
                guard let manifests = document.manifests else { throw malformed("An index without manifests.") }
                content = .index(try manifests.map { entry throws(RegistryError) in try entry.descriptor() })
            } else {
                guard let config = document.config, let layers = document.layers else {
                    throw malformed("An image without config or without layers.")
                }
                content = .image(
                    config: try config.descriptor(),
                    layers: try layers.map { entry throws(RegistryError) in try entry.descriptor() })
            }
        } catch {
            guard error.code == .invalidReference else { throw error }
            throw malformed([error.message, error.detail].compactMap { $0 }.joined(separator: ". "), cause: error)
        }
        digest = Digest(of: bytes, algorithm: algorithm)
        mediaType = kind
        self.bytes = bytes
    }

    /// The descriptor of the image for a platform.
    ///
    /// - Throws: ``RegistryError`` with code `platformMissing`.
    static func choose(_ platform: Platform, from entries: [Descriptor], name: String) throws -> Descriptor {
        let images = entries.filter { $0.mediaType.isManifest || $0.mediaType.isIndex }
        let ranked = images.compactMap { entry in
            entry.platform.flatMap { platform.preference(for: $0) }.map { (entry, $0) }
        }
        // The first of the best, as all readers of indexes do.
        if let best = ranked.map(\.1).max(), let found = ranked.first(where: { $0.1 == best }) { return found.0 }
        let offered = images.compactMap { $0.platform?.description }.filter { $0 != "unknown/unknown" }
        throw RegistryError(
            .platformMissing, "\(name) is not made for \(platform)",
            detail: offered.isEmpty
                ? "Its index names no platforms." : "It is made for \(offered.joined(separator: ", ")).",
            hint: "Have the image built for this platform; yesterday images check --platform looks at another one.")
    }

    private struct Document: Decodable {
        let schemaVersion: Int
        let mediaType: String?
        let config: Entry?
        let layers: [Entry]?
        let manifests: [Entry]?
    }

    private struct Entry: Decodable {
        struct Machine: Decodable {
            let os: String?
            let architecture: String?
            let variant: String?
        }

        let mediaType: String
        let digest: String
        let size: Int64
        let platform: Machine?

        func descriptor() throws(RegistryError) -> Descriptor {
            guard size >= 0 else {
                throw RegistryError(.invalidReference, "the size of \(digest) is negative")
            }
            return Descriptor(
                mediaType: MediaType(rawValue: mediaType), digest: try Digest(digest), size: size,
                platform: platform.map {
                    Platform(
                        os: $0.os ?? "unknown", architecture: $0.architecture ?? "unknown",
                        variant: $0.variant.flatMap { $0.isEmpty ? nil : $0 })
                })
        }
    }
}

extension DecodingError {
    /// What is wrong with a document, for people.
    var explanation: String {
        func place(_ context: Context) -> String {
            let path = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }
            return path.isEmpty ? "the document" : path.joined(separator: ".")
        }
        switch self {
        case .keyNotFound(let key, let context): return "\"\(key.stringValue)\" is missing in \(place(context))."
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            return "\(place(context)) is not of the expected type."
        case .dataCorrupted(let context) where context.codingPath.isEmpty: return "It is not JSON."
        case .dataCorrupted(let context): return "\(place(context)) is not valid."
        @unknown default: return "It cannot be read."
        }
    }
}
