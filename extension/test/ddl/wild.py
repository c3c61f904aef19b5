"""DDL drawn from what a database has: any of its objects, renamed, changed, dropped, made again under a name
that another one had. What the server refuses is skipped by the chain that runs it."""

import json

CATALOG = """
SELECT json_build_object(
    'tables', (SELECT coalesce(json_agg(json_build_object(
        'name', c.oid::regclass, 'bare', quote_ident(c.relname), 'kind', c.relkind, 'child', c.relispartition,
        'key', (SELECT quote_ident(a.attname) FROM pg_index i JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
                WHERE i.indrelid = c.oid AND i.indisprimary AND i.indnatts = 1),
        'columns', (SELECT coalesce(json_agg(json_build_object('name', quote_ident(a.attname), 'type', format_type(a.atttypid, a.atttypmod),
                        'generated', a.attgenerated <> '', 'identity', a.attidentity <> '') ORDER BY a.attnum), '[]')
                    FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
        'constraints', (SELECT coalesce(json_agg(quote_ident(k.conname) ORDER BY k.conname), '[]') FROM pg_constraint k WHERE k.conrelid = c.oid),
        'triggers', (SELECT coalesce(json_agg(quote_ident(t.tgname) ORDER BY t.tgname), '[]') FROM pg_trigger t
                     WHERE t.tgrelid = c.oid AND NOT t.tgisinternal AND t.tgname NOT LIKE 'yesterday%')) ORDER BY c.oid::regclass::text), '[]')
        FROM pg_class c WHERE c.relkind IN ('r', 'p') AND c.relnamespace = ANY (s.schemas)),
    'views', (SELECT coalesce(json_agg(c.oid::regclass ORDER BY c.oid::regclass::text), '[]') FROM pg_class c WHERE c.relkind = 'v' AND c.relname NOT LIKE 'outside%' AND c.relnamespace = ANY (s.schemas)),
    'indexes', (SELECT coalesce(json_agg(c.oid::regclass ORDER BY c.oid::regclass::text), '[]') FROM pg_class c WHERE c.relkind = 'i' AND c.relnamespace = ANY (s.schemas)),
    'sequences', (SELECT coalesce(json_agg(c.oid::regclass ORDER BY c.oid::regclass::text), '[]') FROM pg_class c WHERE c.relkind = 'S' AND c.relnamespace = ANY (s.schemas)),
    'schemas', (SELECT coalesce(json_agg(quote_ident(n.nspname) ORDER BY n.nspname), '[]') FROM pg_namespace n WHERE n.oid = ANY (s.schemas)),
    'enums', (SELECT coalesce(json_agg(json_build_object('name', t.oid::regtype, 'labels',
                  (SELECT json_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid)) ORDER BY t.oid::regtype::text), '[]')
              FROM pg_type t WHERE t.typtype = 'e' AND t.typnamespace = ANY (s.schemas)),
    'composites', (SELECT coalesce(json_agg(json_build_object('name', t.oid::regtype, 'attributes',
                  (SELECT coalesce(json_agg(quote_ident(a.attname) ORDER BY a.attnum), '[]') FROM pg_attribute a WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped))
                  ORDER BY t.oid::regtype::text), '[]')
              FROM pg_type t JOIN pg_class c ON c.oid = t.typrelid AND c.relkind = 'c' WHERE t.typnamespace = ANY (s.schemas)),
    'domains', (SELECT coalesce(json_agg(json_build_object('name', t.oid::regtype, 'constraints',
                  (SELECT coalesce(json_agg(quote_ident(k.conname) ORDER BY k.conname), '[]') FROM pg_constraint k WHERE k.contypid = t.oid))
                  ORDER BY t.oid::regtype::text), '[]')
              FROM pg_type t WHERE t.typtype = 'd' AND t.typnamespace = ANY (s.schemas)))
FROM (SELECT array_agg(n.oid) AS schemas FROM pg_namespace n
      WHERE n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'yesterday', 'yesterday_shadow')) s
"""
NAMES = ("alpha", "beta", '"Gam ma"', "t", "u", "delta")
TYPES = ("int", "bigint", "text", "varchar(20)", "numeric(12,3)", "date")
ROLES = ("ddl_alice", "ddl_bob", "ddl_carol", "CURRENT_USER")


