-- Labels and wider types that a deployment makes and writes into tracked rows itself: they can only go once the rows
-- are as before.

-- case: label added and written by the same open deployment
CREATE TYPE st AS ENUM ('a', 'b', 'c');
CREATE TABLE t (id int PRIMARY KEY, s st NOT NULL DEFAULT 'b', v text);
CREATE INDEX t_s ON t (s) WHERE s > 'a';
CREATE VIEW seen AS SELECT s, count(*) FROM t GROUP BY s;
INSERT INTO t VALUES (1, 'a', 'x'), (2, 'b', 'y'), (3, 'c', 'z');
SELECT yesterday.track('t');
-- deploy open
ALTER TYPE st ADD VALUE 'd' AFTER 'a';
UPDATE t SET s = 'd' WHERE id < 3;
INSERT INTO t VALUES (4, 'd', 'new');
DELETE FROM t WHERE id = 3;

-- case: label added, written, and the table changed besides
CREATE TYPE st AS ENUM ('a', 'b', 'c');
CREATE TABLE t (id int PRIMARY KEY, junk text, s st NOT NULL DEFAULT 'b', v text, CHECK (s <> 'b' OR v IS NOT NULL));
CREATE TABLE gone (s st PRIMARY KEY);
INSERT INTO t VALUES (1, 'j', 'a', 'x'), (2, 'k', 'b', 'y'), (3, 'l', 'c', 'z');
INSERT INTO gone VALUES ('a'), ('c');
SELECT yesterday.track('t'), yesterday.track('gone');
-- deploy open
ALTER TYPE st ADD VALUE 'd' BEFORE 'a';
ALTER TABLE t DROP COLUMN junk, ALTER COLUMN s SET DEFAULT 'd', ADD COLUMN more st DEFAULT 'd';
UPDATE t SET s = 'd' WHERE id < 3;
INSERT INTO t VALUES (4, 'd', 'new');
DROP TABLE gone;
CREATE TABLE made (id int, s st[]);
INSERT INTO made VALUES (1, '{d,a}');

-- case: label added and written, which a business row uses since
CREATE TYPE st AS ENUM ('a', 'b', 'c');
CREATE TABLE t (id int PRIMARY KEY, s st NOT NULL);
CREATE TABLE business (id int PRIMARY KEY, s st);
INSERT INTO t VALUES (1, 'a'), (2, 'b');
SELECT yesterday.track('t');
-- deploy open
ALTER TYPE st ADD VALUE 'd';
UPDATE t SET s = 'd' WHERE id = 1;
-- business
INSERT INTO business VALUES (1, 'd');
-- check
SELECT (SELECT string_agg(t::text, ' ' ORDER BY t) FROM t) = '(1,a) (2,b)';
SELECT (SELECT string_agg(t::text, ' ' ORDER BY t) FROM business t) = '(1,d)';
SELECT EXISTS (SELECT FROM yesterday.rollback r, jsonb_array_elements(r.report) l
               WHERE l->>'outcome' = 'held back' AND l->>'subject' LIKE '%st');
-- residue
^[-+]    'c',?$
^\+    'd'$

-- case: label added and written into a row that business refers to since
CREATE TYPE st AS ENUM ('a', 'b');
CREATE TABLE t (id int PRIMARY KEY, s st NOT NULL);
CREATE TABLE business (id int PRIMARY KEY, t int REFERENCES t);
INSERT INTO t VALUES (1, 'a'), (2, 'b');
SELECT yesterday.track('t');
-- deploy open
ALTER TYPE st ADD VALUE 'd';
UPDATE t SET s = 'd' WHERE id = 1;
INSERT INTO t VALUES (3, 'd'), (4, 'd');
-- business
INSERT INTO business VALUES (1, 3);
-- check
SELECT (SELECT string_agg(t::text, ' ' ORDER BY t) FROM t) = '(1,a) (2,b) (3,d)';
SELECT EXISTS (SELECT FROM yesterday.rollback r, jsonb_array_elements(r.report) l
               WHERE l->>'outcome' = 'held back' AND l->>'subject' LIKE '%st');
