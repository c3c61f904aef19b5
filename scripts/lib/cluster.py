"""Throwaway PostgreSQL clusters for tests, benches and examples.

A cluster lives in a temporary directory, listens on a unix socket in it (on request on
a port of 127.0.0.1 with a password too), and is gone when the context ends, however it
ends. PostgreSQL refuses to run as root; for root the server runs as the user
"postgres", everything else as root.
"""

import contextlib
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

SETTINGS = {
    "listen_addresses": "''",
    "fsync": "off",
    "max_prepared_transactions": "10",
    "log_line_prefix": "'%m [%p] %a '",
    "log_statement": "'ddl'",
    "timezone": "'UTC'",
    "logging_collector": "off",
    "jit": "off",
    # what a measurement of all tests needs, a setting a line
    **dict(line.split("=", 1) for line in os.environ.get("TEST_SETTINGS", "").splitlines()),
}

CRASH = re.compile(r"was terminated by signal (?:4|6|7|8|11)\b|PANIC: |TRAP: ")


ROOT = Path(__file__).resolve().parent.parent.parent


class ServerError(Exception):
    """A server that could not be made or started; the message holds its last words."""


class PSQLError(Exception):
    """psql ended with an error; the message holds what it said."""


def obey_signals():
    """Turns SIGTERM and SIGHUP into an exit, so that every context ends in order."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda received, _: sys.exit(128 + received))


@contextlib.contextmanager
def unhurried():
    """Holds back interrupts until the block is through, so that no server is started that
    nobody stops, and none is left half stopped."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    received = []
    before = {number: signal.signal(number, lambda got, _: received.append(got))
              for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if received:
            signal.raise_signal(received[0])


def server_command(*command):
    """The command, as somebody whom PostgreSQL accepts."""
    command = [str(part) for part in command]
    return ["runuser", "-u", "postgres", "--", *command] if os.getuid() == 0 else command


def clusters_home():
    """Where clusters are made: in the folder that CLUSTERS_HOME names, see lib/memory.py, else with all that is temporary.
    The user "postgres" must be able to reach it, and a socket's path must be short."""
    if named := os.environ.get("CLUSTERS_HOME"):
        return named
    where = tempfile.gettempdir()
    return "/tmp" if os.getuid() == 0 or len(where) > 60 else where


def locale_path():
    """A folder with a locale in which money, for one, is not written as in C, for LOCPATH;
    None where it cannot be made: the test that needs it says so."""
    path = ROOT / ".setup/locale"
    if not (path / "de_DE.UTF-8").exists():
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent) as scratch:
            made = Path(scratch) / "de_DE.UTF-8"
            try:
                subprocess.run(["localedef", "--no-archive", "-i", "de_DE", "-f", "UTF-8", made],
                               check=True, capture_output=True)
                made.rename(path / "de_DE.UTF-8")
            except (OSError, subprocess.CalledProcessError):
                # without the sources of locales; or another one was quicker
                return path if (path / "de_DE.UTF-8").exists() else None
    return path


