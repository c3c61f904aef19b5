-- The freeze: by hand, by a rollback, with a deployment open; what is kept about it.
\getenv inputdir PG_ABS_SRCDIR
\set target :inputdir '/include/target.sql'
\set ECHO none
\i :target
CREATE TABLE m (id int PRIMARY KEY, v text);
INSERT INTO m VALUES (1, 'a');
SELECT yesterday.track('m');
SELECT state, reason, since, set_by FROM yesterday.status;
SELECT yesterday.freeze(' ');
\echo :LAST_ERROR_SQLSTATE
SELECT yesterday.freeze('audit');
SELECT state, reason, since IS NOT NULL, set_by, next_command FROM yesterday.status;
SELECT oracle.refusal($$DO 'BEGIN PERFORM yesterday.freeze(''again''); END'$$);
-- writes outside deployments go on
UPDATE m SET v = 'b';
SELECT yesterday.clear_freeze('audit is over');
-- frozen while a deployment is open: it can be abandoned, not finished
CALL oracle.remember();
SELECT yesterday.begin_deployment('open', scope => 'open') AS id \gset
SET yesterday.deployment = :id;
UPDATE m SET v = 'c';
RESET yesterday.deployment;
SELECT yesterday.freeze('stop');
\set VERBOSITY terse
SELECT * FROM yesterday.finish_deployment(:id);
\set VERBOSITY default
\echo :LAST_ERROR_SQLSTATE
SELECT subject, outcome, rows, detail FROM yesterday.abandon_deployment(:id);
SELECT * FROM oracle.difference();
SELECT state FROM yesterday.status;
SELECT yesterday.clear_freeze('go on');
-- an open deployment that failed half-way is rolled back by the button, too
SELECT yesterday.begin_deployment('open', scope => 'open') AS id \gset
SET yesterday.deployment = :id;
UPDATE m SET v = 'd';
INSERT INTO m VALUES (2, 'e');
RESET yesterday.deployment;
SELECT subject, outcome, rows FROM rollback_last();
SELECT * FROM oracle.difference();
SELECT state, last_rollback FROM yesterday.status;
-- frozen by a rollback: by hand is no news
SELECT oracle.refusal($$DO 'BEGIN PERFORM yesterday.freeze(''again''); END'$$);
SELECT yesterday.clear_freeze('done');
-- an operator may freeze and roll back, and may not clear
RESET SESSION AUTHORIZATION;
REVOKE yesterday_admin, yesterday_deployer FROM regress_author;
SET SESSION AUTHORIZATION regress_author;
SELECT yesterday.freeze('operator');
SELECT yesterday.clear_freeze('operator');
\echo :LAST_ERROR_SQLSTATE
SELECT yesterday.begin_deployment('operator');
\echo :LAST_ERROR_SQLSTATE
SELECT yesterday.track('m');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM yesterday.forget(keep => 0);
\echo :LAST_ERROR_SQLSTATE
-- who looks at state behind the functions, or rewrites history
INSERT INTO yesterday.state_change (state, reason, changed_role) VALUES ('on_train', 'me', 'me');
\echo :LAST_ERROR_SQLSTATE
DELETE FROM yesterday.event;
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM yesterday_shadow.d1_t1;
\echo :LAST_ERROR_SQLSTATE
RESET SESSION AUTHORIZATION;
SELECT kind, deployment, by, role, reason FROM yesterday.events WHERE kind ~ 'freeze';
SELECT id, state, reason, rollback, changed_by FROM yesterday.state_change ORDER BY id;
