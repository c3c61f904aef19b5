-- case: attribute added to a type of rows without a key, partitions have it, too
-- setup
CREATE TYPE felt AS (a int, b text);
CREATE TABLE k (f felt, n int);
CREATE TABLE arrays (f felt[], n int);
CREATE TABLE p (f felt, d date) PARTITION BY RANGE (d);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
INSERT INTO k VALUES ('(1,x)', 1), ('(2,y)', 2), ('(2,y)', 2), (NULL, 3);
INSERT INTO arrays SELECT ARRAY[f, NULL], n FROM k;
INSERT INTO p VALUES ('(1,x)', '2020-02-02');
SELECT yesterday.track('k'), yesterday.track('arrays');
-- deploy open
UPDATE k SET n = 7 WHERE n = 1;
UPDATE arrays SET n = 8 WHERE n = 2;
INSERT INTO k VALUES ('(5,z)', 9);
ALTER TYPE felt ADD ATTRIBUTE c int;
UPDATE k SET f.c = 8 WHERE n = 2;
UPDATE arrays SET f[1].c = 8 WHERE n = 1;
INSERT INTO k VALUES ('(5,z,5)', 9), ('(2,y,)', 2), (NULL, 3);
INSERT INTO p VALUES ('(1,x,2)', '2020-02-03');
-- later
DELETE FROM p WHERE d = '2020-02-03';
-- case: attributes added to the type of a key
-- setup
CREATE TYPE felt AS (a int, b text);
CREATE TABLE k (f felt PRIMARY KEY, n int);
CREATE TABLE two (f felt, i int, n int, UNIQUE (i, f));
ALTER TABLE two ALTER COLUMN f SET NOT NULL, ALTER COLUMN i SET NOT NULL;
INSERT INTO k VALUES ('(1,x)', 1), ('(2,y)', 2), ('(3,y)', 2), ('(4,"")', 3), ('(4,)', 3), ('(,)', 3), ('(5,"a,""(,)"" \\ b")', 3);
INSERT INTO two SELECT f, n, n FROM k;
SELECT yesterday.track('k'), yesterday.track('two');
-- deploy open
UPDATE k SET n = 7 WHERE n = 1;
INSERT INTO k VALUES ('(15,z)', 9), ('(16,z)', 9);
UPDATE two SET n = 70;
ALTER TYPE felt ADD ATTRIBUTE c int;
UPDATE k SET f.c = 8 WHERE (f).a = 2;
UPDATE two SET f.c = 9 WHERE (f).a > 2;
INSERT INTO k VALUES ('(5,z,5)', 9), ('(2,y,)', 10), ('(1,x,1)', 10);
INSERT INTO two SELECT ROW((f).a, (f).b, NULL)::felt, i, n FROM two WHERE (f).a = 3;
DELETE FROM k WHERE (f).a = 4 AND (f).b IS NULL;
UPDATE k SET n = 100 WHERE (f).a > 3;
DELETE FROM k WHERE (f).a = 16;
ALTER TYPE felt ADD ATTRIBUTE d text;
INSERT INTO k VALUES ('(1,x,1,"a,b")', 10), ('(5,"a,""(,)"" \\ b",7,)', 8), ('(4,,,)', 8);
UPDATE k SET f.d = '' WHERE (f).c = 1 AND (f).d IS NULL;
UPDATE k SET n = -1;
-- case: attribute added to the type of a key, in one transaction
-- setup
CREATE TYPE felt AS (a int, b text);
CREATE TABLE k (f felt PRIMARY KEY, n int);
INSERT INTO k VALUES ('(1,x)', 1), ('(2,y)', 2), ('(3,y)', 2);
SELECT yesterday.track('k');
-- deploy
UPDATE k SET n = 7 WHERE n = 1;
INSERT INTO k VALUES ('(15,z)', 9);
ALTER TYPE felt ADD ATTRIBUTE c int;
UPDATE k SET f.c = 8 WHERE (f).a = 2;
INSERT INTO k VALUES ('(2,y,)', 10), ('(3,y,4)', 10);
DELETE FROM k WHERE f = '(3,y,)'::felt;
-- case: attribute added to the type of a key, and others write since
-- setup
CREATE TYPE felt AS (a int, b text);
CREATE TABLE k (f felt PRIMARY KEY, n int);
INSERT INTO k VALUES ('(1,x)', 1), ('(2,y)', 2), ('(3,y)', 2);
SELECT yesterday.track('k');
-- deploy
UPDATE k SET n = 7 WHERE n = 1;
ALTER TYPE felt ADD ATTRIBUTE c int;
INSERT INTO k VALUES ('(2,y,3)', 10), ('(3,y,4)', 10);
-- later
UPDATE k SET n = 99 WHERE f = '(2,y,3)'::felt;
DELETE FROM k WHERE f = '(3,y,4)'::felt;
INSERT INTO k VALUES ('(9,z,)', 90), ('(1,x,5)', 50);
-- check
SELECT string_agg(k::text, ' ' ORDER BY f) = '("(1,x)",1) ("(2,y)",2) ("(3,y)",2) ("(9,z)",90)' FROM k;
SELECT count(*) = 1 FROM yesterday.attic WHERE table_name = 'k' AND row_data ->> 'f' = '(2,y,3)';
SELECT count(*) = 1 FROM yesterday.attic WHERE table_name = 'k' AND row_data ->> 'n' = '99';
SELECT count(*) = 1 FROM yesterday.attic WHERE table_name = 'k' AND row_data ->> 'f' = '(1,x,5)';
SELECT count(*) = 1 FROM yesterday.attic WHERE table_name = 'k' AND row_data ->> 'n' = '50';
-- case: attribute added to the type of a key, beside another key
-- setup
CREATE TYPE felt AS (a int, b text);
CREATE TABLE k (f felt PRIMARY KEY, id int NOT NULL UNIQUE, n int);
INSERT INTO k VALUES ('(1,x)', 1, 1), ('(2,y)', 2, 2), ('(3,y)', 3, 2);
SELECT yesterday.track('k');
-- deploy open
UPDATE k SET n = 7 WHERE n = 1;
ALTER TYPE felt ADD ATTRIBUTE c int;
INSERT INTO k VALUES ('(2,y,3)', 4, 10), ('(9,y,4)', 5, 10);
UPDATE k SET f.c = 3 WHERE id = 3;
-- case: attribute added to a type in indexes of business
-- setup
CREATE TYPE felt AS (a int, b text);
CREATE TABLE t (f felt, i int, n int);
CREATE INDEX t_fi ON t (f, i);
CREATE TABLE u (f felt UNIQUE, n int);
INSERT INTO t SELECT ROW(i % 10, 'x')::felt, i, i FROM generate_series(1, 100) i;
INSERT INTO u SELECT ROW(i, 'x')::felt, i FROM generate_series(1, 20) i;
-- deploy
ALTER TYPE felt ADD ATTRIBUTE c int;
-- later
INSERT INTO t SELECT ROW(i % 10, 'x', 100 - i)::felt, i, 1000 + i FROM generate_series(1, 100) i;
INSERT INTO u VALUES ('(21,x,1)', 21);
SET enable_seqscan = off;
-- check
SET enable_seqscan = off;
SELECT count(*) = 200 FROM t;
SELECT bool_and((SELECT count(*) FROM t WHERE t.f = ROW(i % 10, 'x')::felt AND t.i = g.i) = 2) FROM generate_series(1, 100) AS g (i);
SELECT count(*) = 21 FROM u;
-- case: attribute added to the type of a key, a column of the table dropped
-- setup
CREATE TYPE felt AS (a int, b text);
CREATE TABLE k (f felt PRIMARY KEY, gone int DEFAULT 4, n int);
CREATE TABLE nokey (f felt, gone int DEFAULT 4, n int);
INSERT INTO k (f, n) VALUES ('(1,x)', 1), ('(2,y)', 2), ('(3,y)', 2);
INSERT INTO nokey SELECT * FROM k;
SELECT yesterday.track('k'), yesterday.track('nokey');
-- deploy open
UPDATE k SET n = 7 WHERE n = 1;
UPDATE nokey SET n = 7 WHERE n = 1;
ALTER TYPE felt ADD ATTRIBUTE c int;
ALTER TABLE k DROP COLUMN gone;
ALTER TABLE nokey DROP COLUMN gone;
INSERT INTO k VALUES ('(2,y,3)', 10), ('(3,y,4)', 10);
UPDATE nokey SET f.c = 3, n = 8 WHERE (f).a = 2;
INSERT INTO nokey VALUES ('(2,y,3)', 10), ('(3,y,4)', 10);
-- case: attribute added to the type of a key, a label to an enum of the table
-- setup
CREATE TYPE felt AS (a int, b text);
CREATE TYPE mood AS ENUM ('sad', 'glad');
CREATE TABLE k (f felt PRIMARY KEY, m mood, n int);
CREATE TABLE nokey (f felt, m mood, n int);
INSERT INTO k VALUES ('(1,x)', 'sad', 1), ('(2,y)', 'glad', 2), ('(3,y)', 'sad', 2);
INSERT INTO nokey SELECT * FROM k;
SELECT yesterday.track('k'), yesterday.track('nokey');
-- deploy open
UPDATE k SET n = 7 WHERE n = 1;
UPDATE nokey SET n = 7 WHERE n = 1;
ALTER TYPE felt ADD ATTRIBUTE c int;
ALTER TYPE mood ADD VALUE 'ok';
INSERT INTO k VALUES ('(2,y,3)', 'ok', 10), ('(3,y,4)', 'ok', 10);
UPDATE nokey SET f.c = 3, n = 8, m = 'ok' WHERE (f).a = 2;
-- case: attribute added to a type inside of keys
-- setup
CREATE TYPE felt AS (a int, b text);
CREATE DOMAIN feeling AS felt;
CREATE TYPE nest AS (f felt, i int);
CREATE TABLE dom (f feeling PRIMARY KEY, n int);
CREATE TABLE nested (f nest PRIMARY KEY, n int);
CREATE TABLE arr (f felt[] PRIMARY KEY, n int);
INSERT INTO dom VALUES ('(1,x)', 1), ('(2,y)', 2), ('(3,y)', 2);
INSERT INTO nested SELECT ROW(f::felt, n)::nest, n FROM dom;
INSERT INTO arr SELECT ARRAY[f::felt], n FROM dom;
SELECT yesterday.track('dom'), yesterday.track('nested'), yesterday.track('arr');
-- deploy
UPDATE dom SET n = n + 7;
UPDATE nested SET n = n + 7;
UPDATE arr SET n = n + 7;
ALTER TYPE felt ADD ATTRIBUTE c int;
INSERT INTO dom VALUES ('(2,y,3)', 10), ('(3,y,4)', 10);
INSERT INTO nested SELECT ROW(f::felt, n)::nest, n FROM dom WHERE n = 10;
INSERT INTO arr SELECT ARRAY[f::felt], n FROM dom WHERE n = 10;
-- case: attribute added to the type of a key after an earlier deployment wrote rows
-- setup
CREATE TYPE felt AS (a int, b text);
CREATE TABLE k (f felt PRIMARY KEY, n int);
CREATE TABLE nokey (f felt, n int);
INSERT INTO k VALUES ('(1,x)', 1), ('(2,y)', 2), ('(3,y)', 2);
INSERT INTO nokey SELECT * FROM k;
SELECT yesterday.track('k'), yesterday.track('nokey');
-- deploy
UPDATE k SET n = 5 WHERE n = 1;
UPDATE nokey SET n = 5 WHERE n = 1;
INSERT INTO k VALUES ('(4,y)', 4);
-- deploy
ALTER TYPE felt ADD ATTRIBUTE c int;
UPDATE k SET n = n + 7;
UPDATE nokey SET n = n + 7;
UPDATE k SET f.c = 7 WHERE (f).a = 1;
INSERT INTO k VALUES ('(4,y,1)', 4);
-- deploy
UPDATE k SET n = n + 7;
UPDATE nokey SET f.c = 7, n = n + 7;
ALTER TYPE felt ADD ATTRIBUTE d int;
INSERT INTO k VALUES ('(4,y,1,1)', 4);
-- case: attribute dropped from a type of partitions, and a later deployment has them made anew
-- setup
CREATE TYPE felt AS (a int, b text);
CREATE TABLE k (f felt, n int);
CREATE TABLE p (f felt, gone int, d date) PARTITION BY RANGE (d);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
CREATE TABLE p2 (gone int, d date, f felt);
ALTER TABLE p ATTACH PARTITION p2 FOR VALUES FROM ('2021-01-01') TO ('2022-01-01');
INSERT INTO p VALUES ('(1,x)', 1, '2020-02-02'), ('(2,y)', 2, '2021-02-02');
INSERT INTO k VALUES ('(1,x)', 1), ('(2,y)', 2);
SELECT yesterday.track('k'), yesterday.track('p');
-- deploy open
UPDATE k SET n = n + 1 WHERE n = 1;
UPDATE p SET gone = 7 WHERE gone = 1;
ALTER TYPE felt DROP ATTRIBUTE a;
UPDATE k SET n = n + 1 WHERE n = 2;
INSERT INTO p VALUES ('(z)', 1, '2020-03-02');
-- deploy
ALTER TABLE p DROP COLUMN gone;
UPDATE k SET n = n + 100;
-- case: attribute dropped from a type of business partitions, and a later deployment has them made anew
-- setup
CREATE TYPE felt AS (a int, b text);
CREATE TABLE p (f felt, gone int, d date) PARTITION BY RANGE (d);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
CREATE TABLE p2 (gone int, d date, f felt);
ALTER TABLE p ATTACH PARTITION p2 FOR VALUES FROM ('2021-01-01') TO ('2022-01-01');
INSERT INTO p VALUES ('(1,x)', 1, '2020-02-02'), ('(2,y)', 2, '2021-02-02');
-- deploy open
ALTER TYPE felt DROP ATTRIBUTE a;
-- deploy
ALTER TABLE p DROP COLUMN gone;
-- case: attribute added to a type of partitions, and a later deployment has them made anew
-- setup
CREATE TYPE felt AS (a int, b text);
CREATE TABLE k (f felt, gone int, n int);
CREATE TABLE p (f felt, gone int, d date) PARTITION BY RANGE (d);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
CREATE TABLE p2 (gone int, d date, f felt);
ALTER TABLE p ATTACH PARTITION p2 FOR VALUES FROM ('2021-01-01') TO ('2022-01-01');
INSERT INTO p VALUES ('(1,x)', 1, '2020-02-02'), ('(2,y)', 2, '2021-02-02');
INSERT INTO k VALUES ('(1,x)', 1), ('(2,y)', 2);
SELECT yesterday.track('k');
-- deploy open
ALTER TYPE felt ADD ATTRIBUTE c int;
ALTER TABLE k DROP COLUMN gone;
UPDATE k SET f.c = 7, n = 8 WHERE (f).a = 1;
-- deploy
ALTER TABLE p DROP COLUMN gone;
UPDATE k SET n = n + 100;
