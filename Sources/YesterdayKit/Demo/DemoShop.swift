import PostgresClient
import Synchronization

/// The business of the demonstration: a session of its own that places orders the whole time,
/// whatever happens to the metadata.
final class DemoShop: Sendable {
    /// An order that the database has acknowledged.
    struct Order: Sendable, Equatable {
        let id: Int64
        let amount: String
        let decision: String
    }

    private struct State {
        var orders: [Order] = []
        var longestWait = Duration.zero
        var failure: (any Error)?
        var isClosing = false
    }

    private let state = Mutex(State())
    private let connection: PostgresConnection

    init(_ connection: PostgresConnection) {
        self.connection = connection
    }

    /// Places orders until ``close()``, or until one fails.
    func open() async {
        // A simple generator: the demonstration should be the same every time.
        var seed: UInt64 = 20_041
        func next(_ below: UInt64) -> UInt64 {
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (seed >> 33) % below
        }
        let countries = ["DE", "FR", "CH", "JP", "BR", "IN"]
        while !state.withLock({ $0.isClosing }) {
            let cents = 500 + next(4_000_000)
            let amount = "\(cents / 100).\(cents % 100 / 10)\(cents % 10)"
            let country = countries[Int(next(UInt64(countries.count)))]
            do {
                _ = try await place(amount, country)
                try await Task.sleep(for: .milliseconds(3))
            } catch {
                state.withLock { $0.failure = error }
                return
            }
        }
    }

    /// Places one order and returns what was decided.
    func place(_ amount: String, _ country: String) async throws -> Order {
        let start = ContinuousClock.now
        let row = try await connection.query(
            "SELECT id, amount, decision FROM business.place_order($1::numeric, $2)", [.text(amount), .text(country)]
        ).only
        let waited = ContinuousClock.now - start
        let order = Order(id: try row.get("id"), amount: try row.get("amount"), decision: try row.get("decision"))
        state.withLock { state in
            state.orders.append(order)
            state.longestWait = max(state.longestWait, waited)
        }
        return order
    }

    /// Orders acknowledged so far.
    var count: Int { state.withLock { $0.orders.count } }

    /// The orders acknowledged from the one with number `first` on.
    func orders(from first: Int = 0) -> [Order] { state.withLock { Array($0.orders[first...]) } }

    /// How long the slowest order has waited for its answer, in milliseconds.
    var longestWait: Int { milliseconds(state.withLock { $0.longestWait }) }

    /// Waits until so many more orders were acknowledged.
    func wait(for more: Int) async throws {
        let goal = count + more
        let deadline = ContinuousClock.now + .seconds(60)
        while count < goal {
            if let failure = state.withLock({ $0.failure }) { throw failure }
            guard ContinuousClock.now < deadline else {
                throw YesterdayError(.failed, "the shop of the demonstration stands still")
            }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    /// Ends ``open()``.
    ///
    /// - Throws: what an order failed with, if one did.
    func close() throws {
        let failure = state.withLock { state in
            state.isClosing = true
            return state.failure
        }
        if let failure { throw failure }
    }
}

/// A duration in whole milliseconds.
func milliseconds(_ duration: Duration) -> Int {
    let (seconds, attoseconds) = duration.components
    return Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000)
}
