"""Schemas: types, tables with their keys, constraints, references, partitions, triggers, views, and what refers to them."""

from values import Type, base_types

SCHEMAS = ("meta", "biz", '"Sch ""ema"')
HOSTILE = ('"With Space"', '"select"', '"qu""ote"', '"Ünïcødé"', '"it\'s"', '"back\\slash"', '"%I %s"', '"$1"', '" "', '"a.b"', '"-- no"', '"new\nline"',
           '"' + "n" * 63 + '"', '"' + "ß" * 31 + '"', '"ctid2"', '"old"', '"yesterday"', '"1"', '"{}"', '"TABLE"')
PLAIN = ("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu", "xi", "pi", "rho")
ACTIONS = ("", " ON DELETE CASCADE", " ON DELETE SET NULL", " ON UPDATE CASCADE", " ON DELETE CASCADE ON UPDATE CASCADE", " ON UPDATE SET NULL",
           " ON DELETE SET DEFAULT", " ON DELETE RESTRICT")


class Column:
    def __init__(self, name, kind, extra="", written=True, parent=None, expression=None):
        self.name, self.kind, self.extra, self.written, self.parent, self.expression = name, kind, extra, written, parent, expression

    def value(self, chance, most=14):
        """An expression of a value for it."""
        if self.expression:
            if self.parent and (chance.random() < 0.2 or not self.parent.filled):
                return "NULL"
            return self.expression.format(chance.randint(1, min(most, self.parent.filled) if self.parent and chance.random() < 0.8 else most))
        if "NOT NULL" not in self.extra and chance.random() < 0.15:
            return "NULL"
        return self.kind.value(chance)

    def definition(self):
        return f"{self.name} {self.kind.name}{self.extra}"


class Table:
    def __init__(self, schema, bare, tracked):
        self.schema, self.bare, self.tracked = schema, bare, tracked
        self.columns, self.constraints, self.key = [], [], []
        self.parts = ""                     # PARTITION BY ...
        self.children = []                  # bounds of partitions
        self.referenced = False
        self.witness = False                # nobody writes rows of it, and nothing that is written reaches it
        self.filled = 0                     # rows at the beginning, keys from 1 on

    @property
    def name(self):
        return f"{self.schema}.{self.bare}"

    def writable(self):
        return [column for column in self.columns if column.written]

    def plain(self):
        """Columns that neither keys nor references need."""
        return [column for column in self.columns if column not in self.key and not column.parent and column.written]


class Names:
    """Names that are taken no twice."""

    def __init__(self, chance, hostility):
        self.chance, self.hostility, self.taken = chance, hostility, set()

    def new(self):
        for _ in range(50):
            name = self.chance.choice(HOSTILE) if self.chance.random() < self.hostility else self.chance.choice(PLAIN)
            if name not in self.taken:
                break
        else:
            name = f"more{len(self.taken)}"
        self.taken.add(name)
        return name


