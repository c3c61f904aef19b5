import Foundation
import Testing

@testable import YesterdayKit

/// What docs/ and examples/ show has to be what the program does.
@Suite struct ExampleTests {
    private static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    /// The fenced blocks of a language in docs/bundles.md.
    private static func blocks(_ language: String) throws -> [String] {
        try text("docs/bundles.md").components(separatedBy: "\n```\(language)\n").dropFirst().map {
            $0.components(separatedBy: "\n```").first ?? ""
        }
    }

    @Test func theBundlesOfTheDocumentationAreBundles() throws {
        let blocks = try Self.blocks("yaml")
        #expect(blocks.count == 2)
        let full = try BundleDescription(yaml: blocks[0])
        #expect(full.requires == "apps 4.1" && full.layer == "apps" && full.contents.count == 6)
        let release = try BundleDescription(yaml: blocks[1])
        #expect(release.artifacts.map(\.isPinned) == [true, true])
    }

    @Test func theManifestOfTheDocumentationIsTheExamples() throws {
        let bundle = try LoadedBundle(path: Self.root.appendingPathComponent("examples/approval-limits").path)
        #expect(bundle.warnings.isEmpty)
        func object(_ text: String) throws -> NSDictionary {
            try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? NSDictionary)
        }
        #expect(try object(Self.blocks("json")[0]) == object(bundle.manifest.text()))
    }

    @Test func theDemonstrationPlaysTheExample() throws {
        #expect(try Self.text("examples/approval-limits/platform.sql") == DemoPlatform.sql)
        let bundle = try LoadedBundle(path: Self.root.appendingPathComponent("examples/approval-limits").path)
        #expect(bundle.name == DemoBundle.example.name)
        #expect(Set(bundle.files.map(\.entry.file) + ["bundle.yaml"]) == Set(DemoBundle.example.files.keys))
        for (name, text) in DemoBundle.example.files {
            #expect(try Self.text("examples/approval-limits/\(name)") == text, "\(name)")
        }
    }

    @Test func everyProblemIsDocumented() throws {
        let documentation = try Self.text("docs/bundles.md")
        for code in BundleProblem.Code.allCases {
            #expect(documentation.contains("`\(code.rawValue)`"), "\(code.rawValue)")
        }
    }
}
