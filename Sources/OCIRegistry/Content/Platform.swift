/// For which machines an image is (OCI image spec, "Image Index", `platform`).
public struct Platform: Sendable, Hashable {
    /// The operating system as Go names it, such as `linux`.
    public let os: String
    /// The architecture as Go names it, such as `amd64` or `arm64`.
    public let architecture: String
    /// A variant of the architecture, such as `v7` of `arm`.
    public let variant: String?

    /// A platform.
    public init(os: String, architecture: String, variant: String? = nil) {
        self.os = os
        self.architecture = architecture
        self.variant = variant
    }

    /// Reads `os/architecture` or `os/architecture/variant`.
    ///
    /// - Throws: ``RegistryError`` with code `invalidReference`.
    public init(_ text: String) throws(RegistryError) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        let fits = parts.allSatisfy { part in
            !part.isEmpty && part.utf8.allSatisfy { Grammar.isLowerAlphanumeric($0) || "._-".utf8.contains($0) }
        }
        guard 2...3 ~= parts.count, fits else {
            throw RegistryError(
                .invalidReference, "\"\(text)\" is not a platform",
                hint: "Write OS/ARCHITECTURE or OS/ARCHITECTURE/VARIANT, for example linux/amd64.")
        }
        self.init(os: parts[0], architecture: parts[1], variant: parts.count > 2 ? parts[2] : nil)
    }

    /// The platform of the containers that this machine runs: Linux, also where a virtual machine
    /// runs them.
    public static var host: Platform {
        #if arch(x86_64)
            Platform(os: "linux", architecture: "amd64")
        #elseif arch(arm64)
            Platform(os: "linux", architecture: "arm64")
        #elseif arch(arm)
            Platform(os: "linux", architecture: "arm", variant: "v7")
        #elseif arch(i386)
            Platform(os: "linux", architecture: "386")
        #elseif arch(powerpc64le)
            Platform(os: "linux", architecture: "ppc64le")
        #elseif arch(s390x)
            Platform(os: "linux", architecture: "s390x")
        #elseif arch(riscv64)
            Platform(os: "linux", architecture: "riscv64")
        #else
            #error("name this architecture as Go does")
        #endif
    }

    /// How well an image for `offered` runs here; the higher the better, `nil` for not at all.
    func preference(for offered: Platform) -> Int? {
        guard offered.os == os, offered.architecture == architecture else { return nil }
        if (offered.variant ?? usualVariant) == (variant ?? usualVariant) { return Int.max }
        // An ARM processor runs what was built for its forerunners.
        guard architecture == "arm", let mine = Self.level(variant), let theirs = Self.level(offered.variant),
            theirs < mine
        else { return nil }
        return theirs
    }

    /// What an image without a variant is.
    private var usualVariant: String? {
        switch architecture {
        case "amd64": "v1"
        case "arm64": "v8"
        case "arm": "v7"
        default: nil
        }
    }

    private static func level(_ variant: String?) -> Int? {
        Int((variant ?? "v7").drop { $0 == "v" })
    }
}

extension Platform: CustomStringConvertible {
    /// `os/architecture` or `os/architecture/variant`.
    public var description: String { [os, architecture, variant].compactMap { $0 }.joined(separator: "/") }
}
