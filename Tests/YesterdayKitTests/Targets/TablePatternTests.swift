import Testing
import YesterdayKit

@Suite("Table patterns")
struct TablePatternTests {
    @Test func divideAtTheFirstDot() throws {
        let pattern = try TablePattern(#"meta\_%.ir.x"#)
        #expect(pattern.schema == #"meta\_%"# && pattern.table == "ir.x")
    }

    @Test(arguments: ["", "tables", ".x", "x."])
    func needBothHalves(_ text: String) {
        #expect(throws: YesterdayError.self) { try TablePattern(text) }
    }
}

@Suite("Errors")
struct YesterdayErrorTests {
    /// Every code of docs/architecture.md has a meaning of its own.
    @Test(arguments: [
        ("YD001", YesterdayError.Code.frozen), ("YD002", .busy), ("YD003", .nothing), ("YD006", .busy),
        ("YD012", .refused), ("YD013", .refused), ("YD014", .refused), ("YD015", .refused), ("YD016", .refused),
        ("YD017", .busy), ("YD018", .nothing), ("YD020", .refused), ("YD022", .badInput), ("42501", .notPermitted),
        ("55P03", .busy), ("57014", .cancelled), ("22P02", .badInput), ("XX000", .failed), ("25006", .unavailable),
    ])
    func haveTheMeaningOfTheirSQLState(_ state: String, _ code: YesterdayError.Code) {
        #expect(YesterdayError.Code(sqlState: state) == code)
    }
}

@Suite("Libraries to preload")
struct PreloadTests {
    @Test func areNamesBetweenCommas() {
        #expect(Preload.names("") == [])
        #expect(Preload.names(#"auto_explain, "yesterday",,x "#) == ["auto_explain", "yesterday", "x"])
    }
}
