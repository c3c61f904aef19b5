"""Makes a script that fails smaller, as long as it fails alike: without steps, then without parts of statements,
columns of tables, and rows."""

import re

from judge import Fault
from script import Script, brackets, items

CREATED = re.compile(r"^CREATE TABLE (\S+|\S*\"(?:[^\"]|\"\")*\") \(")


class Shrinking:
    def __init__(self, runner, script, fault, database):
        self.runner, self.script, self.fault, self.database = runner, script, fault, database
        self.tries = 0

    def fails(self, steps):
        """Keeps the steps if they fail as the script does."""
        if self.tries > 600:
            return False
        self.tries += 1
        script = Script(steps, self.script.comments)
        try:
            self.runner.play(script, self.database)
        except Fault as fault:
            if fault.kind == self.fault.kind:
                self.script, self.fault = script, fault
                return True
        return False

    def run(self):
        while True:
            size = len(self.script.steps)
            self.without_steps()
            self.without_parts()
            self.without_columns()
            if len(self.script.steps) == size:
                return

    def without_steps(self):
        size = max(1, len(self.script.steps) // 2)
        while size:
            start = 0
            while start < len(self.script.steps):
                steps = self.script.steps
                if not self.fails(steps[:start] + steps[start + size:]):
                    start += size
            size //= 2

    def without_parts(self):
        """Items of the first list in parentheses of CREATE TABLE, rows of INSERT, actions of ALTER TABLE, lines of COPY."""
        place = 0
        while place < len(self.script.steps):
            number = 0
            while (smaller := self.smaller(self.script.steps[place].sql, number)) is not None:
                steps = list(self.script.steps)
                steps[place] = steps[place].with_sql(smaller)
                if not smaller or not self.fails(steps):
                    number += 1
            place += 1

    @staticmethod
    def smaller(sql, number):
        """The statement without its part of this number; None when there is no such part."""
        head, parts, tail, between = sql, [], "", ", "
        if CREATED.match(sql):
            start, end = brackets(sql)[0]
            head, parts, tail, between = sql[:start + 1] + "\n    ", items(sql[start + 1:end - 1]), "\n" + sql[end - 1:], ",\n    "
        elif insert := re.match(r"INSERT INTO .*?\nVALUES ", sql, re.DOTALL):
            rest, _, tail = sql[insert.end():].partition("\nON CONFLICT")
            head, parts, tail, between = insert.group(), items(rest), "\nON CONFLICT" + tail if tail else "", ",\n    "
        elif re.match(r"COPY\b", sql):
            head, _, rest = sql.partition("\n")
            head, parts, between = head + "\n", rest.split("\n"), "\n"
        if number >= len(parts) or len(parts) == 1:
            return None
        return head + between.join(parts[:number] + parts[number + 1:]) + tail

    def without_columns(self):
        """A column from CREATE TABLE, and from each INSERT into the table."""
        for place, step in enumerate(list(self.script.steps)):
            if not (created := CREATED.match(step.sql)):
                continue
            number = 0
            while True:
                sql = self.script.steps[place].sql if place < len(self.script.steps) else ""
                smaller = self.smaller(sql, number) if CREATED.match(sql) else None
                if smaller is None:
                    break
                start, end = brackets(sql)[0]
                definition = items(sql[start + 1:end - 1])[number]
                steps = list(self.script.steps)
                steps[place] = steps[place].with_sql(smaller)
                steps = [self.insert_without(one, created.group(1), definition) for one in steps]
                if not self.fails(steps):
                    number += 1

    @staticmethod
    def insert_without(step, table, definition):
        head = f"INSERT INTO {table} ("
        if not step.sql.startswith(head):
            return step
        start, end = brackets(step.sql)[0]
        columns = items(step.sql[start + 1:end - 1])
        gone = [number for number, column in enumerate(columns) if definition.startswith(column + " ")]
        if not gone or len(columns) == 1 or "\nVALUES " not in step.sql:
            return step
        values, _, tail = step.sql[end:].partition("\nVALUES ")[2].partition("\nON CONFLICT")
        rows = [items(row[1:-1]) for row in items(values)]
        rows = ["(" + ", ".join(value for number, value in enumerate(row) if number != gone[0]) + ")" for row in rows]
        columns.pop(gone[0])
        return step.with_sql(f"{head}{', '.join(columns)})\nVALUES " + ",\n    ".join(rows) + ("\nON CONFLICT" + tail if tail else ""))


def shrink(runner, script, fault, database):
    work = Shrinking(runner, script, fault, database)
    work.run()
    return work.script, work.fault
