"""Cost against size, and against the number of databases."""

from concurrent.futures import ThreadPoolExecutor
import os
import time

from arms import Bare, NotExact, Yesterday, own_arms
from rows import note
from session import Cost, total
from tables import BY_NAME, Change, digest, patch_of_items, table_of_items

# rows of a deployment; the patch changes seven tenths of the rows of its table
SIZES = (1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000)
CHANGED = 0.7


def growth(bench):
    """the patch on tables from 1,000 changed rows to 1,000,000"""
    for size in SIZES:
        if size > bench.given.growth:
            continue
        change = Change("growth", "", table_of_items, patch_of_items, columns="id, code, data",
                        touched=BY_NAME["patch"].touched)
        workload = f"growth, {size:,} rows"
        bench.baselines[workload] = "bare"
        rounds = bench.rounds if size <= 30_000 else max(bench.rounds // 2, 1)
        bench.interleave(
            [lambda arm=arm: note(bench, workload, arm.run(bench, change, int(size / CHANGED)))
             for arm in own_arms(proof=False)], rounds)


class FleetBare(Bare):
    def __init__(self, number):
        self.name = f"fleet bare {number}"


class Fleet(Yesterday):
    def __init__(self, number):
        super().__init__()
        self.name = f"fleet {number}"


def fleet(bench):
    """20 databases: the patch on each, as many at once as there are processors"""
    rows = max(bench.given.rows // 20, 100)
    numbers = range(bench.given.databases)
    bare = [FleetBare(number) for number in numbers]
    own = [Fleet(number) for number in numbers]
    for arm in bare + own:
        bench.session(arm).__exit__()
    bench.baselines["fleet"] = "bare"

    def everywhere(arms, work, label):
        began = time.monotonic()
        with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
            costs = list(pool.map(work, arms))
        cost = total(costs)
        bench.note("fleet", label, Cost(time.monotonic() - began, cost.cpu, cost.wal,
                                        cost.memory, cost.resident))

    def measure(sql):
        def work(arm):
            with bench.session(arm) as session:
                return session.measure(sql)
        return work

    def run(arms, steps):
        for arm in arms:
            with bench.session(arm) as session:
                arm.clean(session, BY_NAME["patch"])
                session.ask(table_of_items(rows))
                if isinstance(arm, Fleet):
                    session.ask("SELECT yesterday.track('item');")
        with bench.session(arms[0]) as session:
            session.ask("CHECKPOINT;")
        before = contents(arms)
        for label, sql in steps:
            everywhere(arms, measure(sql), label)
        return before == contents(arms)

    def contents(arms):
        found = []
        for arm in arms:
            with bench.session(arm) as session:
                found.append(session.ask(digest("item")))
        return found

    def run_own():
        exact = run(own, (
            ("capture", f"""SET yesterday.proof = off; BEGIN;
                SELECT yesterday.begin_deployment('fleet'); {patch_of_items(rows)}
                SELECT * FROM yesterday.finish_deployment(); COMMIT;"""),
            ("rollback", "SELECT * FROM rollback_last(reason => 'bench');")))
        if not exact:
            raise NotExact("fleet: a rollback was not exact")
        bench.checked += len(own)

    bench.interleave([lambda: run(bare, (("bare", f"BEGIN; {patch_of_items(rows)} COMMIT;"),)),
                      run_own])


WORKLOADS = {"growth": (growth.__doc__, growth), "fleet": (fleet.__doc__, fleet)}
