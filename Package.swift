// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "yesterday",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "yesterday", targets: ["yesterday"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.10.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.6.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.8.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.0", traits: []),
    ],
    targets: [
        .systemLibrary(
            name: "CLibPQ",
            pkgConfig: "libpq",
            providers: [.apt(["libpq-dev"]), .yum(["libpq-devel"]), .brew(["libpq"])]
        ),
        .systemLibrary(
            name: "CCurl",
            pkgConfig: "libcurl",
            providers: [.apt(["libcurl4-openssl-dev"]), .yum(["libcurl-devel"]), .brew(["curl"])]
        ),
        .systemLibrary(
            name: "CZlib",
            pkgConfig: "zlib",
            providers: [.apt(["zlib1g-dev"]), .yum(["zlib-devel"]), .brew(["zlib"])]
        ),
        .target(name: "Archives", dependencies: ["CZlib"]),
        .target(name: "Digests"),
        .target(name: "PostgresClient", dependencies: ["CLibPQ"]),
        .target(
            name: "OCIRegistry",
            dependencies: [
                "CCurl",
                "Digests",
                .product(name: "Subprocess", package: "swift-subprocess"),
            ]
        ),
        .target(
            name: "YesterdayKit",
            dependencies: [
                "Archives",
                "Digests",
                "OCIRegistry",
                "PostgresClient",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(
                    name: "SystemPackage", package: "swift-system",
                    condition: .when(platforms: [.linux])),
                .product(name: "Yams", package: "Yams"),
            ]
        ),
        .target(
            name: "YesterdayCommands",
            dependencies: [
                "OCIRegistry",
                "PostgresClient",
                "YesterdayKit",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]
        ),
        .executableTarget(name: "yesterday", dependencies: ["YesterdayCommands"]),
        .target(
            name: "TestSupport",
            dependencies: ["OCIRegistry", "PostgresClient", "YesterdayKit"]
        ),
        .testTarget(name: "ArchivesTests", dependencies: ["Archives"]),
        .testTarget(name: "DigestsTests", dependencies: ["Digests"]),
        .testTarget(name: "PostgresClientTests", dependencies: ["PostgresClient"]),
        .testTarget(name: "OCIRegistryTests", dependencies: ["CCurl", "Digests", "OCIRegistry", "TestSupport"]),
        .testTarget(name: "YesterdayKitTests", dependencies: [
                "Archives", "YesterdayKit", "TestSupport", .product(name: "Yams", package: "Yams"),
            ]),
        .testTarget(
            name: "YesterdayCommandsTests",
            dependencies: ["PostgresClient", "YesterdayCommands", "YesterdayKit"]
        ),
        .testTarget(
            name: "IntegrationTests",
            dependencies: ["OCIRegistry", "PostgresClient", "TestSupport", "YesterdayKit", "yesterday"]
        ),
    ],
    swiftLanguageModes: [.v6]
)

// One place for the settings of every target. In CI a warning is an error.
for target in package.targets where target.type != .system {
    target.swiftSettings = [.enableUpcomingFeature("ExistentialAny")]
    if Context.environment["CI"] != nil {
        target.swiftSettings?.append(.treatAllWarnings(as: .error))
    }
}
