-- Records say where their row stood. It is a hint: whatever happens to the file in between, and
-- whoever's row stands there by then, the key decides.
\getenv inputdir PG_ABS_SRCDIR
\set target :inputdir '/include/target.sql'
\set ECHO none
\i :target
CREATE TABLE screen (id int PRIMARY KEY, name text NOT NULL UNIQUE, filler text);
INSERT INTO screen SELECT i, 'screen ' || i, repeat('x', 200) FROM generate_series(1, 300) i;
SELECT yesterday.track('screen');

-- where they were left
:begin
UPDATE screen SET name = 'new ' || id WHERE id % 2 = 0;
DELETE FROM screen WHERE id % 10 = 1;
INSERT INTO screen SELECT i, 'screen ' || i FROM generate_series(301, 320) i;
:finish
:roll_back

-- other rows stand there: the table was written anew in the opposite order
:begin
UPDATE screen SET name = 'new ' || id WHERE id % 2 = 0;
DELETE FROM screen WHERE id % 10 = 1;
INSERT INTO screen SELECT i, 'screen ' || i FROM generate_series(301, 320) i;
:finish
RESET SESSION AUTHORIZATION;
CREATE INDEX backwards ON screen (id DESC);
CLUSTER screen USING backwards;
DROP INDEX backwards;
ALTER TABLE screen SET WITHOUT CLUSTER;
SET SESSION AUTHORIZATION regress_author;
:roll_back

-- rows moved on, in sight of the place and out of it
:begin
UPDATE screen SET filler = 'new' WHERE id <= 40;
:finish
UPDATE screen SET filler = 'again' WHERE id <= 10;
UPDATE screen SET filler = 'and again' WHERE id <= 10;
DO $$ BEGIN FOR n IN 1 .. 20 LOOP UPDATE screen SET filler = repeat('y', 100 + n) WHERE id = 5; END LOOP; END $$;
SELECT subject, outcome, rows FROM rollback_last();
SELECT * FROM oracle.difference();
SELECT count(*), count(DISTINCT row_key) FROM yesterday.attic WHERE kind = 'changed';
CALL oracle.clear();

-- the place is taken by a row that others wrote, and by none
:begin
UPDATE screen SET filler = 'moved' WHERE id BETWEEN 101 AND 140;
INSERT INTO screen SELECT i, 'screen ' || i FROM generate_series(401, 420) i;
:finish
RESET SESSION AUTHORIZATION;
DELETE FROM screen WHERE id BETWEEN 401 AND 420 OR id BETWEEN 101 AND 105;
VACUUM screen;
INSERT INTO screen SELECT i, 'other ' || i FROM generate_series(501, 520) i;
SET SESSION AUTHORIZATION regress_author;
SELECT subject, outcome, rows FROM rollback_last();
SELECT object, verdict, count(*) FROM oracle.difference() GROUP BY object, verdict;
CALL oracle.clear();
DELETE FROM screen WHERE id > 500;

-- keys that change places: the row is there, and has another's key
:begin
UPDATE screen SET id = id + 1000 WHERE id BETWEEN 201 AND 220;
UPDATE screen SET id = 3421 - id WHERE id BETWEEN 1201 AND 1220;
UPDATE screen SET id = id - 2000 WHERE id BETWEEN 2201 AND 2220;
:finish
:roll_back

-- keys that are equal and not the same bytes
CREATE TABLE rate (amount numeric PRIMARY KEY, name text);
INSERT INTO rate SELECT i, 'rate ' || i FROM generate_series(1, 20) i;
SELECT yesterday.track('rate');
:begin
UPDATE rate SET amount = amount::numeric(10, 2), name = name || ' new' WHERE amount <= 10;
:finish
:roll_back
