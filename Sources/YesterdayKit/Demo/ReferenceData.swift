import Foundation

/// Real reference data: languages and countries of the ISO standards, from Debian's package
/// `iso-codes`.
struct ReferenceData {
    /// Where the package puts its files.
    static let defaultDirectory = "/usr/share/iso-codes/json"

    /// A language of ISO 639-3.
    struct Language: Decodable {
        let alpha_3: String
        let name: String
        /// The name as a sorted list has it: `Arapesh, Abu'`.
        let inverted_name: String?
        /// L living, E extinct, H historical, A ancient, C constructed, S special.
        let type: String
    }

    /// A country of ISO 3166-1.
    struct Country: Decodable {
        let alpha_2: String
        let name: String
        let official_name: String?
    }

    let languages: [Language]
    let countries: [Country]

    /// Reads the files of the package.
    ///
    /// - Throws: ``YesterdayError`` if the package is not installed.
    init(directory: String = defaultDirectory) throws {
        languages = try Self.read("iso_639-3.json", "639-3", directory)
        countries = try Self.read("iso_3166-1.json", "3166-1", directory)
    }

    private static func read<Element: Decodable>(
        _ file: String, _ key: String, _ directory: String
    ) throws -> [Element] {
        let data: Data
        do {
            data = try Data(contentsOf: URL(fileURLWithPath: "\(directory)/\(file)"))
        } catch {
            throw YesterdayError(
                .configuration, "the reference data of the demonstration is missing",
                detail: "There is no \(directory)/\(file).",
                hint: "Install Debian's package iso-codes: make setup, or apt-get install iso-codes", cause: error)
        }
        guard let elements = try JSONDecoder().decode([String: [Element]].self, from: data)[key] else {
            throw YesterdayError(.configuration, "\(directory)/\(file) does not have what iso-codes puts there")
        }
        return elements
    }

    /// All languages as `copies/language.csv` of the first release.
    var languageCSV: String {
        Self.csv(["code", "name", "kind"], languages.map { [$0.alpha_3, $0.name, $0.type] })
    }

    /// Living languages alone, by their sorted names, as the second release has them.
    var livingLanguageCSV: String {
        Self.csv(
            ["code", "name", "kind"],
            languages.filter { $0.type == "L" }.map { [$0.alpha_3, $0.inverted_name ?? $0.name, $0.type] })
    }

    /// All countries as `copies/country.csv`.
    var countryCSV: String {
        Self.csv(["code", "name", "official_name"], countries.map { [$0.alpha_2, $0.name, $0.official_name] })
    }

    private static func csv(_ header: [String], _ rows: [[String?]]) -> String {
        var text = header.joined(separator: ",") + "\n"
        for row in rows {
            text += row.map { $0.map(quoted) ?? "" }.joined(separator: ",") + "\n"
        }
        return text
    }

    private static func quoted(_ field: String) -> String {
        "\"" + field.replacingOccurrences(of: "\"", with: "\"\"") + "\""
    }
}
