import Testing

@testable import PostgresClient

@Suite("The thread of a connection")
struct ConnectionThreadTests {
    /// As short-lived as what opens a connection.
    private actor Once {
        private nonisolated let thread: ConnectionThread
        nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

        init() throws { thread = try ConnectionThread() }

        func double(_ number: Int) -> Int { 2 * number }
    }

    /// A job may be done, and the executor gone with its last user, before whoever brought the job has left.
    @Test func goesWithItsLastJob() async throws {
        let sums = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<16 {
                group.addTask {
                    var sum = 0
                    for number in 0..<2000 { sum += try await Once().double(number) }
                    return sum
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(sums == [Int](repeating: 1999 * 2000, count: 16))
    }
}
