extension Board {
    /// The board as one page that needs nothing else: no script, no font, no request to anybody.
    ///
    /// - Parameter newest: at most so many patches of each group, the newest; `nil` for all.
    public func html(newest: Int? = nil) -> String {
        var page = HTMLText()
        page.raw(
            """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>
            """)
        page.text("The train: \(registry)")
        page.raw("</title>\n<style>\n\(Self.style)</style>\n</head>\n<body>\n<main>\n<h1>The train</h1>\n<p>")
        page.text("Registry \(registry), as of ")
        page.raw("<time datetime=\"")
        page.text(takenAt.iso)
        page.raw("\">")
        page.text(Self.minutes(takenAt) + " UTC")
        page.raw("</time>.</p>\n")
        if groups.isEmpty { page.raw("<p>There are no groups yet.</p>\n") }
        for (index, group) in groups.enumerated() {
            let shown = newest.map { group.newest($0) } ?? group
            page.section(shown, of: group, at: takenAt, number: index + 1)
        }
        page.raw("</main>\n</body>\n</html>\n")
        return page.result
    }

    /// `2026-11-21 18:02`
    static func minutes(_ time: Timestamp) -> String {
        String(time.iso.prefix(16)).replacing("T", with: " ")
    }

    /// Colours have a contrast of at least 4.5 to 1 with what they lie on; no colour says anything
    /// that a word does not say, too.
    private static let style = """
        :root { --ink: #1a1a1a; --paper: #fff; --line: #767676; --quiet: #595959; --head: #f2f2f2;
          --good: #0b5d1e; --good-bg: #e3f4e6; --bad: #8c1515; --bad-bg: #fbe6e6;
          --warn: #6b4500; --warn-bg: #fdf1d8; --blue: #0b4a8f; --blue-bg: #e4eefb; }
        @media (prefers-color-scheme: dark) { :root { --ink: #ececec; --paper: #161616; --line: #8a8a8a;
          --quiet: #b5b5b5; --head: #242424; --good: #9fe0ab; --good-bg: #12331a; --bad: #ffb4ab; --bad-bg: #451414;
          --warn: #ffd58a; --warn-bg: #3d2a00; --blue: #a8ccff; --blue-bg: #10294a; } }
        * { box-sizing: border-box; }
        body { margin: 0; color: var(--ink); background: var(--paper);
          font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif; }
        main { max-width: 90rem; margin: 0 auto; padding: 1rem; }
        h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.2rem; margin: 2rem 0 .25rem; }
        p { margin: .25rem 0; }
        .grid { overflow-x: auto; border: 1px solid var(--line); border-radius: .25rem; margin: .75rem 0; }
        .grid:focus-visible { outline: 3px solid var(--blue); outline-offset: 2px; }
        table { border-collapse: separate; border-spacing: 0; width: max-content; min-width: 100%; }
        caption { text-align: left; padding: .5rem .75rem; color: var(--quiet); }
        th, td { padding: .4rem .6rem; text-align: left; vertical-align: top; border-top: 1px solid var(--line); }
        thead th { background: var(--head); font-weight: 600; max-width: 9rem; overflow-wrap: anywhere; }
        tbody th { position: sticky; left: 0; background: var(--paper); border-right: 1px solid var(--line);
          max-width: 11rem; overflow-wrap: anywhere; }
        thead th:first-child { position: sticky; left: 0; border-right: 1px solid var(--line); z-index: 1; }
        small { display: block; font-weight: 400; color: var(--quiet); }
        td { white-space: nowrap; }
        .applied, .on_train { color: var(--good); background: var(--good-bg); }
        .rolled_back, .failed, .diverged, .off_train { color: var(--bad); background: var(--bad-bg); }
        .missed, .frozen, .applying, .interrupted { color: var(--warn); background: var(--warn-bg); }
        .realigned, .realigning { color: var(--blue); background: var(--blue-bg); }
        .pending, .unknown { color: var(--quiet); }
        .attention { padding: 0; margin: .75rem 0; list-style: none; }
        .attention li { border-left: .3rem solid var(--bad); padding: .25rem .75rem; margin: .5rem 0; }
        @media (max-width: 40rem) { main { padding: .75rem .5rem; } th, td { padding: .35rem .45rem; }
          tbody th, thead th:first-child { max-width: 7.5rem; } }
        @media print { .grid { overflow: visible; } }

        """
}

