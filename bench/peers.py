"""Other tools that can bring rows back, or log them, as their documentation says to use
them. Each runs where its extension is installed; the deployment is the same, and where a
tool has a rollback of its own, it is measured and checked like ours."""

from arms import Arm, NotExact, digests, require_exact
from tables import digest


class Peer(Arm):
    """Prepare, deploy, roll back. `undo` gives nothing where the tool only logs."""

    def prepare(self, session, change):
        raise NotImplementedError

    def before(self, session, change):
        """What has to be remembered right before the deployment."""

    def undo(self, session, change):
        """SQL that brings the rows back."""

    def restored(self, change):
        """The table that holds the rows of before after undo()."""
        return change.tables[0]

    def end(self, session, change):
        """Take the tool off the table."""

    def run(self, bench, change, rows):
        with bench.session(self) as session:
            session.ask(f"SET statement_timeout = '{bench.given.peer_timeout}s';")
            self.make(session, change, rows)
            self.prepare(session, change)
            session.ask("CHECKPOINT;")
            kept = digests(session, change)
            self.before(session, change)
        with bench.session(self) as session:
            session.ask(f"SET statement_timeout = '{bench.given.peer_timeout}s';")
            costs = {self.name: session.measure(f"BEGIN; {change.writes(rows)} COMMIT;")}
            undo = self.undo(session, change)
            if undo:
                try:
                    cost = session.measure(undo)
                    now = [session.ask(digest(self.restored(change), change.columns))]
                    require_exact(change, self.name, kept, now)
                    costs[f"{self.name}, rollback"] = cost
                except (RuntimeError, NotExact) as error:
                    bench.remark(f"{change.name}, rollback of {self.name}: "
                                 f"{str(error).strip().splitlines()[0]}")
        with bench.session(self) as session:
            self.end(session, change)
        return costs


class TableLog(Peer):
    """table_log: a C trigger that logs old and new rows; restores into another table."""
    name = "table_log"
    extensions = ("table_log",)

    def clean(self, session, change):
        session.ask("DROP TABLE IF EXISTS item, item_log, item_restored CASCADE;"
                    "DROP SEQUENCE IF EXISTS item_log_seq;")

    def prepare(self, session, change):
        session.ask("SELECT table_log_init(5, 'item');")

    def before(self, session, change):
        self.moment = session.ask("SELECT clock_timestamp();")
        session.ask("SELECT pg_sleep(0.01);")

    def undo(self, session, change):
        return ("SELECT table_log_restore_table('item', 'id', 'item_log', 'trigger_id',"
                f" 'item_restored', '{self.moment}', NULL, 1, 1);")

    def restored(self, change):
        return "item_restored"


class EMaj(Peer):
    """E-Maj: groups of tables, marks, and a rollback to a mark."""
    name = "E-Maj"
    extensions = ("emaj",)

    def prepare(self, session, change):
        session.ask("SELECT emaj.emaj_create_group('bench');")
        for table in change.tables:
            session.ask(f"SELECT emaj.emaj_assign_table('public', '{table}', 'bench');")
        session.ask("SELECT emaj.emaj_start_group('bench', 'before');")

    def undo(self, session, change):
        return "SELECT * FROM emaj.emaj_rollback_group('bench', 'before');"

    def clean(self, session, change):
        self.end(session, change)
        super().clean(session, change)

    def end(self, session, change):
        session.ask("SELECT emaj.emaj_stop_group(g.group_name) FROM emaj.emaj_group AS g"
                    " WHERE g.group_is_logging;"
                    "SELECT emaj.emaj_drop_group(g.group_name) FROM emaj.emaj_group AS g;")


class PgMemento(Peer):
    """pgMemento: logs what changed as jsonb, reverts a transaction row by row."""
    name = "pgMemento"
    extensions = ("pgmemento",)

    def prepare(self, session, change):
        for table in change.tables:
            session.ask(f"SELECT pgmemento.create_table_audit('{table}', 'public',"
                        " 'pgmemento_audit_id', true, false, false);")

    def undo(self, session, change):
        return ("SELECT pgmemento.revert_distinct_transaction(max(t.id))"
                " FROM pgmemento.transaction_log AS t;")

    def clean(self, session, change):
        self.end(session, change)
        super().clean(session, change)

    def end(self, session, change):
        for table in change.tables:
            session.ask(f"""SELECT pgmemento.drop_table_audit('{table}', 'public',
                'pgmemento_audit_id', false, true)
                FROM pg_attribute AS a WHERE a.attrelid = to_regclass('{table}')
                    AND a.attname = 'pgmemento_audit_id' AND NOT a.attisdropped;""")


class TemporalTables(Peer):
    """temporal_tables: versions of rows in a history table; no rollback of its own."""
    name = "temporal_tables"
    extensions = ("temporal_tables",)

    def clean(self, session, change):
        session.ask("DROP TABLE IF EXISTS item, item_history CASCADE;")

    def prepare(self, session, change):
        session.ask("""ALTER TABLE item ADD COLUMN sys_period tstzrange NOT NULL
                DEFAULT tstzrange(current_timestamp, NULL);
            CREATE TABLE item_history (LIKE item);
            CREATE TRIGGER versioning BEFORE INSERT OR UPDATE OR DELETE ON item
                FOR EACH ROW EXECUTE FUNCTION versioning('sys_period', 'item_history', true);
            VACUUM (FULL, FREEZE, ANALYZE) item;""")


class SupaAudit(Peer):
    """supa_audit: logs old and new rows as jsonb; no rollback of its own."""
    name = "supa_audit"
    extensions = ("supa_audit",)

    def prepare(self, session, change):
        session.ask("SELECT audit.enable_tracking('item'::regclass);")

    def end(self, session, change):
        session.ask("TRUNCATE audit.record_version;")


PEERS = [TableLog(), EMaj(), PgMemento(), TemporalTables(), SupaAudit()]
