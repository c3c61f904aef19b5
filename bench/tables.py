"""Tables to change, the changes, and a digest that uses nothing of Yesterday's."""

from dataclasses import dataclass
from typing import Callable

# about half a kilobyte of jsonb a row
PAYLOAD = """jsonb_build_object('id', n, 'label', 'item ' || n, 'active', n % 3 = 0,
    'body', repeat(md5(n::text), 13), 'tags', jsonb_build_array(n % 7, n % 11, n % 13))"""

# 40 KB of words, of which PostgreSQL's own compression makes about a third
DOCUMENT = """(SELECT string_agg(w.word || ' ' || md5((n * 1000 + w.at / 8)::text), ' ')
    FROM (SELECT at, (ARRAY['field', 'screen', 'mandatory', 'workflow', 'approval', 'amount',
                            'customer', 'when'])[1 + (at * 7 + n) % 8] AS word
          FROM generate_series(1, 940) AS at) AS w)"""


def ready(table):
    return f"VACUUM (FREEZE, ANALYZE) {table};"


def table_of_items(rows, table="item", payload=PAYLOAD, primary="PRIMARY KEY", unique="UNIQUE"):
    return f"""CREATE TABLE {table} (id bigint NOT NULL {primary}, code text NOT NULL {unique},
            data jsonb);
        INSERT INTO {table} SELECT n, 'code ' || n, {payload}
            FROM generate_series(1, {rows}) AS n;
        {ready(table)}"""


def patch_of_items(rows, table="item", payload=PAYLOAD):
    return f"""UPDATE {table} SET data = data || '{{"changed": true}}' WHERE id % 2 = 0;
        DELETE FROM {table} WHERE id % 10 = 1;
        INSERT INTO {table} SELECT n, 'code ' || n, {payload}
            FROM generate_series({rows} + 1, {rows} + {max(rows // 10, 1)}) AS n;"""


PATCHED = "id % 2 = 0 OR id % 10 = 1"


@dataclass(frozen=True)
class Change:
    """A workload of rows: what there is, what a deployment does to it."""
    name: str
    summary: str
    make: Callable[[int], str]      # rows -> SQL
    writes: Callable[[int], str]
    tables: tuple = ("item",)
    columns: str = "*"              # the digested ones; peers add columns of their own
    touched: str = "false"          # which rows get a prior image
    share: float = 1.0              # of --rows
    peers: bool = True              # do other tools run it, too?

    def rows(self, given):
        return max(int(given * self.share), 100)


def digest(table, columns="*"):
    """Sums of two hashes of the text of every row: order does not matter, multiplicity does."""
    return f"""SELECT count(*), sum(hashtextextended(r::text, 1)::numeric),
        sum(hashtextextended(r::text, 2)::numeric) FROM (SELECT {columns} FROM {table}) AS r;"""


WIDE = tuple(f"c{n}" for n in range(1, 59))


def _wide_values(n="n"):
    kinds = (f"{n} + {{0}}", f"'text {{0}} of ' || {n}", f"({n} % 1000) / 7.0 + {{0}}",
             f"date '2020-01-01' + ({n} % 3000)::int", f"{n} % 5 = {{0}} % 5",
             f"CASE WHEN {n} % 4 = 0 THEN NULL ELSE 'optional ' || {n} % 100 END")
    return ", ".join(kinds[at % len(kinds)].format(at) for at in range(len(WIDE)))


def _wide_columns():
    kinds = ("bigint", "text", "numeric", "date", "boolean", "text")
    return ", ".join(f"{column} {kinds[at % len(kinds)]}" for at, column in enumerate(WIDE))


CHANGES = [
    Change("patch", "half of the rows updated, a tenth deleted, a tenth inserted",
           table_of_items, patch_of_items, columns="id, code, data", touched=PATCHED),
    Change("single", "updates of one row each, one statement each over the protocol",
           table_of_items, lambda rows: "\n".join(
               f"UPDATE item SET data = data || '{{\"changed\": true}}' WHERE id = {n * 10};"
               for n in range(1, rows // 10 + 1)),
           columns="id, code, data", touched="id % 10 = 0"),
    Change("loop", "the same updates in a PL/pgSQL loop: nothing but the server",
           table_of_items, lambda rows: f"""DO $$ BEGIN FOR n IN 1 .. {rows // 10} LOOP
               UPDATE item SET data = data || '{{"changed": true}}' WHERE id = n * 10;
               END LOOP; END $$;""",
           columns="id, code, data", touched="id % 10 = 0", peers=False),
    Change("copy", "a data copy: every row deleted, as many inserted, half of them changed",
           table_of_items, lambda rows: f"""DELETE FROM item;
               INSERT INTO item SELECT n, 'code ' || n,
                   {PAYLOAD} || CASE WHEN n % 2 = 0 THEN '{{"changed": true}}' ELSE '{{}}' END::jsonb
                   FROM generate_series(1, {rows}) AS n;""",
           columns="id, code, data", touched="true"),
    Change("wide", "the patch on rows of 60 columns",
           lambda rows: f"""CREATE TABLE item (id bigint PRIMARY KEY, code text NOT NULL UNIQUE,
                   {_wide_columns()});
               INSERT INTO item SELECT n, 'code ' || n, {_wide_values()}
                   FROM generate_series(1, {rows}) AS n;
               {ready('item')}""",
           lambda rows: f"""UPDATE item SET c2 = c2 || ' changed', c9 = c9 + 1 WHERE id % 2 = 0;
               DELETE FROM item WHERE id % 10 = 1;
               INSERT INTO item SELECT n, 'code ' || n, {_wide_values()}
                   FROM generate_series({rows} + 1, {rows} + {rows // 10}) AS n;""",
           columns="id, code, " + ", ".join(WIDE), touched=PATCHED),
    Change("toast", "the patch on documents of 40 KB, replaced by new ones",
           lambda rows: f"""CREATE TABLE item (id bigint PRIMARY KEY, code text NOT NULL UNIQUE,
                   data text);
               INSERT INTO item SELECT n, 'code ' || n, {DOCUMENT}
                   FROM generate_series(1, {rows}) AS n;
               {ready('item')}""",
           lambda rows: f"""UPDATE item SET data = 'changed ' || data WHERE id % 2 = 0;
               DELETE FROM item WHERE id % 10 = 1;
               INSERT INTO item SELECT n, 'code ' || n, {DOCUMENT}
                   FROM generate_series({rows} + 1, {rows} + {max(rows // 10, 1)}) AS n;""",
           columns="id, code, data", touched=PATCHED, share=0.02),
    Change("nokey", "the patch on a table without a key, some rows twice",
           lambda rows: table_of_items(rows, primary="", unique="") +
           "INSERT INTO item SELECT * FROM item WHERE id % 100 = 0;" + ready("item"),
           patch_of_items, columns="id, code, data", touched=PATCHED, share=0.25, peers=False),
    Change("partitions", "the patch on a table of 500 partitions",
           lambda rows: """CREATE TABLE item (id bigint PRIMARY KEY, code text NOT NULL, data jsonb)
                   PARTITION BY HASH (id);
               SELECT format('CREATE TABLE item_%s PARTITION OF item FOR VALUES WITH'
                             ' (MODULUS 500, REMAINDER %s)', n, n)
                   FROM generate_series(0, 499) AS n \\gexec
               """ + f"""INSERT INTO item SELECT n, 'code ' || n, {PAYLOAD}
                   FROM generate_series(1, {rows}) AS n;
               {ready('item')}""",
           patch_of_items, columns="id, code, data", touched=PATCHED, share=0.25, peers=False),
]

BY_NAME = {change.name: change for change in CHANGES}
