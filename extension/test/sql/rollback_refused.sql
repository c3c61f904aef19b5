-- Rollbacks that cannot be: order, double click, isolation, forgotten deployments.
\getenv inputdir PG_ABS_SRCDIR
\set target :inputdir '/include/target.sql'
\set ECHO none
\i :target
CREATE TABLE m (id int PRIMARY KEY, v text);
INSERT INTO m SELECT i, 'v' || i FROM generate_series(1, 10) i;
SELECT yesterday.track('m');
SELECT * FROM rollback_last();
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM rollback_preview();
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM rollback_last('nothing of that name');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM yesterday.drill();
\echo :LAST_ERROR_SQLSTATE

CREATE PROCEDURE deploy(name text, value text) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM yesterday.begin_deployment(name);
    UPDATE m SET v = value WHERE id < 5;
    INSERT INTO m SELECT coalesce(max(id), 0) + 1, value FROM m;
    PERFORM yesterday.finish_deployment();
END $$;
CALL oracle.remember('start');
CALL deploy('one', 'a');
CALL oracle.remember('one');
CALL deploy('two', 'b');
CALL oracle.remember('two');
CALL deploy('three', 'c');
CALL oracle.remember('three');
CALL deploy('two', 'd');

-- isolation
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT * FROM rollback_last();
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
BEGIN ISOLATION LEVEL SERIALIZABLE;
SELECT * FROM yesterday.rollback_to('one', 'why');
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT * FROM yesterday.drill();
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
-- order
SELECT * FROM rollback_last('one');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM rollback_last('3');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM rollback_preview('one');
\echo :LAST_ERROR_SQLSTATE
-- a name that two deployments carry
SELECT * FROM rollback_last('two');
\echo :LAST_ERROR_SQLSTATE
-- rollback_to
SELECT * FROM yesterday.rollback_to('one', '');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM yesterday.rollback_to('one', NULL);
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM yesterday.rollback_to('4', 'why');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM yesterday.rollback_to('nowhere', 'why');
\echo :LAST_ERROR_SQLSTATE
-- nothing of this changed anything
SELECT state, last_deployment, rollbackable FROM yesterday.status;

-- the rollback itself, and the second click
SELECT subject, outcome, rows, oracle.stable(detail) FROM rollback_last(reason => 'orders are stuck');
SELECT * FROM oracle.difference('three');
SELECT oracle.refusal('SELECT * FROM rollback_last()');
SELECT oracle.refusal($$SELECT * FROM rollback_last('4')$$);
SELECT oracle.refusal($$SELECT yesterday.begin_deployment('no')$$);
BEGIN;
\set VERBOSITY terse
SELECT yesterday.begin_deployment('no');
\set VERBOSITY default
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
SELECT * FROM oracle.difference('three');
-- the deployment before it, by name
SELECT subject, outcome, rows FROM rollback_last('three');
SELECT * FROM oracle.difference('two');
-- rolled back ones do not come back
SELECT oracle.refusal($$SELECT * FROM yesterday.rollback_to('3', 'why')$$);
SELECT subject, outcome, rows FROM yesterday.rollback_to('one', 'all the way');
SELECT * FROM oracle.difference('one');
SELECT state, reason, last_deployment, last_deployment_name, rollbackable, next_command FROM yesterday.status;
SELECT id, name, status, rollbackable, rollback, rollback_reason FROM yesterday.history;
-- clearing needs a reason and the freeze
SELECT yesterday.clear_freeze('');
\echo :LAST_ERROR_SQLSTATE
SELECT yesterday.clear_freeze('fixed');
SELECT yesterday.clear_freeze('fixed');
\echo :LAST_ERROR_SQLSTATE
-- on the train again: deploy, several at once back
CALL deploy('five', 'e');
CALL deploy('six', 'f');
SELECT subject, outcome, rows FROM yesterday.rollback_to('one', 'both');
SELECT * FROM oracle.difference('one');
SELECT subject, outcome, rows FROM rollback_last('one');
SELECT * FROM oracle.difference('start');
SELECT oracle.refusal('SELECT * FROM rollback_last()');
SELECT kind, deployment, reason FROM yesterday.events;
SELECT name, status FROM yesterday.history;
