-- What business rows, newcomers and rows changed since make of a rollback.
-- Precedence: no business reference breaks; then yesterday; then newcomers.
\i test/include/exact.sql
CREATE TABLE app.screen (id int PRIMARY KEY, code text UNIQUE, parent int REFERENCES app.screen, v text);
CREATE TABLE app.field (screen int REFERENCES app.screen ON DELETE CASCADE, name text, label text, PRIMARY KEY (screen, name));
CREATE TABLE app.business (id int PRIMARY KEY, screen int REFERENCES app.screen ON DELETE CASCADE, x text);
CREATE TABLE app.sale (id int PRIMARY KEY, code text REFERENCES app.screen (code) ON UPDATE CASCADE, s int, n text,
                       FOREIGN KEY (s, n) REFERENCES app.field (screen, name) ON DELETE SET NULL);
INSERT INTO app.screen SELECT i, 'c' || i, nullif(i / 2, 0), 'v' FROM generate_series(1, 100) i;
INSERT INTO app.field SELECT i, 'f' || j, 'l' FROM generate_series(1, 100) i, generate_series(1, 3) j;
INSERT INTO app.business SELECT i, i, 'x' FROM generate_series(1, 50) i;
SELECT yesterday.track('app.screen'), yesterday.track('app.field');

BEGIN;
SELECT yesterday.begin_deployment('screens');
INSERT INTO app.screen VALUES (201, 'n201', NULL, 'n'), (202, 'n202', 201, 'n'), (203, 'n203', 202, 'n'), (204, 'n204', NULL, 'n'), (205, 'n205', NULL, 'n');
INSERT INTO app.field VALUES (203, 'f1', 'n'), (204, 'f1', 'n'), (205, 'f1', 'n');
UPDATE app.screen SET code = 'moved' WHERE id = 60;
UPDATE app.screen SET code = 'free61' WHERE id = 61;
UPDATE app.screen SET v = 'deployed' WHERE id BETWEEN 1 AND 10;
DELETE FROM app.field WHERE screen IN (70, 71);
DELETE FROM app.screen WHERE id IN (70, 71);
DELETE FROM app.field WHERE screen = 80 AND name = 'f1';
SELECT outcome, rows FROM yesterday.finish_deployment();
COMMIT;

-- business holds a field, hence its screen and that one's parents; and a code
INSERT INTO app.sale VALUES (1, 'moved', 203, 'f1');
-- newcomers with the codes of screens to be restored: 70's gives way, 71's is held by business
INSERT INTO app.screen VALUES (301, 'c70', NULL, 'newcomer'), (302, 'c71', NULL, 'newcomer');
INSERT INTO app.business VALUES (100, 302, 'x');
-- newcomers that refer to a screen that goes: one gives way, one is held by business and holds it
INSERT INTO app.field VALUES (204, 'fx', 'newcomer'), (205, 'fx', 'newcomer');
INSERT INTO app.sale VALUES (2, NULL, 205, 'fx');
-- nobody needs the old code of 60, which is held back: the newcomer stays
INSERT INTO app.screen VALUES (303, 'c60', NULL, 'newcomer');
-- changed since, a restored and a removed one; the parent of a restored field is gone
UPDATE app.screen SET v = 'by somebody' WHERE id IN (5, 204);
DELETE FROM app.field WHERE screen = 80;
DELETE FROM app.screen WHERE id = 80;

SELECT app.remember('app.business', 'app.sale');
SELECT * FROM rollback_preview() OFFSET 1;
CREATE TEMP TABLE foreseen AS SELECT * FROM rollback_preview() OFFSET 1;
CREATE TEMP TABLE happened AS SELECT * FROM app.roll_back() OFFSET 1;
-- the preview said so
TABLE foreseen EXCEPT TABLE happened;
TABLE happened EXCEPT TABLE foreseen;
SELECT * FROM app.attic();
-- no business row was touched
SELECT * FROM app.differences();
SELECT * FROM app.screen WHERE id > 200 OR id IN (5, 60, 61, 70, 71, 80) ORDER BY id;
SELECT * FROM app.field WHERE screen > 200 OR screen IN (70, 71, 80) ORDER BY 1, 2;
-- no reference dangles: each constraint can be made anew
ALTER TABLE app.screen ADD FOREIGN KEY (parent) REFERENCES app.screen;
ALTER TABLE app.field ADD FOREIGN KEY (screen) REFERENCES app.screen;
ALTER TABLE app.business ADD FOREIGN KEY (screen) REFERENCES app.screen;
ALTER TABLE app.sale ADD FOREIGN KEY (code) REFERENCES app.screen (code), ADD FOREIGN KEY (s, n) REFERENCES app.field;

