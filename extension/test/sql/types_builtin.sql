-- A column of every base, range and multirange type of PostgreSQL that has a literal, and of
-- every array over one, comes back to the byte.
\getenv inputdir PG_ABS_SRCDIR
\set target :inputdir '/include/target.sql'
\set ECHO none
\i :target
CREATE TABLE literal (type text PRIMARY KEY, one text, two text);
COPY literal FROM stdin;
bool	t	f
bytea	\\x00ff5c27	\\x
char	a	\\
name	"quoted" name	a
int8	-9223372036854775808	9223372036854775807
int2	-32768	32767
int2vector	1 2 3	1
int4	-2147483648	2147483647
regproc	now	pg_catalog.version
text	line\nbreak, 'quote', "double", \\back, tab\t, ünï😀	 leading and trailing 
oid	4294967295	0
tid	(0,1)	(4294967295,65535)
xid	4294967295	3
cid	4294967295	0
oidvector	1 4294967295	1
json	{"b":  1, "a":1, "a": 2}	 [ 1.0 , null ]
xml	<a  b='c'>&amp;<!-- x --></a>	content only
xid8	18446744073709551615	0
point	(1.5,-0)	(NaN,Infinity)
lseg	[(0,0),(1,1)]	[(1,2),(3,4)]
path	((0,0),(1,1),(2,0))	[(0,0),(1,1)]
box	(1,1),(0,0)	(3,3),(2,2)
polygon	((0,0),(1,1),(2,0))	((0,0))
line	{1,-1,0}	{0,1,2}
circle	<(1,2),3.5>	<(0,0),0>
cidr	10.1.0.0/16	2001:db8::/32
float4	3.4028235e+38	-0
float8	4.9406564584124654e-324	NaN
money	-92233720368547758.08	1.10
macaddr	08:00:2b:01:02:03	ff:ff:ff:ff:ff:ff
inet	10.1.2.3/8	::1
macaddr8	08:00:2b:01:02:03:04:05	00:00:00:00:00:00:00:00
aclitem	postgres=r/postgres	=rw/postgres
bpchar	padded  	x
varchar	varying  	
date	4713-01-01 BC	infinity
time	24:00:00	00:00:00.000001
timestamp	294276-12-31 23:59:59.999999	-infinity
timestamptz	2026-03-29 01:30:00.123456+00	4713-01-01 00:00:00+00 BC
interval	-178000000 years 1 mon -3 days 04:05:06.000007	24:00:00
timetz	24:00:00-15:59	12:00:00.5+15:59
bit	1	0
varbit	101010	
numeric	-12345678901234567890.123456789012345678900	NaN
refcursor	a cursor	b
regprocedure	now()	pg_catalog.version()
regoper	pg_catalog.||/	pg_catalog.|/
regoperator	+(integer,integer)	-(integer,integer)
regclass	pg_class	pg_type
regcollation	"C"	"POSIX"
regtype	integer[]	timestamp with time zone
regrole	postgres	pg_read_all_data
regnamespace	pg_catalog	information_schema
uuid	a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11	00000000-0000-0000-0000-000000000000
pg_lsn	FFFFFFFF/FFFFFFFF	0/0
tsvector	'a':1A,2B 'fat':3 'it''s'	
tsquery	'fat' & ( 'rat':AB* | !'cat' <2> 'dog' )	'a'
regconfig	english	simple
regdictionary	english_stem	simple
jsonb	{"a": 1.00, "b": [null, true, {"c": "\\u00e9\\n"}]}	1e-400
jsonpath	$."a"[*] ? (@ > 1)	strict $
txid_snapshot	10:20:10,14,15	1:1:
pg_snapshot	10:20:10,14,15	1:1:
int4range	[1,5)	empty
numrange	(1.0,2.00]	(,)
tsrange	[2020-01-01,infinity)	empty
tstzrange	(,2020-01-01 00:00:00+00]	empty
daterange	[2020-01-01,2020-01-02)	(,infinity)
int8range	[1,9223372036854775807)	empty
int4multirange	{[1,3),[5,7)}	{}
nummultirange	{(,1.0),[2.00,)}	{}
tsmultirange	{[2020-01-01,2021-01-01)}	{}
tstzmultirange	{[2020-01-01 00:00:00+00,2021-01-01 00:00:00+00)}	{}
datemultirange	{[2020-01-01,2020-02-01),[2021-01-01,)}	{}
int8multirange	{(,)}	{}
\.
-- what has no literal of its own
SELECT t.typname FROM pg_type t
WHERE t.typnamespace = 'pg_catalog'::regnamespace AND t.typtype IN ('b', 'r', 'm') AND t.typcategory <> 'A'
  AND NOT EXISTS (SELECT FROM literal l WHERE l.type = t.typname AND l.one IS NOT NULL)
