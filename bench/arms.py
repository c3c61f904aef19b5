"""The ways to run one and the same deployment: bare PostgreSQL, and Yesterday."""

from session import WriterWatch, total
from tables import digest


class NotExact(Exception):
    """A rollback did not bring back what was there."""


class Arm:
    """One way to deploy. Each has a database of its own, so that no extension is in the
    way of another. `run` returns Costs by the name under which they are shown."""
    name = ""
    extensions = ()

    @property
    def database(self):
        return "bench_" + self.name.lower().replace("-", "_").replace(" ", "_")

    def missing(self, cluster):
        """Extensions that this server does not have."""
        have = set(cluster.psql("SELECT name FROM pg_available_extensions").split())
        return [name for name in self.extensions if name not in have]

    def create(self, cluster):
        cluster.psql(f"CREATE DATABASE {self.database}")
        for name in self.extensions:
            cluster.psql(f'CREATE EXTENSION "{name}" CASCADE', self.database)

    def clean(self, session, change):
        for table in change.tables:
            session.ask(f"DROP TABLE IF EXISTS {table} CASCADE;")

    def make(self, session, change, rows):
        self.clean(session, change)
        session.ask(change.make(rows))
        session.ask("CHECKPOINT;")

    def run(self, bench, change, rows):
        raise NotImplementedError


def digests(session, change):
    return [session.ask(digest(table, change.columns)) for table in change.tables]


def require_exact(change, arm, before, after):
    if before != after:
        raise NotExact(f"{change.name}: the rollback of {arm} was not exact:\n"
                       f"  before: {before}\n  after:  {after}")


class Bare(Arm):
    name = "bare"

    def run(self, bench, change, rows):
        with bench.session(self) as session:
            self.make(session, change, rows)
        # in a session of its own, as all arms: one that made the table has its pages mapped already
        with bench.session(self) as session:
            return {"bare": session.measure(f"BEGIN; {change.writes(rows)} COMMIT;")}


class Yesterday(Arm):
    """Capture, the rollback, and the deployment whose rollback is proven."""
    name = "yesterday"
    extensions = ("yesterday",)

    def __init__(self, proof=False):
        self.proof = proof

    def clean(self, session, change):
        session.ask("SELECT yesterday.clear_freeze('bench') FROM yesterday.status"
                    " WHERE state <> 'on_train';"
                    "SELECT * FROM yesterday.forget(keep => 0);")
        for table in change.tables:
            session.ask("SELECT yesterday.untrack(t.oid) FROM pg_class AS t JOIN yesterday.tracked"
                        f" AS k ON k.table_name = t.relname WHERE t.oid = to_regclass('{table}');")
        super().clean(session, change)

    def deploy(self, session, writes, name, scope="transaction"):
        """Costs of begin, writes and finish; the three run in one transaction."""
        session.ask("BEGIN;")
        return [session.measure(part) for part in (
            f"SELECT yesterday.begin_deployment('{name}');", writes,
            "SELECT * FROM yesterday.finish_deployment(); COMMIT;")]

    def run(self, bench, change, rows):
        costs = {}
        with bench.session(self) as session:
            self.make(session, change, rows)
            for table in change.tables:
                session.ask(f"SELECT yesterday.track('{table}');")
            before = digests(session, change)
            images = int(session.ask(
                # a whole row has its values out of line in it
                f"SELECT coalesce(sum(pg_column_size(t.*)), 0) FROM {change.tables[0]} AS t"
                f" WHERE {change.touched};"))
            session.ask(f"SET yesterday.proof = {'full' if self.proof else 'off'};")
        # a new session for each phase: a peak of memory is that phase's own
        with bench.session(self) as session:
            session.ask(f"SET yesterday.proof = {'full' if self.proof else 'off'};")
            parts = self.deploy(session, change.writes(rows), change.name)
        if self.proof:
            return {"with full proof": total(parts)}
        costs["capture"] = total(parts)
        costs["capture"].more["image bytes"] = images
        costs["writes alone"] = parts[1]
        with bench.session(self) as session:
            if digests(session, change) == before:
                raise NotExact(f"{change.name}: the deployment changed nothing")
        with bench.session(self) as session, bench.session(self) as beside:
            watch = WriterWatch(beside, session.pid, bench.watched(session, change))
            costs["rollback"] = session.measure("SELECT * FROM rollback_last(reason => 'bench');")
            costs["rollback"].more["writers blocked"] = watch.seconds()
            require_exact(change, self.name, before, digests(session, change))
        bench.checked += 1
        return costs


def own_arms(proof):
    return [Bare(), Yesterday()] + ([Yesterday(proof=True)] if proof else [])
