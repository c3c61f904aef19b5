-- A deployment open to several sessions: joined by setting and by role, savepoints, prepared
-- transactions, finish, abandon.
\getenv inputdir PG_ABS_SRCDIR
\set target :inputdir '/include/target.sql'
\set ECHO none
\i :target
CREATE TABLE m (id int PRIMARY KEY, v text);
CREATE TABLE nk (v text, n int);
GRANT ALL ON m TO regress_stranger;
INSERT INTO m SELECT i, 'v' || i FROM generate_series(1, 40) i;
INSERT INTO nk SELECT 'v' || i % 3, i % 2 FROM generate_series(1, 20) i;
SELECT yesterday.track('m'), yesterday.track('nk');
CALL oracle.remember();
SELECT yesterday.begin_deployment('open', scope => 'open') AS id \gset
-- an outsider
UPDATE m SET v = 'outside' WHERE id = 40;
-- member: several transactions on the same rows
SET yesterday.deployment = :id;
UPDATE m SET v = 'a' WHERE id < 10;
UPDATE m SET v = v || 'b' WHERE id < 15;
BEGIN;
DELETE FROM m WHERE id IN (1, 2);
SAVEPOINT s;
DELETE FROM m;
DELETE FROM nk;
ROLLBACK TO s;
INSERT INTO m VALUES (1, 'again'), (100, 'new');
COMMIT;
BEGIN;
UPDATE m SET v = 'never' WHERE id = 30;
ROLLBACK;
INSERT INTO m VALUES (101, 'x');
DELETE FROM m WHERE id = 101;
UPDATE m SET id = 200 WHERE id = 20;
UPDATE m SET id = 201 WHERE id = 200;
DELETE FROM nk WHERE v = 'v1';
UPDATE nk SET n = n + 1;
INSERT INTO nk VALUES ('v1', 0);
BEGIN;
UPDATE m SET v = 'prepared' WHERE id BETWEEN 24 AND 26;
INSERT INTO m VALUES (300, 'prepared');
SAVEPOINT s;
UPDATE m SET v = 'prepared in sub' WHERE id = 26;
RELEASE s;
PREPARE TRANSACTION 'member one';
BEGIN;
UPDATE m SET v = 'prepared too' WHERE id = 28;
PREPARE TRANSACTION 'member two';
RESET yesterday.deployment;
-- members in progress are waited for, then named
SET yesterday.lock_wait = '100ms';
SELECT oracle.refusal(format('SELECT * FROM yesterday.finish_deployment(%s)', :id));
SELECT oracle.refusal(format('SELECT * FROM yesterday.abandon_deployment(%s)', :id));
SELECT oracle.refusal('SELECT * FROM rollback_last()');
COMMIT PREPARED 'member one';
ROLLBACK PREPARED 'member two';
RESET yesterday.lock_wait;
SELECT subject, outcome, rows FROM yesterday.finish_deployment(:id);
SELECT name, scope, status, proof, tables, rows FROM yesterday.history;
SELECT subject, outcome, rows FROM rollback_last();
-- the outsider's change is no part of it
SELECT * FROM oracle.difference();
UPDATE m SET v = 'v40' WHERE id = 40;
SELECT * FROM oracle.difference();
CALL oracle.clear();

-- TRUNCATE, twice, and rows that an outsider writes between members
SELECT yesterday.begin_deployment('second', scope => 'open') AS id \gset
SET yesterday.deployment = :id;
TRUNCATE m;
INSERT INTO m VALUES (1, 'one'), (2, 'two');
TRUNCATE m, nk;
INSERT INTO m VALUES (1, 'again');
BEGIN;
TRUNCATE m;
ROLLBACK;
INSERT INTO nk VALUES ('x', 1);
RESET yesterday.deployment;
SELECT subject, outcome, rows FROM yesterday.abandon_deployment(:id);
SELECT * FROM oracle.difference();
SELECT state FROM yesterday.status;

-- a session that leaves half-way
SELECT yesterday.begin_deployment('third', scope => 'open') AS id \gset
SET yesterday.deployment = :id;
UPDATE m SET v = 'x' WHERE id = 1;
RESET yesterday.deployment;
UPDATE m SET v = 'y' WHERE id = 2;
\echo :LAST_ERROR_SQLSTATE
-- joining in a transaction that has written
BEGIN;
SELECT pg_current_xact_id() IS NOT NULL;
SET LOCAL yesterday.deployment = :id;
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
-- joining without the right
SET SESSION AUTHORIZATION regress_stranger;
SET yesterday.deployment = :id;
UPDATE m SET v = 'x' WHERE id = 3;
\echo :LAST_ERROR_SQLSTATE
RESET yesterday.deployment;
SET SESSION AUTHORIZATION regress_author;
SET yesterday.deployment = :id;
DELETE FROM m WHERE id = 4;
RESET yesterday.deployment;
SELECT subject, outcome, rows FROM yesterday.abandon_deployment(:id);
SELECT * FROM oracle.difference();
-- join_role
SELECT yesterday.begin_deployment('fourth', scope => 'open', join_role => 'regress_stranger') AS id \gset
SET SESSION AUTHORIZATION DEFAULT;
SET SESSION AUTHORIZATION regress_stranger;
UPDATE m SET v = 'by role' WHERE id < 4;
INSERT INTO m VALUES (500, 'by role');
SET SESSION AUTHORIZATION regress_author;
SELECT subject, outcome, rows FROM yesterday.finish_deployment();
SET SESSION AUTHORIZATION regress_stranger;
UPDATE m SET v = 'ordinary again' WHERE id = 30;
UPDATE m SET v = 'v30' WHERE id = 30;
SET SESSION AUTHORIZATION regress_author;
SELECT subject, outcome, rows FROM rollback_last();
SELECT * FROM oracle.difference();
