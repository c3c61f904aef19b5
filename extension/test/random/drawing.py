"""Draws a round: a schema, rows, deployments of several sessions, and what others do meanwhile."""

import random

from definitions import Definitions
from rows import Rows
from schemas import Schema
from script import Script, Step

# who else writes, and what
OTHERS = ("nobody", "nobody", "nobody", "business", "business", "tracked")


class Drawing:
    def __init__(self, seed, number, version):
        self.chance = random.Random(f"{seed}.{number}")
        self.others = self.chance.choice(OTHERS)
        self.schema = Schema(self.chance, version)
        self.rows = Rows(self.chance)
        self.share = self.chance.choice((0, 0.2, 0.5, 0.8))     # of definitions in what is deployed
        self.definitions = Definitions(self.chance, self.schema, self.rows, gentle=self.others == "tracked")
        self.careful = self.chance.random() < 0.6               # every statement that fails is survived
        self.steps = []
        comments = [f"seed {seed}, round {number}, PostgreSQL {version}", f"others: {self.others}"]
        self.owner = self.chance.choice(("postgres", "random_owner"))
        self.draw()
        self.script = Script(self.steps, comments)

    def add(self, who, sql="", argument=""):
        self.steps += [Step(who, one, argument) for one in (sql if isinstance(sql, list) else [sql])]

    def draw(self):
        self.add("owner", "", self.owner)
        for sql in self.schema.statements:
            self.add("setup", sql)
        tracked = [table for table in self.schema.tables if table.tracked]
        if self.chance.random() < 0.3:
            self.add("track", "SELECT yesterday.track_like('%', '%')" if self.others == "nobody" else "SELECT yesterday.track_like('meta', '%')")
        for table in tracked:
            self.add("track", f"SELECT yesterday.track({Definitions.literal(table.name)})")
        stack = 0
        for _ in range(self.chance.choice((1, 1, 2, 3))):
            ended = self.deployment()
            stack += ended == "finish"
            self.outsiders(self.chance.randint(0, 4), after=True)
            if stack and self.chance.random() < 0.25:
                count = self.chance.randint(1, stack)
                self.add("rollback", "", str(count))
                stack -= count
        if self.chance.random() < 0.3:
            self.add("preview")
        if self.chance.random() < 0.15:
            self.add("drill")

    # -- a deployment ---------------------------------------------------------------

    def deployment(self):
        scope = self.chance.choice(("transaction", "open"))
        self.outsiders(self.chance.randint(0, 2))
        self.add("begin", "", scope)
        if scope == "transaction":
            self.steps += self.work("a", self.chance.randint(1, 12), inside=True)
        else:
            queues = [[step for _ in range(self.chance.randint(1, 3)) for step in self.transaction(member)]
                      for member in "abc"[:self.chance.choice((1, 1, 2, 3))]]
            if self.others != "nobody":
                queues.append([Step(self.chance.choice("xy"), sql) for sql in self.others_do(self.chance.randint(1, 5))])
            while queues := [queue for queue in queues if queue]:
                queue = self.chance.choice(queues)
                for _ in range(min(len(queue), self.chance.randint(1, 3))):
                    self.steps.append(queue.pop(0))
        ended = "abandon" if scope == "open" and self.chance.random() < 0.2 else "finish"
        self.add(ended)
        return ended

    def transaction(self, who):
        """Statements of one member: in a transaction that ends well, in one that does not, or each on its own."""
        roll = self.chance.random()
        if roll < 0.3:
            return self.work(who, self.chance.randint(1, 4), inside=False)
        level = self.chance.choice(("", "", "", " ISOLATION LEVEL REPEATABLE READ", " ISOLATION LEVEL SERIALIZABLE"))
        return [Step(who, f"BEGIN{level}"), *self.work(who, self.chance.randint(1, 7), inside=True), Step(who, "ROLLBACK" if roll > 0.88 else "COMMIT")]

    def work(self, who, count, inside):
        steps = []
        for _ in range(count):
            made = self.definitions.statement() if self.chance.random() < self.share else self.rows.statement(self.chance.choice([table for table in self.schema.tables if not table.witness]))
            steps += [Step(who, sql, "" if self.careful or self.chance.random() < 0.8 else "unsafe") for sql in (made if isinstance(made, list) else [made]) if sql]
        if inside and len(steps) > 2 and self.chance.random() < 0.35:
            start = self.chance.randrange(len(steps))
            end = self.chance.randint(start, len(steps))
            steps[end:end] = [Step(who, self.chance.choice(("ROLLBACK TO half", "ROLLBACK TO half", "RELEASE half")))]
            steps[start:start] = [Step(who, "SAVEPOINT half")]
        if inside and self.chance.random() < 0.1:
            steps.append(Step(who, "SET CONSTRAINTS ALL IMMEDIATE"))
        if self.chance.random() < 0.1:
            steps.insert(self.chance.randint(0, len(steps)), Step(who, "SELECT 1 / 0"))
        return steps

    # -- everybody else -------------------------------------------------------------

    def others_do(self, count):
        tables = [table for table in self.schema.tables if not table.witness and (self.others == "tracked" or not table.tracked)]
        made = []
        for _ in range(count if tables else 0):
            table = self.chance.choice(tables)
            while not (sql := self.chance.choice((self.rows.insert, self.rows.insert, self.rows.update, self.rows.delete, self.rows.key_changed,
                                                 self.rows.conflict, self.rows.defaults))(table)):
                pass
            made += sql if isinstance(sql, list) else [sql]
        return made

    def outsiders(self, count, after=False):
        if self.others != "nobody":
            for sql in self.others_do(count):
                self.add(self.chance.choice("xy"), sql)