class Cluster:
    def __init__(self, pg_config, settings=None, tcp=False, name="yesterday",
                 make_data=None, started=True, initdb_options=()):
        """`make_data(cluster)` makes the data directory in another way than initdb does;
        `started=False` leaves starting to the caller."""
        self.pg_config = Path(pg_config)
        self.bindir = Path(self._pg_config("--bindir"))
        self.version = int(re.search(r"(\d+)", self._pg_config("--version")).group(1))
        self.settings = {**SETTINGS, **(settings or {})}
        self.tcp = tcp
        self.name = name
        self.make_data = make_data or Cluster._initdb
        self.started = started
        self.initdb_options = initdb_options
        self.base = None
        self.port = 5432
        self.password = secrets.token_hex(16) if tcp else None

    def _pg_config(self, option):
        return subprocess.run([self.pg_config, option], check=True, text=True,
                              stdout=subprocess.PIPE).stdout.strip()

    # -- life ---------------------------------------------------------------------

    def __enter__(self):
        try:
            with unhurried():
                self.base = Path(tempfile.mkdtemp(prefix=f"{self.name}.", dir=clusters_home()))
                if os.getuid() == 0:
                    shutil.chown(self.base, "postgres", "postgres")
                self.make_data(self)
                self._configure()
                if self.started:
                    self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        with unhurried():
            if (self.data / "postmaster.pid").exists():
                self.stop("immediate", check=False)
            shutil.rmtree(self.base, ignore_errors=True)

    @property
    def data(self):
        return self.base / "data"

    @property
    def log(self):
        return self.base / "log"

    def server(self, program, *arguments, check=True):
        """Runs a program of the server's, as the server's user."""
        environment = {key: value for key, value in os.environ.items()
                       if not key.startswith("PG")}
        if locales := locale_path():
            environment["LOCPATH"] = str(locales)
        done = subprocess.run(
            server_command(self.bindir / program, *arguments), cwd=self.base, text=True,
            env={**environment, "LC_ALL": "C"}, stdin=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for us, not for the server
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if check and done.returncode != 0:
            log = self.log.read_text(errors="replace")[-3000:] if self.log.exists() else ""
            raise ServerError(f"{program} failed:\n{done.stdout}{log}")
        return done

    def _initdb(self):
        self.server("initdb", "-D", self.data, "-U", "postgres", "-A", "trust",
                     "-E", "UTF8", "--no-locale", "--no-sync", *self.initdb_options)

    def _configure(self):
        settings = dict(self.settings)
        settings["unix_socket_directories"] = f"'{self.base}'"
        if self.tcp:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                self.port = probe.getsockname()[1]
            settings["listen_addresses"] = "'127.0.0.1'"
            settings["port"] = str(self.port)
            (self.data / "pg_hba.conf").write_text(
                "local all all trust\nlocal replication all trust\n"
                "host all all 127.0.0.1/32 scram-sha-256\n")
        with open(self.data / "postgresql.conf", "a") as file:
            file.writelines(f"{key} = {value}\n" for key, value in settings.items())

    def start(self):
        self.server("pg_ctl", "-D", self.data, "-l", self.log, "-w", "-t", "60", "start")
        if self.password:
            self.psql(f"ALTER ROLE postgres PASSWORD '{self.password}'")

    def stop(self, mode="fast", check=True):
        self.server("pg_ctl", "-D", self.data, "-m", mode, "-w", "stop", check=check)

    # -- use ----------------------------------------------------------------------

    def environment(self, **more):
        """The environment of a client: everything about PostgreSQL is this cluster's."""
        kept = {key: value for key, value in os.environ.items()
                if not key.startswith("PG")}
        kept.update(
            PGHOST=str(self.base), PGPORT=str(self.port), PGUSER="postgres",
            PGDATABASE="postgres", PG_CONFIG=str(self.pg_config),
            PATH=f"{self.bindir}:{os.environ['PATH']}")
        if self.password:
            kept["PGPASSWORD"] = self.password
        kept.update(more)
        return kept

    def psql(self, sql, database="postgres", user="postgres", options="", variables=None):
        """Runs SQL in one session and returns its unaligned output, without headings."""
        command = [self.bindir / "psql", "-X", "-q", "-A", "-t",
                   "-v", "ON_ERROR_STOP=1", "-v", "VERBOSITY=verbose"]
        for key, value in (variables or {}).items():
            command += ["-v", f"{key}={value}"]
        done = subprocess.run(
            command, input=sql, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=self.environment(PGDATABASE=database, PGUSER=user, PGOPTIONS=options))
        if done.returncode != 0:
            raise PSQLError(done.stderr.strip() or f"psql exited with {done.returncode}")
        return done.stdout

    def run(self, command, **more):
        """Runs a client program of this version of PostgreSQL and returns its output."""
        return subprocess.run(
            [str(part) for part in command], check=True, text=True,
            stdout=subprocess.PIPE, env=self.environment(**more)).stdout

    def kill_backend(self, pid):
        """Kills a backend with signal 9 and waits until the server has noticed: only after that are
        new sessions turned away until it has recovered. Until then they get in, and are thrown out."""
        told = self._told_of_kills()
        try:
            os.kill(int(pid), signal.SIGKILL)
        except ProcessLookupError:
            return
        deadline = time.monotonic() + 20    # one that had just ended by itself is never told of
        while self._told_of_kills() == told and time.monotonic() < deadline:
            time.sleep(0.02)

    def _told_of_kills(self):
        return self.log.read_text(errors="replace").count("was terminated by signal 9")

    def crashes(self):
        """Lines of the server log that tell of a crash."""
        if not self.log.exists():
            return []
        with open(self.log, errors="replace") as log:
            return [line.rstrip() for line in log if CRASH.search(line)]
