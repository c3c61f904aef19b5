import ArgumentParser

/// `yesterday bundle`
struct BundleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bundle",
        abstract: "Check and show bundles; no database is needed.",
        discussion: """
            A bundle is a folder with bundle.yaml, which names what is deployed and in which order: \
            records/*.jsonl, copies/*.csv, ddl/*.sql, sql/*.sql. docs/bundles.md describes it.
            """,
        subcommands: [BundleLintCommand.self, BundleInspectCommand.self])
}
