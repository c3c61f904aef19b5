-- diff(), prior(), restore(), the attic, forget() and drill().
\getenv inputdir PG_ABS_SRCDIR
\set target :inputdir '/include/target.sql'
\set ECHO none
\i :target
CREATE TABLE m (id int PRIMARY KEY, v text, n numeric, tags text[], doc jsonb);
CREATE TABLE nk (v text);
INSERT INTO m SELECT i, 'v' || i, i, ARRAY['t' || i], jsonb_build_object('i', i) FROM generate_series(1, 10) i;
INSERT INTO nk VALUES ('a'), ('a'), ('b');
SELECT yesterday.track('m'), yesterday.track('nk');
CREATE TABLE m_start AS TABLE m;
BEGIN; SELECT yesterday.begin_deployment('one');
UPDATE m SET v = 'one', n = n + 0.5 WHERE id < 4;
DELETE FROM m WHERE id = 5;
INSERT INTO m VALUES (11, 'one');
DELETE FROM nk WHERE v = 'b';
INSERT INTO nk VALUES ('c');
SELECT subject, outcome, rows FROM yesterday.finish_deployment(); COMMIT;
CREATE TABLE m_one AS TABLE m;
BEGIN; SELECT yesterday.begin_deployment('two');
UPDATE m SET doc = NULL WHERE id = 1;
UPDATE m SET v = NULL WHERE id = 2;
INSERT INTO m VALUES (5, 'two');
DELETE FROM m WHERE id = 11;
SELECT subject, outcome, rows FROM yesterday.finish_deployment(); COMMIT;
SELECT * FROM yesterday.diff('one');
SELECT * FROM yesterday.diff('two');
SELECT * FROM yesterday.diff('three');
\echo :LAST_ERROR_SQLSTATE
-- as it was, compared with copies taken then
SELECT * FROM (TABLE m_one EXCEPT ALL SELECT * FROM yesterday.prior(NULL::m, 'two')) x;
SELECT * FROM (SELECT * FROM yesterday.prior(NULL::m, 'two') EXCEPT ALL TABLE m_one) x;
SELECT * FROM (TABLE m_start EXCEPT ALL SELECT * FROM yesterday.prior(NULL::m, 'one')) x;
SELECT * FROM (SELECT * FROM yesterday.prior(NULL::m, '1') EXCEPT ALL TABLE m_start) x;
UPDATE m SET v = 'by hand' WHERE id = 3;
SELECT * FROM yesterday.diff('one') WHERE row_key = '{"id": "3"}';
SELECT * FROM yesterday.prior(NULL::nk, 'one');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM yesterday.prior(5, 'one');
\echo :LAST_ERROR_SQLSTATE
-- a table that the deployment made was not there; one that it renamed, or whose columns it
-- renamed, or that it made anew, is not shown with wrong rows
CREATE TABLE n1 (id int PRIMARY KEY, v text);
CREATE TABLE n2 (id int PRIMARY KEY, v text);
CREATE TABLE n3 (id int PRIMARY KEY, v text);
INSERT INTO n1 VALUES (1, 'old'); INSERT INTO n2 VALUES (1, 'old'); INSERT INTO n3 VALUES (1, 'old');
SELECT yesterday.track(t) FROM unnest('{n1,n2,n3}'::regclass[]) t;
BEGIN;
SELECT yesterday.begin_deployment('names') IS NULL;
CREATE TABLE n4 (id int PRIMARY KEY, v text);
INSERT INTO n4 VALUES (1, 'new');
UPDATE n1 SET v = 'new';
ALTER TABLE n1 RENAME v TO w;
UPDATE n2 SET v = 'new';
ALTER TABLE n2 RENAME TO n2_now;
DROP TABLE n3;
CREATE TABLE n3 (id int PRIMARY KEY, v text);
SELECT count(*) > 0 AS finished FROM yesterday.finish_deployment();
COMMIT;
SELECT * FROM yesterday.prior(NULL::n4, 'names');
SELECT oracle.refusal('SELECT * FROM yesterday.prior(NULL::n1, ''names'')');
SELECT oracle.refusal('SELECT * FROM yesterday.prior(NULL::n2_now, ''names'')');
SELECT oracle.refusal('SELECT * FROM yesterday.prior(NULL::n3, ''names'')');
BEGIN; SELECT yesterday.begin_deployment('restore') IS NULL;
SELECT oracle.refusal('SELECT yesterday.restore(''n1'', ''[{"id": 1}]'', ''names'')');
ROLLBACK;
SELECT count(*) > 0 AS rolled_back FROM rollback_last('names');
CALL oracle.clear();
DROP TABLE n1, n2, n3;
-- single records
SELECT yesterday.restore('m', '[{"id": 1}]', 'one');
\echo :LAST_ERROR_SQLSTATE
BEGIN; SELECT yesterday.begin_deployment('restore');
SAVEPOINT s;
SELECT yesterday.restore('m', '[{"nope": 1}]', 'one');
\echo :LAST_ERROR_SQLSTATE
ROLLBACK TO s;
SELECT yesterday.restore('m', '[1]', 'one');
\echo :LAST_ERROR_SQLSTATE
ROLLBACK TO s;
SELECT yesterday.restore('m', '[{"id": 1}]', 'nine');
\echo :LAST_ERROR_SQLSTATE
ROLLBACK TO s;
SELECT yesterday.restore('m_one', '[{"id": 1}]', 'one');
\echo :LAST_ERROR_SQLSTATE
ROLLBACK TO s;
SELECT yesterday.restore('m', '[{"id": 1}, {"id": 5}, {"id": 11}, {"id": 8}]', 'one');
SELECT subject, outcome, rows FROM yesterday.finish_deployment(); COMMIT;
SELECT * FROM m WHERE id IN (1, 5, 8, 11) ORDER BY id;
SELECT * FROM (SELECT * FROM m_start WHERE id IN (1, 5, 8, 11) EXCEPT TABLE m) x;
SELECT subject, outcome, rows FROM rollback_last();
SELECT yesterday.clear_freeze('go on');

