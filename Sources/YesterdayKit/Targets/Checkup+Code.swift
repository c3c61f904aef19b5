import PostgresClient

extension Checkup {
    /// Whether the code runs that should, can be switched, and would have somewhere to go back to.
    mutating func checkCode(_ session: PostgresSession) throws {
        let status = try TargetStatus(session.query("SELECT * FROM yesterday.status").only)
        if status.isCodePending {
            note(
                "code", .failure, "pending since generation \(status.codeGeneration ?? 0): \(status.codeDetail ?? "")",
                mend: "yesterday reconcile; no deployment begins until the code is confirmed.")
        } else if status.codeState == "confirmed" {
            note("code", .ok, "generation \(status.codeGeneration ?? 0) is confirmed")
        }
        for row in try session.query("SELECT artifact FROM yesterday.artifacts WHERE digest IS NOT NULL AND driver IS NULL").rows {
            let artifact: String = try row.get("artifact")
            note(
                "runtime", .warning, "nothing switches the artifact \(artifact): after a rollback somebody has to, by hand",
                mend: "yesterday runtime set \(artifact) DRIVER KEY=VALUE ...")
        }
        let stale = try session.query(
            """
            SELECT pg_catalog.count(*) AS number FROM yesterday.pinned_artifacts
            WHERE last_checked IS NULL OR last_checked < pg_catalog.now() - interval '7 days'
            """
        ).only.get("number", as: Int64.self)
        if stale > 0 {
            note(
                "images", .warning,
                "for \(stale) that a rollback may need it was not checked within 7 days whether they are still there",
                mend: "yesterday images check, every night")
        }
    }
}
