/// A scene of the demonstration: what happened, and what the database said.
public struct DemoScene: Sendable {
    /// A part of a scene.
    public enum Part: Sendable {
        /// Sentences.
        case text(String)
        /// What a person types, and who.
        case typed(String, by: String)
        /// A report of the database.
        case report(Report)
        /// The first line of a report, which says it all.
        case headline(Report)
        /// Rows and columns.
        case table(columns: [String], rows: [[String]])
        /// An error, as whoever typed the command sees it.
        case refusal(YesterdayError)
        /// The board of the train.
        case board(Board)
        /// The result that matters.
        case result(String, isGood: Bool)
    }

    /// What the scene is about.
    public let title: String
    /// Its parts, in order.
    public let parts: [Part]

    init(_ title: String, _ parts: Part...) {
        self.title = title
        self.parts = parts
    }
}
