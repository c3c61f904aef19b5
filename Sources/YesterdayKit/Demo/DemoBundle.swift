import Foundation

/// The bundles of the demonstration.
struct DemoBundle: Sendable {
    /// Name of the deployment.
    private(set) var name: String
    /// Files by their paths.
    private(set) var files: [String: String]

    /// Writes the bundle into a folder.
    func write(to folder: String) throws {
        for (name, text) in files {
            let file = URL(fileURLWithPath: folder).appendingPathComponent(name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
    }

    /// A release of the shop: a screen, the pages and the server.
    static func release(_ version: String, web: (url: String, sha256: String), api: (url: String, sha256: String)) -> DemoBundle {
        DemoBundle(
            name: "shop \(version)",
            files: [
                "bundle.yaml": """
                name: shop \(version)
                layer: apps
                artifacts:
                  - name: api
                    archive: \(api.url)
                    sha256: \(api.sha256)
                  - name: web
                    archive: \(web.url)
                    sha256: \(web.sha256)
                contents:
                  - file: records/screen.jsonl
                    table: apps.screen
                    key: name

                """,
                "records/screen.jsonl": #"{"name": "order", "fields": "as in release \#(version)"}"# + "\n",
            ])
    }

    /// Release 4.1: reference data.
    static func referenceData(_ data: ReferenceData) -> DemoBundle {
        DemoBundle(
            name: "apps 4.1",
            files: [
                "bundle.yaml": """
                name: apps 4.1
                note: Languages and countries of ISO
                layer: apps
                contents:
                  - file: copies/language.csv
                    table: apps.language
                  - file: copies/country.csv
                    table: apps.country
                    key: code
                    mode: merge

                """,
                "copies/language.csv": data.languageCSV,
                "copies/country.csv": data.countryCSV,
            ])
    }

    /// Release 4.2: the example, and a newer copy of the languages. Somebody has typed a zero
    /// too many into a rule.
    static func regression(_ data: ReferenceData) -> DemoBundle {
        var bundle = example
        bundle.files["bundle.yaml", default: ""] += """
              - file: copies/language.csv
                table: apps.language

            """
        bundle.files["copies/language.csv"] = data.livingLanguageCSV
        return bundle
    }

    /// Release 4.2.1: the same without that zero.
    static func correction(_ data: ReferenceData) -> DemoBundle {
        var bundle = regression(data)
        bundle.name = "apps 4.2.1"
        bundle.replace("apps 4.2\n", with: "apps 4.2.1\n", in: "bundle.yaml")
        bundle.replace("100000.00", with: "10000.00", in: "records/rule.jsonl")
        return bundle
    }

    private mutating func replace(_ old: String, with new: String, in file: String) {
        files[file] = files[file]?.replacingOccurrences(of: old, with: new)
    }

    /// The bundle of examples/approval-limits, carried along because the program also runs without
    /// its sources. A test compares the two.
    static let example = DemoBundle(
        name: "apps 4.2",
        files: [
            "bundle.yaml": #"""
            # Version 4.2 of the application: purchasing gets higher limits and a second approver.
            name: apps 4.2
            kind: metadata
            note: Higher approval limits, second approver
            layer: apps
            contents:
              - file: ddl/010-second-approver.sql
              - file: records/rule.jsonl
                table: apps.rule
                key: code
              - file: records/workflow.jsonl
                table: apps.workflow
                key: code
              - file: records/screen.jsonl
                table: apps.screen
                key: code
              - file: records/screen-retired.jsonl
                table: apps.screen
                key: code
                mode: delete
              - file: copies/spending-category.csv
                table: apps.lookup_value
                where: list = 'spending-category'
              - file: sql/900-titles.sql
                writes: [apps.workflow]

            """#,
            "ddl/010-second-approver.sql": #"""
            ALTER TABLE apps.rule ADD COLUMN second_approver text;
            COMMENT ON COLUMN apps.rule.second_approver IS 'who approves after the approver; nobody if null';

            CREATE TABLE apps.delegate (
                approver text NOT NULL,
                deputy text NOT NULL,
                CONSTRAINT delegate_pkey PRIMARY KEY (approver, deputy)
            );
            CREATE INDEX delegate_deputy ON apps.delegate (deputy);
            GRANT SELECT ON apps.delegate TO PUBLIC;
            INSERT INTO apps.delegate VALUES ('manager', 'team lead'), ('cfo', 'controller');

            """#,
            "records/rule.jsonl": #"""
            {"code": "order-limit", "title": "Orders up to this amount need no approval", "limit_amount": 100000.00, "approver": "manager", "second_approver": "cfo"}
            {"code": "travel-limit", "title": "Journeys up to this amount need no approval", "limit_amount": 800.00, "approver": "manager"}
            {"code": "training-limit", "title": "Trainings up to this amount need no approval", "limit_amount": 1200.00, "approver": "manager"}

            """#,
            "records/workflow.jsonl": #"""
            {"code": "order", "title": "Order goods", "version": 5, "definition": {"steps": ["enter", "check order-limit", "approve", "approve again", "book"]}}
            {"code": "training", "title": "Book a training", "version": 1, "definition": {"steps": ["enter", "check training-limit", "approve", "book"]}}

            """#,
            "records/screen.jsonl": #"""
            {"code": "order-approval", "workflow": "order", "layout": {"fields": [{"name": "amount", "widget": "money"}, {"name": "second approver", "widget": "choice"}, {"name": "approve", "widget": "button"}]}}
            {"code": "training-entry", "workflow": "training", "layout": {"fields": [{"name": "course", "widget": "text"}, {"name": "amount", "widget": "money"}]}}

            """#,
            "records/screen-retired.jsonl": #"""
            {"code": "order-approval-phone"}

            """#,
            "copies/spending-category.csv": #"""
            list,code,label
            spending-category,hardware,Computers and phones
            spending-category,software,"Software, licences"
            spending-category,office,Office supplies
            spending-category,travel,Travel
            spending-category,training,Training

            """#,
            "sql/900-titles.sql": #"""
            -- Titles as the new navigation shows them.
            UPDATE apps.workflow SET title = title || ' (v' || version || ')';

            """#,
        ])
}
