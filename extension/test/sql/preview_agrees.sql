-- What the preview says of rows is what the rollback does, also where inverse DDL fills columns
-- and tables again before the rows are looked at.
\getenv inputdir PG_ABS_SRCDIR
\set target :inputdir '/include/target.sql'
\set ECHO none
\i :target
CREATE TEMP TABLE said (line text);
-- roll back, and tell where the two reports differ; sequences and objects have words of their own
CREATE PROCEDURE compare() LANGUAGE plpgsql AS $$
DECLARE
    line record;
BEGIN
    TRUNCATE said;
    INSERT INTO said SELECT format('%s %s %s', subject, outcome, rows) FROM rollback_preview() WHERE rows IS NOT NULL AND subject NOT LIKE 'deployment %';
    FOR line IN SELECT * FROM rollback_last() WHERE rows IS NOT NULL AND subject NOT LIKE 'deployment %'
    LOOP
        RAISE INFO '% % %', line.subject, line.outcome, line.rows;
        DELETE FROM said WHERE ctid = (SELECT min(s.ctid) FROM said s WHERE s.line = format('%s %s %s', line.subject, line.outcome, line.rows));
        IF NOT FOUND THEN
            RAISE INFO 'NOT FORESEEN: % % %', line.subject, line.outcome, line.rows;
        END IF;
    END LOOP;
    FOR line IN SELECT s.line FROM said s
    LOOP
        RAISE INFO 'FORESEEN ONLY: %', line.line;
    END LOOP;
    PERFORM yesterday.clear_freeze('the test goes on');
END
$$;
\set compare 'CALL compare(); SELECT * FROM oracle.difference();'
CREATE TYPE mood AS ENUM ('good', 'bad');
CREATE TABLE t (id int PRIMARY KEY, a text, b int DEFAULT 7, c date, m mood DEFAULT 'good', n numeric NOT NULL DEFAULT 1.50);
INSERT INTO t SELECT i, nullif('a' || i % 3, 'a0'), nullif(i % 4, 0), '2001-02-03'::date + i, 'bad' FROM generate_series(1, 12) i;
CREATE TABLE w (v text, x int);
INSERT INTO w SELECT 'v' || i % 3, i FROM generate_series(1, 9) i;
CREATE TABLE child (id int PRIMARY KEY, t int REFERENCES t);
INSERT INTO child SELECT i, i FROM generate_series(1, 12) i;
SELECT yesterday.track(r) FROM unnest('{t,w,child}'::regclass[]) r;
-- a column goes, and nothing else
:begin
ALTER TABLE t DROP COLUMN a;
:finish
:compare
-- one with a default goes, rows change, others are added
:begin
ALTER TABLE t DROP COLUMN b;
UPDATE t SET c = c + 1 WHERE id < 4;
INSERT INTO t (id, c) VALUES (20, '2020-01-01');
:finish
INSERT INTO t (id, c) VALUES (21, '2020-01-01');
UPDATE t SET c = c + 100 WHERE id IN (2, 8);
CALL compare();
DELETE FROM t WHERE id = 21;
UPDATE t SET c = '2001-02-03'::date + id;
-- types change, with and without a loss
:begin
ALTER TABLE t ALTER c TYPE timestamp, ALTER n TYPE int USING 0, ALTER b TYPE text;
:finish
:compare
:begin
ALTER TABLE t ALTER b TYPE text;
UPDATE t SET b = b || '0' WHERE id < 3;
DELETE FROM child WHERE id = 5;
DELETE FROM t WHERE id = 5;
:finish
-- what somebody writes into the other type has no place in the one of before: it is in the attic as it was
UPDATE t SET b = 'no number' WHERE id = 7;
UPDATE t SET b = 'by hand' WHERE id = 1;
UPDATE t SET b = '77' WHERE id = 9;
CALL compare();
SELECT id, b FROM t WHERE id IN (1, 5, 7, 9) ORDER BY id;
SELECT kind, row_key, row_data->>'b' AS b, detail FROM yesterday.attic WHERE deployment_name = 'patch' AND deployment = 4 ORDER BY row_key::text;
UPDATE t SET b = nullif(id % 4, 0);
-- an enum that gets a label, which a rollback takes away by writing the table anew
:begin
ALTER TYPE mood RENAME TO mood_was;
CREATE TYPE mood AS ENUM ('good', 'bad', 'ugly');
ALTER TABLE t ALTER m DROP DEFAULT, ALTER m TYPE mood USING m::text::mood;
DROP TYPE mood_was;
UPDATE t SET m = 'ugly' WHERE id = 1;
:finish
:compare
-- tables that go, and one that comes anew under the name
:begin
DROP TABLE child;
DROP TABLE t;
CREATE TABLE t (id int PRIMARY KEY, other text);
INSERT INTO t VALUES (1, 'other');
:finish
:compare
-- without a key
:begin
ALTER TABLE w ADD y int DEFAULT 5;
UPDATE w SET y = 6, x = x + 1 WHERE x < 4;
DELETE FROM w WHERE v = 'v0';
:finish
:compare
:begin
TRUNCATE t, child;
ALTER TABLE t DROP COLUMN a, ADD z text;
INSERT INTO t (id, z) VALUES (1, 'z'), (50, 'z');
:finish
:compare
