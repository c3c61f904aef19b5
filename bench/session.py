"""A psql session whose cost is measured: wall clock, CPU of its backend, WAL."""

import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Cost:
    wall: float
    cpu: float
    wal: int

    def __add__(self, other):
        return Cost(self.wall + other.wall, self.cpu + other.cpu, self.wal + other.wal)


class Session:
    def __init__(self, cluster, database):
        self.cluster = cluster
        self.process = subprocess.Popen(
            [cluster.bindir / "psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, env=cluster.environment(PGDATABASE=database))
        self.pid = int(self.ask("SELECT pg_backend_pid();"))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()

    def ask(self, sql):
        """Runs SQL and returns what it prints."""
        self.process.stdin.write(sql + "\n\\echo =done=\n")
        self.process.stdin.flush()
        lines = []
        for line in self.process.stdout:
            if line == "=done=\n":
                return "".join(lines).strip()
            lines.append(line)
        raise RuntimeError("".join(lines).strip() or "psql ended")

    def measure(self, sql):
        """Runs SQL and returns its Cost."""
        wal = self.ask("SELECT pg_current_wal_insert_lsn();")
        cpu, began = cpu_seconds(self.pid), time.monotonic()
        self.ask(sql)
        wall, cpu = time.monotonic() - began, cpu_seconds(self.pid) - cpu
        return Cost(wall, cpu, int(self.ask(
            f"SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '{wal}')::bigint;")))


def cpu_seconds(pid):
    """CPU time of a process, in nanoseconds' precision where the kernel keeps it."""
    schedule = Path(f"/proc/{pid}/schedstat")
    if schedule.exists():
        nanoseconds = int(schedule.read_text().split()[0])
        if nanoseconds:
            return nanoseconds / 1e9
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def children_seconds(pid):
    """CPU time of the children of a process that have ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")
