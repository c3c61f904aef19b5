"""A tracked table while no deployment is open: what everyday writes pay."""

import subprocess
import time

from arms import Bare, Yesterday
from session import Cost, children_seconds
from tables import table_of_items


def idle(bench):
    """a tracked table, no deployment: single rows over the protocol, and all rows at once"""
    rows = bench.given.rows
    rounds = max(bench.rounds, bench.given.idle_rounds)
    arms = (("bare", Bare()), ("tracked", Yesterday()))
    for label, arm in arms:
        with bench.session(arm) as session:
            session.ask("DROP TABLE IF EXISTS idle_item;")
            session.ask(table_of_items(rows, "idle_item"))
            session.ask("CHECKPOINT;")
            if label == "tracked":
                session.ask("SELECT yesterday.track('idle_item');")
    script = bench.cluster.base / "idle.sql"
    script.write_text(f"\\set id random(1, {rows})\n"
                      "UPDATE idle_item SET data = data WHERE id = :id;\n")
    postmaster = int((bench.cluster.data / "postmaster.pid").read_text().split()[0])

    def protocol(label, arm):
        cpu, began = children_seconds(postmaster), time.monotonic()
        subprocess.run([bench.cluster.bindir / "pgbench", "-n", "-M", "prepared", "-c", "1",
                        "-t", str(max(rows // 10, 100)), "-f", script, arm.database],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                       env=bench.cluster.environment())
        wall = time.monotonic() - began
        time.sleep(0.05)  # until the server has seen its backend end
        bench.note("idle, protocol", label, Cost(wall, children_seconds(postmaster) - cpu))

    def bulk(label, arm):
        with bench.session(arm) as session:
            bench.note("idle, bulk", label, session.measure("UPDATE idle_item SET data = data;"))
            session.ask("VACUUM idle_item; CHECKPOINT;")

    for workload, step in (("idle, protocol", protocol), ("idle, bulk", bulk)):
        bench.baselines[workload] = "bare"
        bench.interleave([lambda step=step, given=given: step(*given) for given in arms], rounds)
    for label, arm in arms:
        with bench.session(arm) as session:
            if label == "tracked":
                session.ask("SELECT yesterday.untrack('idle_item');")
            session.ask("DROP TABLE idle_item;")


WORKLOADS = {"idle": (idle.__doc__, idle)}