ORDER BY 1;
-- literals of types that this version does not know
SELECT type FROM literal WHERE to_regtype(format('pg_catalog.%I', type)) IS NULL;

-- a server can be built without libxml
DO $$
BEGIN
    PERFORM '<a/>'::xml;
EXCEPTION WHEN feature_not_supported THEN
    DELETE FROM literal WHERE type = 'xml';
END
$$;
-- four rows with the one literal, four with the other; arrays are two-dimensional, hold
-- NULLs, and do not begin at 1
DO $$
DECLARE
    columns text; one text; two text;
BEGIN
    SELECT string_agg(format('%I pg_catalog.%I, %I pg_catalog.%2$I[]', 'c_' || l.type, l.type, 'a_' || l.type), ', ' ORDER BY l.type),
           string_agg(format('%L::pg_catalog.%I, ARRAY[[%1$L, NULL, %3$L]]::pg_catalog.%2$I[]', l.one, l.type, l.two), ', ' ORDER BY l.type),
           string_agg(format('%L::pg_catalog.%I, (%L || ARRAY[%1$L, %4$L]::pg_catalog.%2$I[]::text)::pg_catalog.%2$I[]',
                             l.two, l.type, '[-1:0]=', l.one), ', ' ORDER BY l.type)
    INTO columns, one, two
    FROM literal l WHERE l.one IS NOT NULL;
    EXECUTE format('CREATE TABLE every_type (id int PRIMARY KEY, tree pg_node_tree, %s)', columns);
    EXECUTE format('INSERT INTO every_type SELECT i, (SELECT ev_action FROM pg_rewrite ORDER BY length(ev_action::text) DESC LIMIT 1), %s FROM generate_series(1, 4) i', one);
    EXECUTE format('INSERT INTO every_type SELECT i, NULL, %s FROM generate_series(5, 8) i', two);
    EXECUTE format('CREATE TABLE every_type_without_key AS SELECT * FROM every_type');
END
$$;
SELECT count(*), (SELECT count(*) > 140 FROM pg_attribute WHERE attrelid = 'every_type'::regclass AND attnum > 0) FROM every_type;

-- the session's own formats must not matter
SET DateStyle = 'SQL, DMY';
SET IntervalStyle = 'sql_standard';
SET extra_float_digits = -3;
SET TimeZone = 'Australia/Lord_Howe';
SET bytea_output = 'escape';
SET search_path = pg_temp, public;

SELECT yesterday.track('every_type'), yesterday.track('every_type_without_key');
:begin
DO $$
DECLARE
    swapped text := (SELECT string_agg(format('%1$I = (SELECT o.%1$I FROM every_type o WHERE o.id = 9 - e.id)', attname), ', ')
                     FROM pg_attribute WHERE attrelid = 'every_type'::regclass AND attnum > 1);
    nothing text := (SELECT string_agg(format('%I = NULL', attname), ', ')
                     FROM pg_attribute WHERE attrelid = 'every_type'::regclass AND attnum > 1);
BEGIN
    EXECUTE 'UPDATE every_type e SET ' || swapped || ' WHERE e.id IN (1, 5)';
    EXECUTE 'UPDATE every_type e SET ' || nothing || ' WHERE e.id IN (2, 6)';
END
$$;
DELETE FROM every_type WHERE id IN (3, 7);
INSERT INTO every_type (id) VALUES (10);
DELETE FROM every_type_without_key WHERE id IN (3, 7);
INSERT INTO every_type_without_key SELECT * FROM every_type WHERE id IN (1, 5, 10);
RESET DateStyle; RESET IntervalStyle; RESET extra_float_digits; RESET TimeZone; RESET bytea_output;
:finish
SET DateStyle = 'Postgres, MDY';
SET IntervalStyle = 'iso_8601';
SET extra_float_digits = -15;
SELECT count(*) > 1500 FROM yesterday.diff('1');
RESET DateStyle; RESET IntervalStyle; RESET extra_float_digits;
:roll_back

-- emptied
:begin
TRUNCATE every_type, every_type_without_key;
:finish
:roll_back

-- in open scope, where the shadows are made beforehand
CALL oracle.remember();
SELECT yesterday.begin_deployment('open', scope => 'open') AS id \gset
SET yesterday.deployment = :id;
UPDATE every_type SET id = id + 100;
DELETE FROM every_type_without_key;
SELECT oracle.changes() > 0 AS changed;
RESET yesterday.deployment;
SELECT subject, outcome, rows FROM yesterday.finish_deployment();
:roll_back
