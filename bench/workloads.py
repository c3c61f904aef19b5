"""The workloads. Each is a function of a Bench that yields nothing and notes Costs with
bench.note(workload, arm, cost); the arms of a round run one after another, in turn first."""

import subprocess
import time

from session import Cost, children_seconds

# about half a kilobyte of jsonb a row
PAYLOAD = """jsonb_build_object('id', n, 'label', 'item ' || n, 'active', n % 3 = 0,
    'body', repeat(md5(n::text), 13), 'tags', jsonb_build_array(n % 7, n % 11, n % 13))"""

DIGEST = "SELECT count(*), md5(string_agg(md5(i::text), '' ORDER BY id)) FROM {table} AS i;"


def make(session, table, rows, payload=PAYLOAD):
    session.ask(f"""
        DROP TABLE IF EXISTS {table};
        CREATE TABLE {table} (id bigint PRIMARY KEY, code text NOT NULL UNIQUE, data jsonb);
        INSERT INTO {table} SELECT n, 'code ' || n, {payload}
            FROM generate_series(1, {rows}) AS n;
        VACUUM (FREEZE, ANALYZE) {table};
        CHECKPOINT;""")


def deployment(writes, name):
    return f"""BEGIN;
        SELECT yesterday.begin_deployment('{name}');
        {writes}
        SELECT * FROM yesterday.finish_deployment();
        COMMIT;"""


def patch(bench):
    """One transaction on 200,000 rows: half updated, a tenth deleted, a tenth inserted."""
    deploy_and_roll_back(bench, "patch", bench.rows, lambda table: f"""
        UPDATE {table} SET data = data || '{{"changed": true}}' WHERE id % 2 = 0;
        DELETE FROM {table} WHERE id % 10 = 1;
        INSERT INTO {table} SELECT n, 'code ' || n, {PAYLOAD}
            FROM generate_series({bench.rows} + 1, {bench.rows} + {bench.rows} / 10) AS n;""")


def single(bench):
    """20,000 updates of one row each, one statement each over the protocol."""
    updates = bench.rows // 10
    deploy_and_roll_back(bench, "single", bench.rows, lambda table: "\n".join(
        f"UPDATE {table} SET data = data || '{{\"changed\": true}}' WHERE id = {number * 10};"
        for number in range(1, updates + 1)))


def loop(bench):
    """The same 20,000 updates in a PL/pgSQL loop: nothing but the server."""
    updates = bench.rows // 10
    deploy_and_roll_back(bench, "loop", bench.rows, lambda table: f"""
        DO $$ BEGIN FOR n IN 1 .. {updates} LOOP
            UPDATE {table} SET data = data || '{{"changed": true}}' WHERE id = n * 10;
        END LOOP; END $$;""")


def deploy_and_roll_back(bench, workload, rows, writes):
    def bare(session):
        make(session, "bare_item", rows)
        bench.note(workload, "bare", session.measure(
            f"BEGIN; {writes('bare_item')} COMMIT;"))

    def yesterday(session, proof):
        make(session, "item", rows)
        session.ask("SELECT yesterday.track('item');")
        before = session.ask(DIGEST.format(table="item"))
        session.ask(f"SET yesterday.proof = {proof};")
        arm = "capture" if proof == "off" else "proven"
        session.ask("BEGIN;")
        parts = [session.measure(part) for part in (
            f"SELECT yesterday.begin_deployment('{workload} {arm}');", writes("item"),
            "SELECT * FROM yesterday.finish_deployment(); COMMIT;")]
        if proof == "off":
            bench.note(workload, "writes alone", parts[1])
        bench.note(workload, arm, sum(parts[1:], parts[0]))
        if proof == "off":
            if session.ask(DIGEST.format(table="item")) == before:
                raise RuntimeError(f"{workload}: the deployment changed nothing")
            bench.note(workload, "rollback", session.measure(
                "SELECT * FROM rollback_last(reason => 'bench');"))
            bench.exact(workload, before, session.ask(DIGEST.format(table="item")))
            session.ask("SELECT yesterday.clear_freeze('bench');")
        session.ask("SELECT * FROM yesterday.forget(keep => 0);"
                    "SELECT yesterday.untrack('item');")

    def table_log(session):
        make(session, "logged_item", rows)
        session.ask("""
            CREATE EXTENSION IF NOT EXISTS table_log;
            DROP TABLE IF EXISTS logged_item_log;
            DROP SEQUENCE IF EXISTS logged_item_log_seq;
            SELECT table_log_init(5, 'logged_item');""")
        bench.note(workload, "table_log", session.measure(
            f"BEGIN; {writes('logged_item')} COMMIT;"))

    arms = [bare, lambda session: yesterday(session, "off")]
    if bench.proof:
        arms.append(lambda session: yesterday(session, "full"))
    if bench.has_table_log:
        arms.append(table_log)
    bench.interleave(arms)