-- a newcomer whose children are newcomers goes with them; with a business grandchild all stay
CREATE TABLE app.tree (id int PRIMARY KEY, code text UNIQUE, parent int REFERENCES app.tree);
CREATE TABLE app.leaf (id int PRIMARY KEY, tree int REFERENCES app.tree);
INSERT INTO app.tree VALUES (1, 'a', NULL), (2, 'b', NULL);
SELECT yesterday.track('app.tree');
BEGIN;
SELECT yesterday.begin_deployment('tree');
UPDATE app.tree SET code = code || '2';
SELECT outcome, rows FROM yesterday.finish_deployment();
COMMIT;
INSERT INTO app.tree VALUES (11, 'a', NULL), (12, 'x', 11), (13, 'y', 12), (21, 'b', NULL), (22, 'z', 21), (23, 'zz', 22);
INSERT INTO app.leaf VALUES (1, 23);
SELECT * FROM rollback_preview() OFFSET 1;
SELECT * FROM app.roll_back() OFFSET 1;
SELECT * FROM app.attic();
SELECT * FROM app.tree ORDER BY id;

-- a long chain that a business row holds at its end
INSERT INTO app.tree SELECT i, 'o' || i, NULL FROM generate_series(1000, 1005) i;
BEGIN;
SELECT yesterday.begin_deployment('chain');
INSERT INTO app.tree SELECT i, 'n' || i, nullif(i - 1, 2000) FROM generate_series(2001, 2300) i;
SELECT outcome, rows FROM yesterday.finish_deployment();
COMMIT;
INSERT INTO app.leaf VALUES (2, 2290);
SELECT * FROM app.roll_back() OFFSET 1;

-- exclusion constraints and partial unique indexes meet newcomers and held-back rows
CREATE TABLE app.slot (id int PRIMARY KEY, during int4range, title text, active bool, EXCLUDE USING gist (during WITH &&));
CREATE UNIQUE INDEX slot_title ON app.slot (lower(title)) WHERE active;
CREATE TABLE app.booking (slot int REFERENCES app.slot);
INSERT INTO app.slot VALUES (1, '[1,10)', 'One', true), (2, '[10,20)', 'Two', true), (3, '[20,30)', 'Three', true);
SELECT yesterday.track('app.slot');
BEGIN;
SELECT yesterday.begin_deployment('slots');
DELETE FROM app.slot WHERE id IN (1, 3);
UPDATE app.slot SET title = 'Zwei' WHERE id = 2;
INSERT INTO app.slot VALUES (4, '[1,3)', NULL, false);
SELECT outcome, rows FROM yesterday.finish_deployment();
COMMIT;
INSERT INTO app.slot VALUES (5, '[3,4)', 'x', true), (6, '[5,7)', 'y', true), (7, '[40,50)', 'TWO', true), (8, '[21,22)', 'z', true), (9, '[60,61)', 'two', false);
INSERT INTO app.booking VALUES (8);
SELECT * FROM rollback_preview() OFFSET 1;
SELECT * FROM app.roll_back() OFFSET 1;
SELECT * FROM app.attic();
SELECT * FROM app.slot ORDER BY id;
INSERT INTO app.booking VALUES (9);
BEGIN;
SELECT yesterday.begin_deployment('slots held');
INSERT INTO app.slot VALUES (101, '[100,200)', 'hundred', true);
INSERT INTO app.slot VALUES (102, '[300,400)', 'three hundred', true);
SELECT outcome, rows FROM yesterday.finish_deployment();
COMMIT;
BEGIN;
SELECT yesterday.begin_deployment('slots held 2');
UPDATE app.slot SET during = '[200,300)' WHERE id = 101;
INSERT INTO app.slot VALUES (103, '[100,101)', 'other', true);
SELECT outcome, rows FROM yesterday.finish_deployment();
COMMIT;
INSERT INTO app.booking VALUES (103);
SELECT * FROM app.roll_back() OFFSET 1;
SELECT * FROM app.attic();
SELECT * FROM app.slot WHERE id > 100 ORDER BY id;
