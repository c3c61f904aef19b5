"""The coverage page: what becomes of which kind of object in which operation, told by the cases.

A case says what it covers:

    -- covers OPERATION: kind, kind, ...

What the page says of that cell is the outcome of the case, seen from outside: it came back, it came back by being
made anew, or the deployment was refused, with the reason that the server gave. Every cell that PostgreSQL has a
command for needs a case, and every case's cell is in the tables below.
"""

import re
from pathlib import Path

PAGE = Path(__file__).resolve().parents[3] / "docs" / "ddl-coverage.md"
EXACT, ANEW, REFUSED = "exact", "exact by rebuild", "refused"

OBJECTS = {"c": "created", "d": "dropped", "x": "dropped with what needs it", "a": "altered", "r": "renamed",
           "m": "moved", "o": "owner", "g": "grants", "k": "comment", "p": "replaced", "w": "made and dropped"}
PROPERTIES = {"s": "set", "c": "changed", "t": "taken away"}

# (name, least version, the letters of the operations that there are)
KINDS = [
    ("schema", 15, "cdxrogkpw"), ("table", 15, "cdxarmogkpw"), ("partitioned table", 15, "cdxarmogkpw"),
    ("partition", 15, "cdxarmogkpw"), ("column", 15, "cdxargkpw"),
    ("primary key", 15, "cdxrkpw"), ("unique constraint", 15, "cdxrkpw"), ("foreign key", 15, "cdarkpw"),
    ("check constraint", 15, "cdarkpw"), ("exclusion constraint", 15, "cdrkpw"), ("index", 15, "cdarkpw"),
    ("sequence", 15, "cdxarmogkpw"), ("view", 15, "cdxarmogkpw"), ("materialized view", 15, "cdxarmogkpw"),
    ("rule", 15, "cdarkpw"), ("trigger", 15, "cdarkpw"), ("policy", 15, "cdarkpw"), ("statistics", 15, "cdarmokpw"),
    ("function", 15, "cdxarmogkpw"), ("procedure", 15, "cdarmogkpw"), ("aggregate", 15, "cdxarmogkpw"),
    ("enum", 15, "cdxarmogkpw"), ("composite type", 15, "cdxarmogkpw"), ("domain", 15, "cdxarmogkpw"),
    ("range", 15, "cdxrmogkpw"), ("shell type", 15, "cdxw"), ("base type", 15, "cdx"),
    ("default privileges", 15, "cda"), ("extension", 15, "cdxamkw"), ("member of an extension", 15, "cdaog"),
    ("event trigger", 15, "cdarokpw"), ("operator", 15, "cdxamokpw"), ("operator class", 15, "cdxrmokpw"),
    ("operator family", 15, "cdxarmokpw"), ("cast", 15, "cdkpw"), ("transform", 15, "cdkpw"),
    ("language", 15, "cdxrogkpw"), ("access method", 15, "cdkpw"), ("collation", 15, "cdxrmokpw"),
    ("conversion", 15, "cdrmokpw"), ("text search parser", 15, "cdxrmkpw"), ("text search template", 15, "cdxrmkpw"),
    ("text search dictionary", 15, "cdxarmokpw"), ("text search configuration", 15, "cdxarmokpw"),
    ("publication", 15, "cdarokpw"), ("subscription", 15, "cdarok"), ("foreign-data wrapper", 15, "cdxarogkpw"),
    ("server", 15, "cdxarogkpw"), ("user mapping", 15, "cdapw"), ("foreign table", 15, "cdxarmogkpw"),
    ("large object", 15, "cdaogk"), ("security label", 15, "cd"), ("this database", 15, "aogk"),
    ("named NOT NULL", 18, "cdarkpw"), ("temporal key (WITHOUT OVERLAPS)", 18, "cdxrkpw"),
    ("temporal foreign key (PERIOD)", 18, "cdarkpw"), ("constraint NOT ENFORCED", 18, "cdarkpw"),
]
TABLES = [
    ("persistence (UNLOGGED)", 15, "st"), ("storage parameters", 15, "sct"), ("TOAST parameters", 15, "sct"),
    ("replica identity", 15, "sct"), ("clustering", 15, "sct"), ("inheritance", 15, "st"),
    ("place as a partition", 15, "sct"), ("default partition", 15, "st"), ("row security", 15, "st"),
    ("forced row security", 15, "st"), ("type (OF)", 15, "st"), ("tablespace", 15, "sct"), ("access method", 15, "c"),
]
COLUMNS = [
    ("type", 15, "c"), ("collation", 15, "sct"), ("default", 15, "sct"), ("GENERATED STORED", 15, "st"),
    ("identity", 15, "sct"), ("NOT NULL", 15, "st"), ("storage", 15, "sct"), ("compression", 15, "st"),
    ("statistics target", 15, "sct"), ("options", 15, "sct"), ("options of a foreign column", 15, "sct"),
    ("statistics target on an expression of an index", 15, "sct"), ("position in the table", 15, "c"),
    ("position in a partitioned table", 15, "c"),
    ("GENERATED VIRTUAL", 18, "st"), ("expression", 17, "c"),
]
SECTIONS = [("Objects", OBJECTS, KINDS), ("Properties of tables", PROPERTIES, TABLES),
            ("Properties of columns", PROPERTIES, COLUMNS)]

