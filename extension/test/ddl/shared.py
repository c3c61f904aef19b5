"""What the DDL tests share: cases, and a server to run them on."""

import os
import re
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
SECTIONS = ("setup", "deploy", "deploy open", "business", "later", "check", "residue", "refused", "once")
ROLES = ("ddl_alice", "ddl_bob", "ddl_carol", "ddl_super")
TABLESPACES = ("ddl_space", "ddl_space2")

CONTENTS = """
SELECT format('SELECT %L || E''\\n'' || coalesce(string_agg(t::text, E''\\n'' ORDER BY t::text COLLATE "C"), '''') FROM ONLY %s t',
              c.oid::regclass, c.oid::regclass)
FROM pg_class c WHERE c.relkind IN ('r', 'm') AND (c.relkind <> 'm' OR c.relispopulated)
AND c.relnamespace NOT IN (SELECT oid FROM pg_namespace WHERE nspname ~ '^pg_' OR nspname IN ('information_schema', 'yesterday', 'yesterday_shadow'))
AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.classid = 'pg_class'::regclass AND d.deptype = 'e')
ORDER BY c.oid::regclass::text \\gexec
"""


class Failed(Exception):
    pass


class Case:
    def __init__(self, topic, name):
        self.name = f"{topic}: {name}"
        self.parts = {}
        self.deployments = []           # (in open scope?, lines, what business does after it)
        self.covers = []                # (operation, kind), see coverage.py
        least = re.search(r"\[(\d+)\+\]", name)
        self.least = int(least.group(1)) if least else 0

    def has_business(self):
        return "later" in self.parts or "business" in self.parts

    def is_abandonable(self):
        return len(self.deployments) == 1 and self.deployments[0][0] and not self.has_business() \
            and not self.parts.keys() & {"refused", "once"}

    def text(self):
        """All that it runs."""
        return "\n".join(line for part in [*self.parts.values(), *(lines for _, lines, _ in self.deployments)] for line in part)

    def names(self, word):
        """Whether it says that word, in whatever letters."""
        return word in self.text().upper()

    def extensions(self):
        """Names of the extensions that it installs."""
        return set(re.findall(r"\bCREATE EXTENSION (?:IF NOT EXISTS )?(\w+)", self.text()))

    def part(self, section):
        return "\n".join(self.parts.get(section, [])).strip()


def with_givens(path):
    """The lines of a file; "-- given NAME" stands for what the file of that name under given/ says."""
    for line in path.read_text().splitlines():
        given = re.fullmatch(r"-- given (\w+)", line)
        if given:
            yield from (HERE / "given" / f"{given.group(1)}.sql").read_text().splitlines()[1:]
        else:
            yield line


def read_cases(path):
    case, section = None, None
    for line in with_givens(path):
        if line.startswith("-- case: "):
            case, section = Case(path.stem, line[9:].strip()), "setup"
            yield case
        elif case and line.startswith("-- covers "):
            operation, kinds = line[10:].split(": ", 1)
            case.covers += [(operation, kind.strip()) for kind in kinds.split(", ")]
        elif line.startswith("-- ") and line[3:].strip() in SECTIONS:
            section = line[3:].strip()
            if section.startswith("deploy"):
                case.parts[section] = []
                case.deployments.append((section == "deploy open", case.parts[section], []))
            case.parts.setdefault(section, [])
        elif case and section == "business":
            case.deployments[-1][2].append(line)
        elif case:
            case.parts.setdefault(section, []).append(line)


def all_cases(version):
    """Every case that this major version knows; "[17+]" in a name says from which one on."""
    for path in sorted((HERE / "cases").glob("*.sql")):
        for case in read_cases(path):
            if version >= case.least:
                yield case


class Server:
    """The server that PGHOST and PGPORT name, and the programs of one PostgreSQL."""

    def __init__(self, pg_config):
        bindir = subprocess.run([pg_config, "--bindir"], check=True, text=True,
                                capture_output=True).stdout.strip()
        self.psql_program = os.path.join(bindir, "psql")
        self.dump_program = os.path.join(bindir, "pg_dump")
        self.version = int(self.psql("postgres", "SHOW server_version_num")) // 10000

    def psql(self, database, script, *options):
        if not script.strip():
            return ""               # not every part of a case says something, and a session costs more than most say
        done = self.try_psql(database, script, "-v", "ON_ERROR_STOP=1", "-v", "VERBOSITY=verbose",
                             *options)
        if done.returncode:
            raise Failed(done.stderr.strip())
        return done.stdout

    def try_psql(self, database, script, *options):
        return subprocess.run([self.psql_program, "-X", "-q", "-A", "-t", *options, "-d", database],
                              input=script, text=True, capture_output=True)

    def schema(self, database):
        text = subprocess.run(
            [self.dump_program, "--schema-only", "--create", "--exclude-schema=yesterday",
             "--exclude-schema=yesterday_shadow", "-d", database],
            check=True, text=True, capture_output=True).stdout
        return [line for line in text.splitlines()
                if line and not line.startswith(("--", "\\restrict", "\\unrestrict"))]

    def make_template(self, database):
        """A database with the extension, and the roles and tablespaces that cases name."""
        self.psql("postgres", "".join(
            f"DO $$ BEGIN CREATE ROLE {role}{' SUPERUSER' if role == 'ddl_super' else ''}; "
            "EXCEPTION WHEN duplicate_object THEN NULL; END $$;\n" for role in ROLES) +
            "SET allow_in_place_tablespaces = on;\n" + "".join(
            f"SELECT $$CREATE TABLESPACE {space} LOCATION ''$$ WHERE NOT EXISTS "
            f"(SELECT FROM pg_tablespace WHERE spcname = '{space}') \\gexec\n" for space in TABLESPACES) +
            f"DROP DATABASE IF EXISTS {database} WITH (FORCE);\nCREATE DATABASE {database};")
        self.psql(database, "CREATE EXTENSION yesterday;")