-- residue
^[-+]    'b',?$
^\+    'd'$

-- case: label added, written into the key of tracked rows and into arrays
CREATE TYPE st AS ENUM ('a', 'b');
CREATE TABLE t (s st PRIMARY KEY, ss st[]);
CREATE TABLE u (id int PRIMARY KEY, s st REFERENCES t ON UPDATE CASCADE);
INSERT INTO t VALUES ('a', '{a,b}'), ('b', NULL);
INSERT INTO u VALUES (1, 'a'), (2, 'b');
SELECT yesterday.track('t'), yesterday.track('u');
-- deploy open
ALTER TYPE st ADD VALUE 'd';
UPDATE t SET s = 'd', ss = '{d}' WHERE s = 'a';
INSERT INTO u VALUES (3, 'd');

-- case: column made wider, and filled with rows that need it
CREATE TABLE t (id int PRIMARY KEY, v varchar(5), n smallint);
INSERT INTO t VALUES (1, 'one', 1), (2, 'two', 2);
SELECT yesterday.track('t');
-- deploy
ALTER TABLE t ALTER COLUMN v TYPE varchar(50), ALTER COLUMN n TYPE bigint;
UPDATE t SET v = 'longer than five', n = 70000 WHERE id = 1;
INSERT INTO t VALUES (3, 'longer than five', 70000);

-- case: column made wider, and filled in another transaction
CREATE TABLE t (id int PRIMARY KEY, v varchar(5), n smallint);
INSERT INTO t VALUES (1, 'one', 1), (2, 'two', 2);
SELECT yesterday.track('t');
-- deploy open
ALTER TABLE t ALTER COLUMN v TYPE varchar(50), ALTER COLUMN n TYPE bigint;
UPDATE t SET v = 'longer than five', n = 70000 WHERE id = 1;
INSERT INTO t VALUES (3, 'longer than five', 70000);

-- case: column made wider by another deployment than the one that fills it
CREATE TABLE t (id int PRIMARY KEY, v varchar(5), n smallint);
INSERT INTO t VALUES (1, 'one', 1), (2, 'two', 2);
SELECT yesterday.track('t');
-- deploy
ALTER TABLE t ALTER COLUMN v TYPE varchar(50), ALTER COLUMN n TYPE bigint;
-- deploy
UPDATE t SET v = 'longer than five', n = 70000 WHERE id = 1;
INSERT INTO t VALUES (3, 'longer than five', 70000);

-- case: domain made looser, and its values written
CREATE DOMAIN small AS int CHECK (VALUE < 10);
CREATE TABLE t (id int PRIMARY KEY, n small);
INSERT INTO t VALUES (1, 1), (2, 2);
SELECT yesterday.track('t');
-- deploy open
ALTER DOMAIN small DROP CONSTRAINT small_check;
UPDATE t SET n = 70000 WHERE id = 1;
INSERT INTO t VALUES (3, 70000);

-- case: label added to an enum that a domain and a composite type have inside
CREATE TYPE st AS ENUM ('a', 'b');
CREATE DOMAIN dst AS st CHECK (VALUE <> 'a');
CREATE TYPE pair AS (s st, n int);
CREATE TABLE t (id int PRIMARY KEY, d dst, p pair, ps pair[]);
CREATE TABLE u (id int PRIMARY KEY, d dst DEFAULT 'b', p pair);
INSERT INTO t VALUES (1, 'b', '(a,1)', '{"(b,2)"}'), (2, NULL, NULL, NULL);
INSERT INTO u VALUES (1, 'b', '(a,1)'), (2, NULL, NULL);
COMMENT ON DOMAIN dst IS 'of labels';
SELECT yesterday.track('t');
-- deploy open
ALTER TYPE st ADD VALUE 'd';
UPDATE t SET d = 'd', p = '(d,2)' WHERE id = 1;

