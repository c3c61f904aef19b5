"""A psql session whose cost is measured: wall clock, CPU of its backend, WAL, memory."""

import os
import statistics
import subprocess
import threading
import time
from dataclasses import dataclass, field, fields
from pathlib import Path

SAMPLE_EVERY = 0.01


@dataclass
class Cost:
    """What one piece of work took: seconds, seconds, bytes; bytes at the peak."""
    wall: float = 0.0
    cpu: float = 0.0
    wal: int = 0
    memory: int = 0     # the backend's own at its peak, sampled; shared buffers left out
    resident: int = 0   # VmHWM: with the shared buffers that it touched
    more: dict = field(default_factory=dict)

    def __add__(self, other):
        return Cost(self.wall + other.wall, self.cpu + other.cpu, self.wal + other.wal,
                    max(self.memory, other.memory), max(self.resident, other.resident),
                    {**self.more, **other.more})


MEASURES = [entry.name for entry in fields(Cost) if entry.name != "more"]


def total(costs):
    costs = list(costs)
    return sum(costs[1:], costs[0])


class Session:
    """One psql, one backend. `pid` is the backend's."""

    def __init__(self, cluster, database):
        self.process = subprocess.Popen(
            [cluster.bindir / "psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, env=cluster.environment(PGDATABASE=database))
        self.pid = int(self.ask("SELECT pg_backend_pid();"))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            pass
        self.process.wait()

    def start(self, sql):
        """Sends SQL; wait() gets what it prints."""
        self.process.stdin.write(sql + "\n\\echo =done=\n")
        self.process.stdin.flush()

    def wait(self):
        lines = []
        for line in self.process.stdout:
            if line == "=done=\n":
                return "".join(lines).strip()
            lines.append(line)
        raise RuntimeError("".join(lines).strip() or "psql ended")

    def ask(self, sql):
        """Runs SQL and returns what it prints."""
        self.start(sql)
        return self.wait()

    def measure(self, sql):
        """Runs SQL and returns its Cost."""
        wal = self.ask("SELECT pg_current_wal_insert_lsn();")
        with Memory(self.pid) as memory:
            cpu, began = cpu_seconds(self.pid), time.monotonic()
            self.ask(sql)
            wall, cpu = time.monotonic() - began, cpu_seconds(self.pid) - cpu
        return Cost(wall, cpu, int(self.ask(
            f"SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '{wal}')::bigint;")),
            memory.peak, memory.resident)


class Memory:
    """Peak of a process while the block runs. Its own pages have no peak in /proc, so they
    are sampled."""

    def __init__(self, pid):
        self.status = Path(f"/proc/{pid}/status")
        self.peak = self.resident = 0
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()
        self._sample()

    def _watch(self):
        while not self.ended.wait(SAMPLE_EVERY):
            self._sample()

    def _sample(self):
        try:
            lines = self.status.read_text().splitlines()
        except OSError:
            return  # the backend is gone; measure() says so
        sizes = {line.split(":")[0]: int(line.split()[1]) * 1024 for line in lines
                 if line.startswith(("RssAnon:", "VmHWM:"))}
        self.peak = max(self.peak, sizes.get("RssAnon", 0))
        self.resident = sizes.get("VmHWM", 0)


def cpu_seconds(pid):
    """User and system CPU of a process, to the nanosecond where the kernel keeps it so."""
    schedule = Path(f"/proc/{pid}/schedstat")
    if schedule.exists():
        nanoseconds = int(schedule.read_text().split()[0])
        if nanoseconds:
            return nanoseconds / 1e9
    fields_ = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields_[11]) + int(fields_[12])) / os.sysconf("SC_CLK_TCK")


def children_seconds(pid):
    """CPU of the children of a process that have ended."""
    fields_ = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields_[13]) + int(fields_[14])) / os.sysconf("SC_CLK_TCK")


def median(values):
    return statistics.median(values)


class WriterWatch:
    """How long a backend keeps writers out of a table: from the first moment that its lock
    shows in pg_locks to the last. Looks every two milliseconds, from a session beside."""

    LOOK = """DO $watch$
        DECLARE first timestamptz; last timestamptz; held boolean;
        BEGIN
            LOOP
                SELECT EXISTS (SELECT FROM pg_locks l WHERE l.pid = {pid} AND l.granted
                    AND l.relation = '{table}'::regclass
                    AND l.mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock',
                                   'AccessExclusiveLock')) INTO held;
                IF held THEN
                    first := coalesce(first, clock_timestamp());
                    last := clock_timestamp();
                ELSIF first IS NOT NULL OR NOT EXISTS (
                    SELECT FROM pg_stat_get_activity({pid}) a WHERE a.state <> 'idle'
                        OR a.state_change < clock_timestamp() - interval '10 minutes'
                        OR clock_timestamp() < '{until}'::timestamptz) THEN
                    EXIT;
                END IF;
                PERFORM pg_stat_clear_snapshot();
                PERFORM pg_sleep(0.002);
            END LOOP;
            PERFORM set_config('bench.held',
                coalesce(extract(epoch FROM last - first), 0)::text, false);
        END $watch$;"""

    def __init__(self, session, pid, table):
        self.session = session
        until = session.ask("SELECT clock_timestamp() + interval '1 second';")
        session.start(self.LOOK.format(pid=pid, table=table, until=until))

    def seconds(self):
        self.session.wait()
        return float(self.session.ask("SELECT current_setting('bench.held');"))
