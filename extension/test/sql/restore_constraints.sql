-- What others changed about the table since: columns, constraints, indexes, the table's own code.
\i test/include/exact.sql
CREATE TABLE app.menu (id int PRIMARY KEY, title text, pos int, CONSTRAINT menu_old CHECK (pos > 0) NOT VALID);
ALTER TABLE app.menu DROP CONSTRAINT menu_old;
INSERT INTO app.menu SELECT i, 't' || i, i FROM generate_series(1, 10) i;
INSERT INTO app.menu VALUES (11, 'old', -1), (12, NULL, 12);
ALTER TABLE app.menu ADD CONSTRAINT menu_old CHECK (pos > 0) NOT VALID;
SELECT yesterday.track('app.menu');
SELECT app.remember('app.menu');

-- an image that a NOT VALID constraint never saw comes back as it was
BEGIN;
SELECT yesterday.begin_deployment('not valid');
UPDATE app.menu SET pos = 11 WHERE id = 11;
SELECT outcome, rows FROM yesterday.finish_deployment();
COMMIT;
SELECT * FROM app.roll_back() OFFSET 1;
SELECT * FROM app.differences();

-- newer columns keep what they hold, or take their default in a row that comes back
BEGIN;
SELECT yesterday.begin_deployment('columns');
UPDATE app.menu SET title = 'x' WHERE id IN (1, 2);
UPDATE app.menu SET id = 100 + id WHERE id = 3;
DELETE FROM app.menu WHERE id IN (4, 5);
SELECT outcome, rows FROM yesterday.finish_deployment();
COMMIT;
ALTER TABLE app.menu ADD COLUMN partner text DEFAULT 'partner' NOT NULL, ADD COLUMN note text,
    ADD COLUMN width int GENERATED ALWAYS AS (length(title)) STORED;
UPDATE app.menu SET partner = 'mine', note = 'n' WHERE id = 1;
SELECT subject, outcome, rows FROM rollback_preview() OFFSET 1;
SELECT * FROM app.roll_back() OFFSET 1;
SELECT * FROM app.menu ORDER BY id;
SELECT count(*) FROM app.attic();

-- newer constraints refuse images: those go to the attic, nothing else is lost
ALTER TABLE app.menu DROP COLUMN partner, DROP COLUMN note, DROP COLUMN width;
BEGIN;
SELECT yesterday.begin_deployment('refused');
UPDATE app.menu SET title = upper(title), pos = pos + 20;
DELETE FROM app.menu WHERE id = 12;
UPDATE app.menu SET title = 'set' WHERE title IS NULL;
SELECT outcome, rows FROM yesterday.finish_deployment();
COMMIT;
ALTER TABLE app.menu ADD CONSTRAINT menu_short CHECK (length(title) < 3 OR title = upper(title)), ALTER title SET NOT NULL;
SELECT * FROM rollback_preview() OFFSET 1;
SELECT * FROM app.roll_back() OFFSET 1;
SELECT * FROM app.attic();
SELECT * FROM app.menu ORDER BY id;

-- an index expression or a domain of now that a value makes fail: that row's exception
CREATE DOMAIN app.grade AS text;
CREATE TYPE app.mood AS (g app.grade, n int);
CREATE TABLE app.item (id int PRIMARY KEY, n int, m app.mood);
INSERT INTO app.item VALUES (1, 0, ROW('low', 1)), (2, 5, ROW('high', 1)), (3, 7, ROW('mid', 2));
SELECT yesterday.track('app.item');
BEGIN;
SELECT yesterday.begin_deployment('fails');
UPDATE app.item SET n = n + 1, m = ROW('set', 0);
SELECT outcome, rows FROM yesterday.finish_deployment();
COMMIT;
CREATE INDEX item_inverse ON app.item ((10 / n));
SELECT * FROM rollback_preview() OFFSET 1;
SELECT * FROM app.roll_back() OFFSET 1;
SELECT * FROM app.attic();
SELECT * FROM app.item ORDER BY id;

