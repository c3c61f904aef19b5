/// What a piece of content is (OCI image spec, "Media Types"; Docker image manifest v2, schema 2).
public struct MediaType: Sendable, Hashable, RawRepresentable {
    /// The media type, without parameters.
    public let rawValue: String

    /// Any media type.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// An image for one platform.
    public static let ociManifest = MediaType(rawValue: "application/vnd.oci.image.manifest.v1+json")
    /// An image for several platforms.
    public static let ociIndex = MediaType(rawValue: "application/vnd.oci.image.index.v1+json")
    /// An image for one platform, Docker's form.
    public static let dockerManifest = MediaType(rawValue: "application/vnd.docker.distribution.manifest.v2+json")
    /// An image for several platforms, Docker's form.
    public static let dockerManifestList = MediaType(
        rawValue: "application/vnd.docker.distribution.manifest.list.v2+json")

    /// The kinds of manifest that are asked for.
    static let manifests: [MediaType] = [.ociManifest, .ociIndex, .dockerManifest, .dockerManifestList]

    /// True for an image for several platforms.
    public var isIndex: Bool { self == .ociIndex || self == .dockerManifestList }

    /// True for an image for one platform.
    public var isManifest: Bool { self == .ociManifest || self == .dockerManifest }

    /// True for layers that a registry need not hold (OCI image spec, "Non-Distributable Layers";
    /// Docker's foreign layers).
    var isForeign: Bool {
        rawValue.contains(".nondistributable.") || rawValue.contains(".foreign.")
    }

    /// The media type of a Content-Type header, without its parameters.
    init?(contentType: String?) {
        guard let type = contentType?.split(separator: ";").first else { return nil }
        let name = type.filter { $0 != " " && $0 != "\t" }.lowercased()
        guard !name.isEmpty else { return nil }
        rawValue = name
    }
}

extension MediaType: CustomStringConvertible {
    /// The media type.
    public var description: String { rawValue }
}
