"""A folder in memory, for what tests write only to throw it away.

A database is some 700 files. A file system on a disk takes longer to make and to delete them, for each of the
hundreds of databases of the tests, than the server takes for all the rest of making a database.
"""

import contextlib
import os
import shutil
import tempfile
from pathlib import Path

SHARED_MEMORY = Path("/dev/shm")
PREFIX = "yesterday-tests."
# what the tests need at most, and what else there must be
NEEDED = 4 << 30
LEFT = 3 << 30


def has_room():
    """Whether so much fits into memory."""
    try:
        space = os.statvfs(SHARED_MEMORY)
        with open("/proc/meminfo") as file:
            sizes = dict(line.split(":", 1) for line in file)
    except OSError:
        return False
    available = int(sizes.get("MemAvailable", "0 kB").split()[0]) << 10
    return space.f_bavail * space.f_frsize >= NEEDED and available >= NEEDED + LEFT


def forget_the_dead():
    """Frees what a run has left that was killed."""
    for folder in SHARED_MEMORY.glob(f"{PREFIX}*"):
        number = folder.name[len(PREFIX):].split(".")[0]
        if number.isdecimal() and not Path(f"/proc/{number}").exists():
            shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def folder_in_memory():
    """The folder, which is gone when the context ends; None where there is no room for it."""
    if not has_room():
        yield None
        return
    forget_the_dead()
    folder = tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}.", dir=SHARED_MEMORY)
    os.chmod(folder, 0o1777)    # the server runs as another user
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
