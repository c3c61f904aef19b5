/// Names a piece of content from inside another (OCI image spec, "Content Descriptors").
public struct Descriptor: Sendable, Hashable {
    /// What it is.
    public let mediaType: MediaType
    /// The hash of its bytes.
    public let digest: Digest
    /// Its size in bytes.
    public let size: Int64
    /// For which machines, inside an index.
    public let platform: Platform?

    /// Names a piece of content.
    public init(mediaType: MediaType, digest: Digest, size: Int64, platform: Platform? = nil) {
        self.mediaType = mediaType
        self.digest = digest
        self.size = size
        self.platform = platform
    }
}
