-- The inverse of a deployment as a bundle: its files line by line, who may see them, and when there is none.
\getenv inputdir PG_ABS_SRCDIR
\set target :inputdir '/include/target.sql'
\set ECHO none
\i :target
CREATE TABLE screen (id int PRIMARY KEY, title text NOT NULL, width int GENERATED ALWAYS AS (length(title)) STORED, old text DEFAULT 'x');
CREATE TABLE "No key" (v text, n int);
CREATE TABLE gone (id int UNIQUE, note text);
CREATE TABLE emptied (v text);                  -- business
INSERT INTO screen VALUES (1, 'one'), (2, 'two'), (3, 'three');
INSERT INTO "No key" VALUES ('a', 1), ('a', 1), ('b', 2);
INSERT INTO gone VALUES (7, 'seven; a "quoted" one');
INSERT INTO emptied VALUES ('x');
SELECT count(yesterday.track(t)) FROM unnest(ARRAY['screen'::regclass, '"No key"']) t;
\set bundle 'SELECT * FROM yesterday.inverse_bundle('
SELECT oracle.refusal($$SELECT * FROM yesterday.inverse_bundle('nothing')$$);
-- rows alone
BEGIN;
SELECT yesterday.begin_deployment('rows', artifacts => '[{"name": "api", "type": "oci", "reference": "registry.test/api:2", "digest": "sha256:2222222222222222222222222222222222222222222222222222222222222222"}]');
UPDATE screen SET title = 'zwei' WHERE id = 2;
DELETE FROM screen WHERE id = 3;
INSERT INTO screen VALUES (4, 'four');
DELETE FROM "No key" WHERE v = 'a';
INSERT INTO "No key" VALUES ('c', 3);
SELECT outcome FROM yesterday.finish_deployment() LIMIT 1;
COMMIT;
SELECT count(yesterday.confirm_artifacts(1, 'test'));
:bundle 'rows') ORDER BY path, line;
SELECT has_function_privilege('regress_stranger', 'yesterday.inverse_bundle(text)', 'EXECUTE') AS stranger;
-- a viewer who may not see the rows gets no part of it
RESET SESSION AUTHORIZATION; GRANT yesterday_viewer TO regress_stranger;
SET SESSION AUTHORIZATION regress_stranger;
SELECT oracle.refusal($$SELECT * FROM yesterday.inverse_bundle('rows')$$);
SET SESSION AUTHORIZATION regress_author;
GRANT SELECT ON screen, "No key" TO regress_stranger;
SET SESSION AUTHORIZATION regress_stranger;
SELECT count(*) > 10 AS whole FROM yesterday.inverse_bundle('rows');
SET SESSION AUTHORIZATION regress_author;
-- with DDL: what was destroyed goes with it, each command as the owner of its object
BEGIN;
SELECT yesterday.begin_deployment('a name of two' || E'\n' || 'lines');
DROP TABLE gone;
ALTER TABLE screen DROP COLUMN old, ADD COLUMN fresh int;
CREATE INDEX screen_title ON screen (title);
UPDATE screen SET title = 'eins' WHERE id = 1;
SELECT outcome FROM yesterday.finish_deployment() LIMIT 1;
COMMIT;
:bundle '2') ORDER BY path, line;
SET SESSION AUTHORIZATION regress_stranger;
SELECT oracle.refusal($$SELECT * FROM yesterday.inverse_bundle('2')$$);
SET SESSION AUTHORIZATION regress_author;
-- there is none of what emptied a business table, of nothing, of what was rolled back
BEGIN; SELECT yesterday.begin_deployment('emptied'); TRUNCATE emptied; SELECT outcome FROM yesterday.finish_deployment() LIMIT 1; COMMIT;
SELECT oracle.refusal($$SELECT * FROM yesterday.inverse_bundle('emptied')$$);
BEGIN; SELECT yesterday.begin_deployment('nothing'); SELECT outcome FROM yesterday.finish_deployment() LIMIT 1; COMMIT;
SELECT oracle.refusal($$SELECT * FROM yesterday.inverse_bundle('nothing')$$);
SELECT outcome FROM rollback_last('nothing') LIMIT 1;
SELECT oracle.refusal($$SELECT * FROM yesterday.inverse_bundle('nothing')$$);
SELECT oracle.refusal($$SELECT * FROM yesterday._saved_rows(2, 'no_such_copy')$$);
-- as a script of DDL
SELECT * FROM yesterday.inverse_ddl('2') ORDER BY step;
RESET SESSION AUTHORIZATION;
REVOKE yesterday_viewer FROM regress_stranger;