# kinds of the page that the planner calls otherwise
PARTS = {"column", "partition", "partitioned table", "primary key", "unique constraint", "foreign key", "check constraint",
         "exclusion constraint"}
CONSTRAINTS = {"primary key", "unique constraint", "foreign key", "check constraint", "exclusion constraint",
               "temporal key (WITHOUT OVERLAPS)", "temporal foreign key (PERIOD)", "constraint NOT ENFORCED"}
ANEW_WHERE_IT_STAYS = {"altered", "renamed", "moved", "owner", "grants", "comment", "set", "changed", "taken away"}


def cells():
    """Every cell that needs a case: (section, kind, operation) -> least version."""
    return {(title, kind, words[letter]): least
            for title, words, kinds in SECTIONS for kind, least, letters in kinds for letter in letters}


def locate(kind, operation):
    for title, words, kinds in SECTIONS:
        for name, _, letters in kinds:
            if name == kind and operation in (words[letter] for letter in letters):
                return title, kind, operation
    return None


class Coverage:
    def __init__(self, version):
        self.version = version
        self.found = {}                 # cell -> set of (outcome, reason)
        self.faults = []

    def enter(self, case, steps, refusal):
        """What a case that passed shows: steps of the inverse [(kind, outcome)], or the error that refused it."""
        for operation, kind in case.covers:
            cell = locate(kind, operation)
            if cell is None:
                self.faults.append(f"{case.name} covers \"{operation}: {kind}\", which the page does not know")
                continue
            if case.least > cells()[cell]:
                self.faults.append(f"{case.name} is for PostgreSQL {case.least} on, \"{kind}\" is not")
            self.found.setdefault(cell, set()).add(
                (REFUSED, reason_of(refusal, kind)) if refusal else (self.came_back(kind, operation, steps), None))

    @staticmethod
    def came_back(kind, operation, steps):
        name = "constraint" if kind in CONSTRAINTS else kind
        rebuilt = any(k == "table" and outcome == "rebuilt" for k, outcome in steps)
        anew = operation in ANEW_WHERE_IT_STAYS and any(k == name and outcome == "recreated" for k, outcome in steps)
        table_wide = kind in PARTS or operation in PROPERTIES.values() or kind == "table"
        return ANEW if anew or (rebuilt and table_wide and operation not in ("replaced", "created", "made and dropped")) else EXACT

    def missing(self):
        return [cell for cell, least in cells().items() if least <= self.version and cell not in self.found]

    def sections(self):
        """[(least version, text)]: what the page says, as far as this version can tell."""
        for title, words, kinds in SECTIONS:
            for least in sorted({v for _, v, _ in kinds if v <= self.version}):
                heading = title if least == 15 else f"{title}, from PostgreSQL {least} on"
                yield least, self.table(heading, title, words, [k for k in kinds if k[1] == least])

    def table(self, heading, title, words, kinds):
        used = [w for letter, w in words.items() if any(letter in letters for _, _, letters in kinds)]
        notes = []
        lines = [f"## {heading}", "", "| | " + " | ".join(used) + " |", "|---" * (len(used) + 1) + "|"]
        for kind, _, letters in kinds:
            row = [self.cell((title, kind, word), notes) if any(words[x] == word for x in letters) else "–" for word in used]
            lines.append(f"| {kind} | " + " | ".join(row) + " |")
        if notes:
            lines += ["", *(f"{n}. {note}" for n, note in enumerate(notes, 1))]
        return "\n".join(lines) + "\n"

    def cell(self, cell, notes):
        said = []
        for outcome, reason in sorted(self.found.get(cell, {("missing", None)}), key=str):
            if outcome == REFUSED:
                if reason not in notes:
                    notes.append(reason)
                said.append(f"refused ({notes.index(reason) + 1})")
            else:
                said.append(outcome)
        if EXACT in said and ANEW in said:
            said.remove(EXACT)          # by rebuild where it takes one
        return ", ".join(said)

    def page(self):
        return INTRODUCTION + "\n".join(text for _, text in self.sections())

    def differences(self):
        """What keeps the committed page from being true."""
        faults = list(self.faults)
        faults += [f"no case covers \"{operation}: {kind}\"" for _, kind, operation in self.missing()]
        page = PAGE.read_text() if PAGE.exists() else ""
        faults += [f"docs/ddl-coverage.md does not say what the cases show on PostgreSQL {self.version}:\n{text}"
                   for _, text in self.sections() if text not in page]
        return faults