class Schema:
    """Draws all there is before the first deployment."""

    def __init__(self, chance, version):
        self.chance, self.version = chance, version
        self.hostility = chance.choice((0, 0.2, 0.7))
        self.statements, self.tables = [], []
        self.names = Names(chance, self.hostility)
        self.types = base_types(version)
        self.own = {}
        self.log = None
        self.counter = 0
        self.draw_types()
        for number in range(chance.randint(1, 4)):
            self.draw_table(tracked=True)
        for number in range(chance.choice((0, 1, 1, 2))):
            self.draw_table(tracked=False)
        for table in list(self.tables):
            self.draw_around(table)
        if chance.random() < 0.7:
            self.draw_witness()

    def say(self, sql):
        self.statements.append(sql)

    def fresh(self, word):
        self.counter += 1
        return f"{word}{self.counter}"

    def draw_types(self):
        chance = self.chance
        for schema in SCHEMAS:
            self.say(f"CREATE SCHEMA {schema}")
        made = (
            ("enum", "meta.mood", "CREATE TYPE meta.mood AS ENUM ('sad', 'so so', 'it''s', 'ß')", ("'sad'", "'so so'", "'it''s'", "'ß'")),
            ("composite", 'meta."Pa ir"', 'CREATE TYPE meta."Pa ir" AS (x int, "Y y" text, z numeric)',
             ("ROW(1, 'a,\"b', 1.0)", "ROW(NULL, '', 1.00)", "ROW(NULL, NULL, NULL)")),
            ("domain", "meta.positive", "CREATE DOMAIN meta.positive AS int DEFAULT 3 CHECK (VALUE > 0)", ("1", "2147483647")),
            ("words", "meta.words", "CREATE DOMAIN meta.words AS text[] CHECK (cardinality(VALUE) < 5)", ("'{}'", "'{a,NULL}'")),
            ("span", "meta.span", "CREATE TYPE meta.span AS RANGE (subtype = numeric)", ("'[1.0,1.00]'", "'empty'", "'(,2)'")),
            ("deep", "meta.deep", "CREATE TYPE meta.deep AS (m meta.mood, p meta.\"Pa ir\", w meta.words)",
             ("ROW('sad', ROW(1, 'x', 2), '{a}')", "ROW('ß', NULL, NULL)")),
        )
        for kind, name, sql, values in made:
            if chance.random() < 0.45 or (kind in ("enum", "composite") and chance.random() < 0.6):
                if kind == "deep" and not {"enum", "composite", "words"} <= set(self.own):
                    continue
                self.say(sql)
                typed = [f"{value}::{name}" for value in values]
                self.own[kind] = Type(name, typed, own=True)
                if kind in ("enum", "composite", "domain"):
                    self.own[f"{kind} array"] = Type(f"{name}[]", [f"ARRAY[{typed[0]}, NULL]::{name}[]", f"ARRAY[{', '.join(typed[:2])}]::{name}[]", f"'{{}}'::{name}[]"], own=True)

    def any_type(self):
        if self.own and self.chance.random() < 0.3:
            return self.chance.choice(list(self.own.values()))
        return self.chance.choice(self.types)

    def key_type(self):
        return self.chance.choice([kind for kind in self.types if kind.key] + [kind for kind in self.types if kind.name in ("int", "text")] * 4)

    def draw_column(self, name):
        chance, kind = self.chance, self.any_type()
        roll = chance.random()
        if roll < 0.06:
            return Column(name, Type("int", ()), chance.choice((" GENERATED ALWAYS AS IDENTITY", " GENERATED BY DEFAULT AS IDENTITY")), written=False)
        if roll < 0.10:
            return Column(name, Type("serial", ()), "", written=False)
        if roll < 0.14:
            return Column(name, kind, f" DEFAULT {kind.value(chance)}" if "SELECT" not in "".join(kind.values) else "")
        if roll < 0.18:
            return Column(name, Type("timestamptz", ("'epoch'",)), " DEFAULT clock_timestamp()")
        if roll < 0.24:
            return Column(name, kind, " NOT NULL")
        if roll < 0.28 and kind.name == "text":
            return Column(name, kind, ' COLLATE "C"')
        return Column(name, kind)

    def draw_table(self, tracked):
        chance = self.chance
        schema = chance.choice(SCHEMAS) if chance.random() < 0.3 else ("meta" if tracked else "biz")
        table = Table(schema, self.names.new(), tracked)
        columns = Names(chance, self.hostility)
        shape = chance.choice(("primary", "primary", "primary", "composite", "unique", "none"))
        if shape != "none":
            for _ in range(2 if shape == "composite" else 1):
                kind = self.key_type()
                table.key.append(Column(columns.new(), kind, " NOT NULL" if shape == "unique" else "", expression=kind.key))
        table.columns += table.key
        for _ in range(chance.randint(0 if table.key else 1, 5)):
            table.columns.append(self.draw_column(columns.new()))
        parents = [other for other in self.tables if len(other.key) == 1 and (other.tracked or not tracked)]
        own_parent = table if len(table.key) == 1 and chance.random() < 0.2 else None
        for parent in [*([chance.choice(parents)] if parents and chance.random() < (0.5 if tracked else 0.8) else []), *([own_parent] if own_parent else [])]:
            key = parent.key[0]
            deferred = chance.choice(("", "", " DEFERRABLE", " DEFERRABLE INITIALLY DEFERRED"))
            column = Column(columns.new(), Type(key.kind.name, ()), "", parent=parent, expression=key.expression)
            table.columns.append(column)
            table.constraints.append(f"FOREIGN KEY ({column.name}) REFERENCES {parent.name} ({key.name}){chance.choice(ACTIONS)}{deferred}")
            parent.referenced = True
        chance.shuffle(table.columns)
        if table.key:
            listed = ", ".join(column.name for column in table.key)
            deferrable = " DEFERRABLE" if shape == "composite" and chance.random() < 0.3 else ""
            table.constraints.insert(0, f"{'UNIQUE' if shape == 'unique' else 'PRIMARY KEY'} ({listed}){deferrable}")
        self.draw_family(table)
        self.draw_constraints(table)
        self.generated(table, columns)
        self.say(self.create(table))
        for number, bounds in enumerate(table.children):
            self.say(f"CREATE TABLE {schema}.part_{len(self.tables)}_{number} PARTITION OF {table.name} {bounds}")
        self.tables.append(table)
        self.fill(table)

    def draw_witness(self):
        """A business table that definitions alone reach: whatever they were, its rows are what they were."""
        chance = self.chance
        table = Table("biz", "witness", False)
        table.witness = True
        columns = Names(chance, self.hostility)
        if chance.random() < 0.5:
            kind = self.key_type()
            table.key.append(Column(columns.new(), kind, expression=kind.key))
            table.constraints.append(f"PRIMARY KEY ({table.key[0].name})")
        # few values, so that rows are alike in some of their columns
        table.columns += [*table.key, *(Column(columns.new(), self.any_type()) for _ in range(chance.randint(2, 6)))]
        chance.shuffle(table.columns)
        self.say(self.create(table))
        self.tables.append(table)
        self.fill(table)
        if not table.key and table.filled:
            self.say(f"INSERT INTO {table.name} SELECT * FROM {table.name} LIMIT {chance.randint(1, 3)}")

    @staticmethod
    def create(table):
        inside = ",\n    ".join([*(column.definition() for column in table.columns), *table.constraints])
        return f"CREATE TABLE {table.name} (\n    {inside}\n){table.parts}"

    def draw_family(self, table):
        chance = self.chance
        if len(table.key) != 1 or table.constraints[0].startswith("FOREIGN") or chance.random() > 0.2:
            return
        key = table.key[0]
        kind = key.kind.name
        if kind in ("int", "smallint", "bigint") and chance.random() < 0.6:
            middle = key.expression.format(5)
            table.parts = f" PARTITION BY RANGE ({key.name})"
            table.children = [f"FOR VALUES FROM (MINVALUE) TO ({middle})", chance.choice(("DEFAULT", f"FOR VALUES FROM ({middle}) TO (MAXVALUE)"))]
        else:
            table.parts = f" PARTITION BY HASH ({key.name})"
            table.children = ["FOR VALUES WITH (MODULUS 2, REMAINDER 0)", "FOR VALUES WITH (MODULUS 2, REMAINDER 1)"]
        table.columns = [column for column in table.columns if "IDENTITY" not in column.extra]

    def draw_constraints(self, table):
        chance = self.chance
        for column in table.plain():
            roll = chance.random()
            if roll < 0.05 and column.kind.key and not table.parts:
                table.constraints.append(f"UNIQUE ({column.name}){chance.choice(('', ' DEFERRABLE INITIALLY DEFERRED', ' DEFERRABLE'))}")
                column.expression = column.kind.key
            elif roll < 0.08 and column.kind.name == "int4range" and not table.parts:
                table.constraints.append(f"EXCLUDE USING gist ({column.name} WITH &&){chance.choice(('', ' DEFERRABLE'))}")
            elif roll < 0.12 and column.kind.name in ("text", "int", "numeric", "date", "jsonb"):
                table.constraints.append(f"CHECK (({column.name} IS NOT NULL) OR ({column.name}::text IS DISTINCT FROM 'never'))")

    def generated(self, table, columns):
        chance = self.chance
        of = [column for column in table.columns if column.kind.name in ("int", "text") and column.written]
        if of and chance.random() < 0.2:
            column = chance.choice(of)
            expression = f"({column.name} % 1000) + 1" if column.kind.name == "int" else f"upper({column.name})"
            table.columns.append(Column(columns.new(), Type(column.kind.name, ()), f" GENERATED ALWAYS AS ({expression}) STORED", written=False))

    def fill(self, table):
        chance = self.chance
        columns = table.writable()
        for number in range(1, chance.choice((0, 3, 6, 8)) + 1):
            values = [column.expression.format(number) if column in table.key or (column.expression and not column.parent)
                      else column.value(chance, 6) for column in columns]
            if columns:
                self.say(f"INSERT INTO {table.name} ({', '.join(column.name for column in columns)})\nVALUES ({', '.join(values)})")
                table.filled = number

    def draw_around(self, table):
        """What stands on a table: indexes, triggers, views, rights."""
        chance = self.chance
        plain = table.plain()
        for _ in range(chance.choice((0, 0, 1, 2))):
            if plain:
                column = chance.choice(plain)
                self.say(chance.choice((
                    f"CREATE INDEX {self.fresh('idx')} ON {table.name} ({column.name})",
                    f"CREATE INDEX {self.fresh('idx')} ON {table.name} ((({column.name})::text)) WHERE {column.name} IS NOT NULL",
                    f"CREATE INDEX {self.fresh('idx')} ON {table.name} USING hash ({column.name})",
                    f"COMMENT ON COLUMN {table.name}.{column.name} IS 'of {len(self.statements)}, it''s'",
                    f"ALTER TABLE {table.name} ALTER COLUMN {column.name} SET STORAGE EXTERNAL",
                    f"GRANT SELECT ({column.name}) ON {table.name} TO PUBLIC")))
        roll = chance.random()
        texts = [column for column in plain if column.kind.name == "text"]
        if roll < 0.12 and texts and not table.parts:
            self.trigger(table, f"IF pg_trigger_depth() < 2 THEN UPDATE {table.name} r SET {texts[0].name} = left(r.{texts[0].name}, 20) || '!' WHERE r = NEW; END IF; RETURN NULL",
                         "AFTER INSERT OR UPDATE")
        elif roll < 0.2 and texts:
            self.trigger(table, f"NEW.{texts[0].name} := left(NEW.{texts[0].name}, 30) || '+'; RETURN NEW", "BEFORE UPDATE")
        elif roll < 0.26:
            if not self.log:
                self.say("CREATE TABLE meta.log (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, what text)")
                self.log = Table("meta", "log", True)
                self.log.columns = [Column("what", Type("text", ("'logged'",)))]
                self.tables.append(self.log)
            self.trigger(table, "INSERT INTO meta.log (what) VALUES (TG_OP || ' ' || TG_TABLE_NAME); RETURN NULL", "AFTER INSERT OR UPDATE OR DELETE")
        if chance.random() < 0.2:
            view = f"{chance.choice(SCHEMAS)}.{self.fresh('view')}"
            self.say(f"CREATE {chance.choice(('', '', 'MATERIALIZED '))}VIEW {view} AS SELECT * FROM {table.name}")
            if chance.random() < 0.3:
                self.say(f"CREATE VIEW {chance.choice(SCHEMAS)}.{self.fresh('view')} AS SELECT count(*) AS n FROM {view}")
        if chance.random() < 0.07:
            self.say(f"ALTER TABLE {table.name} ENABLE ROW LEVEL SECURITY")
            self.say(f"CREATE POLICY {self.fresh('policy')} ON {table.name} USING (true)")
        if chance.random() < 0.08 and not table.parts and not table.referenced and table.plain():
            child = Table("meta", self.fresh("heir"), table.tracked)
            self.say(f"CREATE TABLE {child.name} (more text) INHERITS ({table.name})")
            child.columns = [column for column in table.columns if not column.parent] + [Column("more", Type("text", ("'m'", "''")))]
            self.tables.append(child)
            self.fill(child)

    def trigger(self, table, body, when):
        name = self.fresh("fn")
        self.say(f"CREATE FUNCTION meta.{name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body}; END $$")
        self.say(f"CREATE TRIGGER {self.fresh('trg')} {when} ON {table.name} FOR EACH ROW EXECUTE FUNCTION meta.{name}()")
