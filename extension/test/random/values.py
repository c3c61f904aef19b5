"""Types of columns, and values that are hard to keep: as SQL expressions, drawn with a given chance."""

LONG = "(SELECT string_agg(md5((i * {0})::text), '') FROM generate_series(1, {1}) i)"

# type, values; every family of built-in types
BASE = {
    "smallint": ("-32768", "32767", "0"),
    "int": ("-2147483648", "2147483647", "0", "42"),
    "bigint": ("-9223372036854775808", "9223372036854775807", "7"),
    "numeric": ("1.0", "1.00", "1", "'NaN'", "'Infinity'", "'-Infinity'", "0.000", "-0.10", "12345678901234567890.123456789"),
    "numeric(12,3)": ("1.5", "-1", "'NaN'", "0"),
    "real": ("'-0'", "0", "'NaN'", "'Infinity'", "1.1", "3.4e38", "1e-45"),
    "double precision": ("'-0'", "0", "'NaN'", "'-Infinity'", "0.1", "5e-324", "1.7976931348623157e308"),
    "money": ("12.34", "-0.01"),
    "text": ("''", "' '", "'a'", "E'tab\\tline\\nback\\\\slash'", "'it''s \"quoted\"'", "'NULL'", "'\\N'", "'{}'", "'ß𝔘'",
             LONG.format(3, 400), "repeat('x', 9000)"),
    "varchar(20)": ("''", "'abc'", "'abc  '", "'12345678901234567890'"),
    "char(8)": ("''", "'ab'", "'12345678'"),
    '"char"': ("'x'", "''"),
    "name": ("'a name'", "repeat('n', 63)::name"),
    "bytea": ("''", "'\\x00ff'", "decode(repeat('00ff', 3000), 'hex')"),
    "boolean": ("true", "false"),
    "date": ("'infinity'", "'-infinity'", "'4713-01-01 BC'", "'2024-02-29'", "'epoch'"),
    "time": ("'24:00'", "'00:00:00.000001'"),
    "time(0)": ("'12:34:56.7'",),
    "timetz": ("'23:59:59.999999+15:59'", "'00:00-12'"),
    "timestamp": ("'infinity'", "'2000-01-01 00:00:00.000001'", "'0044-03-15 12:00 BC'"),
    "timestamptz": ("'-infinity'", "'2024-03-31 02:30+01'", "'epoch'"),
    "interval": ("'1 mon -1 day 00:00:00.1'", "'-1 year'", "'30 days'", "'720:00'"),
    "uuid": ("'00000000-0000-0000-0000-000000000000'", "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'"),
    "json": ("'{ \"b\":1, \"a\" : [ ], \"b\":2}'", "'null'", "'\"x\"'"),
    "jsonb": ("'{\"b\":1.0,\"a\":[1.00,null]}'", "'null'", "'[]'"),
    "xml": ("'<a>1</a>'", "'x'"),
    "inet": ("'10.0.0.1/8'", "'::1'"),
    "cidr": ("'10.0.0.0/8'", "'::/0'"),
    "macaddr": ("'08:00:2b:01:02:03'",),
    "macaddr8": ("'08:00:2b:01:02:03:04:05'",),
    "point": ("'(-0,NaN)'", "'(1,2)'"),
    "line": ("'{1,-1,0}'",),
    "lseg": ("'[(0,0),(1,1)]'",),
    "box": ("'(2,2),(0,0)'",),
    "path": ("'((0,0),(1,1))'", "'[(0,0),(1,1)]'"),
    "polygon": ("'((0,0),(1,1),(1,0))'",),
    "circle": ("'<(0,0),1.5>'",),
    "bit(5)": ("B'10101'",),
    "varbit": ("B''", "B'1'", "B'000011111'"),
    "tsvector": ("'a:1 b:2A'", "''"),
    "tsquery": ("'a & !b'", "''"),
    "pg_lsn": ("'0/0'", "'FFFFFFFF/FFFFFFFF'"),
    "oid": ("0", "4294967295"),
    "xid8": ("'0'", "'18446744073709551615'"),
    "regtype": ("'int4'", "'text[]'", "'-'"),
    "jsonpath": ("'$.a[*] ? (@ > 1)'",),
    "pg_snapshot": ("'10:20:10,14'",),
    "int4range": ("'empty'", "'[1,5)'", "'(,)'", "'[3,)'"),
    "numrange": ("'[1.0,1.00]'", "'(1.5,2.50)'"),
    "tstzrange": ("'[2024-01-01,infinity)'", "'empty'"),
    "int4multirange": ("'{}'", "'{[1,3),[5,9)}'"),
    "int[]": ("'{}'", "'{1,NULL,3}'", "'[2:3]={1,2}'", "'{{1,2},{3,4}}'"),
    "text[]": ("'{}'", "'{\"\",NULL,\"NULL\",\"a,b\",\"{\"}'", "ARRAY['', ' ', E'\\\\']"),
    "numeric[]": ("'{1.0,1.00,NaN}'",),
    "jsonb[]": ("ARRAY['{\"a\": 1}', NULL]::jsonb[]",),
    "bytea[]": ("ARRAY['\\x00', '']::bytea[]",),
    "date[]": ("'{infinity,2024-01-01}'",),
}
# what a key can be made of: type, an expression of a number
KEYS = {
    "int": "{0}", "bigint": "{0}000000", "smallint": "{0}", "text": "'key {0}'", "varchar(20)": "'k{0}'", "uuid": "('00000000-0000-0000-0000-' || lpad('{0}', 12, '0'))::uuid",
    "numeric": "{0}.0", "date": "date '2024-01-01' + {0}", "timestamptz": "timestamptz '2024-01-01+00' + {0} * interval '1 day'",
    "bytea": "'\\x' || lpad('{0}', 4, '0')", "inet": "inet '10.0.0.0' + {0}", "char(8)": "'k{0}'", "int4range": "int4range({0}, {0} + 1)",
    "text[]": "ARRAY['key', '{0}']", "double precision": "{0}.5", "name": "'name {0}'", "interval": "{0} * interval '1 hour'",
}
KEYS["bytea"] = "decode(lpad('{0}', 4, '0'), 'hex')"


class Type:
    """name as it is written in a column, values as expressions; key: an expression of a number, if it can be a key."""

    def __init__(self, name, values, key=None, own=False):
        self.name, self.values, self.key, self.own = name, list(values), key, own

    def value(self, chance):
        return chance.choice(self.values)


def base_types(version):
    return [Type(name, values, KEYS.get(name)) for name, values in BASE.items()]
