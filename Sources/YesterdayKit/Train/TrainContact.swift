import PostgresClient

/// A target that was reached: its own word on how it stands, and the connection to it.
struct TrainContact: Sendable {
    /// What the registry says.
    let registered: RegisteredTarget
    /// The target.
    let target: Target
    /// What the target says, as `yesterday.train_facts()` gives it.
    let facts: Facts

    var name: String { registered.name }

    /// What a target says of itself.
    struct Facts: Sendable {
        /// All of it, as JSON.
        let json: String
        /// `on_train`, `off_train` or `frozen`.
        let state: String
        let reason: String?
        /// Changes with every deployment, rollback and change of the freeze.
        let position: String
        /// An open deployment, as people name one.
        let openDeployment: String?
    }

    /// Connects to a target and asks it.
    ///
    /// - Throws: ``YesterdayError`` that speaks of the target.
    static func reach(
        _ registered: RegisteredTarget, registry: TrainRegistry,
        onConnect: @Sendable (PostgresConnection) -> Void = { _ in }
    ) async throws -> TrainContact {
        do {
            let connection = try await PostgresConnection.connect(ConnectionSettings(target: registered.conninfo))
            onConnect(connection)
            let target = try await Target(connection)
            return TrainContact(registered: registered, target: target, facts: try await target.facts())
        } catch let error as PostgresError {
            throw YesterdayError(error, from: .target(registered.name))
        }
    }

    /// The same target with what it says now.
    func askedAgain() async throws -> TrainContact {
        TrainContact(registered: registered, target: target, facts: try await target.facts())
    }
}

extension Target {
    /// What the target says of itself.
    func facts() async throws -> TrainContact.Facts {
        try await connection.withSession { session in
            let row = try session.query(
                """
                SELECT f::text AS json, f ->> 'state' AS state, f ->> 'reason' AS reason,
                       f ->> 'position' AS position, f ->> 'open_deployment' AS open
                FROM yesterday.train_facts() AS f
                """
            ).only
            return TrainContact.Facts(
                json: try row.get("json"), state: try row.get("state"), reason: try row.getIfPresent("reason"),
                position: try row.get("position"), openDeployment: try row.getIfPresent("open"))
        }
    }
}

/// What a contact with a target told the registry that it had not known.
public struct TrainNews: Sendable {
    /// What it is about: the target, a patch.
    public let subject: String
    /// What is true now.
    public let outcome: String
    /// The facts.
    public let detail: String?
}

extension TrainRegistry {
    /// Hands over what a target says of itself; the registry follows it, and never the other way round.
    ///
    /// - Returns: what was news.
    @discardableResult
    func sync(_ contact: TrainContact) async throws -> [TrainNews] {
        try await query(
            "SELECT subject, outcome, detail FROM train.sync_target($1, $2)",
            [.text(contact.name), .jsonb(contact.facts.json)]
        ).rows.map { row in
            TrainNews(
                subject: try row.getIfPresent("subject") ?? "", outcome: try row.getIfPresent("outcome") ?? "",
                detail: try row.getIfPresent("detail"))
        }
    }

    /// The same where the role may; who may only look is no reason to fail.
    func syncIfPermitted(_ contact: TrainContact) async throws {
        if maySync { try await sync(contact) }
    }

    /// Asks targets, some at a time, and hands over what they say.
    ///
    /// - Returns: for each target what is news, or why it could not be asked.
    public func sync(
        _ targets: [RegisteredTarget], parallel: Int = 8
    ) async -> [(target: RegisteredTarget, news: Result<[TrainNews], any Error>)] {
        let outcomes = await Parallel.run(targets, limit: parallel) { registered in
            let contact = try await TrainContact.reach(registered, registry: self)
            let news = try await self.sync(contact)
            await contact.target.connection.close()
            return news
        }
        return zip(targets, outcomes).map { target, outcome in
            switch outcome {
            case .success(let news): (target, .success(news))
            case .failure(let error): (target, .failure(error))
            case .notBegun: (target, .failure(YesterdayError(.cancelled, "the target was not asked")))
            }
        }
    }
}
