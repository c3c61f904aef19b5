extension YesterdayError {
    /// What to do where the server denied something and gave no hint: which role is lacking, and how it is granted.
    ///
    /// - Parameter message: the server's message, in whatever language; it names the function, view or schema.
    static func hint(forDenied message: String) -> String {
        let words = Set(message.split { !($0.isLetter || $0.isNumber || $0 == "_") }.map(String.init))
        if let role = rolesOfFunctions.first(where: { !words.isDisjoint(with: $0.functions) })?.role {
            return grant(role)
        }
        if words.contains("yesterday") {
            return grant("yesterday_viewer")
                + " To deploy it takes yesterday_deployer, to roll back yesterday_operator, to track and to clear a freeze yesterday_admin."
        }
        return "GRANT the right to the role that you connect as, or connect as the owner of what the message names."
    }

    private static func grant(_ role: String) -> String {
        "It takes the role \(role). Whoever may grant it: GRANT \(role) TO the role that you connect as;"
    }

    /// The functions that people call, by the least role that may execute them.
    public static let rolesOfFunctions: [(role: String, functions: Set<String>)] = [
        ("yesterday_operator", ["rollback_last", "rollback_to", "drill", "freeze"]),
        (
            "yesterday_deployer",
            [
                "begin_deployment", "finish_deployment", "abandon_deployment", "restore", "adopt_artifacts",
                "confirm_artifacts", "take_lease",
            ]
        ),
        (
            "yesterday_admin",
            [
                "track", "track_like", "untrack", "untrack_like", "clear_freeze", "forget", "trust_images", "leave_train",
            ]
        ),
        ("yesterday_viewer", ["rollback_preview", "diff", "prior", "inverse_ddl", "inverse_bundle"]),
    ]
}
