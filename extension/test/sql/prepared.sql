-- PREPARE TRANSACTION of a deployment in transaction scope.
\getenv inputdir PG_ABS_SRCDIR
\set target :inputdir '/include/target.sql'
\set ECHO none
\i :target
CREATE TABLE m (id int PRIMARY KEY, v text);
INSERT INTO m SELECT i, 'v' || i FROM generate_series(1, 10) i;
SELECT yesterday.track('m');
CALL oracle.remember();
BEGIN;
SELECT yesterday.begin_deployment('prepared');
UPDATE m SET v = 'x' WHERE id < 5;
SAVEPOINT s;
DELETE FROM m WHERE id = 9;
RELEASE s;
INSERT INTO m VALUES (100);
SELECT subject, outcome, rows FROM yesterday.finish_deployment();
PREPARE TRANSACTION 'deployment';
-- prepared, it is still in progress
SET yesterday.lock_wait = '100ms';
SELECT oracle.refusal('SELECT * FROM rollback_last()');
BEGIN;
\set VERBOSITY terse
SELECT yesterday.begin_deployment('other');
\set VERBOSITY default
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
SELECT count(*) FROM yesterday.history;
ROLLBACK PREPARED 'deployment';
SELECT * FROM oracle.difference();
BEGIN;
SELECT yesterday.begin_deployment('prepared');
UPDATE m SET v = 'x' WHERE id < 5;
INSERT INTO m VALUES (100);
CREATE TABLE made (id int);
SELECT subject, outcome, rows FROM yesterday.finish_deployment();
PREPARE TRANSACTION 'deployment';
COMMIT PREPARED 'deployment';
SELECT name, status, proof FROM yesterday.history;
SELECT subject, outcome, rows FROM rollback_last();
SELECT * FROM oracle.difference();
CALL oracle.clear();
-- an ordinary prepared transaction is nobody's deployment
BEGIN;
UPDATE m SET v = 'y' WHERE id = 1;
PREPARE TRANSACTION 'ordinary';
COMMIT PREPARED 'ordinary';
