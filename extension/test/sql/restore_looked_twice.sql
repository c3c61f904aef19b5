-- What a look into an index alone does not tell: lossy ones, values that are NULL, an index over the whole row. Bounds of a partition that
-- others have drawn anew, and what stands in the place of a table.
\i test/include/exact.sql
CREATE TABLE app.area (id int PRIMARY KEY, place circle, code text, EXCLUDE USING gist (place WITH &&));
INSERT INTO app.area VALUES (1, '<(0,0),10>', 'one'), (2, '<(100,0),10>', 'two'), (3, NULL, 'three');
SELECT yesterday.track('app.area');
BEGIN;
SELECT yesterday.begin_deployment('areas');
DELETE FROM app.area;
SELECT outcome, rows FROM yesterday.finish_deployment();
COMMIT;
-- 11 meets 1 in the index, for their boxes overlap, but not in truth; 12 overlaps 2
INSERT INTO app.area VALUES (11, '<(16,16),10>', 'beside'), (12, '<(110,0),5>', 'over it'), (13, NULL, 'nowhere');
CREATE TEMP TABLE foreseen AS SELECT * FROM rollback_preview() OFFSET 1;
CREATE TEMP TABLE happened AS SELECT * FROM app.roll_back() OFFSET 1;
TABLE happened;
TABLE foreseen EXCEPT TABLE happened;
TABLE happened EXCEPT TABLE foreseen;
SELECT * FROM app.attic();
SELECT * FROM app.area ORDER BY id;

-- where NULLs are alike, a newcomer without a value has the place of one
CREATE TABLE app.fallback (id int PRIMARY KEY, kind text, region text, v text, UNIQUE NULLS NOT DISTINCT (kind, region));
INSERT INTO app.fallback VALUES (1, 'a', NULL, 'v'), (2, NULL, NULL, 'v'), (3, NULL, 'r', 'v');
SELECT yesterday.track('app.fallback');
BEGIN;
SELECT yesterday.begin_deployment('fallbacks');
DELETE FROM app.fallback WHERE id < 3;
UPDATE app.fallback SET region = 's' WHERE id = 3;
SELECT outcome, rows FROM yesterday.finish_deployment();
COMMIT;
INSERT INTO app.fallback VALUES (11, 'a', NULL, 'newcomer'), (12, NULL, NULL, 'newcomer'), (13, NULL, 'r', 'newcomer'), (14, 'b', NULL, 'newcomer');
DROP TABLE foreseen, happened;
CREATE TEMP TABLE foreseen AS SELECT * FROM rollback_preview() OFFSET 1;
CREATE TEMP TABLE happened AS SELECT * FROM app.roll_back() OFFSET 1;
TABLE happened;
TABLE foreseen EXCEPT TABLE happened;
TABLE happened EXCEPT TABLE foreseen;
SELECT * FROM app.fallback ORDER BY id;

-- a unique index that reads the whole row: whatever differs can be what is unique; values that change places, and one that was taken
CREATE TABLE app.pair (id int PRIMARY KEY, a int, b int);
CREATE FUNCTION app.sum_of(app.pair) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1.a + $1.b';
CREATE UNIQUE INDEX pair_sum ON app.pair (app.sum_of(pair));
INSERT INTO app.pair VALUES (1, 1, 0), (2, 2, 0), (3, 3, 0);
SELECT yesterday.track('app.pair');
BEGIN;
SELECT yesterday.begin_deployment('pairs');
UPDATE app.pair SET a = 9 WHERE id = 1;
UPDATE app.pair SET a = 1 WHERE id = 2;
UPDATE app.pair SET a = 2 WHERE id = 1;
UPDATE app.pair SET a = 7 WHERE id = 3;
SELECT outcome, rows FROM yesterday.finish_deployment();
COMMIT;
INSERT INTO app.pair VALUES (4, 1, 2);
SELECT * FROM app.roll_back() OFFSET 1;
SELECT * FROM app.pair ORDER BY id;

-- a partition whose bounds others have drawn anew has no room for a row of before
CREATE TABLE app.entry (k int, v text) PARTITION BY LIST (k);
CREATE TABLE app.low PARTITION OF app.entry FOR VALUES IN (1, 2);
ALTER TABLE app.low ADD PRIMARY KEY (k);
INSERT INTO app.entry VALUES (1, 'one'), (2, 'two');
SELECT yesterday.track('app.low');
BEGIN;
SELECT yesterday.begin_deployment('entries');
DELETE FROM app.low WHERE k = 2;
UPDATE app.low SET v = 'deployed' WHERE k = 1;
SELECT outcome, rows FROM yesterday.finish_deployment();
COMMIT;
ALTER TABLE app.entry DETACH PARTITION app.low;
ALTER TABLE app.entry ATTACH PARTITION app.low FOR VALUES IN (1);
DROP TABLE foreseen, happened;
CREATE TEMP TABLE foreseen AS SELECT * FROM rollback_preview() OFFSET 1;
CREATE TEMP TABLE happened AS SELECT * FROM app.roll_back() OFFSET 1;
TABLE happened;
TABLE foreseen EXCEPT TABLE happened;
TABLE happened EXCEPT TABLE foreseen;
SELECT * FROM app.attic();
TABLE app.entry;

-- a view that others have put in the place of the table: its rows have nowhere to go until it is back
CREATE TABLE app.label (id int PRIMARY KEY, v text);
INSERT INTO app.label VALUES (1, 'one');
SELECT yesterday.track('app.label');
BEGIN;
SELECT yesterday.begin_deployment('labels');
UPDATE app.label SET v = 'deployed';
SELECT outcome, rows FROM yesterday.finish_deployment();
COMMIT;
ALTER TABLE app.label RENAME TO label_stored;
CREATE VIEW app.label AS SELECT * FROM app.label_stored;
\set VERBOSITY default
SELECT * FROM rollback_last();
\set VERBOSITY terse
DROP VIEW app.label;
ALTER TABLE app.label_stored RENAME TO label;
SELECT * FROM app.roll_back() OFFSET 1;
TABLE app.label;

-- who has lost its key since can be looked at, but not made again from what is there
BEGIN;
SELECT yesterday.begin_deployment('key lost');
UPDATE app.label SET v = 'deployed again';
SELECT outcome, rows FROM yesterday.finish_deployment();
COMMIT;
ALTER TABLE app.label DROP COLUMN id;
SELECT table_name, row_key, change, column_name, before, now FROM yesterday.diff('key lost');
\set VERBOSITY default
SELECT * FROM yesterday.prior(NULL::app.label, 'key lost');
SELECT * FROM rollback_last();
\set VERBOSITY terse
