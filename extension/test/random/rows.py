"""Statements that write rows."""

import re


class Rows:
    def __init__(self, chance):
        self.chance = chance

    def some(self, table, alias="r"):
        """A condition that holds for few rows, or for all of them."""
        chance = self.chance
        roll = chance.random()
        if roll < 0.08:
            return "true"
        if table.key and roll < 0.7:
            column = chance.choice(table.key)
            return f"{alias}.{column.name} = {column.expression.format(chance.randint(1, 14))}"
        return (f"({alias}.tableoid, {alias}.ctid) IN (SELECT s.tableoid, s.ctid FROM {table.name} s ORDER BY s::text COLLATE \"C\" "
                f"LIMIT {chance.randint(1, 3)} OFFSET {chance.randint(0, 4)})")

    def values(self, table, columns):
        return f"({', '.join(column.value(self.chance) for column in columns)})"

    def statement(self, table):
        chance = self.chance
        kinds = [self.insert] * 4 + [self.update] * 6 + [self.delete] * 3 + [self.conflict, self.copy, self.merge, self.key_changed, self.swapped,
                 self.again, self.truncate, self.same, self.with_cte, self.defaults, self.locked, self.scaled, self.moved_up]
        while True:
            if made := chance.choice(kinds)(table):
                return made

    def insert(self, table):
        columns = table.writable()
        if not columns:
            return None
        rows = ",\n    ".join(self.values(table, columns) for _ in range(self.chance.choice((1, 1, 2, 3))))
        return f"INSERT INTO {table.name} ({', '.join(column.name for column in columns)})\nVALUES {rows}"

    def defaults(self, table):
        return None if table.key else f"INSERT INTO {table.name} DEFAULT VALUES"

    def conflict(self, table):
        columns, plain = table.writable(), table.plain()
        if not table.key or any("DEFERRABLE" in constraint for constraint in table.constraints[:1]):
            return None
        action = "NOTHING"
        if plain and self.chance.random() < 0.8:
            column = self.chance.choice(plain)
            action = f"UPDATE SET {column.name} = EXCLUDED.{column.name}"
        return (f"INSERT INTO {table.name} ({', '.join(column.name for column in columns)})\nVALUES {self.values(table, columns)},\n    {self.values(table, columns)}\n"
                f"ON CONFLICT ({', '.join(column.name for column in table.key)}) DO {action}")

    def update(self, table):
        columns = table.plain()
        if not columns:
            return None
        chosen = self.chance.sample(columns, min(len(columns), self.chance.choice((1, 1, 2))))
        sets = ", ".join(f"{column.name} = {column.value(self.chance)}" for column in chosen)
        return f"UPDATE {table.name} r SET {sets} WHERE {self.some(table)}"

    def delete(self, table):
        return f"DELETE FROM {table.name} r WHERE {self.some(table)}"

    def copy(self, table):
        """Keys that are simple numbers alone can be written without the server's help."""
        columns = [column for column in table.writable() if column in table.key or column.kind.name in ("text", "int", "varchar(20)")]
        if not columns or any(not re.fullmatch(r"\{0\}|'[a-z]+ ?\{0\}'|\{0\}\.0", column.expression) for column in columns if column.expression):
            return None
        lines = ["\t".join(column.expression.format(self.chance.randint(7, 20)).strip("'") if column.expression
                           else self.chance.choice(("\\N", "17", "18")) for column in columns) for _ in range(self.chance.randint(1, 3))]
        return "\n".join([f"COPY {table.name} ({', '.join(column.name for column in columns)}) FROM STDIN", *lines])

    def merge(self, table):
        plain = table.plain()
        if len(table.key) != 1 or not plain:
            return None
        key, column = table.key[0], self.chance.choice(plain)
        value = f"({column.value(self.chance)})"
        cases = [f"WHEN MATCHED AND v.n % 2 = 0 THEN {self.chance.choice(('DELETE', 'DO NOTHING'))}",
                 f"WHEN MATCHED THEN UPDATE SET {column.name} = {value}",
                 f"WHEN NOT MATCHED THEN INSERT ({key.name}) VALUES (v.k)"]
        numbers = ", ".join(f"({number}, {key.expression.format(number)})" for number in sorted(self.chance.sample(range(1, 12), 4)))
        return f"MERGE INTO {table.name} r USING (VALUES {numbers}) v (n, k) ON r.{key.name} = v.k\n" + "\n".join(cases)

    def key_changed(self, table):
        if not table.key:
            return None
        column = self.chance.choice(table.key)
        return (f"UPDATE {table.name} r SET {column.name} = {column.expression.format(self.chance.randint(1, 30))} "
                f"WHERE r.{column.name} = {column.expression.format(self.chance.randint(1, 10))}")

    def swapped(self, table):
        """Two rows change their keys, through a third one, or all at once."""
        unique = [column for column in table.columns if column.expression and not column.parent]
        if not unique:
            return None
        column = self.chance.choice(unique)
        one, two = (column.expression.format(number) for number in self.chance.sample(range(1, 7), 2))
        spare = column.expression.format(99)
        if self.chance.random() < 0.5:
            return f"UPDATE {table.name} r SET {column.name} = CASE WHEN r.{column.name} = {one} THEN {two} ELSE {one} END WHERE r.{column.name} IN ({one}, {two})"
        return [f"UPDATE {table.name} SET {column.name} = {to} WHERE {column.name} = {what}" for what, to in ((one, spare), (two, one), (spare, two))]

    def again(self, table):
        """Deleted and inserted as it was, or kept beside and put back."""
        columns = ", ".join(column.name for column in table.writable())
        if not columns:
            return None
        return (f"WITH gone AS (DELETE FROM {table.name} r WHERE {self.some(table)} RETURNING *)\n"
                f"INSERT INTO {table.name} ({columns}) SELECT {columns} FROM gone")

    def truncate(self, table):
        if self.chance.random() < 0.4:
            return None
        return f"TRUNCATE {table.name}{self.chance.choice(('', ' RESTART IDENTITY'))}{self.chance.choice(('', ' CASCADE'))}"

    def same(self, table):
        columns = table.writable()
        return f"UPDATE {table.name} r SET {columns[0].name} = {columns[0].name} WHERE {self.some(table)}" if columns else None

    def with_cte(self, table):
        columns = ", ".join(column.name for column in table.writable() if column not in table.key)
        if table.key or not columns:
            return None
        return f"INSERT INTO {table.name} ({columns}) SELECT {columns} FROM {table.name} r WHERE {self.some(table)}"

    def locked(self, table):
        return f"SELECT FROM {table.name} r WHERE {self.some(table)} FOR {self.chance.choice(('UPDATE', 'NO KEY UPDATE', 'SHARE', 'KEY SHARE'))}"

    def scaled(self, table):
        """Equal, and not the same."""
        columns = [column for column in table.writable() if column.kind.name == "numeric"]
        if not columns:
            return None
        column = self.chance.choice(columns)
        return f"UPDATE {table.name} r SET {column.name} = round({column.name}, {self.chance.choice((1, 2, 3))}) WHERE {column.name} = trunc({column.name})"

    def moved_up(self, table):
        """Every key of an ordered table, which passes each other where the check is deferred, or there are gaps."""
        if len(table.key) != 1 or table.key[0].kind.name not in ("int", "bigint", "smallint", "numeric"):
            return None
        key = table.key[0]
        return f"UPDATE {table.name} SET {key.name} = {key.name} + {self.chance.choice((1, 100))} WHERE {key.name} BETWEEN 0 AND 30000"