/// Builds a page; what is not markup of our own goes through ``text(_:)``.
private struct HTMLText {
    private(set) var result = ""

    mutating func raw(_ markup: String) { result += markup }

    /// Names come from a database and from whoever wrote to it: none of them may become markup, and
    /// control characters, which HTML has no place for, become visible.
    mutating func text(_ text: String) {
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            case "\n", "\t": result += " "
            case _ where scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value): result += "\u{FFFD}"
            default: result.unicodeScalars.append(scalar)
            }
        }
    }

    mutating func section(_ group: Board.Group, of whole: Board.Group, at takenAt: Timestamp, number: Int) {
        raw("<section aria-labelledby=\"group-\(number)\">\n<h2 id=\"group-\(number)\">Group ")
        text(group.name)
        raw("</h2>\n<p>")
        text(whole.summary + ".")
        raw("</p>\n")
        if let frozen = group.frozen {
            raw("<p><strong>No patch lands: </strong>")
            text(frozen)
            raw("</p>\n")
        }
        if let age = whole.age(at: takenAt) {
            raw("<p>")
            text(age + ".")
            raw("</p>\n")
        }
        attention(whole)
        table(group, of: whole, number: number)
        raw("</section>\n")
    }

    /// What a person should look at, in words, before the grid: on a phone the grid has to be moved.
    private mutating func attention(_ group: Board.Group) {
        let targets = group.targets.filter(\.needsAttention)
        guard !targets.isEmpty else { return }
        raw("<ul class=\"attention\" aria-label=\"Needs attention\">\n")
        for target in targets {
            raw("<li><strong>")
            text(target.name)
            raw("</strong>: ")
            text(target.inWords(group.patches))
            raw("</li>\n")
        }
        raw("</ul>\n")
    }

    private mutating func table(_ group: Board.Group, of whole: Board.Group, number: Int) {
        raw("<div class=\"grid\" role=\"region\" aria-labelledby=\"grid-\(number)\" tabindex=\"0\">\n<table>\n")
        raw("<caption id=\"grid-\(number)\">Targets by patches of group ")
        text(group.name)
        if group.patches.count < whole.patches.count {
            text(": the newest \(group.patches.count) of \(whole.patches.count) patches")
        }
        if group.patches.count > 1 { text(", newest first") }
        raw("</caption>\n<thead>\n<tr><th scope=\"col\">Target</th><th scope=\"col\">State</th>")
        // A phone shows two or three columns, and it is the newest patches that people look for.
        for patch in group.patches.reversed() {
            raw("<th scope=\"col\">")
            text(patch.name)
            raw("<small>patch \(patch.ordinal)")
            if patch.kind != "metadata" { text(", \(patch.kind)") }
            raw("</small></th>")
        }
        raw("</tr>\n</thead>\n<tbody>\n")
        for target in group.targets {
            raw("<tr><th scope=\"row\">")
            text(target.name)
            raw("</th><td class=\"\(target.state.rawValue)\">")
            text(target.state.words)
            raw("<small>at patch \(target.position)</small></td>")
            for cell in target.cells.reversed() {
                raw("<td class=\"\(cell.rawValue)\">\(cell.words)</td>")
            }
            raw("</tr>\n")
        }
        raw("</tbody>\n</table>\n</div>\n")
    }
}

extension Board.Target {
    /// What is the matter with it, in one or two sentences.
    ///
    /// - Parameter patches: the patches that its cells stand for.
    public func inWords(_ patches: [Board.Patch]) -> String {
        var text = state.words
        if state != .onTrain {
            if let since { text += " since \(Board.minutes(since)) UTC" }
            if let reason { text += ": \(reason)" }
        }
        for cell in [Board.Cell.rolledBack, .missed, .applying, .interrupted, .failed, .diverged] {
            let names = zip(patches, cells).filter { $1 == cell }.map { "\($0.0.ordinal) \($0.0.name)" }
            guard !names.isEmpty else { continue }
            let shown = names.prefix(5).joined(separator: ", ")
            text += "; \(cell.words): \(shown)\(names.count > 5 ? " and \(names.count - 5) more" : "")"
        }
        if let unalignedReason { text += "; let back on the train without being aligned: \(unalignedReason)" }
        return text + "."
    }
}
