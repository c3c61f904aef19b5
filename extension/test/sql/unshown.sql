-- Commands that no event trigger shows: CLUSTER, VACUUM FULL, REINDEX, REASSIGN OWNED, those about
-- event triggers and about what lies outside the database. And tables that get another file.
\getenv inputdir PG_ABS_SRCDIR
\set target :inputdir '/include/target.sql'
\set ECHO none
\i :target
\c - postgres
SET client_min_messages = warning;
DROP ROLE IF EXISTS regress_unshown, regress_unshown_new;
DROP TABLESPACE IF EXISTS regress_unshown;
SET allow_in_place_tablespaces = on;
CREATE TABLESPACE regress_unshown LOCATION '';
RESET client_min_messages;
CREATE ROLE regress_unshown;
GRANT ALL ON SCHEMA public TO regress_unshown;
CREATE TABLE m (id int PRIMARY KEY, a int);
INSERT INTO m SELECT n, 10 - n FROM generate_series(1, 5) n;
CREATE INDEX m_a ON m (a);
CREATE TABLE "B" (id int PRIMARY KEY, a int);
INSERT INTO "B" SELECT n, 10 - n FROM generate_series(1, 5) n;
CREATE INDEX b_a ON "B" (a);
CREATE TABLE owned (id int);
CREATE VIEW owned_view AS SELECT * FROM owned;
CREATE FUNCTION owned_function() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE TYPE owned_type AS ENUM ('one');
ALTER TABLE owned OWNER TO regress_unshown;
ALTER VIEW owned_view OWNER TO regress_unshown;
ALTER FUNCTION owned_function OWNER TO regress_unshown;
ALTER TYPE owned_type OWNER TO regress_unshown;
CREATE FUNCTION theirs() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
CREATE EVENT TRIGGER theirs ON ddl_command_end EXECUTE FUNCTION theirs();
SELECT yesterday.track('m');
CREATE VIEW state AS
    SELECT 'owner of ' || c.relname AS what, pg_get_userbyid(c.relowner)::text AS how FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relname NOT IN ('state', 'remembered')
    UNION ALL SELECT 'owner of type', pg_get_userbyid(typowner) FROM pg_type WHERE typname = 'owned_type'
    UNION ALL SELECT 'owner of function', pg_get_userbyid(proowner) FROM pg_proc WHERE proname = 'owned_function'
    UNION ALL SELECT 'event trigger ' || evtname, evtenabled::text FROM pg_event_trigger WHERE evtname !~ '^yesterday'
    UNION ALL SELECT 'clustered', indexrelid::regclass::text FROM pg_index WHERE indisclustered
    UNION ALL SELECT 'tablespace of ' || relname, spcname FROM pg_class c JOIN pg_tablespace s ON s.oid = c.reltablespace
              WHERE c.relnamespace = 'public'::regnamespace;
CREATE TABLE remembered AS SELECT * FROM state;
\set differs '(SELECT ''changed'', * FROM state EXCEPT SELECT ''changed'', * FROM remembered) UNION ALL (SELECT ''lacking'', * FROM remembered EXCEPT SELECT ''lacking'', * FROM state) ORDER BY 1, 2, 3;'
-- in one transaction, around writes
CALL oracle.remember();
BEGIN;
SELECT yesterday.begin_deployment('transaction') > 0 AS begun;
UPDATE m SET a = 100 WHERE id = 1;
CLUSTER m USING m_a;
CLUSTER "B" USING b_a;
UPDATE m SET a = 101 WHERE id < 3;
CLUSTER m;
REINDEX TABLE m;
REINDEX TABLE "B";
REASSIGN OWNED BY regress_unshown TO regress_author;
ALTER EVENT TRIGGER theirs DISABLE;
CREATE EVENT TRIGGER more ON sql_drop EXECUTE FUNCTION theirs();
ALTER TABLE m SET TABLESPACE regress_unshown;
ALTER TABLE "B" SET TABLESPACE regress_unshown;
CREATE ROLE regress_unshown_new;
COMMENT ON ROLE regress_unshown IS 'x';
SELECT subject, outcome, rows FROM yesterday.finish_deployment() ORDER BY outcome NOT LIKE 'fin%', 1, 2;
COMMIT;
SELECT count(*) FROM state;
:differs
SELECT subject, outcome FROM rollback_preview() WHERE outcome = 'outside the database' ORDER BY 1;
SELECT subject, outcome FROM rollback_last() WHERE outcome = 'outside the database' ORDER BY 1;
:differs
SELECT * FROM oracle.difference();
CALL oracle.clear();
-- what has no way back is refused, and what would blind us
BEGIN;
SELECT yesterday.begin_deployment('refused') > 0 AS begun;
SELECT oracle.refusal('ALTER EVENT TRIGGER yesterday_ledger_end DISABLE');
SELECT oracle.refusal('DROP EVENT TRIGGER yesterday_ledger_end');
DROP EVENT TRIGGER theirs;
SELECT subject, outcome FROM yesterday.finish_deployment() OFFSET 1;
ROLLBACK;
BEGIN;
SELECT yesterday.begin_deployment('late') > 0 AS begun;
UPDATE m SET a = 1;
SELECT outcome FROM yesterday.finish_deployment() LIMIT 1;
SELECT oracle.refusal('CLUSTER m USING m_a');
SELECT oracle.refusal('REASSIGN OWNED BY regress_unshown TO regress_author');
ROLLBACK;
-- in many transactions, with others beside
SELECT yesterday.begin_deployment('open', scope => 'open') AS id \gset
SET yesterday.deployment = :id;
UPDATE m SET a = 100 WHERE id = 1;
VACUUM FULL m;
VACUUM (FULL) "B";
UPDATE m SET a = 101 WHERE id < 3;
CLUSTER "B" USING b_a;
REINDEX (CONCURRENTLY) TABLE m;
REINDEX INDEX CONCURRENTLY b_a;
REASSIGN OWNED BY regress_unshown TO regress_author;
CLUSTER;
VACUUM FULL;
RESET yesterday.deployment;
\c - postgres
SELECT 1 FROM yesterday.status WHERE open_deployment IS NOT NULL;
UPDATE m SET a = 7 WHERE id = 5;
VACUUM FULL m;
CLUSTER "B" USING b_a;
SELECT subject, outcome, rows FROM yesterday.finish_deployment(:id) ORDER BY outcome NOT LIKE 'fin%', 1, 2;
SELECT subject, outcome, rows FROM rollback_last() ORDER BY outcome NOT LIKE 'roll%', 1, 2;
:differs
SELECT * FROM oracle.difference();
-- tidy up
DROP OWNED BY regress_unshown;
ALTER TABLE m SET TABLESPACE pg_default;
DROP ROLE regress_unshown, regress_unshown_new;
DROP TABLESPACE regress_unshown;
