-- Every way to slip past the capture, or to damage what it keeps, is found.
\getenv inputdir PG_ABS_SRCDIR
\set target :inputdir '/include/target.sql'
\set ECHO none
\i :target
\c - postgres
\set VERBOSITY terse
CREATE TABLE m (id int PRIMARY KEY, v text);
INSERT INTO m SELECT i, 'v' || i FROM generate_series(1, 5) i;
CREATE TABLE business (id int PRIMARY KEY, v text);
INSERT INTO business SELECT i, 'v' || i FROM generate_series(1, 5) i;
GRANT ALL ON m, business TO regress_author;
SELECT yesterday.track('m');
\set begin 'BEGIN; SELECT yesterday.begin_deployment($$t$$) > 0 AS begun;'
\set finish 'SELECT oracle.refusal($$SELECT * FROM yesterday.finish_deployment()$$); ROLLBACK;'
CALL oracle.remember();
-- capture triggers: disabled, dropped, disabled and enabled again, renamed, replaced
:begin
ALTER TABLE m DISABLE TRIGGER yesterday_update;
UPDATE m SET v = 'x';
:finish
-- all at once means those of users and foreign keys: what is written meanwhile is captured, unless one had been touched before
:begin
ALTER TABLE m DISABLE TRIGGER ALL;
UPDATE m SET v = 'x' WHERE id = 1;
ALTER TABLE m ENABLE TRIGGER ALL;
SELECT outcome, rows FROM yesterday.finish_deployment();
ROLLBACK;
:begin
ALTER TABLE m DISABLE TRIGGER yesterday_update;
UPDATE m SET v = 'x';
SELECT oracle.refusal('ALTER TABLE m ENABLE TRIGGER USER');
ROLLBACK;
:begin
DROP TRIGGER yesterday_update ON m;
:finish
:begin
DROP TRIGGER yesterday_truncate ON m;
:finish
:begin
ALTER TABLE m DISABLE TRIGGER yesterday_update;
UPDATE m SET v = 'x';
ALTER TABLE m ENABLE ALWAYS TRIGGER yesterday_update;
:finish
:begin
ALTER TABLE m ENABLE REPLICA TRIGGER yesterday_update;
:finish
:begin
ALTER TRIGGER yesterday_update ON m RENAME TO aside;
:finish
-- a savepoint that undoes it undoes what was written, too
:begin
SAVEPOINT s;
ALTER TABLE m DISABLE TRIGGER yesterday_update;
UPDATE m SET v = 'x';
ROLLBACK TO s;
UPDATE m SET v = 'y' WHERE id = 1;
SELECT outcome FROM yesterday.finish_deployment() LIMIT 1;
ROLLBACK;
-- the catalogs, changed by hand
:begin
UPDATE pg_trigger SET tgenabled = 'D' WHERE tgname = 'yesterday_update';
UPDATE m SET v = 'x';
UPDATE pg_trigger SET tgenabled = 'A' WHERE tgname = 'yesterday_update';
:finish
-- event triggers: in the deployment, beside it, and by hand
:begin
SELECT oracle.refusal('ALTER EVENT TRIGGER yesterday_ledger_start DISABLE');
SELECT oracle.refusal('DROP EVENT TRIGGER yesterday_ledger_rewrite');
ROLLBACK;
:begin
UPDATE pg_event_trigger SET evtenabled = 'D' WHERE evtname = 'yesterday_ledger_start';
DROP TABLE business;
UPDATE pg_event_trigger SET evtenabled = 'A' WHERE evtname = 'yesterday_ledger_start';
:finish
SELECT yesterday.begin_deployment('open', scope => 'open') AS id \gset
\c - postgres
ALTER EVENT TRIGGER yesterday_ledger_start DISABLE;
ALTER EVENT TRIGGER yesterday_ledger_start ENABLE ALWAYS;
SELECT oracle.refusal(format('SELECT * FROM yesterday.finish_deployment(%s)', :id));
SELECT outcome FROM yesterday.abandon_deployment(:id);
-- a member that has not loaded the library when it does so
SELECT yesterday.begin_deployment('open', scope => 'open') AS id \gset
\c - postgres
SET yesterday.deployment = :id;
ALTER EVENT TRIGGER yesterday_ledger_start DISABLE;
DROP TABLE business;
\c - postgres
SELECT oracle.refusal(format('SELECT * FROM yesterday.finish_deployment(%s)', :id));
SELECT subject, outcome, detail FROM yesterday.abandon_deployment(:id) WHERE outcome = 'not brought back';
INSERT INTO business SELECT i, 'v' || i FROM generate_series(1, 5) i ON CONFLICT DO NOTHING;
GRANT ALL ON business TO regress_author;
ALTER EVENT TRIGGER yesterday_ledger_start ENABLE ALWAYS;
-- session_replication_role = replica: rows, TRUNCATE and DDL are captured all the same
CALL oracle.remember();
:begin
SET LOCAL session_replication_role = replica;
UPDATE m SET v = 'x' WHERE id = 1;
TRUNCATE business;
ALTER TABLE m ADD COLUMN w int, DROP COLUMN v;
DELETE FROM m WHERE id > 3;
SELECT outcome FROM yesterday.finish_deployment() LIMIT 1;
COMMIT;
SELECT oracle.changes() > 0 AS changed;
SELECT outcome FROM rollback_last() LIMIT 1;
SELECT * FROM oracle.difference();
CALL oracle.clear();
-- track_counts switched off for a while hides nothing that the triggers saw, nor the trigger that was off
:begin
SET LOCAL track_counts = off;
UPDATE m SET v = 'x' WHERE id = 1;
SET LOCAL track_counts = on;
SELECT outcome FROM yesterday.finish_deployment() LIMIT 1;
ROLLBACK;
-- Yesterday's own objects
:begin
SAVEPOINT s;
SELECT oracle.refusal('ALTER TABLE yesterday.deployment ADD COLUMN x int');
SELECT oracle.refusal('CREATE TABLE yesterday.mine (x int)');
SELECT oracle.refusal('ALTER EXTENSION yesterday DROP TABLE yesterday.attic_row');
SELECT oracle.refusal('ALTER FUNCTION yesterday._capture() OWNER TO regress_author');
SELECT oracle.refusal('ALTER SCHEMA yesterday RENAME TO tomorrow');
SELECT oracle.refusal('ALTER SCHEMA yesterday_shadow RENAME TO light');
SELECT oracle.refusal('GRANT USAGE ON SCHEMA yesterday TO PUBLIC');
SELECT oracle.refusal('GRANT SELECT ON yesterday.attic_row, m TO PUBLIC');
SELECT oracle.refusal('REVOKE ALL ON ALL TABLES IN SCHEMA yesterday FROM yesterday_viewer');
SELECT oracle.refusal('GRANT EXECUTE ON FUNCTION yesterday.drill(boolean) TO PUBLIC');
SELECT oracle.refusal('GRANT EXECUTE ON FUNCTION rollback_last(text, text, boolean) TO PUBLIC');
SELECT oracle.refusal('ALTER DEFAULT PRIVILEGES IN SCHEMA yesterday_shadow GRANT SELECT ON TABLES TO PUBLIC');
-- of roles and of other objects
SELECT oracle.refusal('GRANT SELECT ON m TO yesterday_viewer');
SELECT oracle.refusal('GRANT yesterday_viewer TO regress_stranger');
SELECT oracle.refusal('REVOKE yesterday_viewer FROM regress_stranger');
SELECT oracle.refusal('DROP EXTENSION yesterday');
UPDATE m SET v = 'x';
SELECT yesterday._capture_flush();
SELECT shadow_name AS shadow FROM yesterday.captured_table WHERE deployment = (SELECT max(id) FROM yesterday.deployment) \gset
DROP TABLE yesterday_shadow.:"shadow";
ROLLBACK;
-- rows deleted from a shadow table, and from a copy of rows that DDL destroyed; the copy itself dropped
:begin
UPDATE m SET v = 'x';
DROP TABLE business;
SELECT outcome FROM yesterday.finish_deployment() LIMIT 1;
COMMIT;
SELECT shadow_name AS shadow FROM yesterday.captured_table WHERE deployment = (SELECT max(id) FROM yesterday.deployment) \gset
SELECT shadow_name AS saved FROM yesterday.saved_table WHERE deployment = (SELECT max(id) FROM yesterday.deployment) \gset
SELECT oracle.changes() AS changes \gset
BEGIN;
DELETE FROM yesterday_shadow.:"shadow" WHERE c1 = 3;
SELECT x ~ '^YD014' FROM oracle.refusal('SELECT * FROM rollback_last()') x LIMIT 1;
SELECT x ~ '^YD014' FROM oracle.refusal('SELECT * FROM yesterday.drill(true)') x LIMIT 1;
ROLLBACK;
BEGIN;
DELETE FROM yesterday_shadow.:"saved" WHERE c1 = 3;
SELECT x ~ '^YD014' FROM oracle.refusal('SELECT * FROM rollback_last()') x LIMIT 1;
ROLLBACK;
BEGIN;
DROP TABLE yesterday_shadow.:"saved";
SELECT x ~ '^YD014' FROM oracle.refusal('SELECT * FROM rollback_last()') x LIMIT 1;
ROLLBACK;
SELECT oracle.changes() = :changes AS as_deployed;
SELECT outcome FROM rollback_last() LIMIT 1;
SELECT * FROM oracle.difference();
CALL oracle.clear();
-- before the finish: the proof does not get back what is not there
:begin
UPDATE m SET v = 'x';
SELECT yesterday._capture_flush();
SELECT shadow_name AS shadow FROM yesterday.captured_table WHERE deployment = (SELECT max(id) FROM yesterday.deployment) \gset
DELETE FROM yesterday_shadow.:"shadow" WHERE c1 = 3;
SELECT x ~ '^YD015' FROM oracle.refusal('SELECT * FROM yesterday.finish_deployment()') x LIMIT 1;
ROLLBACK;
:begin
UPDATE m SET v = 'x';
SELECT yesterday._capture_flush();
SELECT shadow_name AS shadow FROM yesterday.captured_table WHERE deployment = (SELECT max(id) FROM yesterday.deployment) \gset
UPDATE yesterday_shadow.:"shadow" SET c2 = 'forged' WHERE c1 = 3;
SELECT x ~ '^YD015' FROM oracle.refusal('SELECT * FROM yesterday.finish_deployment()') x LIMIT 1;
ROLLBACK;
-- the setting that joins a session cleared half-way: by a pool that cleans up, with the setting in PGOPTIONS
SELECT yesterday.begin_deployment('open', scope => 'open') AS id \gset
\set joined 'dbname=regress_target user=regress_author options=''-c yesterday.deployment=' :id ''''
\c :joined
UPDATE m SET v = 'pool' WHERE id = 1;
DISCARD ALL;
UPDATE m SET v = 'pool' WHERE id = 2;
RESET ALL;
UPDATE m SET v = 'pool' WHERE id = 3;
-- and on purpose
BEGIN;
UPDATE m SET v = 'mine' WHERE id = 4;
SET LOCAL yesterday.deployment = '';
UPDATE m SET v = 'mine' WHERE id = 5;
COMMIT;
SET yesterday.deployment = '';
SELECT oracle.refusal($$UPDATE m SET v = 'past the capture' WHERE id = 1$$);
SELECT oracle.refusal('CREATE TABLE past (id int)');
-- cleared by a pool that set it itself
\c 'dbname=regress_target user=regress_author options=\'\''
SET yesterday.deployment = :id;
UPDATE m SET v = 'pool' WHERE id = 1;
DISCARD ALL;
SELECT oracle.refusal($$UPDATE m SET v = 'past the capture' WHERE id = 1$$);
\c - postgres
SELECT outcome, rows FROM yesterday.finish_deployment(:id) LIMIT 1;
SELECT outcome, rows FROM rollback_last() LIMIT 1;
SELECT * FROM oracle.difference();