-- drill
CALL oracle.remember();
SELECT subject, outcome, rows FROM yesterday.drill();
SELECT * FROM oracle.difference();
SELECT state, last_deployment FROM yesterday.status;

-- a version that somebody wrote between two deployments, or after them, is never lost
BEGIN; SELECT yesterday.begin_deployment('four');
UPDATE m SET v = 'four' WHERE id IN (3, 7);
SELECT subject, outcome, rows FROM yesterday.finish_deployment(); COMMIT;
UPDATE m SET v = 'after four' WHERE id IN (7, 8);
SELECT subject, outcome, rows, regexp_replace(oracle.stable(detail), 'took \d+ ms', 'took <n> ms') FROM rollback_preview();
SELECT subject, outcome, rows FROM yesterday.rollback_to('one', 'why');
SELECT deployment, deployment_name, table_name, kind, row_key, row_data FROM yesterday.attic;
SELECT id, v FROM m WHERE id IN (3, 7, 8) ORDER BY id;
-- the attic shows rows of a table only to who may read it
RESET SESSION AUTHORIZATION;
GRANT yesterday_viewer TO regress_stranger;
SET SESSION AUTHORIZATION regress_stranger;
SELECT count(*) FROM yesterday.attic;
SELECT count(*) FROM yesterday.history;
RESET SESSION AUTHORIZATION;
GRANT SELECT ON m TO regress_stranger;
SET SESSION AUTHORIZATION regress_stranger;
SELECT count(*) > 0 FROM yesterday.attic;
RESET SESSION AUTHORIZATION;
REVOKE yesterday_viewer FROM regress_stranger;
SET SESSION AUTHORIZATION regress_author;

-- forget: oldest first
SELECT yesterday.clear_freeze('go on');
BEGIN; SELECT yesterday.begin_deployment('five');
UPDATE m SET v = 'five' WHERE id = 1;
SELECT subject, outcome, rows FROM yesterday.finish_deployment(); COMMIT;
SELECT * FROM yesterday.forget();
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM yesterday.forget(keep => -1);
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM yesterday.forget(keep => 1, older_than => '1 day');
\echo :LAST_ERROR_SQLSTATE
SELECT deployment, name FROM yesterday.forget(older_than => '1 day');
SELECT deployment, name, tables, bytes > 0 AS bytes FROM yesterday.forget(keep => 1);
SELECT deployment, name FROM yesterday.forget(keep => 1);
SELECT id, name, status, rollbackable, shadow_bytes > 0 AS bytes FROM yesterday.history;
SELECT oracle.refusal($$SELECT * FROM yesterday.diff('one')$$);
SELECT oracle.refusal($$SELECT * FROM yesterday.prior(NULL::m, 'one')$$);
-- the last one can still be rolled back, that before it not
SELECT subject, outcome, rows FROM yesterday.rollback_to('one', 'why');
SELECT oracle.refusal($$SELECT * FROM rollback_last('one')$$);
SELECT oracle.refusal($$SELECT * FROM rollback_last()$$);
SELECT yesterday.clear_freeze('go on');
SELECT oracle.refusal($$SELECT * FROM rollback_last()$$);
SELECT oracle.refusal($$SELECT * FROM rollback_preview()$$);
SELECT deployment, name FROM yesterday.forget(keep => 0);
SELECT count(*) FROM pg_class WHERE relnamespace = 'yesterday_shadow'::regnamespace;
SELECT state, last_deployment, rollbackable, next_command FROM yesterday.status;
