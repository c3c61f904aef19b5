"""The PostgreSQL to measure: a private copy with the extension of this tree in it."""

import subprocess
import sys
from pathlib import Path

SCRIPTS = Path(__file__).resolve().parent.parent / "scripts"


def output(*command):
    return subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE).stdout.strip()


def prepared(pg_config=None, installed=False):
    """The path of a pg_config; the extension is built and installed, unless it is there."""
    pg_config = pg_config or output(
        SCRIPTS / "private-postgres", output(SCRIPTS / "default-pg-config"))
    if not installed:
        subprocess.run([SCRIPTS / "install-extension", pg_config], check=True,
                       stdout=sys.stderr)
    return pg_config
