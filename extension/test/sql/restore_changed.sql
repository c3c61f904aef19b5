-- Versions that somebody else wrote after the deployment are never lost, and the
-- deployment's own are not taken for them.
\i test/include/exact.sql
CREATE TABLE app.rule (id int PRIMARY KEY, v text, n int);
INSERT INTO app.rule SELECT i, 'v' || i, i FROM generate_series(1, 20) i;
SELECT yesterday.track('app.rule');
SELECT app.remember('app.rule');

-- the deployment's own versions, those of its subtransactions included
BEGIN;
SELECT yesterday.begin_deployment('one');
UPDATE app.rule SET v = 'one' WHERE id <= 5;
SAVEPOINT s;
UPDATE app.rule SET v = 'one s' WHERE id BETWEEN 4 AND 8;
INSERT INTO app.rule VALUES (100, 'new', 0);
RELEASE s;
SAVEPOINT t;
UPDATE app.rule SET v = 'undone';
ROLLBACK TO t;
SELECT outcome, rows FROM yesterday.finish_deployment();
COMMIT;
-- locking a row is no change
BEGIN;
SELECT count(*) FROM (SELECT FROM app.rule FOR UPDATE) x;
COMMIT;
BEGIN;
SELECT count(*) FROM (SELECT FROM app.rule FOR KEY SHARE) x;
COMMIT;
SELECT * FROM app.roll_back() OFFSET 1;
SELECT count(*) FROM app.attic();
SELECT * FROM app.differences();

-- frozen versions are known as long as transaction ids have not come round
BEGIN;
SELECT yesterday.begin_deployment('frozen');
UPDATE app.rule SET v = 'two' WHERE id <= 5;
SELECT outcome, rows FROM yesterday.finish_deployment();
COMMIT;
VACUUM FREEZE app.rule;
SELECT * FROM app.roll_back() OFFSET 1;
SELECT * FROM app.differences();

-- overwritten, removed, put back by hand, deleted, inserted again
BEGIN;
SELECT yesterday.begin_deployment('three');
UPDATE app.rule SET v = 'three' WHERE id <= 10;
DELETE FROM app.rule WHERE id IN (11, 12);
INSERT INTO app.rule VALUES (101, 'new', 0), (102, 'new', 0), (103, 'new', 0);
SELECT outcome, rows FROM yesterday.finish_deployment();
COMMIT;
UPDATE app.rule SET n = -1 WHERE id IN (1, 2, 15);
UPDATE app.rule SET v = 'v3' WHERE id = 3;
DELETE FROM app.rule WHERE id IN (4, 102);
DELETE FROM app.rule WHERE id = 5;
INSERT INTO app.rule VALUES (5, 'again', NULL), (11, 'again', NULL);
UPDATE app.rule SET v = 'somebody' WHERE id = 103;
UPDATE app.rule SET id = 16 WHERE id = 16;
SELECT * FROM rollback_preview() OFFSET 1;
SELECT * FROM app.roll_back() OFFSET 1;
SELECT * FROM app.attic();
-- only 15 differs, which the deployment had not touched
SELECT * FROM app.differences();
UPDATE app.rule SET n = 15 WHERE id = 15;

-- written by hand in the transaction of the rollback: not the deployment's either
BEGIN;
SELECT yesterday.begin_deployment('four');
UPDATE app.rule SET v = 'four' WHERE id <= 3;
SELECT outcome, rows FROM yesterday.finish_deployment();
COMMIT;
BEGIN;
UPDATE app.rule SET v = 'by hand' WHERE id = 2;
SELECT * FROM app.roll_back() OFFSET 1;
COMMIT;
SELECT * FROM app.attic();
SELECT * FROM app.differences();

-- several deployments back in one transaction: what one rollback wrote is known to the next
BEGIN;
SELECT yesterday.begin_deployment('base');
SELECT outcome, rows FROM yesterday.finish_deployment();
COMMIT;
BEGIN;
SELECT yesterday.begin_deployment('chain 1');
UPDATE app.rule SET v = 'chain 1' WHERE id <= 10;
INSERT INTO app.rule VALUES (201, 'chain 1', 1);
SELECT outcome, rows FROM yesterday.finish_deployment();
COMMIT;
BEGIN;
SELECT yesterday.begin_deployment('chain 2');
UPDATE app.rule SET v = 'chain 2' WHERE id BETWEEN 5 AND 15 OR id = 201;
DELETE FROM app.rule WHERE id = 1;
SELECT outcome, rows FROM yesterday.finish_deployment();
COMMIT;
BEGIN;
SELECT yesterday.begin_deployment('chain 3');
UPDATE app.rule SET v = 'chain 3', id = id + 1000;
SELECT outcome, rows FROM yesterday.finish_deployment();
COMMIT;
SELECT subject, outcome, rows FROM yesterday.rollback_to('base', 'test');
SELECT count(*) FROM yesterday.attic_row WHERE rollback > 5;
SELECT * FROM app.differences();
SELECT yesterday.clear_freeze('test');

-- what somebody wrote between two deployments is somebody's, also when the rollback of the
-- second one has put it back: in one transaction, and one by one
BEGIN;
SELECT yesterday.begin_deployment('first');
UPDATE app.rule SET v = 'first' WHERE id <= 4;
INSERT INTO app.rule VALUES (301, 'first', 1), (302, 'first', 1);
SELECT outcome, rows FROM yesterday.finish_deployment();
COMMIT;
UPDATE app.rule SET v = 'between' WHERE id IN (2, 301);
BEGIN;
SELECT yesterday.begin_deployment('second');
UPDATE app.rule SET v = 'second' WHERE id <= 6 OR id > 300;
DELETE FROM app.rule WHERE id = 3;
SELECT outcome, rows FROM yesterday.finish_deployment();
COMMIT;
SELECT subject, outcome, rows, detail FROM yesterday.rollback_to('base', 'test') OFFSET 1;
SELECT * FROM app.attic();
SELECT * FROM app.differences();
SELECT yesterday.clear_freeze('test');

BEGIN;
SELECT yesterday.begin_deployment('third');
UPDATE app.rule SET v = 'third' WHERE id <= 4;
INSERT INTO app.rule VALUES (301, 'third', 1), (302, 'third', 1);
SELECT outcome, rows FROM yesterday.finish_deployment();
COMMIT;
UPDATE app.rule SET v = 'between' WHERE id IN (2, 301);
BEGIN;
SELECT yesterday.begin_deployment('fourth');
UPDATE app.rule SET v = 'fourth' WHERE id <= 6 OR id > 300;
DELETE FROM app.rule WHERE id = 3;
SELECT outcome, rows FROM yesterday.finish_deployment();
COMMIT;
SELECT * FROM app.roll_back() OFFSET 1;
SELECT count(*) FROM app.attic();
SELECT * FROM app.roll_back() OFFSET 1;
SELECT * FROM app.attic();
SELECT * FROM app.differences();
