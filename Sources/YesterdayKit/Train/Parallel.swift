/// Does the same with many things, some at a time.
enum Parallel {
    /// What came of one thing.
    enum Outcome<Result: Sendable>: Sendable {
        case success(Result)
        case failure(any Error)
        /// It was never begun, because something before it failed.
        case notBegun
    }

    /// Runs `body` with every item, at most `limit` at a time, and waits for all.
    ///
    /// - Parameters:
    ///   - stopsAtFailure: true to begin nothing more after a failure; what has begun goes on.
    /// - Returns: what came of each, in the order of the items.
    static func run<Item: Sendable, Result: Sendable>(
        _ items: [Item], limit: Int, stopsAtFailure: Bool = false,
        _ body: @escaping @Sendable (Item) async throws -> Result
    ) async -> [Outcome<Result>] {
        await withTaskGroup(of: (Int, Outcome<Result>).self) { group in
            var outcomes = [Outcome<Result>](repeating: .notBegun, count: items.count)
            var next = 0
            var hasFailed = false
            func begin() {
                let number = next
                let item = items[number]
                next += 1
                group.addTask {
                    do {
                        return (number, .success(try await body(item)))
                    } catch {
                        return (number, .failure(error))
                    }
                }
            }
            while next < min(max(limit, 1), items.count) { begin() }
            while let (number, outcome) = await group.next() {
                outcomes[number] = outcome
                if case .failure = outcome { hasFailed = true }
                if next < items.count, !(stopsAtFailure && hasFailed), !Task.isCancelled { begin() }
            }
            return outcomes
        }
    }
}

extension Parallel.Outcome {
    /// The result, where there is one.
    var result: Result? {
        if case .success(let result) = self { return result }
        return nil
    }
}
