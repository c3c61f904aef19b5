-- track(), untrack(), track_like() and untrack_like(): tables that exist, come later, are renamed,
-- moved, dropped and made again; what cannot be tracked; writes outside deployments.
\getenv inputdir PG_ABS_SRCDIR
\set target :inputdir '/include/target.sql'
\set ECHO none
\i :target
CREATE TABLE m (id int PRIMARY KEY, v text);
CREATE VIEW v AS SELECT * FROM m;
CREATE MATERIALIZED VIEW mv AS SELECT * FROM m;
CREATE SEQUENCE sq;
CREATE INDEX ix ON m (v);
CREATE TYPE ty AS (a int);
CREATE TEMP TABLE tt (id int);
CREATE UNLOGGED TABLE ul (id int);
RESET SESSION AUTHORIZATION;
CREATE FOREIGN DATA WRAPPER nothing;
CREATE SERVER nowhere FOREIGN DATA WRAPPER nothing;
CREATE FOREIGN TABLE ft (id int) SERVER nowhere;
CREATE ACCESS METHOD other_heap TYPE TABLE HANDLER heap_tableam_handler;
CREATE TABLE am (id int) USING other_heap;
SELECT oracle.refusal(format('SELECT yesterday.track(%L)', x))
FROM unnest('{v,mv,sq,ix,ty,tt,ul,ft,am,pg_class,pg_toast.pg_toast_1255,yesterday.deployment,information_schema.sql_features}'::text[]) x;
SELECT oracle.refusal($$SELECT yesterday.track('m', outside => 'maybe')$$);
SELECT oracle.refusal($$SELECT yesterday.track('m', outside => NULL)$$);
SELECT oracle.refusal($$SELECT yesterday.track('m', layer => '')$$);
SELECT oracle.refusal($$SELECT yesterday.track('m', natural_key => '{nope}')$$);
SELECT oracle.refusal($$SELECT yesterday.track(NULL)$$);
SELECT oracle.refusal($$SELECT yesterday.untrack('m')$$);
SELECT oracle.refusal($$SELECT yesterday.untrack_like('a', 'b')$$);
SELECT oracle.refusal($$SELECT yesterday.track_like(NULL, 'b')$$);
DROP FOREIGN TABLE ft;
DROP TABLE am;
SET SESSION AUTHORIZATION regress_author;

-- outside => 'refuse'
SELECT yesterday.track('m', 'apps', 'refuse', '{v}', '{id}');
SELECT * FROM yesterday.tracked;
INSERT INTO m VALUES (1);
\echo :LAST_ERROR_SQLSTATE
TRUNCATE m;
\echo :LAST_ERROR_SQLSTATE
:begin
INSERT INTO m VALUES (1, 'a'), (2, 'b');
:finish
UPDATE m SET v = 'x';
\echo :LAST_ERROR_SQLSTATE
DELETE FROM m;
\echo :LAST_ERROR_SQLSTATE
SELECT count(*) FROM m;
-- changed without forgetting the rest
SELECT yesterday.track('m', outside => 'allow');
SELECT table_name, layer, outside, natural_key, local_columns FROM yesterday.tracked;
UPDATE m SET v = 'y' WHERE id = 1;
:roll_back
SELECT schema_name, table_name, kind, row_key, row_data FROM yesterday.attic;

-- renamed, moved, its schema renamed
CREATE SCHEMA s1;
ALTER TABLE m RENAME TO m2;
SELECT schema_name, table_name, state FROM yesterday.tracked;
ALTER TABLE m2 SET SCHEMA s1;
SELECT schema_name, table_name, state FROM yesterday.tracked;
ALTER SCHEMA s1 RENAME TO s2;
SELECT schema_name, table_name, state FROM yesterday.tracked;
ALTER TABLE s2.m2 RENAME COLUMN id TO key;
:begin
INSERT INTO s2.m2 VALUES (7, 'x');
:finish
:roll_back
-- a partitioned table renamed
CREATE TABLE p (id int PRIMARY KEY, v text) PARTITION BY RANGE (id);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10);
SELECT yesterday.track('p');
ALTER TABLE p RENAME TO pp;
ALTER TABLE p1 RENAME TO pp1;
CREATE TABLE pp2 PARTITION OF pp FOR VALUES FROM (10) TO (20);
SELECT schema_name, table_name, state FROM yesterday.tracked;
:begin
INSERT INTO pp VALUES (5, 'x'), (15, 'y');
:finish
:roll_back
-- two tables that swap names
CREATE TABLE north (id int PRIMARY KEY, v text);
CREATE TABLE south (id int PRIMARY KEY, v text);
INSERT INTO north VALUES (1, 'north');
INSERT INTO south VALUES (1, 'south');
SELECT yesterday.track('north', 'n'), yesterday.track('south', 's');
BEGIN;
ALTER TABLE north RENAME TO tmp;
ALTER TABLE south RENAME TO north;
ALTER TABLE tmp RENAME TO south;
COMMIT;
SELECT table_name, layer, state FROM yesterday.tracked WHERE table_name IN ('north', 'south', 'tmp');
:begin
UPDATE north SET v = 'x';
DELETE FROM south;
:finish
:roll_back
-- dropped, and made again
DROP TABLE north;
SELECT table_name, state FROM yesterday.tracked WHERE table_name IN ('north', 'south');
CREATE TABLE north (id int);
SELECT table_name, state FROM yesterday.tracked WHERE table_name IN ('north', 'south');