-- case: label added to an enum that a generated column reads
CREATE TYPE st AS ENUM ('a', 'b');
CREATE TABLE t (id int PRIMARY KEY, s st, g text GENERATED ALWAYS AS (CASE s WHEN 'a' THEN 'A' ELSE 'other' END) STORED, v text);
INSERT INTO t VALUES (1, 'a'), (2, 'b');
SELECT yesterday.track('t');
-- deploy open
ALTER TYPE st ADD VALUE 'd';
UPDATE t SET s = 'd' WHERE id = 1;

-- case: label added to an enum that a domain uses which others made since
CREATE TYPE st AS ENUM ('a', 'b');
CREATE TABLE t (id int PRIMARY KEY, s st);
INSERT INTO t VALUES (1, 'a');
SELECT yesterday.track('t');
-- deploy open
ALTER TYPE st ADD VALUE 'd';
UPDATE t SET s = 'd' WHERE id = 1;
ALTER TABLE t ADD COLUMN n int;
-- business
CREATE DOMAIN theirs AS st;
CREATE TABLE business (d theirs);
INSERT INTO business VALUES ('d');
-- check
SELECT string_agg(t::text, ' ') = '(1,a)' FROM t;
SELECT string_agg(d::text, ' ') = 'd' FROM business;
SELECT NOT EXISTS (SELECT FROM pg_type WHERE typname LIKE 'yesterday_aside%');
-- residue
business|theirs|^\+\);|^\+    d |^[-+]    '[bd]',?$

-- case: rows without a key that a change of type leaves as they are
-- setup
CREATE TYPE mood AS ENUM ('sad', 'ß');
CREATE TABLE felt (gone text, how mood, much int, parts int[]);
INSERT INTO felt VALUES (NULL, NULL, 1, '{1,2}'), ('x', NULL, 1, '{1,2}'), (NULL, 'ß', 1, NULL), (NULL, 'sad', 1, '{1,2}'), (NULL, NULL, 1, '{1,2}'), (NULL, NULL, 7, NULL);
SELECT yesterday.track('felt');
-- deploy open
ALTER TABLE felt ADD COLUMN seen varbit;
ALTER TABLE felt DROP COLUMN gone;
ALTER TABLE felt ALTER COLUMN how TYPE numeric USING length(how::text)::numeric / 10;
DELETE FROM felt WHERE much = 7;
INSERT INTO felt (how, much, parts) VALUES (NULL, 1, '{1,2}'), (2, 2, NULL);

-- case: rows without a key like those that others write
-- setup
CREATE TABLE step (n text);
INSERT INTO step VALUES ('1'), ('2'), ('2'), ('02');
SELECT yesterday.track('step', outside => 'allow');
-- deploy open
ALTER TABLE step ALTER COLUMN n TYPE numeric USING n::numeric;
INSERT INTO step VALUES (5), (5), (6), (2);
DELETE FROM step WHERE n = 1;
-- business
INSERT INTO step VALUES (5), (1), (2);
-- check
SELECT string_agg(n, ' ' ORDER BY n COLLATE "C") = '02 1 1 2 2 2 5' FROM step;

-- case: label renamed that tells tracked rows apart, and rows written before and after
-- given labels_in_keys
-- deploy
-- given label_renamed

-- case: label renamed that tells tracked rows apart, in many transactions
-- given labels_in_keys
-- deploy open
-- given label_renamed

-- case: labels that tell tracked rows apart change places
-- given labels_in_keys
-- deploy
-- given labels_swapped

-- case: labels that tell tracked rows apart change places, in many transactions
-- given labels_in_keys
-- deploy open
-- given labels_swapped

