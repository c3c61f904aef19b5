"""Ways in which a cluster becomes another one: a standby that is promoted, pg_upgrade."""

import contextlib

from lib.cluster import Cluster, ServerError


@contextlib.contextmanager
def promoted_standby(pg_config, primary):
    """A standby of the primary, which is stopped, promoted."""
    def from_primary(standby):
        standby.server("pg_basebackup", "-h", primary.base, "-U", "postgres",
                       "-D", standby.data, "-R", "--checkpoint=fast", "--no-sync")

    with Cluster(pg_config, make_data=from_primary) as standby:
        written = primary.psql("SELECT pg_current_wal_flush_lsn()").strip()
        standby.psql(f"""DO $$ BEGIN
            WHILE pg_last_wal_replay_lsn() < '{written}' LOOP PERFORM pg_sleep(0.05); END LOOP;
        END $$""")
        primary.stop()
        standby.psql("SELECT pg_promote()")
        yield standby


@contextlib.contextmanager
def upgraded_cluster(newer, old):
    """A cluster of the newer server that pg_upgrade makes of the old one, which is stopped."""
    options = ["--no-data-checksums"] if Cluster(newer).version >= 18 else []
    with Cluster(newer, started=False, initdb_options=options) as new:
        strip_private_options(old)
        old.stop()
        _run_pg_upgrade(old, new)
        new.start()
        yield new


def _run_pg_upgrade(old, new):
    try:
        new.server("pg_upgrade", "-b", old.bindir, "-B", new.bindir, "-d", old.data,
                   "-D", new.data, "-s", new.base, "-U", "postgres", "--no-sync")
    except ServerError as error:
        logs = [f"== {log.name}\n{log.read_text(errors='replace')[-2000:]}"
                for log in sorted(new.data.glob("pg_upgrade_output.d/*/log/*.log"))]
        raise ServerError(f"{str(error)[-1000:]}" + "\n".join(logs)) from error


def strip_private_options(cluster):
    """PostgreSQL 15.20 of Debian notes a version of its own in the options of every column, which
    pg_dump writes and no other release reads: no two of them can upgrade anything otherwise."""
    databases = cluster.psql("SELECT datname FROM pg_database WHERE datallowconn").split()
    for database in databases:
        cluster.psql("""
            UPDATE pg_attribute SET attoptions = nullif(ARRAY(
                SELECT o FROM unnest(attoptions) o WHERE o NOT LIKE 'pg\\_attver=%'), '{}')
            WHERE attoptions::text LIKE '%pg\\_attver=%'""", database)
