-- Foreign keys of every shape at either end of restored tables.
\i test/include/exact.sql

-- partitioned at both ends, with a column dropped so that numbers differ; rows that moved
CREATE TABLE app.parent (dummy int, region text, id bigint, name text, PRIMARY KEY (region, id)) PARTITION BY LIST (region);
CREATE TABLE app.parent_eu PARTITION OF app.parent FOR VALUES IN ('eu');
CREATE TABLE app.parent_us (id bigint NOT NULL, name text, gone int, region text NOT NULL, dummy int);
ALTER TABLE app.parent_us DROP COLUMN gone;
ALTER TABLE app.parent ATTACH PARTITION app.parent_us FOR VALUES IN ('us');
CREATE TABLE app.child (id int, region text, parent int, PRIMARY KEY (id), FOREIGN KEY (region, parent) REFERENCES app.parent (region, id)) PARTITION BY RANGE (id);
CREATE TABLE app.child_1 PARTITION OF app.child FOR VALUES FROM (0) TO (100);
CREATE TABLE app.child_2 (parent int, id int NOT NULL, region text);
ALTER TABLE app.child ATTACH PARTITION app.child_2 FOR VALUES FROM (100) TO (200);
CREATE TABLE app.business (id int PRIMARY KEY, region text, parent smallint, FOREIGN KEY (region, parent) REFERENCES app.parent (region, id)) PARTITION BY HASH (id);
CREATE TABLE app.business_0 PARTITION OF app.business FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE app.business_1 PARTITION OF app.business FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO app.parent (region, id, name) SELECT CASE i % 2 WHEN 0 THEN 'eu' ELSE 'us' END, i, 'n' FROM generate_series(1, 40) i;
INSERT INTO app.child SELECT i * 10, CASE i % 2 WHEN 0 THEN 'eu' ELSE 'us' END, i FROM generate_series(1, 19) i;
SELECT yesterday.track('app.parent'), yesterday.track('app.child');
SELECT app.remember('app.parent_eu', 'app.parent_us', 'app.child_1', 'app.child_2');
BEGIN;
SELECT yesterday.begin_deployment('moves');
INSERT INTO app.parent (region, id, name) VALUES ('us', 101, 'new'), ('eu', 102, 'new'), ('eu', 103, 'new');
UPDATE app.parent SET region = 'eu' WHERE id IN (21, 23);
UPDATE app.child SET id = id + 101, parent = 102, region = 'eu' WHERE id IN (10, 20);
DELETE FROM app.child WHERE id = 30;
DELETE FROM app.parent WHERE id IN (3, 25);
SELECT outcome, rows FROM yesterday.finish_deployment();
COMMIT;
SELECT * FROM app.roll_back() OFFSET 1;
SELECT * FROM app.differences();

BEGIN;
SELECT yesterday.begin_deployment('moves again');
INSERT INTO app.parent (region, id, name) VALUES ('us', 101, 'new'), ('eu', 102, 'new'), ('eu', 103, 'new');
UPDATE app.parent SET region = 'eu' WHERE id IN (21, 23);
UPDATE app.child SET id = id + 105, parent = 102, region = 'eu' WHERE id IN (10, 20);
DELETE FROM app.child WHERE id = 30;
DELETE FROM app.parent WHERE id IN (25);
SELECT outcome, rows FROM yesterday.finish_deployment();
COMMIT;
INSERT INTO app.business VALUES (1, 'us', 101), (2, 'eu', 23), (3, 'us', NULL), (4, NULL, 102);
INSERT INTO app.child VALUES (199, 'eu', 103);
UPDATE app.child SET parent = 5 WHERE id = 30;
DELETE FROM app.child WHERE id = 190;
DELETE FROM app.parent WHERE id IN (19, 2);
SELECT * FROM rollback_preview() OFFSET 1;
CREATE TEMP TABLE foreseen AS SELECT * FROM rollback_preview() OFFSET 1;
CREATE TEMP TABLE happened AS SELECT * FROM app.roll_back() OFFSET 1;
TABLE foreseen EXCEPT TABLE happened;
TABLE happened EXCEPT TABLE foreseen;
SELECT * FROM app.attic();
SELECT tableoid::regclass, region, id FROM app.parent WHERE id > 100 OR id IN (2, 19, 21, 23, 25) ORDER BY id;
SELECT tableoid::regclass, * FROM app.child WHERE id > 110 OR id IN (10, 20, 30) ORDER BY id;
SELECT tableoid::regclass, * FROM app.business ORDER BY id;
ALTER TABLE app.child ADD FOREIGN KEY (region, parent) REFERENCES app.parent (region, id);
ALTER TABLE app.business ADD FOREIGN KEY (region, parent) REFERENCES app.parent (region, id);