-- case: label that tells tracked rows apart renamed, and others go on
-- given labels_in_keys
-- deploy open
-- given label_renamed
-- business
INSERT INTO w VALUES ('x', '{x}', 'theirs'), ('x', '{x}', 'x');
INSERT INTO u VALUES ('x', '{x}', 77, '{x}');
UPDATE t SET p = 'theirs' WHERE s = 'x';
-- check
SELECT (SELECT string_agg(t::text, ' ' ORDER BY s) FROM t) = '(a,one,b,x) (b,two,a,) (c,three,c,z)';
SELECT (SELECT count(*) FROM yesterday.attic WHERE table_name = 't' AND row_key = '{"s": "a"}' OR row_data ->> 'p' = 'theirs') = 1;
SELECT (SELECT string_agg(u::text, ' ' ORDER BY n) FROM u WHERE n = 77) = '(a,{a},77,{a})';
SELECT (SELECT count(*) FROM u) = 4 AND (SELECT count(*) FROM w) = 6 AND (SELECT count(*) FROM w WHERE v = 'theirs') = 1;

-- case: label added and another renamed, of an enum inside a domain, composite types, arrays and a range
-- setup
CREATE TYPE e AS ENUM ('a', 'b');
CREATE DOMAIN de AS e CHECK (VALUE <> 'b');
CREATE TYPE c1 AS (x e, y de);
CREATE TYPE c2 AS (c c1, cs c1[]);
CREATE TYPE r AS RANGE (subtype = e);
CREATE DOMAIN dr AS r;
CREATE TABLE t (id int PRIMARY KEY, c c2, d dr, m e[]);
INSERT INTO t VALUES (1, ROW(ROW('a', 'a')::c1, ARRAY[ROW('b', NULL)::c1])::c2, '[a,b]', '{a,b}');
SELECT yesterday.track('t');
-- deploy open
ALTER TYPE e ADD VALUE 'c' BEFORE 'a';
ALTER TYPE e RENAME VALUE 'b' TO 'bb';
UPDATE t SET m = '{c,bb}';

-- case: labels that others renamed since
-- setup
CREATE TYPE mood AS ENUM ('a', 'b', 'c');
CREATE TABLE t (id int PRIMARY KEY, m mood);
INSERT INTO t VALUES (1, 'a'), (2, 'b');
SELECT yesterday.track('t');
-- deploy
ALTER TYPE mood RENAME VALUE 'a' TO 'z';
ALTER TYPE mood RENAME VALUE 'c' TO 'y';
-- business
ALTER TYPE mood RENAME VALUE 'z' TO 'theirs';
-- check
SELECT string_agg(t::text, ' ' ORDER BY id) = '(1,theirs) (2,b)' FROM t;
SELECT enum_range(NULL::mood)::text = '{theirs,b,c}';
-- residue
theirs|'a'

-- case: values made wider, of many types, and filled with rows that need it
-- setup
SELECT yesterday.track_like('public', '%');
CREATE TABLE sale (id serial PRIMARY KEY, price int, f real, c char(3), b bit(3), v varchar(4), ts timestamp(0), n numeric(6,1), i interval(0), ti time(0));
INSERT INTO sale (price, f, c, b, v, ts, n, i, ti) SELECT n, n/3.0, 'ab', '101', 'abcd', '2020-01-01 10:00:00', 12.5, '1 day', '10:00:01' FROM generate_series(1, 5) n;
-- deploy
ALTER TABLE sale ALTER price TYPE numeric(12,4), ALTER f TYPE double precision, ALTER c TYPE char(5), ALTER b TYPE bit varying, ALTER v TYPE varchar(10), ALTER ts TYPE timestamp(3), ALTER n TYPE numeric, ALTER i TYPE interval(3), ALTER ti TYPE time(4);
INSERT INTO sale (price, f, c, b, v, ts, n, i, ti) VALUES (1.5, 1/3.0, 'abcde', '10101', 'abcdefgh', '2020-01-01 10:00:00.123', 1.2345, '1.234 s', '10:00:00.1234');
UPDATE sale SET price = price + 0.5, n = 1.55, v = 'muchlonger', c = 'xxxxx' WHERE id = 3;
DELETE FROM sale WHERE id = 1;