class Wild:
    """Draws statements from what a database has now."""

    def __init__(self, server, database, chance, rows):
        self.has = json.loads(server.psql(database, CATALOG))
        self.chance = chance
        self.rows = rows

    def script(self, count, in_transaction):
        script = []
        while len(script) < count:
            try:
                made = self.chance.choice(self.kinds())()
            except IndexError:          # there is none of that kind
                continue
            script += made if isinstance(made, list) else [made]
        if in_transaction and self.chance.random() < 0.3:
            at = self.chance.randrange(len(script))
            script[at:at] = ["SAVEPOINT half", *script[at:at + 3], "ROLLBACK TO half"]
        return script

    def kinds(self):
        weights = ((self.column, 8), (self.constraint, 4), (self.table, 6), (self.index, 3), (self.type, 4), (self.enum_replaced, 1),
                   (self.attribute, 4), (self.view, 2), (self.family, 2), (self.sequence, 1), (self.written, 3 if self.rows else 0))
        return [kind for kind, weight in weights for _ in range(weight)]

    def pick(self, kind):
        return self.chance.choice(self.has[kind])

    def any_table(self):
        table = self.pick("tables")
        return table, table["name"]

    def any_type(self):
        own = [t["name"] for kind in ("enums", "composites", "domains") for t in self.has[kind]]
        return self.chance.choice([*TYPES, *own])

    def column(self):
        table, name = self.any_table()
        new = self.chance.choice(NAMES)
        add = self.chance.choice((
            f"ALTER TABLE {name} ADD COLUMN {new} {self.any_type()}",
            f"ALTER TABLE {name} ADD COLUMN {new} int NOT NULL DEFAULT {self.chance.randrange(9)}",
            f"ALTER TABLE {name} ADD COLUMN {new} int GENERATED ALWAYS AS IDENTITY",
            f"ALTER TABLE {name} ADD COLUMN {new} text GENERATED ALWAYS AS ('x' || 1) STORED"))
        if not table["columns"] or self.chance.random() < 0.25:
            return add
        column = self.chance.choice(table["columns"])["name"]
        kind = self.chance.choice(TYPES)
        other = self.chance.choice(table["columns"])["name"]
        return self.chance.choice((
            f"ALTER TABLE {name} DROP COLUMN {column}", f"ALTER TABLE {name} DROP COLUMN {column} CASCADE",
            f"ALTER TABLE {name} RENAME COLUMN {column} TO {new}",
            [f"ALTER TABLE {name} RENAME COLUMN {column} TO swap", f"ALTER TABLE {name} RENAME COLUMN {other} TO {column}",
             f"ALTER TABLE {name} RENAME COLUMN swap TO {other}"],
            [f"ALTER TABLE {name} DROP COLUMN {column}", f"ALTER TABLE {name} ADD COLUMN {column} {self.any_type()}"],
            f"ALTER TABLE {name} ALTER COLUMN {column} TYPE {kind} USING {column}::text::{kind}",
            f"ALTER TABLE {name} ALTER COLUMN {column} TYPE text USING 'was ' || {column}::text",
            f"ALTER TABLE {name} ALTER COLUMN {column} TYPE int USING length({column}::text)",
            f"ALTER TABLE {name} DROP COLUMN {other}, ALTER COLUMN {column} TYPE text",
            f"ALTER TABLE {name} ALTER COLUMN {column} SET NOT NULL", f"ALTER TABLE {name} ALTER COLUMN {column} DROP NOT NULL",
            f"ALTER TABLE {name} ALTER COLUMN {column} DROP DEFAULT", f"ALTER TABLE {name} ALTER COLUMN {column} SET DEFAULT '5'",
            f"ALTER TABLE {name} ALTER COLUMN {column} ADD GENERATED BY DEFAULT AS IDENTITY",
            f"ALTER TABLE {name} ALTER COLUMN {column} DROP IDENTITY IF EXISTS",
            f"ALTER TABLE {name} ALTER COLUMN {column} DROP EXPRESSION IF EXISTS",
            f"ALTER TABLE {name} ALTER COLUMN {column} SET STATISTICS {self.chance.randrange(50)}",
            f"ALTER TABLE {name} ALTER COLUMN {column} SET STORAGE EXTERNAL"))

    def constraint(self):
        table, name = self.any_table()
        new = self.chance.choice(NAMES)
        if table["constraints"] and self.chance.random() < 0.5:
            old = self.chance.choice(table["constraints"])
            return self.chance.choice((
                f"ALTER TABLE {name} DROP CONSTRAINT {old}", f"ALTER TABLE {name} DROP CONSTRAINT {old} CASCADE",
                f"ALTER TABLE {name} RENAME CONSTRAINT {old} TO {new}",
                f"COMMENT ON CONSTRAINT {old} ON {name} IS 'comment {new}'"))
        column = self.chance.choice(table["columns"])["name"]
        parent = self.pick("tables")
        return self.chance.choice((
            f"ALTER TABLE {name} ADD CHECK ({column} IS NOT NULL OR true)",
            f"ALTER TABLE {name} ADD CONSTRAINT {new} CHECK ({column} IS DISTINCT FROM NULL) NOT VALID",
            f"ALTER TABLE {name} ADD UNIQUE ({column})", f"ALTER TABLE {name} ADD PRIMARY KEY ({column})",
            f"ALTER TABLE {name} ADD FOREIGN KEY ({column}) REFERENCES {parent['name']} ON DELETE CASCADE",
            f"ALTER TABLE {name} ADD CONSTRAINT {new} FOREIGN KEY ({column}) REFERENCES {parent['name']} DEFERRABLE INITIALLY DEFERRED"))

    def table(self):
        _, name = self.any_table()
        new = self.chance.choice(NAMES)
        return self.chance.choice((
            f"ALTER TABLE {name} RENAME TO {new}", f"DROP TABLE {name}", f"DROP TABLE {name} CASCADE",
            f"CREATE TABLE {new} (id int PRIMARY KEY, a text, b {self.any_type()})",
            f"CREATE TABLE {new} (LIKE {name} INCLUDING ALL)", f"CREATE TABLE {new} AS SELECT * FROM {name}",
            f"ALTER TABLE {name} SET SCHEMA {self.pick('schemas')}",
            [f"ALTER TABLE {name} RENAME TO old_one", f"CREATE TABLE {name} (LIKE old_one INCLUDING ALL)",
             f"INSERT INTO {name} SELECT * FROM old_one", "DROP TABLE old_one"],
            [f"DROP TABLE {name} CASCADE", f"CREATE TABLE {name} (id int PRIMARY KEY, a text)"],
            f"ALTER TABLE {name} SET (fillfactor = {self.chance.randrange(10, 100)})",
            f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY", f"CREATE POLICY {new} ON {name} USING (true)",
            f"CREATE STATISTICS {new} ON {', '.join(c['name'] for c in self.pick('tables')['columns'][:2])} FROM {name}",
            [f"CREATE SCHEMA {new}", f"ALTER DEFAULT PRIVILEGES FOR ROLE ddl_alice IN SCHEMA {new} GRANT SELECT ON TABLES TO ddl_bob"],
            f"ALTER SCHEMA {self.pick('schemas')} RENAME TO {new}"))

    def index(self):
        new = self.chance.choice(NAMES)
        if self.has["indexes"] and self.chance.random() < 0.5:
            old = self.pick("indexes")
            return self.chance.choice((f"ALTER INDEX {old} RENAME TO {new}", f"DROP INDEX {old}", f"COMMENT ON INDEX {old} IS '{len(new)}'"))
        table, name = self.any_table()
        column = self.chance.choice(table["columns"])["name"]
        return self.chance.choice((f"CREATE INDEX ON {name} ({column})", f"CREATE UNIQUE INDEX {new} ON {name} ({column})",
                                   f"CREATE INDEX {new} ON {name} (({column}::text || 'x')) WHERE {column} IS NOT NULL"))

    def type(self):
        kind = self.chance.choice(("enums", "composites", "domains"))
        new = self.chance.choice(NAMES)
        if self.chance.random() < 0.2 or not self.has[kind]:
            return self.chance.choice((f"CREATE TYPE {new} AS ENUM ('a', 'b')", f"CREATE TYPE {new} AS (x int, y text)",
                                       f"CREATE DOMAIN {new} AS text CHECK (VALUE <> 'never')"))
        item = self.pick(kind)
        name = item["name"]
        if kind == "enums":
            labels = item["labels"] or ["none"]
            return self.chance.choice((
                f"ALTER TYPE {name} RENAME TO {new}", f"ALTER TYPE {name} ADD VALUE 'new{len(labels)}' BEFORE '{labels[0]}'",
                f"ALTER TYPE {name} RENAME VALUE '{self.chance.choice(labels)}' TO 'renamed{len(labels)}'", f"DROP TYPE {name} CASCADE"))
        if kind == "composites":
            attribute = self.chance.choice(item["attributes"] or ["none"])
            return self.chance.choice((
                f"ALTER TYPE {name} RENAME TO {new}", f"ALTER TYPE {name} ADD ATTRIBUTE {new} {self.chance.choice(TYPES)} CASCADE",
                f"ALTER TYPE {name} DROP ATTRIBUTE {attribute} CASCADE", f"ALTER TYPE {name} RENAME ATTRIBUTE {attribute} TO {new} CASCADE",
                f"DROP TYPE {name} CASCADE"))
        constraint = self.chance.choice(item["constraints"] or ["none"])
        return self.chance.choice((
            f"ALTER DOMAIN {name} RENAME TO {new}", f"ALTER DOMAIN {name} ADD CHECK (VALUE IS NOT NULL OR true)",
            f"ALTER DOMAIN {name} DROP CONSTRAINT {constraint}", f"ALTER DOMAIN {name} RENAME CONSTRAINT {constraint} TO {new}",
            f"ALTER DOMAIN {name} SET DEFAULT '7'", f"DROP DOMAIN {name} CASCADE"))

    def enum_replaced(self):
        item = self.pick("enums")
        uses = [(t["name"], c["name"]) for t in self.has["tables"] for c in t["columns"] if c["type"] == item["name"]]
        labels = ", ".join(f"'{label}'" for label in [*(item["labels"] or [])[1:], "latest"])
        bare = item["name"].split(".")[-1]
        return [f"ALTER TYPE {item['name']} RENAME TO replaced", f"CREATE TYPE {bare} AS ENUM ({labels})",
                *(f"ALTER TABLE {table} ALTER COLUMN {column} DROP DEFAULT, ALTER COLUMN {column} TYPE {bare}"
                  f" USING CASE WHEN {column}::text = '{(item['labels'] or ['none'])[0]}' THEN 'latest' ELSE {column}::text END::{bare}"
                  for table, column in uses), "DROP TYPE replaced"]

    def attribute(self):
        table, name = self.any_table()
        role = self.chance.choice(ROLES)
        column = self.chance.choice(table["columns"])["name"]
        return self.chance.choice((
            f"ALTER TABLE {name} OWNER TO {role}", f"GRANT SELECT, INSERT ON {name} TO {role} WITH GRANT OPTION",
            f"REVOKE ALL ON {name} FROM {role}", f"GRANT UPDATE ({column}) ON {name} TO {role}",
            f"COMMENT ON TABLE {name} IS 'table {role}'", f"COMMENT ON COLUMN {name}.{column} IS 'column {role}'",
            f"ALTER TABLE {name} REPLICA IDENTITY FULL"))

    def view(self):
        new = self.chance.choice(NAMES)
        if self.has["views"] and self.chance.random() < 0.4:
            old = self.pick("views")
            return self.chance.choice((f"DROP VIEW {old} CASCADE", f"ALTER VIEW {old} RENAME TO {new}", f"COMMENT ON VIEW {old} IS 'seen'"))
        _, name = self.any_table()
        return self.chance.choice((f"CREATE VIEW {new} AS SELECT * FROM {name}", f"CREATE MATERIALIZED VIEW {new} AS SELECT * FROM {name}"))

    def family(self):
        _, name = self.any_table()
        _, other = self.any_table()
        new = self.chance.choice(NAMES)
        return self.chance.choice((
            f"ALTER TABLE {name} INHERIT {other}", f"ALTER TABLE {name} NO INHERIT {other}", f"CREATE TABLE {new} () INHERITS ({other})",
            f"ALTER TABLE {other} DETACH PARTITION {name}", f"ALTER TABLE {other} ATTACH PARTITION {name} DEFAULT",
            f"CREATE TABLE {new} PARTITION OF {other} DEFAULT"))

    def sequence(self):
        old = self.pick("sequences")
        new = self.chance.choice(NAMES)
        return self.chance.choice((f"ALTER SEQUENCE {old} RENAME TO {new}", f"ALTER SEQUENCE {old} INCREMENT 3", f"DROP SEQUENCE {old} CASCADE",
                                   f"CREATE SEQUENCE {new}"))

    def written(self):
        table, name = self.any_table()
        column = self.chance.choice(table["columns"])["name"]
        return self.chance.choice((f"INSERT INTO {name} DEFAULT VALUES", f"UPDATE {name} SET {column} = DEFAULT", f"DELETE FROM {name} WHERE {column} IS NULL",
                                   f"TRUNCATE {name} CASCADE", f"DELETE FROM {name}", f"INSERT INTO {name} SELECT * FROM {name}",
                                   f"UPDATE {name} SET {column} = '77'"))
