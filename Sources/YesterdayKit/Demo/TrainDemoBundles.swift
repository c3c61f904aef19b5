import Foundation

/// The patches of the demonstration of the train.
enum TrainDemoBundles {
    static let limits = bundle(
        "apps 4.1", "Journeys up to 800 need no approval",
        rules: [
            #"{"code": "travel-limit", "title": "Journeys up to this amount need no approval", "limit_amount": 800.00, "approver": "manager"}"#
        ])

    /// Somebody has typed a zero too many.
    static let regression = bundle(
        "apps 4.2", "Higher approval limits",
        rules: [
            #"{"code": "order-limit", "title": "Orders up to this amount need no approval", "limit_amount": 100000.00, "approver": "manager"}"#,
            #"{"code": "training-limit", "title": "Trainings up to this amount need no approval", "limit_amount": 1200.00, "approver": "manager"}"#,
        ])

    static let training = bundle(
        "apps 4.3", "Trainings have a workflow",
        workflows: [
            #"{"code": "training", "title": "Book a training", "version": 1, "definition": {"steps": ["enter", "check training-limit", "approve", "book"]}}"#
        ])

    static let screens = bundle(
        "apps 4.4", "A screen for trainings",
        screens: [
            #"{"code": "training-entry", "workflow": "training", "layout": {"fields": [{"name": "course", "widget": "text"}, {"name": "amount", "widget": "money"}]}}"#
        ])

    static let fix = bundle(
        "apps 4.4.1", "The limit for orders without the zero too many",
        rules: [
            #"{"code": "order-limit", "title": "Orders up to this amount need no approval", "limit_amount": 10000.00, "approver": "manager"}"#
        ])

    static let all = [limits, regression, training, screens, fix]

    private static func bundle(
        _ name: String, _ note: String, rules: [String] = [], workflows: [String] = [], screens: [String] = []
    ) -> DemoBundle {
        var yaml = "name: \(name)\nnote: \(note)\nlayer: apps\ncontents:\n"
        var files: [String: String] = [:]
        for (table, records) in [("rule", rules), ("workflow", workflows), ("screen", screens)] where !records.isEmpty {
            yaml += "  - file: records/\(table).jsonl\n    table: apps.\(table)\n    key: code\n"
            files["records/\(table).jsonl"] = records.map { $0 + "\n" }.joined()
        }
        files["bundle.yaml"] = yaml
        return DemoBundle(name: name, files: files)
    }
}
