-- The inverse of a deployment as a bundle, and of record: one source for both; who may have it; what has none.
\getenv inputdir PG_ABS_SRCDIR
\set target :inputdir '/include/target.sql'
\set ECHO none
\i :target
CREATE SCHEMA "My App";
SET search_path = "My App", public;
CREATE TYPE mood AS ENUM ('good', 'ba d');
CREATE TABLE rule (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "Co""de" text UNIQUE, m mood, n numeric(10, 2), twice numeric GENERATED ALWAYS AS (n * 2) STORED, old text, doc json);
INSERT INTO rule ("Co""de", m, n, old, doc) SELECT 'r' || i, 'ba d', i, E'tab\t back\\slash "' || i, '{ "a" : 1,  "a":2}' FROM generate_series(1, 3) i;
CREATE TABLE slot (place int PRIMARY KEY, who text UNIQUE);
INSERT INTO slot VALUES (1, 'a'), (2, 'b'), (3, NULL);
CREATE TABLE loose (a int, b text);
INSERT INTO loose VALUES (1, 'x'), (1, 'x'), (2, NULL);
CREATE TABLE still (id int PRIMARY KEY);
CREATE TABLE public.business (id int PRIMARY KEY, note text);
INSERT INTO public.business VALUES (1, E'two\nlines'), (2, NULL);
SELECT yesterday.track_like('My App', '%');
\pset format unaligned
\set deploy 'UPDATE "My App".rule SET n = n + 1 WHERE id = 1; INSERT INTO "My App".rule ("Co""de", m) VALUES (''new'', ''good''); DELETE FROM "My App".rule WHERE id = 3; UPDATE "My App".slot SET who = ''-'' WHERE place = 1; UPDATE "My App".slot SET who = ''a'' WHERE place = 2; UPDATE "My App".slot SET who = ''b'' WHERE place = 1; DELETE FROM "My App".loose WHERE ctid = (SELECT min(ctid) FROM "My App".loose); INSERT INTO "My App".loose VALUES (7, ''new''), (7, ''new''); ALTER TABLE "My App".rule DROP COLUMN old; ALTER TABLE public.business DROP COLUMN note; CREATE TABLE "My App".fresh (id int PRIMARY KEY);'
SELECT yesterday.enroll('11111111-1111-1111-1111-111111111111', 'g', 'p1');
SELECT oracle.refusal($$SELECT yesterday.inverse_bundle('none')$$);
BEGIN; SELECT yesterday.begin_deployment('one'); :deploy SELECT outcome FROM yesterday.finish_deployment() LIMIT 1;
SELECT exact AS mine FROM yesterday.displaced_digest() \gset
COMMIT;
-- the bundle: what DDL destroyed, structure, rows away by key, rows back, constraints, and bundle.yaml
-- (servers from 18 on have names for NOT NULL)
SELECT path || ': ' || regexp_replace(regexp_replace(content, ' CONSTRAINT \w+ NOT NULL(?= GENERATED)', ''), 'ADD CONSTRAINT \w+ NOT NULL id|ALTER COLUMN id SET NOT NULL', '<id NOT NULL>') AS "path: content" FROM yesterday.inverse_bundle('one') ORDER BY path = 'bundle.yaml', path, line;
-- the document of record has the same lines, but those that tell of this database or of today; it is what the digest says
CREATE TEMP TABLE document (line text);
INSERT INTO document SELECT regexp_split_to_table(rtrim(yesterday.inverse_document(1), E'\n'), E'\n');
SELECT encode(sha256(convert_to(yesterday.inverse_document(1), 'UTF8')), 'hex') = :'mine' AS of_record;
\set lines 'SELECT path || E''\\t'' || replace(replace(replace(content, E''\\\\'', E''\\\\\\\\''), E''\\t'', E''\\\\t''), E''\\n'', E''\\\\n'') AS line FROM yesterday.inverse_bundle(''one'')'
SELECT 'bundle only' AS found_in, line FROM (:lines EXCEPT ALL SELECT line FROM document) b UNION ALL
SELECT 'document only', line FROM (SELECT line FROM document EXCEPT ALL (:lines)) d;
-- rows in another order, other numbers of copies, a later deployment: the document is the same to the byte
RESET SESSION AUTHORIZATION;
\set ECHO none
SET client_min_messages = warning;
DROP DATABASE IF EXISTS regress_peer WITH (FORCE);
CREATE DATABASE regress_peer TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C';
GRANT CREATE ON DATABASE regress_peer TO regress_author;
\c regress_peer
SET client_min_messages = warning;
CREATE EXTENSION yesterday;
GRANT ALL ON SCHEMA public TO regress_author;
SET SESSION AUTHORIZATION regress_author;
\set ECHO all
CREATE TABLE a (id int PRIMARY KEY, old text);
INSERT INTO a VALUES (1, 'x');
SELECT yesterday.track('a');
BEGIN; SELECT yesterday.begin_deployment('before'); ALTER TABLE a DROP COLUMN old; SELECT outcome FROM yesterday.finish_deployment() LIMIT 1; COMMIT;
CREATE SCHEMA "My App";
SET search_path = "My App", public;
CREATE TYPE mood AS ENUM ('good', 'ba d');
CREATE TABLE loose (a int, b text);
INSERT INTO loose VALUES (1, 'x'), (2, NULL), (1, 'x');
CREATE TABLE slot (place int PRIMARY KEY, who text UNIQUE);
INSERT INTO slot VALUES (3, NULL), (2, 'b'), (1, 'a');
CREATE TABLE rule (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "Co""de" text UNIQUE, m mood, n numeric(10, 2), twice numeric GENERATED ALWAYS AS (n * 2) STORED, old text, doc json);
INSERT INTO rule (id, "Co""de", m, n, old, doc) OVERRIDING SYSTEM VALUE SELECT i, 'r' || i, 'ba d', i, E'tab\t back\\slash "' || i, '{ "a" : 1,  "a":2}' FROM generate_series(3, 1, -1) i;
ALTER TABLE rule ALTER id RESTART 4;
CREATE TABLE public.business (id int PRIMARY KEY, note text);
INSERT INTO public.business VALUES (2, NULL), (1, E'two\nlines');
SELECT yesterday.track_like('My App', '%');
SELECT yesterday.enroll('11111111-1111-1111-1111-111111111111', 'g', 'p2');
\set differs 'BEGIN; SELECT yesterday.begin_deployment(''one''); :deploy SELECT outcome FROM yesterday.finish_deployment() LIMIT 1; SELECT exact = :''mine'' AS equal FROM yesterday.displaced_digest(); ROLLBACK'
:differs;
-- another value in what DDL destroyed, and it is another one
UPDATE public.business SET note = 'other' WHERE id = 2;
:differs;
RESET SESSION AUTHORIZATION;
\c regress_target
DROP DATABASE regress_peer WITH (FORCE);
-- who may not see all of the rows gets none of them
GRANT yesterday_deployer TO regress_stranger;
GRANT USAGE ON SCHEMA "My App" TO regress_stranger;
GRANT SELECT ON "My App".loose, "My App".slot, "My App".rule TO regress_stranger;
SET SESSION AUTHORIZATION regress_stranger;
SELECT oracle.refusal($$SELECT count(*) FROM yesterday.inverse_bundle('one')$$);
SELECT oracle.refusal($$SELECT length(yesterday.inverse_document(1))$$);
SELECT oracle.refusal($$SELECT yesterday._copied_rows('x')$$);
RESET SESSION AUTHORIZATION;
GRANT SELECT ON public.business TO regress_stranger;
SET SESSION AUTHORIZATION regress_stranger;
SELECT count(*) > 0 AS all_of_it FROM yesterday.inverse_bundle('one');
SELECT md5(yesterday.inverse_document(1)) = md5(string_agg(line || E'\n', '' ORDER BY n)) AS same FROM (SELECT line, row_number() OVER () AS n FROM regexp_split_to_table(rtrim(yesterday.inverse_document(1), E'\n'), E'\n') line) l;
RESET SESSION AUTHORIZATION;
REVOKE SELECT ON "My App".slot FROM regress_stranger;
SET SESSION AUTHORIZATION regress_stranger;
SELECT oracle.refusal($$SELECT count(*) FROM yesterday.inverse_bundle('one')$$);
SELECT oracle.refusal($$SELECT length(yesterday.inverse_document(1))$$);
RESET SESSION AUTHORIZATION;
REVOKE yesterday_deployer FROM regress_stranger;
SET SESSION AUTHORIZATION regress_author;
-- what has none: nothing changed, an untracked table emptied, open, rolled back
BEGIN; SELECT yesterday.begin_deployment('nothing'); SELECT outcome FROM yesterday.finish_deployment() LIMIT 1; COMMIT;
SELECT oracle.refusal($$SELECT yesterday.inverse_bundle('nothing')$$);
BEGIN; SELECT yesterday.begin_deployment('emptied'); TRUNCATE public.business; SELECT outcome FROM yesterday.finish_deployment() LIMIT 1; COMMIT;
SELECT oracle.refusal($$SELECT yesterday.inverse_bundle('emptied')$$);
SELECT yesterday.begin_deployment('open', scope => 'open') AS id \gset
SELECT oracle.refusal($$SELECT yesterday.inverse_bundle('open')$$);
SELECT outcome FROM yesterday.abandon_deployment(:id) LIMIT 1;
SELECT outcome FROM rollback_last() LIMIT 1;
SELECT oracle.refusal($$SELECT yesterday.inverse_bundle('emptied')$$);
SELECT oracle.refusal($$SELECT yesterday.inverse_document(999)$$);
