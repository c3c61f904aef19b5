"""One test suite: a command, and how to read its output."""

import os
import re
import signal
import subprocess
import threading
import time
import xml.etree.ElementTree as xml
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Outcome:
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    failures: list = field(default_factory=list)
    forgiven: bool = False


def read_tap(text):
    """TAP: pg_regress since PostgreSQL 16, pgTAP, and our own scripts."""
    outcome = Outcome()
    for line in text.splitlines():
        match = re.match(r"\s*(not )?ok \d+\b(.*)", line)
        if not match:
            continue
        if re.search(r"# *(SKIP|TODO)\b", match[2], re.IGNORECASE):
            outcome.skipped += 1
        elif match[1]:
            outcome.failed += 1
            outcome.failures.append(line.strip())
        else:
            outcome.passed += 1
    return outcome


def read_tap_but(pending):
    """TAP, in which failures of tests that a file lists as not yet expected to pass count as
    skipped. Every other failure is one, so what passes today cannot be lost unseen."""
    def read(text):
        names = set(pending.read_text().splitlines()) if pending.exists() else set()
        outcome = read_tap(text)
        late = [line for line in outcome.failures if line.split(" - ", 1)[-1] in names]
        outcome.failures = [line for line in outcome.failures if line not in late]
        outcome.failed -= len(late)
        outcome.skipped += len(late)
        outcome.forgiven = bool(late)
        return outcome
    return read


def read_regress(text):
    """pg_regress and pg_isolation_regress, before PostgreSQL 16 and since."""
    outcome = Outcome()
    for line in text.splitlines():
        match = re.match(r"(?:test|\s+)\s*(\S+)\s+\.\.\. (ok|FAILED|failed)\b", line)
        if match and match[2] == "ok":
            outcome.passed += 1
        elif match:
            outcome.failed += 1
            outcome.failures.append(line.strip())
    if outcome.passed + outcome.failed == 0:
        return read_tap(text)
    return outcome


def read_xunit(paths):
    """The reports of swift test: one of XCTest, one of Swift Testing."""
    def read(_):
        outcome = Outcome()
        for path in paths:
            if not path.exists():
                continue
            for case in xml.parse(path).iter("testcase"):
                name = f"{case.get('classname', '')}/{case.get('name', '')}"
                if case.find("failure") is not None or case.find("error") is not None:
                    outcome.failed += 1
                    outcome.failures.append(name)
                elif case.find("skipped") is not None:
                    outcome.skipped += 1
                else:
                    outcome.passed += 1
        return outcome
    return read


@dataclass
class Suite:
    """`needs` names a file without which the suite is skipped, loudly; `show` the files that
    tell best what failed, `pick` a pattern of the lines of the log that do. `takes` is how many seconds, more or less."""
    name: str
    command: list
    read: object = read_tap
    environment: dict = field(default_factory=dict)
    show: list = field(default_factory=list)
    pick: str = None
    needs: Path = None
    limit: int = 900
    takes: int = 30
    outcome: Outcome = None
    seconds: float = 0
    log: Path = None

    def run(self, logs):
        self.log = logs / (re.sub(r"[^A-Za-z0-9.]+", "-", self.name) + ".log")
        if self.needs and not self.needs.exists():
            self.outcome = Outcome(skipped=1)
            self.log.write_text(f"skipped: {self.needs} is missing; see make setup\n")
            return
        began = time.monotonic()
        with open(self.log, "w") as log:
            status = self._run(log)
        self.seconds = time.monotonic() - began
        outcome = self.read(self.log.read_text(errors="replace"))
        if status != 0 and outcome.failed == 0 and not (outcome.forgiven and status == 1):
            outcome.failed = 1
            outcome.failures.append(f"exit status {status}")
        elif outcome.passed + outcome.failed + outcome.skipped == 0:
            outcome.failed = 1
            outcome.failures.append("it ran no test")
        self.outcome = outcome

    def _run(self, log):
        child = subprocess.Popen(
            [str(part) for part in self.command], stdout=log, stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL, env={**os.environ, **self.environment})
        running.add(child)
        try:
            return child.wait(timeout=self.limit)
        except subprocess.TimeoutExpired:
            log.write(f"\nended after {self.limit} s\n")
            child.terminate()
            return child.wait() or 1
        finally:
            running.discard(child)

    def evidence(self, most=200):
        """What to show of a failure: the diff where there is one, else the log's end."""
        for path in self.show:
            if path.exists() and path.stat().st_size:
                return _shortened(path, most)
        if self.pick:
            picked = [line for line in self.log.read_text(errors="replace").splitlines()
                      if re.search(self.pick, line)]
            if picked:
                return "\n".join(picked[:most])
        return _shortened(self.log, most, tail=True)


def _shortened(path, most, tail=False):
    lines = path.read_text(errors="replace").splitlines()
    if len(lines) > most:
        left = f"... {len(lines) - most} more lines in {path}"
        lines = [left, *lines[-most:]] if tail else [*lines[:most], left]
    return "\n".join(lines)


running = set()
stopped = threading.Event()


def stop_all():
    stopped.set()
    for child in list(running):
        child.send_signal(signal.SIGTERM)
    for child in list(running):
        child.wait()


def run_all(suites, workers, logs, report):
    """Runs suites, so many beside one another, those that take longest first, so that none is left to run alone."""
    lock = threading.Lock()
    waiting = sorted(suites, key=lambda suite: -suite.takes)

    def work():
        while True:
            with lock:
                if not waiting or stopped.is_set():
                    return
                suite = waiting.pop(0)
            suite.run(logs)
            with lock:
                report(suite)

    threads = [threading.Thread(target=work, daemon=True) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        while thread.is_alive():
            thread.join(0.5)
