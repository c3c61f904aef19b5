import PostgresClient

/// Which of several databases spoke: without that nobody knows where to look, or where to grant what.
enum TrainParty: Sendable {
    /// The registry, by the name of its database as far as it is known.
    case registry(String?)
    /// A target, by its name where the error is not shown beside it.
    case target(String?)

    var words: String {
        switch self {
        case .registry: "the registry"
        case .target(let name): "the target" + (name.map { " \($0)" } ?? "")
        }
    }

    /// Where its settings can be seen.
    fileprivate var whereToLook: String {
        switch self {
        case .registry:
            "Check --registry and YESTERDAY_REGISTRY, or where neither is set --db and PG*. "
                + "A rollback needs no registry: yesterday rollback, on the target itself."
        case .target(let name):
            "Its connection is shown by: yesterday target show \(name.map { ShellWord.quoted($0) } ?? "NAME"). "
                + "Passwords come from ~/.pgpass or a service file."
        }
    }

    fileprivate var whenLost: String {
        switch self {
        case .registry: "What has landed on a target stays. Run the same command again: it asks the targets first."
        case .target: "Run the same command again: it asks the target first whether it was done."
        }
    }
}

extension YesterdayError {
    /// An error of a server, saying which of them it was.
    init(_ error: PostgresError, from party: TrainParty) {
        let plain = YesterdayError(error)
        switch error.code {
        case .connectionFailed:
            let isUnreached = error.message == "cannot connect to the server"
            self.init(
                plain.code, isUnreached ? "cannot connect to \(party.words)" : "\(party.words): \(error.message)",
                detail: error.detail, hint: isUnreached ? party.whereToLook : error.hint, sqlState: error.sqlState,
                cause: error)
        case .connectionLost:
            self.init(
                plain.code, "the connection to \(party.words) was lost", detail: error.detail ?? error.message,
                hint: party.whenLost, sqlState: error.sqlState, cause: error)
        case .server where plain.code == .notPermitted:
            self.init(
                plain.code, "\(party.words) refused: \(error.message)", detail: plain.detail,
                hint: plain.hint.map { "In the database of \(party.words): \($0)" }, sqlState: error.sqlState,
                context: plain.context, cause: error)
        default: self = plain
        }
    }

    /// Any error of a train as one of ours. What comes from the registry says so already, so whatever
    /// a server said without a name was said by the target.
    static func of(_ error: any Error, target: String? = nil) -> YesterdayError {
        switch error {
        case let error as BundleError: YesterdayError(error)
        case is CancellationError: YesterdayError(.cancelled, "the command was interrupted")
        case let error as PostgresError: YesterdayError(error, from: .target(target))
        default: YesterdayError(describing: error)
        }
    }

    /// True if the connection that this is about was lost or could not be made.
    var isConnection: Bool {
        guard let error = cause as? PostgresError else { return false }
        return error.code == .connectionFailed || error.code == .connectionLost
    }
}
