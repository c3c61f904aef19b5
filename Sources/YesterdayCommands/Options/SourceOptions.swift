import ArgumentParser
import OCIRegistry
import YesterdayKit

/// How to talk to registries and servers of archives.
struct SourceOptions: ParsableArguments {
    @Option(help: ArgumentHelp("PEM file of certificates to trust.", valueName: "file"))
    var caFile: String?

    @Option(
        name: .customLong("insecure-http"),
        help: ArgumentHelp(
            "Speak plain HTTP to this registry or server of archives; may be repeated.", valueName: "registry"))
    var plainRegistries: [String] = []

    @Option(help: ArgumentHelp("Longest time for one image, in seconds.", valueName: "seconds"))
    var timeout = 120

    func validate() throws {
        guard 1...86_400 ~= timeout else { throw ValidationError("--timeout takes 1 to 86400 seconds.") }
    }

    /// The source that the options ask for.
    ///
    /// - Throws: ``OCIRegistry/RegistryError`` if a registry is not named as it must be.
    func source() throws -> ArtifactSource {
        var settings = RegistrySettings()
        settings.caFile = caFile
        settings.deadline = .seconds(timeout)
        let plain = try plainRegistries.map { text in try RegistryName(text) }
        return ArtifactSource(settings: settings, plainRegistries: Set(plain))
    }
}
