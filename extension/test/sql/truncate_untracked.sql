-- TRUNCATE of tables that are not tracked: their rows are saved, and come back beside what business
-- has written since.
\getenv inputdir PG_ABS_SRCDIR
\set target :inputdir '/include/target.sql'
\set ECHO none
\i :target
CREATE TYPE mood AS ENUM ('sad', 'glad');
CREATE TABLE metadata (id int PRIMARY KEY);
INSERT INTO metadata VALUES (1), (2);
CREATE TABLE "Bus iness" (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, m int REFERENCES metadata, how mood DEFAULT 'sad',
    gone int, how_text text UNIQUE, twice text GENERATED ALWAYS AS (how_text) STORED);
ALTER TABLE "Bus iness" DROP COLUMN gone;
INSERT INTO "Bus iness" (m, how_text) SELECT 1 + n % 2, 'row ' || n FROM generate_series(1, 9) n;
CREATE TABLE detail (id int PRIMARY KEY, b int REFERENCES "Bus iness" ON DELETE CASCADE);
INSERT INTO detail SELECT n, n FROM generate_series(1, 5) n;
CREATE TABLE no_key (a text, b numeric);
INSERT INTO no_key VALUES ('x', 1.10), ('x', 1.10), ('y', NULL), (NULL, NULL);
CREATE TABLE parted (id int, t text) PARTITION BY RANGE (id);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (0) TO (10);
CREATE TABLE parted_2 PARTITION OF parted DEFAULT;
INSERT INTO parted SELECT n, (SELECT string_agg(md5(i::text), '') FROM generate_series(n, n + 300) i) FROM generate_series(8, 12) n;
CREATE TABLE secret (id int PRIMARY KEY);
INSERT INTO secret VALUES (1);
ALTER TABLE secret ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE TABLE no_columns ();
INSERT INTO no_columns DEFAULT VALUES;
INSERT INTO no_columns DEFAULT VALUES;
CREATE TABLE empty (id int);
SELECT yesterday.track('metadata');
-- outside deployments it is nobody's affair
BEGIN;
TRUNCATE "Bus iness" CASCADE;
ROLLBACK;
-- everything at once, and what a savepoint undid
:begin
SAVEPOINT s;
TRUNCATE no_key;
ROLLBACK TO s;
TRUNCATE metadata, empty RESTART IDENTITY CASCADE;
TRUNCATE parted, secret, no_columns;
TRUNCATE no_key;
TRUNCATE no_key;
CREATE TEMP TABLE mine AS SELECT 1;
TRUNCATE mine;
CREATE TABLE created AS SELECT 1 AS one;
TRUNCATE created;
:finish
SELECT subject, outcome, rows FROM rollback_preview() ORDER BY 1, 2;
:roll_back
INSERT INTO "Bus iness" (m, how_text) VALUES (1, 'next') RETURNING id;
DELETE FROM "Bus iness" WHERE how_text = 'next';
-- emptied and filled anew: what the deployment wrote goes, what business wrote stays
:begin
TRUNCATE "Bus iness", detail;
INSERT INTO metadata VALUES (3);
INSERT INTO "Bus iness" (id, m, how_text) OVERRIDING SYSTEM VALUE VALUES (1, 3, 'new 1'), (100, 3, 'new 100'), (101, 3, 'row 8'), (102, 1, 'new 102');
INSERT INTO no_key VALUES ('not emptied: stays', 1);
TRUNCATE no_key;
INSERT INTO no_key VALUES ('x', 1.10), ('new', 1);
SELECT subject, outcome, rows FROM yesterday.finish_deployment();
COMMIT;
INSERT INTO "Bus iness" (id, m, how_text) OVERRIDING SYSTEM VALUE VALUES (2, 1, 'business has key 2'), (103, 2, 'row 3'), (104, 1, 'business');
UPDATE "Bus iness" SET how = 'glad' WHERE id = 100;
INSERT INTO detail VALUES (1, 102), (6, 104);
INSERT INTO no_key VALUES ('x', 1.10), ('business', 1);
SELECT subject, outcome, rows, detail FROM rollback_preview() OFFSET 1;
SELECT subject, outcome, rows, detail FROM rollback_last() OFFSET 1;
SELECT * FROM "Bus iness" ORDER BY id;
SELECT * FROM detail ORDER BY id;
SELECT * FROM no_key ORDER BY a, b;
SELECT * FROM metadata;
SELECT kind, row_key, row_data, detail FROM yesterday.attic ORDER BY id;
CALL oracle.clear();
-- before and after DDL of the same deployment
:begin
ALTER TABLE no_key RENAME TO renamed;
ALTER TABLE renamed RENAME COLUMN a TO "new name";
ALTER TABLE renamed ADD COLUMN c int DEFAULT 7;
TRUNCATE renamed;
INSERT INTO renamed VALUES ('by the deployment', 1, 2);
ALTER TABLE renamed DROP COLUMN b;
INSERT INTO renamed VALUES ('by the deployment', 3);
TRUNCATE "Bus iness" CASCADE;
ALTER TABLE "Bus iness" DROP COLUMN how_text CASCADE, ALTER COLUMN how TYPE text USING how || 'x';
INSERT INTO "Bus iness" (how) VALUES ('glad');
TRUNCATE parted;
INSERT INTO parted VALUES (1, 'new');
DROP TABLE parted;
TRUNCATE secret;
DROP TABLE secret;
CREATE TABLE secret AS SELECT 'another' AS one;
SELECT subject, outcome, rows FROM yesterday.finish_deployment() WHERE rows IS NOT NULL;
COMMIT;
SELECT oracle.changes() > 0 AS changed;
SELECT subject, outcome, rows FROM rollback_last() WHERE rows IS NOT NULL;
SELECT * FROM oracle.difference();
CALL oracle.clear();
-- what columns had that went before
:begin
ALTER TABLE no_key DROP COLUMN b;
TRUNCATE no_key;
INSERT INTO no_key VALUES ('x');
SELECT subject, outcome, rows FROM yesterday.finish_deployment() WHERE rows IS NOT NULL;
COMMIT;
SELECT subject, outcome, rows FROM rollback_last() WHERE rows IS NOT NULL;
SELECT * FROM oracle.difference();
CALL oracle.clear();
-- a later deployment writes the table anew: what the earlier one left is known by its values
:begin
TRUNCATE "Bus iness" CASCADE;
INSERT INTO "Bus iness" (id, m, how_text) OVERRIDING SYSTEM VALUE VALUES (1, 1, 'reloaded'), (50, 2, 'loaded');
SELECT outcome FROM yesterday.finish_deployment() LIMIT 1;
COMMIT;
BEGIN;
SELECT yesterday.begin_deployment('later') > 0 AS begun;
ALTER TABLE "Bus iness" ADD COLUMN new int, ALTER COLUMN m TYPE bigint;
SELECT outcome FROM yesterday.finish_deployment() LIMIT 1;
COMMIT;
INSERT INTO "Bus iness" (m, how_text) VALUES (1, 'more business') RETURNING id;
SELECT outcome FROM rollback_last() LIMIT 1;
SELECT subject, outcome, rows FROM rollback_last((SELECT max(id)::text FROM yesterday.history WHERE status = 'finished'));
SELECT * FROM oracle.difference();
CALL oracle.clear();
DELETE FROM "Bus iness" WHERE how_text = 'more business' RETURNING id;
-- too much
BEGIN;
SELECT yesterday.begin_deployment('large') > 0 AS begun;
SET LOCAL yesterday.max_saved_bytes = '10kB';
SELECT oracle.refusal('TRUNCATE parted');
ROLLBACK;
-- after finish_deployment()
BEGIN;
SELECT yesterday.begin_deployment('late') > 0 AS begun;
INSERT INTO metadata VALUES (7);
SELECT outcome FROM yesterday.finish_deployment() LIMIT 1;
SELECT oracle.refusal('TRUNCATE no_key');
ROLLBACK;
-- a table whose rows no heap keeps
\c - postgres
CREATE ACCESS METHOD other TYPE TABLE HANDLER heap_tableam_handler;
CREATE TABLE elsewhere (id int) USING other;
INSERT INTO elsewhere VALUES (1);
BEGIN;
SELECT yesterday.begin_deployment('elsewhere') > 0 AS begun;
SELECT oracle.refusal('TRUNCATE elsewhere');
ROLLBACK;
BEGIN;
SELECT yesterday.begin_deployment('elsewhere', accept_irreversible => true) > 0 AS begun;
TRUNCATE elsewhere;
SELECT subject, outcome, detail FROM yesterday.finish_deployment() OFFSET 1;
COMMIT;
SELECT proof FROM yesterday.history WHERE name = 'elsewhere';
SELECT subject, outcome FROM rollback_preview() OFFSET 1;
SELECT subject, outcome FROM rollback_last() OFFSET 1;
-- a role that may not: it waits for nobody, and the command itself complains
SELECT yesterday.clear_freeze('test');
GRANT yesterday_deployer TO regress_stranger;
\c - regress_stranger
BEGIN;
SELECT yesterday.begin_deployment('stranger') > 0 AS begun;
TRUNCATE no_key;
ROLLBACK;
\c - postgres
REVOKE yesterday_deployer FROM regress_stranger;
