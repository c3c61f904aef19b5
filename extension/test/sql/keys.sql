-- Keys: composite, unique instead of primary, changed, swapped, equal but not the same.
\getenv inputdir PG_ABS_SRCDIR
\set target :inputdir '/include/target.sql'
\set ECHO none
\i :target
CREATE TABLE composite (a int, b text, c date, v text, PRIMARY KEY (c, a, b));
INSERT INTO composite SELECT i, 'b' || i % 3, date '2020-01-01' + i, 'v' || i FROM generate_series(1, 50) i;
CREATE TABLE only_unique (a int NOT NULL, b int NOT NULL UNIQUE, c int UNIQUE, v text);
INSERT INTO only_unique SELECT i, i * 2, CASE WHEN i % 2 = 0 THEN i END, 'v' || i FROM generate_series(1, 50) i;
CREATE TABLE late (id int PRIMARY KEY DEFERRABLE INITIALLY DEFERRED, v text UNIQUE DEFERRABLE INITIALLY DEFERRED);
INSERT INTO late SELECT i, 'v' || i FROM generate_series(1, 50) i;
CREATE TABLE partial (id int, v text);
CREATE UNIQUE INDEX ON partial (id) WHERE id > 0;
CREATE UNIQUE INDEX ON partial (lower(v));
INSERT INTO partial SELECT i, 'V' || i FROM generate_series(-10, 10) i;
SELECT yesterday.track(t) FROM unnest('{composite,only_unique,late,partial}'::regclass[]) t;
SELECT table_name, key_kind, key_columns FROM yesterday.tracked;
:begin
UPDATE composite SET a = a + 1, c = c + 100 WHERE a % 2 = 0;
UPDATE composite SET v = v || '!' WHERE a % 5 = 0;
DELETE FROM composite WHERE a % 7 = 0;
UPDATE only_unique SET b = b + 1000 WHERE a > 25;
UPDATE only_unique SET b = b - 1000, c = -a WHERE a > 40;
UPDATE late SET id = id + 1;
UPDATE late SET v = 'v' || (51 - substr(v, 2)::int);
UPDATE partial SET id = id + 1 WHERE id < 0;
UPDATE partial SET v = 'X' || id WHERE id > 5;
:finish
:roll_back

-- keys and unique values swapped, also in a ring and through a value that is free meanwhile
CREATE TABLE ring (id int PRIMARY KEY, pos int UNIQUE, v text);
INSERT INTO ring SELECT i, i, 'v' || i FROM generate_series(1, 10) i;
SELECT yesterday.track('ring');
:begin
UPDATE ring SET pos = -1 WHERE id = 1;
UPDATE ring SET pos = 1 WHERE id = 2;
UPDATE ring SET pos = 2 WHERE id = 3;
UPDATE ring SET pos = 3 WHERE id = 1;
UPDATE ring SET id = -4 WHERE id = 4;
UPDATE ring SET id = 4 WHERE id = 5;
UPDATE ring SET id = 5 WHERE id = -4;
DELETE FROM ring WHERE id = 6;
UPDATE ring SET id = 6, pos = 6 WHERE id = 7;
INSERT INTO ring VALUES (7, 7, 'other');
:finish
:roll_back

-- a key changed there and back, and over the key of a deleted row
:begin
UPDATE ring SET id = 100 WHERE id = 1;
UPDATE ring SET id = 1 WHERE id = 100;
DELETE FROM ring WHERE id = 2;
UPDATE ring SET id = 2 WHERE id = 3;
DELETE FROM ring WHERE id = 2;
INSERT INTO ring VALUES (3, 33, 'three'), (2, 22, 'two');
:finish
:roll_back

-- keys that are equal without being the same bytes
CREATE TABLE num (id numeric PRIMARY KEY, v text);
INSERT INTO num VALUES (1, 'a'), (2.0, 'b'), (3.00, 'c');
CREATE TABLE flt (id float8 PRIMARY KEY, v text);
INSERT INTO flt VALUES (0, 'zero'), ('NaN', 'nan'), ('Infinity', 'inf');
CREATE TABLE padded (id char(5) PRIMARY KEY, v text);
INSERT INTO padded VALUES ('a', 'a'), ('b', 'b');
CREATE TABLE span (id interval PRIMARY KEY, v text);
INSERT INTO span VALUES ('1 day', 'a'), ('1 month', 'b');
CREATE TABLE doc (id jsonb PRIMARY KEY, v text);
INSERT INTO doc VALUES ('{"a": 1}', 'a'), ('[1]', 'b'), ('null', 'c');
CREATE TABLE list (id int[] PRIMARY KEY, v text);
INSERT INTO list VALUES ('{1,NULL}', 'a'), ('{}', 'b'), ('[0:1]={1,2}', 'c');
SELECT yesterday.track(t) FROM unnest('{num,flt,padded,span,doc,list}'::regclass[]) t;
:begin
UPDATE num SET id = 1.000 WHERE id = 1;
UPDATE num SET id = 2, v = 'B' WHERE id = 2;
DELETE FROM num WHERE id = 3;
INSERT INTO num VALUES (3, 'c');
UPDATE flt SET id = '-0' WHERE id = 0;
UPDATE flt SET v = 'not' WHERE id = 'NaN';
DELETE FROM flt WHERE id = 'Infinity';
DELETE FROM padded WHERE id = 'b';
UPDATE padded SET id = 'a ', v = 'A';
UPDATE span SET id = '24:00' WHERE id = '1 day';
UPDATE span SET id = '30 days', v = 'B' WHERE id = '1 month';
UPDATE doc SET id = '{"a": 1.0}' WHERE v = 'a';
DELETE FROM doc WHERE id = '[1]';
UPDATE list SET v = 'A' WHERE id = '{1,NULL}';
UPDATE list SET id = '{1,2}' WHERE v = 'c';
DELETE FROM list WHERE id = '{}';
:finish
:roll_back