-- case: numbers with other zeros, which business writes since
-- setup
CREATE TABLE sale (id serial PRIMARY KEY, price int, n numeric(6,1), ts timestamp(0));
INSERT INTO sale (price, n, ts) SELECT n, 12.5, '2020-01-01 10:00:00' FROM generate_series(1, 5) n;
-- deploy
ALTER TABLE sale ALTER price TYPE numeric(12,4), ALTER n TYPE numeric, ALTER ts TYPE timestamp(3);
-- later
INSERT INTO sale (price, n, ts) VALUES (7, 1.50, '2020-01-01 11:00:00');
-- check
SELECT (price, n, ts)::text = '(7,1.5,"2020-01-01 11:00:00")' FROM sale WHERE id = 6;

-- case: labels, columns and attributes exchange names, and values need the new type
-- setup
CREATE TYPE e AS ENUM ('a', 'b', 'c');
CREATE TYPE p AS (x int, y int);
CREATE TABLE t (id int PRIMARY KEY, e e, x numeric(5,1), y int, p p);
INSERT INTO t VALUES (1, 'a', 1.5, 2, ROW(1,2)), (2, 'b', 2.5, 3, NULL);
SELECT yesterday.track('t');
-- deploy open
ALTER TYPE e RENAME VALUE 'a' TO 'x';
ALTER TYPE e RENAME VALUE 'b' TO 'a';
ALTER TYPE e RENAME VALUE 'x' TO 'b';
ALTER TYPE e ADD VALUE 'd';
ALTER TABLE t RENAME COLUMN x TO z;
ALTER TABLE t RENAME COLUMN y TO x;
ALTER TABLE t RENAME COLUMN z TO y;
ALTER TABLE t ALTER y TYPE numeric(9,3);
ALTER TYPE p RENAME ATTRIBUTE x TO z;
ALTER TYPE p RENAME ATTRIBUTE y TO x;
ALTER TYPE p RENAME ATTRIBUTE z TO y;
INSERT INTO t (id, e, y, x, p) VALUES (3, 'd', 1.234, 4, ROW(5,6));
UPDATE t SET e = 'd', y = 9.999 WHERE id = 1;

-- case: enum in a key of two columns made anew without a label
-- setup
SELECT yesterday.track_like('public', '%');
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
CREATE TABLE t (tenant int, m mood, v text, PRIMARY KEY (tenant, m));
INSERT INTO t VALUES (1, 'sad', 'a'), (1, 'ok', 'b'), (2, 'happy', 'c');
-- deploy open
UPDATE t SET m = 'ok' WHERE m = 'happy';
ALTER TYPE mood RENAME TO mood_old;
CREATE TYPE mood AS ENUM ('sad', 'ok');
ALTER TABLE t ALTER COLUMN m TYPE mood USING m::text::mood;
DROP TYPE mood_old;
UPDATE t SET v = 'y' WHERE m = 'sad';
INSERT INTO t VALUES (5, 'sad', 'q');

-- case: enum of a table without a key made anew without a label
-- setup
SELECT yesterday.track_like('public', '%');
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
CREATE TABLE t (m mood, v text);
INSERT INTO t VALUES ('sad', 'a'), ('happy', 'c'), ('happy', 'c');
-- deploy open
UPDATE t SET m = 'ok' WHERE m = 'happy';
ALTER TYPE mood RENAME TO mood_old;
CREATE TYPE mood AS ENUM ('sad', 'ok');
ALTER TABLE t ALTER COLUMN m TYPE mood USING m::text::mood;
DROP TYPE mood_old;
UPDATE t SET v = 'y' WHERE m = 'sad';
INSERT INTO t VALUES ('sad', 'q');
