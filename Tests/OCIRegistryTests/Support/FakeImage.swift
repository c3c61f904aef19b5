@testable import OCIRegistry

/// A small image, and a server that has it.
struct FakeImage: Sendable {
    let config: [UInt8]
    let layers: [[UInt8]]
    let manifest: [UInt8]
    let mediaType: MediaType

    init(
        architecture: String = Platform.host.architecture, layers: [String] = ["lower layer", "upper layer"],
        mediaType: MediaType = .ociManifest, variant: String? = nil
    ) {
        self.mediaType = mediaType
        self.layers = layers.map { Array($0.utf8) }
        let more = variant.map { #","variant":"\#($0)""# } ?? ""
        config = Array(#"{"os":"linux","architecture":"\#(architecture)"\#(more)}"#.utf8)
        let parts = self.layers.map {
            Self.descriptor(of: $0, "application/vnd.oci.image.layer.v1.tar")
        }
        manifest = Array(
            """
            {"schemaVersion":2,"mediaType":"\(mediaType)",\
            "config":\(Self.descriptor(of: config, "application/vnd.oci.image.config.v1+json")),\
            "layers":[\(parts.joined(separator: ","))]}
            """.utf8)
    }

    var digest: Digest { Digest(of: manifest) }
    var blobs: [[UInt8]] { [config] + layers }

    static func descriptor(of bytes: [UInt8], _ mediaType: String, platform: String? = nil) -> String {
        let machine = platform.map { #","platform":\#($0)"# } ?? ""
        return #"{"mediaType":"\#(mediaType)","digest":"\#(Digest(of: bytes))","size":\#(bytes.count)\#(machine)}"#
    }

    /// An index of images.
    static func index(_ images: [(image: FakeImage, platform: String)]) -> [UInt8] {
        let entries = images.map {
            descriptor(of: $0.image.manifest, $0.image.mediaType.rawValue, platform: $0.platform)
        }
        return Array(
            #"{"schemaVersion":2,"mediaType":"\#(MediaType.ociIndex)","manifests":[\#(entries.joined(separator: ","))]}"#
                .utf8)
    }

    /// Answers for the repository `shop/api` with the tag `1.0`.
    func answer(_ request: FakeServer.Request) -> FakeServer.Response {
        Self.answer(request, manifests: ["1.0": (manifest, mediaType)], blobs: blobs)
    }

    static func answer(
        _ request: FakeServer.Request, manifests: [String: ([UInt8], MediaType)], blobs: [[UInt8]]
    ) -> FakeServer.Response {
        let parts = request.path.split(separator: "/").map(String.init)
        guard parts.count == 5, parts[1...2] == ["shop", "api"] else {
            return request.path == "/v2/" ? FakeServer.Response(json: "{}") : FakeServer.Response(404)
        }
        switch parts[3] {
        case "manifests":
            let found = manifests[parts[4]] ?? manifests.values.first { "\(Digest(of: $0.0))" == parts[4] }
            if let (bytes, type) = found {
                return FakeServer.Response(
                    200, [("Content-Type", type.rawValue), ("Docker-Content-Digest", "\(Digest(of: bytes))")],
                    body: bytes)
            }
            return FakeServer.Response(
                404, json: #"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}"#)
        case "blobs":
            if let blob = blobs.first(where: { "\(Digest(of: $0))" == parts[4] }) {
                return FakeServer.Response(200, body: blob)
            }
        default: break
        }
        return FakeServer.Response(
            404, json: #"{"errors":[{"code":"BLOB_UNKNOWN","message":"blob unknown to registry"}]}"#)
    }
}