-- MATCH FULL, deferrable, NOT VALID, a unique constraint that is no key, other types and collations
CREATE TABLE app.unit (id int PRIMARY KEY, code varchar(20) COLLATE "C" UNIQUE, a int, b int, UNIQUE (a, b));
CREATE TABLE app.use_code (id int PRIMARY KEY, code text COLLATE "POSIX" REFERENCES app.unit (code) DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE app.use_pair (id int PRIMARY KEY, a bigint, b smallint, FOREIGN KEY (a, b) REFERENCES app.unit (a, b) MATCH FULL);
CREATE TABLE app.use_old (id int PRIMARY KEY, unit int);
INSERT INTO app.use_old VALUES (1, 777), (2, 1);
ALTER TABLE app.use_old ADD FOREIGN KEY (unit) REFERENCES app.unit NOT VALID;
INSERT INTO app.unit VALUES (1, 'one', 1, 1), (2, 'two', 2, 2), (3, 'three', 3, NULL);
SELECT yesterday.track('app.unit'), yesterday.track('app.use_old');
SELECT app.remember('app.unit', 'app.use_old');
BEGIN;
SELECT yesterday.begin_deployment('shapes');
INSERT INTO app.unit VALUES (11, 'eleven', 11, 11), (12, 'twelve', 12, 12), (13, 'thirteen', 13, NULL), (14, 'fourteen', 14, 14);
UPDATE app.use_old SET unit = 2 WHERE id = 1;
SELECT outcome, rows FROM yesterday.finish_deployment();
COMMIT;
INSERT INTO app.use_code VALUES (1, 'eleven'), (2, NULL), (3, 'one');
INSERT INTO app.use_pair VALUES (1, 12, 12), (2, NULL, NULL);
SELECT * FROM rollback_preview() OFFSET 1;
SELECT * FROM app.roll_back() OFFSET 1;
SELECT * FROM app.differences();

-- a business table without an index on its reference is read once, not once a key
CREATE TABLE app.ledger (id int, unit int REFERENCES app.unit);
INSERT INTO app.ledger SELECT i, 1 FROM generate_series(1, 100000) i;
ANALYZE app.ledger;
BEGIN;
SELECT yesterday.begin_deployment('many');
INSERT INTO app.unit SELECT i, 'u' || i, i, i FROM generate_series(1000, 20999) i;
SELECT outcome, rows FROM yesterday.finish_deployment();
COMMIT;
INSERT INTO app.ledger VALUES (0, 1500);
SET statement_timeout = '20s';
SELECT * FROM app.roll_back() OFFSET 1;
RESET statement_timeout;

-- inheritance without partitions: each table for itself
CREATE TABLE app.base (id int PRIMARY KEY, v text);
CREATE TABLE app.heir (PRIMARY KEY (id), extra text) INHERITS (app.base);
CREATE TABLE app.use_base (id int REFERENCES app.base);
INSERT INTO app.base VALUES (1, 'b'), (2, 'b');
INSERT INTO app.heir VALUES (1, 'h', 'x'), (3, 'h', 'x');
SELECT yesterday.track('app.base');
SELECT app.remember('app.base', 'app.heir');
BEGIN;
SELECT yesterday.begin_deployment('heirs');
UPDATE app.base SET v = 'changed';
DELETE FROM app.heir WHERE id = 3;
INSERT INTO app.base VALUES (5, 'new');
INSERT INTO app.heir VALUES (5, 'new', 'new'), (6, 'new', 'new');
SELECT outcome, rows FROM yesterday.finish_deployment();
COMMIT;
INSERT INTO app.use_base VALUES (5);
SELECT * FROM app.roll_back() OFFSET 1;
SELECT * FROM app.differences();

-- a newer row that a restored row refers to stays, so the restored row has its parent and is no
-- orphan; the image that wanted its place goes to the attic, and the preview knows all of it
CREATE TABLE app.chain (id int PRIMARY KEY, pos int UNIQUE, parent int REFERENCES app.chain);
INSERT INTO app.chain VALUES (9, 9, NULL), (2, 2, NULL), (3, 3, 9), (4, 4, 3);
SELECT yesterday.track('app.chain');
BEGIN;
SELECT yesterday.begin_deployment('chain') IS NULL;
UPDATE app.chain SET parent = NULL WHERE id = 3;
DELETE FROM app.chain WHERE id = 2;
SELECT outcome FROM yesterday.finish_deployment();
COMMIT;
UPDATE app.chain SET pos = 2 WHERE id = 9;
SELECT subject, outcome, rows, detail FROM rollback_preview() OFFSET 1;
SELECT * FROM app.roll_back() OFFSET 1;
SELECT * FROM app.chain ORDER BY id;
