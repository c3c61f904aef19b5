-- begin_deployment(), finish_deployment() and COMMIT that cannot be: what they say, and that
-- nothing changes. The SQLSTATE follows each.
\getenv inputdir PG_ABS_SRCDIR
\set target :inputdir '/include/target.sql'
\set ECHO none
\i :target
CREATE TABLE m (id int PRIMARY KEY, v text);
INSERT INTO m SELECT i, 'v' || i FROM generate_series(1, 10) i;
CREATE TABLE plain (id int);
SELECT yesterday.track('m');
CALL oracle.remember();

-- in a transaction that has written
BEGIN;
INSERT INTO plain VALUES (1);
SELECT yesterday.begin_deployment('late');
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
-- inside a savepoint, and inside an exception block
BEGIN;
SAVEPOINT s;
SELECT yesterday.begin_deployment('inner');
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
SELECT oracle.refusal($$SELECT yesterday.begin_deployment('inner')$$);
-- twice in one transaction
BEGIN;
SELECT yesterday.begin_deployment('outer');
SELECT yesterday.begin_deployment('inner');
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
-- read only
BEGIN READ ONLY;
SELECT yesterday.begin_deployment('read only');
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
-- arguments
SELECT yesterday.begin_deployment('  ');
\echo :LAST_ERROR_SQLSTATE
SELECT yesterday.begin_deployment(NULL);
\echo :LAST_ERROR_SQLSTATE
SELECT yesterday.begin_deployment('x', scope => 'session');
\echo :LAST_ERROR_SQLSTATE
SELECT yesterday.begin_deployment('x', scope => NULL);
\echo :LAST_ERROR_SQLSTATE
SELECT yesterday.begin_deployment('x', join_role => 'regress_author');
\echo :LAST_ERROR_SQLSTATE
SELECT yesterday.begin_deployment('x', scope => 'open', join_role => 'nobody at all');
\echo :LAST_ERROR_SQLSTATE
-- in a statement of its own: COMMIT comes at once
SELECT yesterday.begin_deployment('autocommit');
\echo :LAST_ERROR_SQLSTATE
-- COMMIT without finish
BEGIN;
SELECT yesterday.begin_deployment('forgetful');
UPDATE m SET v = 'lost';
COMMIT;
\echo :LAST_ERROR_SQLSTATE
-- PREPARE TRANSACTION without finish
BEGIN;
SELECT yesterday.begin_deployment('forgetful');
UPDATE m SET v = 'lost';
PREPARE TRANSACTION 'forgetful';
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
-- finish without begin
SELECT * FROM yesterday.finish_deployment();
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM yesterday.finish_deployment(77);
\echo :LAST_ERROR_SQLSTATE
-- writes after finish: DML, TRUNCATE, DDL, another begin
BEGIN;
SELECT yesterday.begin_deployment('early');
UPDATE m SET v = 'x' WHERE id = 1;
SELECT subject, outcome FROM yesterday.finish_deployment();
SAVEPOINT s;
UPDATE m SET v = 'y' WHERE id = 2;
\echo :LAST_ERROR_SQLSTATE
ROLLBACK TO s;
INSERT INTO m VALUES (100);
\echo :LAST_ERROR_SQLSTATE
ROLLBACK TO s;
DELETE FROM m;
\echo :LAST_ERROR_SQLSTATE
ROLLBACK TO s;
TRUNCATE m;
\echo :LAST_ERROR_SQLSTATE
ROLLBACK TO s;
CREATE TABLE too_late (id int);
\echo :LAST_ERROR_SQLSTATE
ROLLBACK TO s;
COMMENT ON TABLE plain IS 'too late';
\echo :LAST_ERROR_SQLSTATE
ROLLBACK TO s;
SELECT yesterday.begin_deployment('nested');
\echo :LAST_ERROR_SQLSTATE
ROLLBACK TO s;
SELECT * FROM yesterday.finish_deployment();
\echo :LAST_ERROR_SQLSTATE
ROLLBACK TO s;
-- a table that is not tracked may be written
INSERT INTO plain VALUES (1);
ROLLBACK;
-- rollback and its relations inside the deployment itself
BEGIN;
SELECT yesterday.begin_deployment('self');
UPDATE m SET v = 'x';
SAVEPOINT s;
SELECT * FROM rollback_last();
\echo :LAST_ERROR_SQLSTATE
ROLLBACK TO s;
SELECT yesterday.track('plain');
\echo :LAST_ERROR_SQLSTATE
ROLLBACK TO s;
SELECT yesterday.untrack('m');
\echo :LAST_ERROR_SQLSTATE
ROLLBACK TO s;
SELECT * FROM yesterday.drill();
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;

-- while another deployment is open
SELECT yesterday.begin_deployment('open one', scope => 'open') AS id \gset
SELECT oracle.stable(x) FROM oracle.refusal($$SELECT yesterday.track('plain')$$) x;
\set VERBOSITY terse
SELECT yesterday.begin_deployment('second');
\set VERBOSITY default
\echo :LAST_ERROR_SQLSTATE
SELECT subject, outcome, rows FROM yesterday.abandon_deployment(:id);
SELECT * FROM yesterday.abandon_deployment(:id);
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM yesterday.finish_deployment(:id);
\echo :LAST_ERROR_SQLSTATE
-- the setting
SET yesterday.deployment = 'one';
\echo :LAST_ERROR_SQLSTATE
SET yesterday.deployment = '999';
UPDATE m SET v = 'x';
\echo :LAST_ERROR_SQLSTATE
SET yesterday.deployment = :id;
UPDATE m SET v = 'x';
\echo :LAST_ERROR_SQLSTATE
RESET yesterday.deployment;
-- while frozen
SELECT yesterday.freeze('month end');
\set VERBOSITY terse
SELECT yesterday.begin_deployment('frozen');
\set VERBOSITY default
\echo :LAST_ERROR_SQLSTATE
SELECT oracle.refusal($$SELECT yesterday.freeze('again')$$);
SELECT yesterday.clear_freeze('month is over');

-- proof below full is an admin's decision
SELECT * FROM oracle.difference();
RESET SESSION AUTHORIZATION;
REVOKE yesterday_admin FROM regress_author;
SET SESSION AUTHORIZATION regress_author;
BEGIN;
SELECT yesterday.begin_deployment('unproven');
UPDATE m SET v = 'x' WHERE id = 1;
SET LOCAL yesterday.proof = 'off';
SELECT * FROM yesterday.finish_deployment();
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
RESET SESSION AUTHORIZATION;
GRANT yesterday_admin TO regress_author;
-- track_counts off
SET track_counts = off;
BEGIN;
SELECT yesterday.begin_deployment('blind');
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
RESET track_counts;
-- a user without the role
SET SESSION AUTHORIZATION regress_stranger;
SELECT yesterday.begin_deployment('mine');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM rollback_last();
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM rollback_preview();
\echo :LAST_ERROR_SQLSTATE
SELECT yesterday.clear_freeze('please');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM yesterday.status;
\echo :LAST_ERROR_SQLSTATE
RESET SESSION AUTHORIZATION;
SELECT * FROM oracle.difference();
SELECT id, name, status FROM yesterday.history;