def reason_of(refusal, kind):
    name = "constraint" if kind in CONSTRAINTS else kind
    found = re.search(rf"^(?:DETAIL:\s+)?{re.escape(name)} [^:\n]*(?::[^ ][^:\n]*)*: (.+)$", refusal, re.MULTILINE) or \
        re.search(r"^DETAIL:\s+[a-z -]+ [^\n]*?: (.+)$", refusal, re.MULTILINE) or \
        re.search(r"^ERROR:\s+\w{5}: (.+)$", refusal, re.MULTILINE)
    return found.group(1) if found else refusal


INTRODUCTION = """# What of a deployment's DDL comes back

<!-- Written by extension/test/ddl/run --write-page from the outcome of its cases; the tests fail when it is not true. -->

Every cell is what a test shows, judged by the text of `pg_dump` and the contents of all tables before the deployment
and after its rollback, on every PostgreSQL that the tests run on.

* **exact**: it is as before.
* **exact by rebuild**: it is as before, because the rollback makes it anew, a table with its rows: it has another OID
  then, and a table is locked for the time that it takes to copy it. Where ALTER is enough, it is used.
* **refused**: `finish_deployment` refuses the deployment, names the object and gives the reason below the table.
  `begin_deployment(accept_irreversible => true)` takes it all the same; it is shown as residue from then on.
* **–**: PostgreSQL has no such command.

*Replaced* is: dropped and made again under its name with another shape. *Made and dropped* is: both within one deployment.
*Moved* is: to another schema. What is made of others by CASCADE comes back with what it needed.

Temporary objects are the session's own: no deployment owns them, no rollback touches them. Roles, tablespaces, other databases and
server settings lie outside the database: a deployment that changes them is told so at finish, and the preview says so ever after.
A command whose kind of object Yesterday does not know, and a write to a system catalog that no command explains, is refused.

"""
