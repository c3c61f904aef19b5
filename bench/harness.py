"""What all workloads share: the cluster, the rounds, and the costs noted in them."""

import sys
from collections import defaultdict

from session import Session

SETTINGS = {
    "autovacuum": "off", "checkpoint_timeout": "1h", "max_wal_size": "20GB",
    "shared_buffers": "1GB", "log_statement": "none", "log_checkpoints": "off",
    "max_locks_per_transaction": "4096", "max_connections": "60", "synchronous_commit": "on",
}


class Bench:
    """Runs arms in turn, and keeps what they cost."""

    def __init__(self, cluster, given):
        self.cluster = cluster
        self.given = given
        self.rounds = given.rounds
        self.costs = defaultdict(lambda: defaultdict(list))
        self.baselines = {}             # workload -> arm that ratios are taken of
        self.notes = []                 # what could not be measured, and why
        self.checked = 0
        self.databases = set()
        self.given_up = set()           # (workload, peer) that failed once
        self.touch_shared_buffers()

    def touch_shared_buffers(self):
        """A server that has been up for a while has used all of them once; in a new one the
        kernel would make pages for them during whatever is measured first."""
        blocks = int(self.cluster.psql(
            "SELECT setting FROM pg_settings WHERE name = 'shared_buffers'"))
        self.cluster.psql(
            "CREATE UNLOGGED TABLE touch (filler char(4000));"
            "ALTER TABLE touch ALTER filler SET STORAGE PLAIN;"
            f"INSERT INTO touch SELECT '' FROM generate_series(1, {blocks} * 2 - 4000);"
            "DROP TABLE touch; CHECKPOINT;")

    def session(self, arm):
        if arm.database not in self.databases:
            arm.create(self.cluster)
            self.databases.add(arm.database)
        return Session(self.cluster, arm.database)

    def say(self, text):
        print(text, file=sys.stderr, flush=True)

    def note(self, workload, arm, cost):
        self.costs[workload][arm].append(cost)

    def remark(self, text):
        if text not in self.notes:
            self.notes.append(text)
            self.say("  " + text)

    def interleave(self, steps, rounds=None):
        """Calls each step once a round; they take turns in going first."""
        for number in range(rounds or self.rounds):
            turn = number % len(steps)
            for step in steps[turn:] + steps[:turn]:
                step()

    def watched(self, session, change):
        """The table whose writers a rollback blocks: of a partitioned one, a partition."""
        return session.ask(
            f"""SELECT coalesce((SELECT i.inhrelid::regclass::text FROM pg_inherits AS i
                WHERE i.inhparent = '{change.tables[0]}'::regclass LIMIT 1),
                '{change.tables[0]}');""")