-- the constraints of a domain: those that were never made sure of are not asked, those that came since are
CREATE DOMAIN app.small AS int;
CREATE DOMAIN app.smaller AS app.small;
CREATE DOMAIN app.word AS text;
CREATE TABLE app.domains (id int PRIMARY KEY, s app.small, t app.smaller, w app.word, u app.word);
INSERT INTO app.domains VALUES (1, 100, 1, 'a', 'a'), (2, 200, 1, 'b', 'b'), (3, 1, 300, 'c', 'c'), (4, 1, 1, NULL, 'd'), (5, 1, 1, 'old', 'e'), (6, 1, 1, 'f', 'f');
ALTER DOMAIN app.word ADD CONSTRAINT word_new CHECK (VALUE <> 'old') NOT VALID;
SELECT yesterday.track('app.domains');
SELECT app.remember('app.domains');
BEGIN;
SELECT yesterday.begin_deployment('domains');
UPDATE app.domains SET s = 1, t = 1, w = 'x';
DELETE FROM app.domains WHERE id = 6;
SELECT outcome, rows FROM yesterday.finish_deployment();
COMMIT;
BEGIN;
SELECT subject, outcome, rows FROM rollback_last();
SELECT * FROM app.differences();
ROLLBACK;
ALTER DOMAIN app.small ADD CONSTRAINT small_now CHECK (VALUE < 150);
ALTER DOMAIN app.smaller ADD CONSTRAINT smaller_now CHECK (VALUE < 250) NOT VALID;
ALTER DOMAIN app.word SET NOT NULL;
SELECT * FROM rollback_preview() OFFSET 1;
SELECT * FROM app.roll_back() OFFSET 1;
SELECT * FROM app.attic();
SELECT * FROM app.domains ORDER BY id;
ALTER DOMAIN app.small DROP CONSTRAINT small_now;
ALTER DOMAIN app.small ADD CONSTRAINT small_again CHECK (VALUE < 150);
ALTER DOMAIN app.word DROP NOT NULL;
ALTER DOMAIN app.word SET NOT NULL;

-- a newer unique index meets images that were alike
CREATE TABLE app.alike (id int PRIMARY KEY, code text);
INSERT INTO app.alike VALUES (1, 'same'), (2, 'same'), (3, 'other');
SELECT yesterday.track('app.alike');
BEGIN;
SELECT yesterday.begin_deployment('alike');
UPDATE app.alike SET code = 'c' || id;
SELECT outcome, rows FROM yesterday.finish_deployment();
COMMIT;
CREATE UNIQUE INDEX alike_code ON app.alike (code);
SELECT * FROM rollback_preview() OFFSET 1;
SELECT * FROM app.roll_back() OFFSET 1;
SELECT * FROM app.attic();
SELECT * FROM app.alike ORDER BY id;

-- the key's index was dropped after the deployment: rows are found by reading the table
CREATE TABLE app.keyed (a int, b text, v text, CONSTRAINT keyed_key PRIMARY KEY (a, b));
INSERT INTO app.keyed SELECT i, 'b' || i, 'v' FROM generate_series(1, 3000) i;
SELECT yesterday.track('app.keyed');
SELECT app.remember('app.keyed');
BEGIN;
SELECT yesterday.begin_deployment('keyed');
UPDATE app.keyed SET v = 'x' WHERE a % 2 = 0;
DELETE FROM app.keyed WHERE a % 5 = 1;
INSERT INTO app.keyed SELECT i, 'n', 'n' FROM generate_series(1, 500) i;
UPDATE app.keyed SET a = a + 10000 WHERE a % 100 = 7;
SELECT outcome, rows FROM yesterday.finish_deployment();
COMMIT;
ALTER TABLE app.keyed DROP CONSTRAINT keyed_key;
SELECT * FROM rollback_preview() OFFSET 1;
SELECT * FROM app.roll_back() OFFSET 1;
SELECT * FROM app.differences();

-- a column or table that somebody dropped is held back, named by preview and report, and where its values can be read
BEGIN;
SELECT yesterday.begin_deployment('gone');
UPDATE app.alike SET code = 'gone' || id;
SELECT outcome, rows FROM yesterday.finish_deployment();
COMMIT;
ALTER TABLE app.alike DROP COLUMN code;
SELECT subject, outcome, rows, detail FROM rollback_preview() OFFSET 1;
BEGIN;
SELECT subject, outcome, rows, detail FROM rollback_last() OFFSET 1;
ROLLBACK;
DROP TABLE app.alike;
SELECT subject, outcome, rows, detail FROM rollback_preview() OFFSET 1;
SELECT subject, outcome, rows, detail FROM rollback_last() OFFSET 1;
SELECT count(*) > 0 AS can_be_read FROM yesterday.diff('gone') WHERE column_name = 'code' AND before IS NOT NULL;