-- of composite, array, range, bit and domain types, and of types that say "equal" of different bytes inside another
CREATE TYPE pair AS (n numeric, t text);
CREATE DOMAIN pairs AS pair[] CHECK (cardinality(VALUE) < 9);
CREATE TABLE by_pair (k pair PRIMARY KEY, v text);
INSERT INTO by_pair VALUES ((1.0, 'a'), 'x'), ((2.00, 'B'), 'y'), ((3, NULL), 'z'), ((NULL, 'q'), 'w');
CREATE TABLE by_pairs (k pairs PRIMARY KEY, v text);
INSERT INTO by_pairs VALUES (ARRAY[(1.0, 'a')::pair, NULL], 'x'), ('{}', 'y'), (ARRAY[(2, 'b')::pair], 'z');
CREATE TABLE by_range (l numrange, m nummultirange, v text, PRIMARY KEY (l, m));
INSERT INTO by_range VALUES ('[1.0,2.00)', '{[1,2)}', 'x'), ('empty', '{}', 'y'), ('(,)', '{(,)}', 'z');
CREATE TABLE by_many (k varbit, c "char", l pg_lsn, o oid, n name, t tsvector, i inet, v text, PRIMARY KEY (k, c, l, o, n, t, i));
INSERT INTO by_many SELECT i::bit(5)::varbit, chr(96 + i)::"char", ('0/' || i)::pg_lsn, i, 'n' || i, ('a:' || i || ' b')::tsvector, ('10.0.0.' || i || '/8')::inet, 'v' FROM generate_series(1, 9) i;
CREATE TABLE by_floats (f float8[], j jsonb, t timestamptz, p bpchar, v text, PRIMARY KEY (f, j, t, p));
INSERT INTO by_floats VALUES ('{0,NaN}', '{"a":1.0}', 'infinity', 'a  ', 'x'), ('{-0,-Infinity}', '1.00', '-infinity', 'b', 'y'), ('{}', '[]', 'epoch', ' ', 'z');
SELECT yesterday.track(t) FROM unnest('{by_pair,by_pairs,by_range,by_many,by_floats}'::regclass[]) t;
:begin
UPDATE by_pair SET k = (1.00, 'a')::pair WHERE v = 'x';
UPDATE by_pair SET k.n = 2 WHERE v = 'y';
UPDATE by_pair SET k = (3.0, NULL)::pair, v = 'Z' WHERE v = 'z';
DELETE FROM by_pair WHERE v = 'w';
INSERT INTO by_pair VALUES ((NULL, 'q'), 'again');
UPDATE by_pairs SET k = ARRAY[(1, 'a')::pair, NULL] WHERE v = 'x';
UPDATE by_pairs SET k[1] = (2.0, 'b')::pair WHERE v = 'z';
DELETE FROM by_pairs WHERE v = 'y';
UPDATE by_range SET l = '[1,2.0)', m = '{[1.0,2)}' WHERE v = 'x';
UPDATE by_range SET v = 'Y' WHERE v = 'y';
UPDATE by_many SET k = k || B'0', c = '', l = l + 1 WHERE o::bigint % 2 = 0;
DELETE FROM by_many WHERE o = 3;
UPDATE by_many SET t = 'a b:1'::tsvector WHERE o = 5;
UPDATE by_many SET i = host(i)::inet WHERE o = 7;
INSERT INTO by_many VALUES (B'', '', '0/0', 0, '', '', '::', NULL);
UPDATE by_floats SET f = '{-0,NaN}', j = '{"a":1.00}', p = 'a' WHERE v = 'x';
UPDATE by_floats SET f = '{0,-Infinity}', j = '1' WHERE v = 'y';
UPDATE by_floats SET p = '', v = v || '!';
:finish
:roll_back
