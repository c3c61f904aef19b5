-- A drill compares the rows of business tables that the inverse DDL touches, in what nothing has been done to, as they are now;
-- and says what it has not compared.
\getenv inputdir PG_ABS_SRCDIR
\set target :inputdir '/include/target.sql'
\set ECHO none
\i :target
\c - postgres
SET client_min_messages = warning;
\set ECHO all
CREATE TYPE mood AS ENUM ('sad', 'glad');
CREATE TABLE keyed (id int PRIMARY KEY, a text, n numeric(8,2), d int, m mood);
INSERT INTO keyed SELECT n, 'v' || n, n * 1.25, n, 'glad' FROM generate_series(1, 1000) n;
CREATE TABLE keyless (x int, a text, y int);
INSERT INTO keyless SELECT n % 10, 'v' || n, n % 7 FROM generate_series(1, 100) n;
CREATE TABLE replaced (id int PRIMARY KEY);
INSERT INTO replaced VALUES (1);
CREATE TABLE felt (m mood);
INSERT INTO felt VALUES ('sad'), ('glad');
\set begin 'BEGIN; SELECT yesterday.begin_deployment($$patch$$) > 0 AS begun;'
\set finish 'SELECT outcome FROM yesterday.finish_deployment() LIMIT 1; COMMIT;'
\set drill 'SELECT subject, outcome, rows, detail FROM yesterday.drill(lock_business => true) WHERE outcome LIKE $$%compared%$$ OR outcome LIKE $$%held%$$;'

:begin
ALTER TABLE keyed DROP COLUMN a;
ALTER TABLE keyed ALTER n TYPE int;
ALTER TABLE keyless DROP COLUMN a;
ALTER TABLE keyless ADD CONSTRAINT few CHECK (y < 100);
DROP TABLE replaced;
CREATE TABLE replaced (id int PRIMARY KEY, more text);
:finish
-- it says which tables it would lock, and those alone whose rows or definition it writes
SELECT oracle.refusal($$SELECT * FROM yesterday.drill()$$);
:drill
-- rows that were written since
INSERT INTO keyed (id, n, d) VALUES (2000, 7, 7);
UPDATE keyed SET d = d + 1, n = n + 1 WHERE id < 10;
DELETE FROM keyed WHERE id BETWEEN 100 AND 200;
DELETE FROM keyless WHERE x = 3;
INSERT INTO keyless VALUES (5, 5);
INSERT INTO replaced VALUES (7, 'new');
:drill
-- what brings rows back is broken
SELECT pg_get_functiondef('yesterday._rows_command'::regproc) AS body \gset
SELECT replace(:'body', 'rows_from)', 'rows_from || '' LIMIT 500'')') AS broken \gset
SELECT :'body' <> :'broken' AS is_broken;
\set ECHO none
:broken;
\set ECHO all
SELECT oracle.refusal($$SELECT * FROM yesterday.drill(lock_business => true)$$);
SELECT count(*) FROM keyed;
\set ECHO none
:body;
\set ECHO all
:drill
SELECT outcome FROM rollback_last() LIMIT 1;
SELECT yesterday.clear_freeze('next');
SELECT count(*), count(a) FROM keyed;

-- tables whose rows are written anew because a type in them is: nobody could read them either
:begin
ALTER TYPE mood RENAME VALUE 'sad' TO 'unhappy';
ALTER TYPE mood ADD VALUE 'so so' BEFORE 'glad';
:finish
SELECT oracle.refusal($$SELECT * FROM yesterday.drill()$$);
:drill
INSERT INTO felt VALUES ('so so');
:drill
SELECT outcome FROM rollback_last() LIMIT 1;
SELECT yesterday.clear_freeze('next');
SELECT * FROM felt ORDER BY m;

-- without DDL, and where it touches tables under capture alone, nothing of business is compared
CREATE TABLE screen (id int PRIMARY KEY, a text);
SELECT yesterday.track('screen');
:begin
ALTER TABLE screen DROP COLUMN a;
:finish
:drill
-- partitions are compared one by one; a partitioned table has no rows of its own
CREATE TABLE parted (id int, a text) PARTITION BY RANGE (id);
CREATE TABLE part PARTITION OF parted FOR VALUES FROM (0) TO (10);
INSERT INTO parted VALUES (1, 'x');
:begin
ALTER TABLE parted DROP COLUMN a;
:finish
:drill
-- a place that a table without rows of its own has taken, and keeps: finish looked at it as if it had rows
CREATE TABLE plain (id int PRIMARY KEY, a text);
INSERT INTO plain VALUES (1, 'x');
BEGIN;
SELECT yesterday.begin_deployment('view', accept_irreversible => true) > 0 AS begun;
ALTER TABLE plain DROP COLUMN a;
DROP TABLE plain;
CREATE VIEW plain AS SELECT 1 AS id;
:finish
:drill
-- where finish compared nothing, nobody has
SET yesterday.proof = 'touched';
:begin
ALTER TABLE keyed DROP COLUMN a;
:finish
RESET yesterday.proof;
:drill
