"""Plays a script in a database of its own, and judges what it sees."""

import re
from collections import Counter

from judge import NAMED, RECHECK, Fault, Foreign, Looking, Stuck, difference, judge_error, judge_refusal
from libpq import BROKEN, IDLE, ServerError, Session
from script import MEMBERS, OUTSIDERS

CONTROL = re.compile(r"^(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|PREPARE)\b")
ALONE = re.compile(r"\bCONCURRENTLY\b|^VACUUM|^CLUSTER$")
SETTINGS = "-c lock_timeout=150 -c statement_timeout=60000 -c client_min_messages=error -c datestyle=ISO -c timezone=UTC"
# a table whose definition alone changes
WITNESS = "biz.witness"
# what abandon says of things that it leaves
LEFT = ("residue", "held back")


class Deployment:
    def __init__(self, number, before):
        self.number, self.before, self.foreign, self.reports = number, before, Foreign(), []
        self.id = None


class Game:
    """One script being played."""

    def __init__(self, runner, database, script):
        self.runner, self.database, self.script = runner, database, script
        self.counts = runner.counts
        self.owner = "postgres"
        self.sessions = {}
        self.admin = self.connect("postgres", "-c lock_timeout=0 -c statement_timeout=120000 -c yesterday.lock_wait=10s -c datestyle=ISO -c timezone=UTC")
        self.look = Looking(self.admin, runner.dump_program, database)
        self.open, self.scope = None, None
        self.done = []                      # deployments that count
        self.begun = 0
        self.trace = []                     # what became of each step

    def connect(self, user, options=SETTINGS):
        return Session(dbname=self.database, user=user, options=options)

    def session(self, name):
        if name not in self.sessions:
            self.sessions[name] = self.connect(self.owner)
            if name in MEMBERS and self.open and self.scope == "open":
                self.sessions[name].run(f"SET yesterday.deployment = {self.open.id}")
        return self.sessions[name]

    def close(self):
        for session in [*self.sessions.values(), self.admin]:
            session.close()

    def play(self):
        try:
            for step in self.script.steps:
                self.trace.append((step, ""))
                getattr(self, f"do_{step.who}", self.do_statement)(step)
            if self.open:
                self.do_finish(None)
            while self.done:
                self.roll_back(1)
        except ServerError as error:
            raise Fault(f"{self.trace[-1][0].who if self.trace else 'start'}: {error.sqlstate} {error.message}", str(error))
        finally:
            self.close()

    # -- statements -------------------------------------------------------------------

    def do_owner(self, step):
        self.owner = step.argument
        if self.owner != "postgres":
            self.admin.run(f"GRANT CREATE ON DATABASE {self.database} TO {self.owner}; GRANT CREATE, USAGE ON SCHEMA public TO {self.owner}")

    def do_track(self, step):
        self.survive(self.admin, step, "track")

    def survive(self, session, step, what):
        """True if it went well."""
        sql, data = step.split()
        try:
            session.run(sql, data)
            return True
        except ServerError as error:
            self.trace[-1] = (step, f"{error.sqlstate} {error.message}")
            if what != "setup" or error.sqlstate.startswith(("XX", "08", "57")):
                judge_error(error, what, self.counts, sql)
            return False

    def do_statement(self, step):
        member, outsider = step.who in MEMBERS, step.who in OUTSIDERS
        if member and not self.open:
            return
        session = self.session(step.who)
        if outsider:
            return self.outside(session, step)
        what = "setup" if step.who == "setup" else "member"
        inside = session.state != IDLE
        if member and self.scope == "transaction" and re.match(r"^(BEGIN|COMMIT|ROLLBACK$|PREPARE)", step.sql):
            return
        if not inside or step.argument == "unsafe" or CONTROL.match(step.sql):
            self.survive(session, step, what)
            if not inside and step.who == "setup" and session.state != IDLE:
                session.run("ROLLBACK")
            return
        try:
            session.run("SAVEPOINT survived")
        except ServerError:                 # its transaction has failed
            self.trace[-1] = (step, "not run: the transaction has failed")
            return
        if not self.survive(session, step, what):
            session.run("ROLLBACK TO survived")
        session.run("RELEASE survived")

    def outside(self, session, step):
        """A statement of somebody else, and which versions of tracked rows it made and took away."""
        live = [*self.done, *([self.open] if self.open else [])]
        self.admin.run("SET lock_timeout = 150")
        try:
            before = self.look.images()
            if self.survive(session, step, "outsider"):
                after = self.look.images()
                for deployment in live:
                    foreign = deployment.foreign
                    foreign.wrote = True
                    for name in {*before, *after}:
                        # a row can be one more of its like
                        foreign.added |= set(after.get(name, Counter()) - before.get(name, Counter()))
                        foreign.removed |= set(before.get(name, Counter()) - after.get(name, Counter()))
        except ServerError as error:
            if error.sqlstate != "55P03":
                raise
            self.trace[-1] = (step, "not run: a member holds the lock")
        finally:
            self.admin.run("SET lock_timeout = 0")

    # -- deployments -------------------------------------------------------------------

    def do_begin(self, step):
        if self.open:
            return
        if self.admin.value("SELECT state FROM yesterday.status") != "on_train":
            self.admin.run("SELECT yesterday.clear_freeze('next')")
        self.begun += 1
        self.scope = step.argument or "transaction"
        deployment = Deployment(self.begun, self.look.state())
        deployment.images = self.look.images()
        if self.scope == "open":
            deployment.id = int(self.admin.value(f"SELECT yesterday.begin_deployment('round {self.begun}', scope => 'open')"))
            for name in MEMBERS:
                if name in self.sessions:
                    self.sessions[name].run(f"SET yesterday.deployment = {deployment.id}")
        else:
            session = self.session("a")
            session.run("BEGIN")
            deployment.id = int(session.value(f"SELECT yesterday.begin_deployment('round {self.begun}')"))
        self.open = deployment

    def end_members(self):
        for name in MEMBERS:
            session = self.sessions.get(name)
            if session and self.scope == "open":
                if session.state == BROKEN:
                    raise Fault("a member's connection broke", "")
                if session.state != IDLE:
                    try:
                        session.run("COMMIT")
                    except ServerError as error:
                        judge_error(error, "commit", self.counts)

    def leave(self):
        for name in MEMBERS:
            if name in self.sessions:
                self.sessions[name].run("RESET yesterday.deployment")
        self.open = None

    def do_finish(self, _):
        if not self.open:
            return
        deployment = self.open
        self.end_members()
        session = self.admin if self.scope == "open" else self.session("a")
        try:
            session.run(f"SELECT * FROM yesterday.finish_deployment({deployment.id})")
            if self.scope == "transaction":
                session.run("COMMIT")
        except ServerError as error:
            self.trace[-1] = (self.trace[-1][0], f"refused: {error}")
            reason = judge_refusal(error, "finish", self.counts)
            if self.scope == "transaction":
                session.run("ROLLBACK")
                self.open = None
                self.compare(deployment, "a refused finish", self.look.state())
                return
            self.abandon(reason)
            return
        self.leave()
        self.runner.proven += 1
        deployment.finished = self.look.contents()
        self.done.append(deployment)

    def do_abandon(self, _):
        if self.open:
            self.end_members()
            if self.scope == "transaction":
                deployment, self.open = self.open, None
                self.session("a").run("ROLLBACK")
                self.compare(deployment, "a transaction that was rolled back", self.look.state())
            else:
                self.abandon(None)

    def abandon(self, refused):
        deployment = self.open
        state = self.look.state()
        try:
            report = self.admin.run(f"SELECT * FROM yesterday.abandon_deployment({deployment.id})")
        except ServerError as error:
            judge_refusal(error, "abandon", self.counts, ())
        self.leave()
        self.runner.abandoned += 1
        deployment.reports += report
        if refused and any(line[1] in LEFT for line in report):
            raise Stuck
        self.judge_end(deployment, state, "abandon")

    def do_preview(self, _):
        if self.done and not self.open:
            self.admin.run("SELECT * FROM rollback_preview()")

    def do_drill(self, _):
        if self.done and not self.open:
            before = self.look.contents()
            self.admin.run("SELECT * FROM yesterday.drill(true)")
            if before != self.look.contents():
                raise Fault("a drill changed rows", "")

    def do_rollback(self, step):
        if not self.open:
            self.roll_back(int(step.argument or 1))

    def roll_back(self, count):
        count = min(count, len(self.done))
        if not count:
            return
        state = self.look.state()
        deployment = self.done[-count]
        if count > 1 and count < len(self.done):
            report = self.admin.run(f"SELECT * FROM yesterday.rollback_to('{self.done[-count - 1].id}', 'test')")
            gone = self.done[-count:]
        else:
            count, deployment = 1, self.done[-1]
            report = self.admin.run(f"SELECT * FROM rollback_last('{deployment.id}', 'test')")
            gone = [deployment]
        for one in self.done:
            one.reports += report
        self.done = self.done[:-len(gone)]
        self.runner.rolled_back += len(gone)
        self.judge_end(deployment, state, f"the rollback of {len(gone)}")

    # -- judging -----------------------------------------------------------------------

    def judge_end(self, deployment, last, when):
        now = self.look.state()
        self.compare(deployment, when, now)
        self.compare_business(deployment, when, last, now)

    def compare(self, deployment, when, now):
        before, foreign = deployment.before, deployment.foreign
        report = "\n".join(" | ".join(cell or "" for cell in line) for line in deployment.reports)
        named = {line[1] for line in deployment.reports} & set(NAMED)
        if before.schema != now.schema and not (foreign.wrote and named):
            raise Fault(f"the schema differs after {when}", f"{difference(before.schema, now.schema)}\n{report}")
        if before.schema != now.schema:
            return
        was, rows = (Counter(state.contents.get(WITNESS, ())) for state in (before, now))
        if was != rows:
            raise Fault(f"a business table that nobody wrote differs after {when}",
                        f"{WITNESS}:\n{difference(before.contents.get(WITNESS, []), now.contents.get(WITNESS, []))}\n{report}")
        if not foreign.wrote:
            for name, (tracked, _, _) in before.tables.items():
                was, rows = Counter(before.contents[name]), Counter(now.contents.get(name, ()))
                if tracked and was != rows and not (self.told(deployment, name, ("held back",)) >= sum((rows - was).values())
                                                    and self.told(deployment, name, ("unplaceable", "orphaned")) >= sum((was - rows).values())):
                    raise Fault(f"rows differ after {when}", f"{name}:\n{difference(before.contents[name], now.contents.get(name, []))}\n{report}")
                if tracked and was != rows:         # the deployment itself made business rows refer to what it had added
                    for one in self.done:
                        one.foreign.wrote = True
        if foreign.wrote:
            self.compare_versions(deployment, when, named, report)
            try:
                self.admin.run("BEGIN; " + RECHECK)
            except ServerError as error:
                raise Fault(f"a constraint does not hold after {when}: {error.sqlstate}", f"{error}\n{report}")
            finally:
                self.admin.run("ROLLBACK")

    @staticmethod
    def told(deployment, name, outcomes):
        """Of how many rows of a table reports say that."""
        return sum(int(line[2] or 0) for line in deployment.reports if line[0] == name and line[1] in outcomes)

    def compare_versions(self, deployment, when, named, report):
        images, attic, foreign = self.look.images(), self.look.attic(), deployment.foreign
        for name, before in deployment.images.items():
            now = set(images.get(name, ()))
            there = {row for rows in images.values() for row in rows}
            versions = set(before) | foreign.added
            pieces = self.look.split(versions - there - attic - foreign.removed)
            lost = {version for version in versions - there - attic - foreign.removed if not pieces.get(version, set()) & there}
            if lost:
                raise Fault(f"versions of rows are lost after {when}", f"{name}:\n" + "\n".join(row[:400] for row in sorted(lost)) + f"\n{report}")
            strange = now - versions - {row for rows in pieces.values() for row in rows}
            if strange and "held back" not in named:
                raise Fault(f"rows of nobody stand there after {when}", f"{name}:\n" + "\n".join(row[:400] for row in sorted(strange)) + f"\n{report}")

    def compare_business(self, deployment, when, last, now):
        """Business rows are what they were just before; those of a table that was emptied come back, and are named."""
        report = "\n".join(" | ".join(cell or "" for cell in line) for line in deployment.reports)
        replaced = {line[0] for line in deployment.reports if line[1] == "kept in the attic"}
        brought_back = {line[0] for line in deployment.reports if line[1] == "restored"}
        for name, (tracked, columns, kind) in now.tables.items():
            if tracked or kind != "r" or name not in last.tables or last.tables[name][0]:
                continue
            if name == WITNESS:                 # judged by what it was before the deployment
                continue
            if f"table {name}" in replaced:     # rows of both tables of that name are merged where they fit
                continue
            was, rows = Counter(last.contents[name]), Counter(now.contents[name])
            # rows that the deployment wrote after it had emptied the table go, those of before take their places
            own = self.told(deployment, name, ("removed", "restored")) if name in brought_back else 0
            # values of a composite type are written otherwise once it has other attributes
            if columns != last.tables[name][1] or "composite type " in report:
                if sum(rows.values()) < sum(was.values()) - own:
                    raise Fault(f"business rows went with {when}", f"{name}:\n{difference(last.contents[name], now.contents[name])}\n{report}")
            elif sum((was - rows).values()) > own or (rows - was and name not in brought_back):
                raise Fault(f"business rows changed with {when}", f"{name}:\n{difference(last.contents[name], now.contents[name])}\n{report}")


class Runner:
    def __init__(self, dump_program, template):
        self.dump_program, self.template = dump_program, template
        self.counts = {}
        self.proven = self.abandoned = self.rolled_back = self.stuck = 0

    def play(self, script, database):
        """What became of the steps; Fault where something did not hold."""
        maintenance = Session(dbname="postgres")
        try:
            maintenance.run(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
            maintenance.run(f"CREATE DATABASE {database} TEMPLATE {self.template} STRATEGY file_copy")
            game = Game(self, database, script)
            try:
                game.play()
            except Stuck:
                self.stuck += 1
            except Fault as fault:
                fault.trace = game.trace
                raise
            return game.trace
        finally:
            maintenance.run(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
            maintenance.close()
