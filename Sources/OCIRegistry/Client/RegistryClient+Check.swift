#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// An image all of which can be fetched.
public struct ImageCheck: Sendable {
    /// What was asked for.
    public let reference: RegistryReference
    /// The digest that the reference stands for: of the index, where there is one.
    public let digest: Digest
    /// The manifest of the image for the platform.
    public let image: Manifest
    /// For which platform it was built, if it says so.
    public let platform: Platform?
    /// Configuration and layers, each digest once, all in the registry.
    public let blobs: [Descriptor]
    /// Layers that a registry need not hold; nobody looked for them.
    public let unchecked: [Descriptor]

    /// Bytes of all that was checked, the manifest included.
    public var size: Int64 { Int64(image.bytes.count) + blobs.reduce(0) { $0 + $1.size } }

    /// The reference by digest.
    public var pinned: RegistryReference { reference.pinned(to: digest) }
}

extension RegistryClient {
    /// Makes sure that an image can be fetched, all of it: its manifest, its configuration, and
    /// every layer exist and have their size. Manifest and configuration are fetched and compared
    /// with their digests; layers are looked for and not fetched.
    ///
    /// - Parameter platform: for which platform it is needed.
    /// - Throws: ``RegistryError``: `notFound` if there is no such image, `blobsMissing` if parts of
    ///   it are gone, `platformMissing`, `sizeMismatch`, `digestMismatch`, and what else can go wrong;
    ///   `CancellationError`.
    public func check(_ reference: RegistryReference, platform: Platform = .host) async throws -> ImageCheck {
        let deadline = Deadline(settings.deadline)
        let top = try await manifest(reference, deadline)
        let image = try await image(from: top, reference, platform, deadline)
        guard case .image(let config, let layers) = image.content else {
            preconditionFailure("image(from:) returns images")
        }
        let built: Platform?
        do {
            built = try platformOf(try await smallBlob(config, in: reference.repository, deadline))
        } catch let error as RegistryError where error.code == .notFound {
            throw gone(reference, [config.digest])
        }
        if let built, platform.preference(for: built) == nil {
            throw RegistryError(
                .platformMissing, "\(reference) is not made for \(platform)", detail: "It is made for \(built).",
                hint: "Have the image built for this platform; yesterday images check --platform looks at another one.")
        }

        var seen: Set<Digest> = [config.digest]
        let unique = layers.filter { seen.insert($0.digest).inserted }
        let owned = unique.filter { !$0.mediaType.isForeign }
        let missing = try await missingBlobs(owned, in: reference, deadline)
        guard missing.isEmpty else { throw gone(reference, missing) }
        return ImageCheck(
            reference: reference, digest: top.digest, image: image, platform: built, blobs: [config] + owned,
            unchecked: unique.filter(\.mediaType.isForeign))
    }

    private func missingBlobs(
        _ blobs: [Descriptor], in reference: RegistryReference, _ deadline: Deadline
    ) async throws -> [Digest] {
        try await withThrowingTaskGroup(of: Digest?.self) { group in
            var missing: [Digest] = []
            for (position, blob) in blobs.enumerated() {
                if position >= max(settings.parallelRequests, 1), let found = try await group.next() {
                    missing += found.map { [$0] } ?? []
                }
                group.addTask {
                    guard let size = try await sizeOfBlob(blob.digest, in: reference.repository, deadline) else {
                        return blob.digest
                    }
                    guard size == blob.size || size == -1 else {
                        throw RegistryError(
                            .sizeMismatch, "a layer of \(reference) has not the size that its manifest names",
                            detail: "\(blob.digest) has \(size) bytes and should have \(blob.size).",
                            hint: "Push the image again.")
                    }
                    return nil
                }
            }
            for try await found in group { missing += found.map { [$0] } ?? [] }
            return missing
        }
    }

    private func gone(_ reference: RegistryReference, _ digests: [Digest]) -> RegistryError {
        let names = digests.map(\.description).sorted()
        let more = names.count > 5 ? " and \(names.count - 5) more" : ""
        return RegistryError(
            .blobsMissing, "parts of \(reference) are not in the registry any more",
            detail: "Missing: \(names.prefix(5).joined(separator: ", "))\(more).",
            hint: "Push the image again. It was collected, or never pushed completely.")
    }

    private func platformOf(_ config: [UInt8]) throws -> Platform? {
        struct Config: Decodable {
            let os: String?
            let architecture: String?
            let variant: String?
        }
        // The configuration of what is no container image may be anything.
        guard let config = try? JSONDecoder().decode(Config.self, from: Data(config)),
            let os = config.os, let architecture = config.architecture, !os.isEmpty, !architecture.isEmpty
        else { return nil }
        return Platform(os: os, architecture: architecture, variant: config.variant.flatMap { $0.isEmpty ? nil : $0 })
    }
}
