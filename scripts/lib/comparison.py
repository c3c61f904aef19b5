"""What a rollback must bring back, read without any of Yesterday's own code: the text of
pg_dump and the ordered contents of tables."""

import difflib
import re

# "\restrict" lines carry a random word; our own schemas change with every deployment
NOISE = re.compile(r"^(\\(un)?restrict .*|-- Dumped .*)$")


def schema_dump(cluster, database):
    text = cluster.run([cluster.bindir / "pg_dump", "--schema-only",
                        "--exclude-schema=yesterday", "--exclude-schema=yesterday_shadow",
                        database])
    return [line for line in text.splitlines() if not NOISE.match(line)]


def tracked_tables(cluster, database):
    """Quoted qualified names of the tables under capture."""
    return cluster.psql(
        "SELECT format('%I.%I', schema_name, table_name) FROM yesterday.tracked"
        " WHERE state <> 'missing' ORDER BY 1", database).splitlines()


def contents(cluster, database, tables):
    """The rows of tables as lines of COPY text, headed by the table's name; ordered by the
    text of the whole row, so that the order of storage does not matter."""
    script = [r"\pset format unaligned"]
    for table in tables:
        script.append(f"\\echo == {table}")
        script.append(f"COPY (SELECT * FROM {table} AS r ORDER BY r::text COLLATE \"C\") TO STDOUT;")
    return cluster.psql("\n".join(script) + "\n", database,
                        options="-c extra_float_digits=3 -c datestyle=ISO").splitlines()


def difference(before, after, most=40):
    """Empty when equal, else the start of a unified diff."""
    if before == after:
        return ""
    lines = list(difflib.unified_diff(before, after, "before", "after", n=1, lineterm=""))
    return "\n".join(lines[:most] + ([f"... {len(lines) - most} more"] if len(lines) > most else []))
