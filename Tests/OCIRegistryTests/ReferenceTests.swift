import Testing

@testable import OCIRegistry

private let hash = String(repeating: "0123456789abcdef", count: 4)

@Suite("References")
struct ReferenceTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let text: String
        let canonical: String
        init(_ text: String, _ canonical: String) { (self.text, self.canonical) = (text, canonical) }
        var testDescription: String { text }
    }

    @Test(arguments: [
        Case("debian", "docker.io/library/debian"),
        Case("debian:12", "docker.io/library/debian:12"),
        Case("docker.io/debian", "docker.io/library/debian"),
        Case("index.docker.io/grafana/loki", "docker.io/grafana/loki"),
        Case("registry-1.docker.io/library/x", "docker.io/library/x"),
        Case("grafana/loki:3", "docker.io/grafana/loki:3"),
        Case("localhost/api", "localhost/api"),
        Case("localhost:5000/api:1", "localhost:5000/api:1"),
        // No slash: a repository of Docker Hub and a tag.
        Case("localhost:5000", "docker.io/library/localhost:5000"),
        Case("Registry/api", "Registry/api"),
        Case("REGISTRY.example.com/a/b/c:V1.2-x_y", "REGISTRY.example.com/a/b/c:V1.2-x_y"),
        Case("registry.example.com:443/a", "registry.example.com:443/a"),
        Case("[::1]:5000/a/b:t", "[::1]:5000/a/b:t"),
        Case("10.0.0.1/a", "10.0.0.1/a"),
        Case("r.io/a.b_c__d---e/f@sha256:\(hash)", "r.io/a.b_c__d---e/f@sha256:\(hash)"),
        Case("r.io/a:t@sha256:\(hash)", "r.io/a:t@sha256:\(hash)"),
        Case("r.io/a@sha512:\(hash)\(hash)", "r.io/a@sha512:\(hash)\(hash)"),
        Case("r.io/a:_" + String(repeating: "t", count: 127), "r.io/a:_" + String(repeating: "t", count: 127)),
        Case("r.io/" + String(repeating: "a", count: 255), "r.io/" + String(repeating: "a", count: 255)),
    ])
    func reads(_ example: Case) throws {
        let reference = try RegistryReference(example.text)
        #expect(reference.description == example.canonical)
        #expect(try RegistryReference(reference.description) == reference)
    }

    /// The reason names the part that is wrong.
    @Test(arguments: [
        Case("", "empty"),
        Case("https://r.io/a", "a reference is no URL"),
        Case("r.io/A", "capital letters"),
        Case("r.io/", "It is empty"),
        Case("r.io//a", "A component is empty"),
        Case("r.io/a/", "A component is empty"),
        Case("r.io/a..b", "\"..\""),
        Case("r.io/a___b", "\"___\""),
        Case("r.io/a.-b", "\".-\""),
        Case("r.io/-a", "does not begin"),
        Case("r.io/a_", "does not begin"),
        Case("r.io/a b", "not allowed"),
        Case("r.io/a?x=1", "not allowed"),
        Case("r.io/../../x", "does not begin"),
        Case("r.io/ä", "not allowed"),
        Case("r.io/" + String(repeating: "a", count: 256), "256 characters"),
        Case("r.io/a:", "It is empty"),
        Case("r.io/a:.t", "begins with \".\""),
        Case("r.io/a:t t", "not allowed"),
        Case("r.io/a:t\u{301}", "not allowed"),
        Case("r.io/a:" + String(repeating: "t", count: 129), "129 characters"),
        Case("r.io/a@", "no \":\""),
        Case("r.io/a@sha256", "no \":\""),
        Case("r.io/a@md5:0123", "\"md5\" is not supported"),
        Case("r.io/a@sha256:0123", "64 digits, this has 4"),
        Case("r.io/a@sha256:" + hash.uppercased(), "lower-case"),
        Case("r.io/a@sha256:\(hash)@sha256:\(hash)", "64 digits"),
        Case("r.io:0/a", "port"),
        Case("r.io:65536/a", "port"),
        Case("r.io:+80/a", "port"),
        Case("-r.io/a", "does not fit"),
        Case("r..io/a", "does not fit"),
        Case("r.io:/a", "port"),
        Case(".r/a", "does not fit"),
        Case("[::g]/a", "IPv6"),
        Case("[::1/a", "IPv6"),
        Case("user@r.io/a", "no \":\""),
    ])
    func refuses(_ example: Case) {
        let error = #expect(throws: RegistryError.self) { try RegistryReference(example.text) }
        #expect(error?.code == .invalidReference)
        #expect(error?.detail?.contains(example.canonical) == true, "\(error?.detail ?? "")")
        #expect(error?.hint != nil)
    }

    @Test func theDigestDecides() throws {
        #expect(try RegistryReference("a").manifestName == "latest")
        #expect(try RegistryReference("a:1").manifestName == "1")
        #expect(try RegistryReference("a:1@sha256:\(hash)").manifestName == "sha256:\(hash)")
        let pinned = try RegistryReference("a:1").pinned(to: Digest("sha256:\(hash)"))
        #expect(pinned.description == "docker.io/library/a:1@sha256:\(hash)")
    }

    @Test func digestsOfBytes() {
        #expect(
            Digest(of: Array("abc".utf8)).description
                == "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(Digest(of: [], algorithm: .sha512).hex.hasPrefix("cf83e1357eefb8bd"))
    }
}

@Suite("Platforms")
struct PlatformTests {
    @Test func reads() throws {
        #expect(try Platform("linux/arm64/v8") == Platform(os: "linux", architecture: "arm64", variant: "v8"))
        #expect(try Platform("linux/amd64").description == "linux/amd64")
    }

    @Test(arguments: ["", "linux", "linux/", "linux/arm/v7/x", "Linux/amd64"])
    func refuses(_ text: String) {
        #expect(throws: RegistryError.self) { try Platform(text) }
    }

    @Test(arguments: [
        ("linux/amd64", ["linux/arm64", "linux/amd64"], "linux/amd64"),
        ("linux/amd64", ["linux/amd64/v3", "linux/amd64"], "linux/amd64"),
        ("linux/amd64", ["linux/amd64/v3"], nil),
        ("linux/amd64", ["windows/amd64", "unknown/unknown"], nil),
        ("linux/arm64", ["linux/arm64/v8"], "linux/arm64/v8"),
        ("linux/arm64/v8", ["linux/arm64"], "linux/arm64"),
        ("linux/arm/v7", ["linux/arm/v5", "linux/arm/v6"], "linux/arm/v6"),
        ("linux/arm/v6", ["linux/arm/v7", "linux/arm"], nil),
    ])
    func chooses(_ wanted: String, _ offered: [String], _ chosen: String?) throws {
        let entries = try offered.map {
            Descriptor(mediaType: .ociManifest, digest: Digest(of: Array($0.utf8)), size: 1, platform: try Platform($0))
        }
        if let chosen {
            let found = try Manifest.choose(Platform(wanted), from: entries, name: "x")
            #expect(found.platform?.description == chosen)
        } else {
            let error = #expect(throws: RegistryError.self) {
                try Manifest.choose(Platform(wanted), from: entries, name: "x")
            }
            #expect(error?.code == .platformMissing)
        }
    }
}
