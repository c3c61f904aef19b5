"""Few changed rows of a large table: the rollback follows the change, not the table."""

from arms import NotExact, Yesterday
from session import WriterWatch, total
from tables import digest, table_of_items

CHANGED = 100


class Needle(Yesterday):
    name = "needle"


def needle(bench):
    """100 changed rows of a large table, and of one a hundredth of its size beside it"""
    arm = Needle()
    many = bench.given.many
    for label, rows in ((f"of {many:,}", many), (f"of {many // 100:,}", many // 100)):
        table = f"needle_{rows}"
        with bench.session(arm) as session:
            session.ask(table_of_items(rows, table, "jsonb_build_object('n', n)"))
            session.ask(f"CHECKPOINT; SELECT yesterday.track('{table}');")
            before = session.ask(digest(table))
        for number in range(bench.rounds):
            with bench.session(arm) as session, bench.session(arm) as beside:
                session.ask("SET yesterday.proof = off;")
                costs = arm.deploy(session, f"UPDATE {table} SET data = '{{}}'"
                                   f" WHERE id % {rows // CHANGED} = 7;", "needle")
                bench.note("needle", f"capture of {CHANGED} {label}", total(costs))
                watch = WriterWatch(beside, session.pid, table)
                cost = session.measure("SELECT * FROM rollback_last(reason => 'bench');")
                cost.more["writers blocked"] = watch.seconds()
                bench.note("needle", f"rollback of {CHANGED} {label}", cost)
                # the digest reads all rows: once is enough for the large one
                if number == 0 and session.ask(digest(table)) != before:
                    raise NotExact(f"needle {label}: the rollback was not exact")
                session.ask("SELECT yesterday.clear_freeze('bench');")
            bench.checked += number == 0
        with bench.session(arm) as session:
            if session.ask(digest(table)) != before:
                raise NotExact(f"needle {label}: the rollbacks were not exact")
            session.ask("SELECT * FROM yesterday.forget(keep => 0);"
                        f"SELECT yesterday.untrack('{table}'); DROP TABLE {table};")


WORKLOADS = {"needle": (needle.__doc__, needle)}