def needle(bench):
    """100 changed rows of a table of 5,000,000, and of one of 50,000 beside it."""
    sizes = {"of many": bench.many, "of few": bench.many // 100}
    with bench.session() as session:
        for arm, rows in sizes.items():
            table = f"needle_{rows}"
            make(session, table, rows, "jsonb_build_object('n', n)")
            session.ask(f"SELECT yesterday.track('{table}'); SET yesterday.proof = off;")
            for _ in range(bench.rounds):
                before = session.ask(DIGEST.format(table=table))
                session.ask(deployment(
                    f"UPDATE {table} SET data = '{{}}' WHERE id % {rows // 100} = 7;",
                    f"needle {arm}"))
                bench.note("needle", f"rollback of 100 {arm}", session.measure(
                    "SELECT * FROM rollback_last(reason => 'bench');"))
                bench.exact("needle", before, session.ask(DIGEST.format(table=table)))
                session.ask("SELECT yesterday.clear_freeze('bench');")
            session.ask("SELECT * FROM yesterday.forget(keep => 0);"
                        f"SELECT yesterday.untrack('{table}'); DROP TABLE {table};")


def idle(bench):
    """A tracked table while no deployment is open: single-row updates over the protocol,
    with pgbench, and one bulk update of every row."""
    with bench.session() as session:
        for table in ("bare_item", "item"):
            make(session, table, bench.rows)
        session.ask("SELECT yesterday.track('item');")
    script = bench.cluster.base / "idle.sql"
    postmaster = int((bench.cluster.data / "postmaster.pid").read_text().split()[0])

    def protocol(table, arm):
        script.write_text(f"\\set id random(1, {bench.rows})\n"
                          f"UPDATE {table} SET data = data WHERE id = :id;\n")
        cpu, began = children_seconds(postmaster), time.monotonic()
        subprocess.run([bench.cluster.bindir / "pgbench", "-n", "-M", "prepared", "-c", "1",
                        "-t", str(bench.rows // 10), "-f", script, bench.database],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                       env=bench.cluster.environment())
        wall = time.monotonic() - began
        time.sleep(0.05)  # until the server has seen its backend end
        bench.note("idle, protocol", arm,
                   Cost(wall, children_seconds(postmaster) - cpu, 0))

    def bulk(session, table, arm):
        bench.note("idle, bulk", arm, session.measure(
            f"UPDATE {table} SET data = data;"))
        session.ask(f"VACUUM {table}; CHECKPOINT;")

    arms = (("bare_item", "bare"), ("item", "tracked"))
    rounds = max(bench.rounds, bench.idle_rounds)
    bench.interleave([lambda _, given=given: protocol(*given) for given in arms], rounds)
    bench.interleave([lambda session, given=given: bulk(session, *given) for given in arms],
                     rounds)
    with bench.session() as session:
        session.ask("SELECT yesterday.untrack('item');")


ALL = {"patch": patch, "single": single, "loop": loop, "needle": needle, "idle": idle}
