import Testing

@testable import PostgresClient

@Suite("Connection settings")
struct ConnectionSettingsTests {
    @Test func leavesToLibpqWhatIsNotSaid() throws {
        let keywords = try ConnectionSettings().parameters().map(\.keyword)
        #expect(!keywords.contains("dbname") && !keywords.contains("service"))
        #expect(keywords.last == "client_encoding")
    }

    @Test(arguments: [
        "host=a,b port=5432,5433 dbname=x target_session_attrs=read-write",
        "postgresql://user@a:5432,b:5433/x?target_session_attrs=read-write", "plainname",
    ])
    func takesEveryFormOfLibpq(_ target: String) throws {
        let parameters = try ConnectionSettings(target: target).parameters()
        #expect(parameters.contains { $0.keyword == "dbname" && $0.value == target })
    }

    /// What libpq says about these quotes a part of the password.
    @Test(arguments: [
        "password=se cret host=x", "postgresql://u:se@cret@host/db", "postgresql://u:secret@h:po/rt?x",
        "host=x password='secret", "secret=secret",
    ])
    func neverRepeatsAWrongString(_ target: String) {
        let error = #expect(throws: PostgresError.self) {
            try ConnectionSettings(target: target).parameters()
        }
        #expect(error?.code == .invalidConnectionSettings)
        #expect(error?.description.contains("cret") == false)
    }

    @Test func refusesNUL() {
        #expect(throws: PostgresError.self) { try ConnectionSettings(service: "a\0b").parameters() }
    }
}
