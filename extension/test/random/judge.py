"""What must hold, seen from outside: the text of pg_dump, and the contents of all tables.

Where nobody but the deployment has written, everything is as before. Where others have written, every version of a row
is in place or in the attic, no reference dangles, and what is not as before is named in the report. Every refusal is one
of those that the documentation names, with a detail and a hint."""

import difflib
import json
import re
import subprocess
from collections import Counter

OURS = "('information_schema', 'yesterday', 'yesterday_shadow')"
TABLES = f"""
SELECT c.oid::regclass::text, coalesce(t.state IS NOT NULL, false),
       (SELECT string_agg(quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod), E'\\x01' ORDER BY a.attnum)
        FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
       c.relkind
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN yesterday.tracked t ON (t.schema_name, t.table_name) = (n.nspname, c.relname) AND t.state <> 'missing'
WHERE c.relkind IN ('r', 'm') AND (c.relkind = 'r' OR c.relispopulated) AND n.nspname !~ '^pg_' AND n.nspname NOT IN {OURS}
  AND c.relpersistence <> 't'
ORDER BY 1
"""
FORMS = f"""
SELECT c.oid::regclass::text, coalesce((SELECT string_agg(format('%1$L, CASE WHEN num_nulls(row_.%1$I) = 0 THEN format(''%%s'', row_.%1$I) END', a.attname), ', ' ORDER BY a.attnum)
        FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''), '')
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN yesterday.tracked t ON (t.schema_name, t.table_name) = (n.nspname, c.relname) AND t.state <> 'missing'
WHERE c.relkind = 'r' ORDER BY 1
"""
# every constraint that says it holds is made once more, as the server itself checks it
RECHECK = f"""
DO $do$ DECLARE k record; BEGIN
    FOR k IN SELECT c.conrelid::regclass AS name, c.conname, pg_get_constraintdef(c.oid) AS definition
             FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid JOIN pg_namespace n ON n.oid = r.relnamespace
             WHERE c.contype IN ('f', 'u', 'p', 'x') AND c.convalidated AND c.conparentid = 0 AND n.nspname !~ '^pg_' AND n.nspname NOT IN {OURS}
    LOOP
        EXECUTE format('ALTER TABLE %s ADD CONSTRAINT checked_again %s', k.name, regexp_replace(k.definition, '^PRIMARY KEY', 'UNIQUE'));
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT checked_again', k.name);
    END LOOP;
END $do$
"""
NEVER = re.compile(r"^(XX|58|08|53|57|40P01|F0|25001)")     # what no statement may end with
INSIDE = re.compile(r"yesterday\.[a-z_]|yesterday_shadow")
NAMED = ("held back", "changed since", "displaced", "orphaned", "unplaceable", "kept in the attic")
# reasons that the documentation gives for a refusal; anything else is a fault
ALLOWED = (
    ("constraint of its own", r"^23"),
    ("transaction failed before", r"^25P02"),
    ("a type that another type holds would have to be made anew", r"^YD016.*cannot be undone.*it depends on (enum|domain|composite|range)"),
    ("rows that cannot be told apart", r"^YD016.*a row cannot be told apart"),
    ("values that tell rows apart and do not fit back", r"^YD015.*would not bring back table.*unplaceable: .*\(invalid input syntax for type"),
    ("business rows that are there already, and that a definition of before forbids",
     r"^YD015.*exactly (columns|definition) before the deployment.* held back: .*(contains null values|; came back NOT VALID)"),
    ("rights of an owner", r"^YD016.*permission denied"),
)
# our own triggers carry numbers of ours
CAPTURED = re.compile(r"(EXECUTE FUNCTION yesterday\._capture\w*)\(.*")
COMMENT = re.compile(r"^(--|\\restrict|\\unrestrict)")


class Fault(Exception):
    """kind: what two faults have to share to be the same."""

    def __init__(self, kind, text):
        super().__init__(f"{kind}\n{text}")
        self.kind = re.sub(r"\"[^\"]*\"|'[^']*'|\d+|\b(meta|biz)\.\S+|\(.*", "", kind)[:70]


class Stuck(Exception):
    """What was refused stays in part, and is named: from here on nothing can be compared."""


def difference(before, now, most=40):
    lines = [line for line in difflib.unified_diff(before, now, lineterm="", n=1) if not line.startswith(("---", "+++", "@@"))]
    return "\n".join(line[:400] for line in lines[:most])