-- rules
CREATE SCHEMA app;
CREATE TABLE app.ir_model (id int PRIMARY KEY);
CREATE TABLE app.irx (id int PRIMARY KEY);
CREATE TABLE app.business (id int PRIMARY KEY);
CREATE VIEW app.ir_view AS SELECT 1 AS one;
SELECT yesterday.track_like('app', 'ir\_%', 'vendor', 'refuse');
CREATE TABLE app.ir_later (id int PRIMARY KEY);
CREATE TABLE app.ir_as AS SELECT 1 AS id;
SELECT 2 AS id INTO app.ir_into;
CREATE TABLE app.ir_like (LIKE app.ir_model INCLUDING ALL);
CREATE UNLOGGED TABLE app.ir_unlogged (id int);
CREATE TEMP TABLE ir_temp (id int);
CREATE TABLE app.ir_parent (id int) PARTITION BY LIST (id);
CREATE TABLE app.part_of_ir PARTITION OF app.ir_parent FOR VALUES IN (1);
CREATE TABLE app.business2 (id int);
SELECT table_name, layer, outside, rule, state FROM yesterday.tracked WHERE schema_name = 'app';
INSERT INTO app.ir_later VALUES (1);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO app.ir_parent VALUES (1);
\echo :LAST_ERROR_SQLSTATE
-- made and filled by a deployment, then gone with it
:begin
CREATE TABLE app.ir_new (id int PRIMARY KEY);
INSERT INTO app.ir_new VALUES (1);
INSERT INTO app.ir_later VALUES (1);
INSERT INTO app.ir_parent VALUES (1);
:finish
SELECT table_name, state FROM yesterday.tracked WHERE table_name = 'ir_new';
:roll_back
SELECT table_name, state FROM yesterday.tracked WHERE table_name = 'ir_new';
SELECT yesterday.untrack('app.ir_later');
SELECT yesterday.untrack('app.ir_parent');
ALTER TABLE app.ir_later ADD v text;
INSERT INTO app.ir_later VALUES (1);
SELECT table_name FROM yesterday.tracked WHERE schema_name = 'app';
SELECT yesterday.untrack_like('app', 'ir\_%');
SELECT table_name FROM yesterday.tracked WHERE schema_name = 'app';
CREATE TABLE app.ir_after (id int);
SELECT count(*) FROM yesterday.tracked WHERE schema_name = 'app';
SELECT count(*) FROM pg_trigger t WHERE tgname LIKE 'yesterday%' AND tgrelid::regclass::text LIKE 'app.%';

-- capture that was tampered with
SELECT yesterday.track('app.business');
ALTER TABLE app.business DISABLE TRIGGER yesterday_update;
SELECT table_name, state FROM yesterday.tracked WHERE schema_name = 'app';
SELECT yesterday.begin_deployment('x');
\echo :LAST_ERROR_SQLSTATE
DROP TRIGGER yesterday_update ON app.business;
SELECT table_name, state FROM yesterday.tracked WHERE schema_name = 'app';
SELECT yesterday.begin_deployment('x');
\echo :LAST_ERROR_SQLSTATE
SELECT yesterday.track('app.business');
-- for a moment only, within the deployment
BEGIN;
SELECT yesterday.begin_deployment('x');
ALTER TABLE app.business DISABLE TRIGGER yesterday_insert;
INSERT INTO app.business VALUES (1);
ALTER TABLE app.business ENABLE ALWAYS TRIGGER yesterday_insert;
SELECT * FROM yesterday.finish_deployment();
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
