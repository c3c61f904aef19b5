"""DDL, and databases of many tables."""

import sys
from pathlib import Path

from arms import Bare, NotExact, Yesterday
from session import total
from tables import digest

sys.path[:0] = [str(Path(__file__).resolve().parent.parent / "scripts")]
from lib.comparison import difference, schema_dump  # noqa: E402

COLUMNS = ", ".join(f"c{n} {('timestamptz', 'int', 'text', 'numeric')[n % 4]}"
                    for n in range(1, 20))


class ManyBare(Bare):
    name = "many bare"


class Many(Yesterday):
    name = "many"


def make_tables(session, tables, rows):
    """Tables of 20 columns, in portions: each has its locks until its transaction ends."""
    for first in range(1, tables + 1, 500):
        session.ask(f"""SELECT format('CREATE TABLE t%1$s (id int PRIMARY KEY, {COLUMNS});'
                'INSERT INTO t%1$s SELECT n, n, ''text '' || n FROM generate_series(1, {rows}) AS n;'
                'CREATE INDEX ON t%1$s (c1); ALTER TABLE t%1$s ADD CHECK (c1 >= 0);'
                'COMMENT ON TABLE t%1$s IS ''table %1$s'';', n)
            FROM generate_series({first}, {min(first + 499, tables)}) AS n \\gexec""")
    session.ask("VACUUM (FREEZE, ANALYZE); CHECKPOINT;")


def create(bench, arm, tables):
    """The database of an arm, once a run."""
    fresh = arm.database not in bench.databases
    with bench.session(arm) as session:
        if fresh:
            make_tables(session, tables, 50)
            if isinstance(arm, Yesterday):
                session.ask("SELECT yesterday.track_like('public', 't%');")


def many_writes(tables):
    touched = range(1, tables + 1, max(tables // 50, 1))
    return "\n".join(f"""UPDATE t{n} SET c2 = c2 || ' changed' WHERE id % 2 = 0;
        DELETE FROM t{n} WHERE id % 10 = 1;
        INSERT INTO t{n} SELECT n, n, 'new' FROM generate_series(51, 55) AS n;"""
                     for n in list(touched)[:50])


def summed(session, tables):
    """One digest for all tables that are written."""
    return [session.ask(digest(f"t{n}")) for n in list(range(1, tables + 1,
                                                             max(tables // 50, 1)))[:50]]


def many(bench):
    """2,000 tracked tables of which 50 are written"""
    tables = bench.given.tables
    writes = many_writes(tables)
    bench.baselines["many"] = "bare"
    bare, own = ManyBare(), Many()
    for arm in (bare, own):
        create(bench, arm, tables)

    def run_bare():
        with bench.session(bare) as session:
            session.ask("BEGIN;")
            bench.note("many", "bare", session.measure(writes))
            session.ask("ROLLBACK; CHECKPOINT;")

    def run_own(proof, scope):
        with bench.session(own) as session:
            before = summed(session, tables)
        label = "with full proof" if proof == "full" else "capture"
        with bench.session(own) as session:
            session.ask(f"SET yesterday.proof = {proof};")
            if scope == "open":
                bench.note("many", "open scope, begin", session.measure(
                    "SELECT yesterday.begin_deployment('many', scope => 'open');"))
                session.ask("SELECT set_config('yesterday.deployment', s.open_deployment::text,"
                            " false) FROM yesterday.status AS s;")
                bench.note("many", "open scope, writes", session.measure(f"BEGIN; {writes} COMMIT;"))
                bench.note("many", "open scope, finish", session.measure(
                    "SELECT * FROM yesterday.finish_deployment();"
                    "SET yesterday.deployment = '';"))
            else:
                bench.note("many", label, total(own.deploy(session, writes, "many")))
        with bench.session(own) as session:
            cost = session.measure("SELECT * FROM rollback_last(reason => 'bench');")
            bench.note("many", "open scope, rollback" if scope == "open" else "rollback", cost)
            if summed(session, tables) != before:
                raise NotExact("many: the rollback was not exact")
            bench.checked += 1
            session.ask("SELECT yesterday.clear_freeze('bench');"
                        "SELECT * FROM yesterday.forget(keep => 0); CHECKPOINT;")

    steps = [run_bare, lambda: run_own("off", "transaction"), lambda: run_own("off", "open")]
    if not bench.given.no_proof:
        steps.append(lambda: run_own("full", "transaction"))
    bench.interleave(steps)


def ddl_commands():
    """100 commands in the proportions that real deployments have them."""
    commands = []
    for n in range(1, 21):
        commands += [f"ALTER TABLE t{n} ADD COLUMN added text;",
                     f"ALTER TABLE t{n} ALTER COLUMN c1 SET DEFAULT {n};"]
    for n in range(21, 36):
        commands += [f"ALTER TABLE t{n} ADD CONSTRAINT added_{n} CHECK (c1 < 1000000);",
                     f"CREATE INDEX added_index_{n} ON t{n} (c2);"]
    for n in range(36, 46):
        commands += [f"CREATE TABLE added_{n} (id int PRIMARY KEY, t int REFERENCES t{n}, name text);",
                     f"COMMENT ON TABLE added_{n} IS 'made by the deployment';"]
    for n in range(1, 11):
        commands.append(f"CREATE FUNCTION added_{n}() RETURNS int LANGUAGE sql AS 'SELECT {n}';")
    return commands


def ddl(bench):
    """100 DDL commands in a database of 2,000 tables of 20 columns"""
    tables = bench.given.tables
    first, *rest = ddl_commands()
    bench.baselines["ddl"] = "bare"
    bare, own = ManyBare(), Many()
    for arm in (bare, own):
        create(bench, arm, tables)

    def run_bare():
        with bench.session(bare) as session:
            session.ask("BEGIN;")
            bench.note("ddl", "bare", session.measure("\n".join([first, *rest])))
            session.ask("ROLLBACK; CHECKPOINT;")

    def run_own(proof):
        with bench.session(own) as session:
            session.ask(f"SET yesterday.proof = {proof};")
            before = schema_dump(bench.cluster, own.database) if proof == "off" else None
            session.ask("BEGIN;")
            parts = [session.measure(part) for part in (
                "SELECT yesterday.begin_deployment('ddl');", first, "\n".join(rest),
                "SELECT * FROM yesterday.finish_deployment(); COMMIT;")]
        if proof == "full":
            bench.note("ddl", "with full proof", total(parts))
        else:
            for label, cost in zip(("first command, with the image", "the other commands",
                                    "finish, with image and inverse"), parts[1:]):
                bench.note("ddl", label, cost)
            bench.note("ddl", "capture", total(parts))
            if not difference(before, schema_dump(bench.cluster, own.database)):
                raise NotExact("ddl: the deployment changed nothing")
        with bench.session(own) as session:
            cost = session.measure("SELECT * FROM rollback_last(reason => 'bench');")
            if proof == "off":
                bench.note("ddl", "rollback", cost)
                differs = difference(before, schema_dump(bench.cluster, own.database))
                if differs:
                    raise NotExact(f"ddl: the rollback was not exact:\n{differs}")
                bench.checked += 1
            session.ask("SELECT yesterday.clear_freeze('bench');"
                        "SELECT * FROM yesterday.forget(keep => 0); CHECKPOINT;")

    steps = [run_bare, lambda: run_own("off")]
    if not bench.given.no_proof:
        steps.append(lambda: run_own("full"))
    bench.interleave(steps)


WORKLOADS = {"many": (many.__doc__, many), "ddl": (ddl.__doc__, ddl)}