def judge_error(error, what, counted, statement=""):
    """An error of a member or of an outsider is survived, unless it is ours or nobody's."""
    # what a serializable transaction reads and writes counts wherever it does, in tables of ours, too
    is_ours = INSIDE.search(error.message + error.context) and "read/write dependencies" not in error.message
    if NEVER.match(error.sqlstate) or (not error.sqlstate.startswith("YD") and is_ours):
        raise Fault(f"{what}: {error.sqlstate} {error.message}", f"{error}\n{statement}")
    if error.sqlstate.startswith("YD"):
        judge_refusal(error, what, counted)


def judge_refusal(error, what, counted, allowed=ALLOWED):
    text = f"{error.sqlstate} {error.message} {error.detail}".replace("\n", " ")
    if error.sqlstate.startswith("YD") and not (error.detail and error.hint):
        raise Fault(f"{what}: {error.sqlstate} without detail or hint", str(error))
    for reason, pattern in allowed:
        if re.search(pattern, text):
            counted[reason] = counted.get(reason, 0) + 1
            return reason
    raise Fault(f"{what} {error.sqlstate} {error.message} {error.detail}", str(error))


def as_jsonb(row):
    """The text that the server gives a row of texts."""
    return "{" + ", ".join(f"{json.dumps(name, ensure_ascii=False)}: {json.dumps(row[name], ensure_ascii=False)}"
                           for name in sorted(row, key=lambda name: (len(name.encode()), name.encode()))) + "}"


class Looking:
    """Reads a database."""

    def __init__(self, admin, dump_program, database):
        self.admin, self.dump_program, self.database = admin, dump_program, database

    def state(self):
        return State(self.schema(), *self.contents())

    def schema(self):
        done = subprocess.run([self.dump_program, "--schema-only", "--exclude-schema=yesterday", "--exclude-schema=yesterday_shadow", "-d", self.database],
                              text=True, capture_output=True, errors="surrogateescape")
        if done.returncode:
            raise Fault("pg_dump failed", done.stderr)
        return [CAPTURED.sub(r"\1 ...", line) for line in done.stdout.split("\n") if line and not COMMENT.match(line)]

    def contents(self):
        tables = {name: (tracked == "t", (columns or "").split("\x01") if columns else [], kind) for name, tracked, columns, kind in self.admin.run(TABLES)}
        rows = self.union([(name, "row_::text") for name in tables])
        return tables, {name: sorted(found) for name, found in rows.items()}

    def union(self, forms):
        """The rows of tables, each table's as the expression says that comes with its name."""
        found = {name: [] for name, _ in forms}
        if forms:
            for number, row in self.admin.run(" UNION ALL ".join(f"SELECT {number}, {form} FROM ONLY {name} AS row_" for number, (name, form) in enumerate(forms))):
                found[forms[int(number)][0]].append(row)
        return found

    def images(self):
        """Rows of tracked tables, counted, as the attic shows them: every value as the text that its type writes. No null is written
        down: a row that somebody else wrote while it had another column, and left that empty, is all there without it."""
        rows = self.union([(name, f"jsonb_strip_nulls(jsonb_build_object({form}))::text") for name, form in self.admin.run(FORMS)])
        return {name: Counter(found) for name, found in rows.items()}

    def attic(self):
        """Rows in the attic, without the columns that are computed."""
        return {row[0] for row in self.admin.run(
            "SELECT jsonb_strip_nulls(a.row_data - coalesce((SELECT array_agg(g.attname::text) FROM pg_attribute g WHERE g.attgenerated <> ''"
            " AND g.attrelid = to_regclass(format('%I.%I', a.schema_name, a.table_name))), '{}'))::text FROM yesterday.attic_row a")}

    def split(self, lost):
        """Of versions that stand nowhere those that are there in two pieces: {version: the row without some of its columns},
        whose values the attic has under the key of that row."""
        pieces = [(json.loads(key), json.loads(taken)) for key, taken in self.admin.run(
            "SELECT DISTINCT jsonb_strip_nulls(a.row_key)::text, jsonb_strip_nulls(a.row_data)::text FROM yesterday.attic_row a WHERE a.row_key <> '{}'")]
        found = {}
        for version in lost:
            whole = json.loads(version)
            for key, taken in pieces:
                if {**key, **taken}.items() <= whole.items():
                    found.setdefault(version, set()).add(as_jsonb({name: value for name, value in whole.items() if name not in taken}))
        return found


class State:
    def __init__(self, schema, tables, contents):
        self.schema, self.tables, self.contents = schema, tables, contents


class Foreign:
    """What others did to tracked rows since a deployment began."""

    def __init__(self):
        self.wrote, self.added, self.removed = False, set(), set()
