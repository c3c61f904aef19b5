import ArgumentParser

/// `yesterday bundle`
struct BundleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bundle",
        abstract: "Check, show, pack and make bundles.",
        discussion: """
            A bundle is a folder, or a .tar.gz of one, with bundle.yaml, which names what is deployed and in which order: \
            records/*.jsonl, copies/*.csv, ddl/*.sql, sql/*.sql. docs/bundles.md describes it.
            """,
        subcommands: [
            BundleLintCommand.self, BundleInspectCommand.self, BundlePackCommand.self, BundleBuildCommand.self,
            BundleDiffCommand.self,
        ])
}
