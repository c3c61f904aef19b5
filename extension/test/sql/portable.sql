-- Portable digests: equal where two targets are aligned though ids, times and order differ; other ones where they are not.
\getenv inputdir PG_ABS_SRCDIR
\set target :inputdir '/include/target.sql'
\set ECHO none
\i :target
CREATE SCHEMA ui;
CREATE TABLE ui.category (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, code text NOT NULL UNIQUE, parent_id bigint REFERENCES ui.category);
CREATE TABLE ui.screen (id serial PRIMARY KEY, name text NOT NULL, category_id bigint NOT NULL REFERENCES ui.category, body jsonb, changed_at timestamptz NOT NULL DEFAULT now(), UNIQUE (category_id, name));
CREATE TABLE ui.field (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), screen_id int NOT NULL REFERENCES ui.screen, pos int NOT NULL, label text, width numeric(10,2));
CREATE TABLE ui.note (screen_id int REFERENCES ui.screen, said text);
CREATE TABLE ui.tree (id serial PRIMARY KEY, up int REFERENCES ui.tree, name text NOT NULL);
CREATE TABLE ui.part (code text, region text NOT NULL, screen_id int REFERENCES ui.screen, PRIMARY KEY (code, region)) PARTITION BY LIST (region);
CREATE TABLE ui.part_a PARTITION OF ui.part FOR VALUES IN ('a');
CREATE TABLE ui.part_b PARTITION OF ui.part FOR VALUES IN ('b');
INSERT INTO ui.category (code) VALUES ('stock'), ('finance');
INSERT INTO ui.category (code, parent_id) SELECT 'ledger', id FROM ui.category WHERE code = 'finance';
INSERT INTO ui.screen (name, category_id, body) SELECT s.name, c.id, s.body FROM (VALUES ('orders', 'stock', '{"a": 1, "b": 2}'::jsonb), ('totals', 'ledger', NULL), ('orders', 'finance', '{}')) s (name, code, body) JOIN ui.category c USING (code) ORDER BY c.code;
INSERT INTO ui.field (screen_id, pos, label, width) SELECT s.id, p, 'field ' || p, p FROM ui.screen s, generate_series(1, 3) p;
INSERT INTO ui.note SELECT id, 'twice' FROM ui.screen s, generate_series(1, 2) WHERE name = 'totals';
INSERT INTO ui.tree (name) VALUES ('root');
INSERT INTO ui.tree (up, name) SELECT id, 'leaf' FROM ui.tree;
INSERT INTO ui.tree (up, name) SELECT id, 'leaf' FROM ui.tree WHERE name = 'leaf';
INSERT INTO ui.part SELECT 'x', r, s.id FROM ui.screen s, unnest('{a,b}'::text[]) r WHERE s.name = 'totals';
\set track 'SELECT count(yesterday.track(t, natural_key => k, local_columns => l, layer => y)) FROM (VALUES (''ui.category''::regclass, NULL::name[], NULL::name[], ''platform''), (''ui.screen'', NULL, ''{changed_at}'', ''platform''), (''ui.field'', ''{screen_id,pos}'', NULL, ''apps''), (''ui.note'', NULL, NULL, ''partner''), (''ui.tree'', ''{up,name}'', NULL, ''apps''), (''ui.part'', NULL, NULL, ''apps'')) v (t, k, l, y)'
:track;
SELECT layer, table_name, kind, rows, digest IS NOT NULL AS told, detail FROM yesterday.portable_digest();
SELECT DISTINCT layer FROM yesterday.portable_digest('{apps,partner}');
SELECT table_name, column_name, declared, reason FROM yesterday.local_columns();
SELECT jsonb_object_agg(table_name || ' ' || kind, digest) AS mine FROM yesterday.portable_digest() \gset
SELECT jsonb_object_agg(key_digest, row_digest) AS my_screens FROM yesterday.portable_rows('ui.screen') \gset
SELECT row_key FROM yesterday.portable_rows('ui.field') ORDER BY row_key::text LIMIT 3;
SELECT row_key FROM yesterday.portable_rows('ui.tree') ORDER BY row_key::text;
SELECT count(*), count(DISTINCT key_digest), count(DISTINCT row_digest) FROM yesterday.portable_rows('ui.note');
SELECT oracle.refusal($$SELECT yesterday.portable_rows('pg_catalog.pg_class')$$);
SELECT yesterday.state_digest() = yesterday.state_digest() AS same;
-- nothing of it stays
RESET SESSION AUTHORIZATION;
SELECT count(*) FROM yesterday.schema_object;
-- a peer: the same metadata, made in another order, with other ids and times, columns in another order, other roles
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
SET client_min_messages = notice;
SET TimeZone = 'Asia/Tokyo';
SET DateStyle = 'SQL, DMY';
\set ECHO all
CREATE SCHEMA ui;
CREATE TABLE ui.category (code text NOT NULL, id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, gone int, parent_id bigint REFERENCES ui.category, UNIQUE (code));
ALTER TABLE ui.category DROP COLUMN gone;
CREATE TABLE ui.screen (changed_at timestamptz NOT NULL DEFAULT now(), id serial PRIMARY KEY, name text NOT NULL, category_id bigint NOT NULL REFERENCES ui.category, body jsonb, UNIQUE (category_id, name));
CREATE TABLE ui.field (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), screen_id int NOT NULL REFERENCES ui.screen, pos int NOT NULL, label text, width numeric(10,2));
CREATE TABLE ui.note (screen_id int REFERENCES ui.screen, said text);
CREATE TABLE ui.tree (id serial PRIMARY KEY, up int REFERENCES ui.tree, name text NOT NULL);
CREATE TABLE ui.part (code text, region text NOT NULL, screen_id int REFERENCES ui.screen, PRIMARY KEY (code, region)) PARTITION BY LIST (region);
CREATE TABLE ui.part_b PARTITION OF ui.part FOR VALUES IN ('b');
CREATE TABLE ui.part_a PARTITION OF ui.part FOR VALUES IN ('a');
GRANT SELECT ON ui.screen TO PUBLIC;
INSERT INTO ui.category (code) SELECT 'dropped ' || n FROM generate_series(1, 100) n;
DELETE FROM ui.category;
INSERT INTO ui.category (code) VALUES ('finance'), ('stock');
INSERT INTO ui.category (code, parent_id) SELECT 'ledger', id FROM ui.category WHERE code = 'finance';
INSERT INTO ui.screen (name, category_id, body) SELECT s.name, c.id, s.body FROM (VALUES ('orders', 'finance', '{}'::jsonb), ('orders', 'stock', '{"b": 2, "a": 1}'), ('totals', 'ledger', NULL)) s (name, code, body) JOIN ui.category c USING (code) ORDER BY c.code DESC;
INSERT INTO ui.field (screen_id, pos, label, width) SELECT s.id, p, 'field ' || p, p FROM ui.screen s, generate_series(3, 1, -1) p;
INSERT INTO ui.note SELECT id, 'twice' FROM ui.screen s, generate_series(1, 2) WHERE name = 'totals';
ALTER SEQUENCE ui.tree_id_seq RESTART 50;
INSERT INTO ui.tree (name) VALUES ('root');
INSERT INTO ui.tree (up, name) SELECT id, 'leaf' FROM ui.tree;
INSERT INTO ui.tree (up, name) SELECT id, 'leaf' FROM ui.tree WHERE name = 'leaf';
INSERT INTO ui.part SELECT 'x', r, s.id FROM ui.screen s, unnest('{b,a}'::text[]) r WHERE s.name = 'totals';
:track;
\set differing 'SELECT table_name, kind FROM yesterday.portable_digest() WHERE digest IS DISTINCT FROM :''mine''::jsonb->>(table_name || '' '' || kind)'
:differing;
SELECT count(*), count(*) FILTER (WHERE row_digest = :'my_screens'::jsonb->>key_digest) AS same FROM yesterday.portable_rows('ui.screen');
-- what is local may change; what counts is found, also through references and their references
BEGIN; UPDATE ui.screen SET changed_at = changed_at - interval '1 day'; :differing; ROLLBACK;
BEGIN; UPDATE ui.category SET code = 'stocks' WHERE code = 'stock'; :differing; ROLLBACK;
BEGIN; UPDATE ui.screen SET body = '{"a": 1, "b": 3}' WHERE body ? 'b'; :differing;
SELECT key_digest = k.key AS same_row FROM yesterday.portable_rows('ui.screen') r, jsonb_each_text(:'my_screens') k WHERE k.key = r.key_digest AND k.value <> r.row_digest;
ROLLBACK;
BEGIN; UPDATE ui.screen SET body = '{}' WHERE body IS NULL; :differing; ROLLBACK;
BEGIN; DELETE FROM ui.note WHERE ctid = (SELECT min(ctid) FROM ui.note); :differing; ROLLBACK;
BEGIN; UPDATE ui.field SET screen_id = (SELECT max(id) FROM ui.screen), pos = 9 WHERE pos = 3 AND screen_id = (SELECT min(id) FROM ui.screen); :differing; ROLLBACK;
BEGIN; UPDATE ui.tree SET name = 'trunk' WHERE up IS NULL; :differing; ROLLBACK;
BEGIN; UPDATE ui.part SET region = 'b', code = 'y' WHERE region = 'a'; :differing; ROLLBACK;
-- structure: of the table and of its parts
BEGIN; CREATE INDEX field_label ON ui.field (label); :differing; ROLLBACK;
BEGIN; ALTER TABLE ui.field ALTER width TYPE numeric(12,2); :differing; ROLLBACK;
BEGIN; ALTER TABLE ui.field ADD CHECK (pos > 0); :differing; ROLLBACK;
BEGIN; ALTER TABLE ui.field ALTER label SET DEFAULT 'x'; :differing; ROLLBACK;

RESET SESSION AUTHORIZATION;
BEGIN; ALTER TABLE ui.field OWNER TO regress_stranger; REVOKE SELECT ON ui.screen FROM PUBLIC; :differing; ROLLBACK;
SET SESSION AUTHORIZATION regress_author;
-- keys that go in a circle: the same wherever one begins
CREATE TABLE ui.ring (id int PRIMARY KEY, next_id int NOT NULL, name text);
INSERT INTO ui.ring VALUES (1, 2, 'a'), (2, 3, 'b'), (3, 1, 'c');
ALTER TABLE ui.ring ADD FOREIGN KEY (next_id) REFERENCES ui.ring;
SELECT yesterday.track('ui.ring', natural_key => '{next_id,name}', local_columns => '{id}');
SELECT string_agg(key_digest, ',' ORDER BY key_digest) AS before FROM yesterday.portable_rows('ui.ring') \gset
BEGIN; ALTER TABLE ui.ring DROP CONSTRAINT ring_next_id_fkey; DELETE FROM ui.ring; INSERT INTO ui.ring VALUES (30, 10, 'c'), (20, 30, 'b'), (10, 20, 'a'); ALTER TABLE ui.ring ADD FOREIGN KEY (next_id) REFERENCES ui.ring;
SELECT string_agg(key_digest, ',' ORDER BY key_digest) = :'before' AS same FROM yesterday.portable_rows('ui.ring'); ROLLBACK;
-- what cannot be told: said
CREATE TABLE ui.person (id serial PRIMARY KEY, secret text);
INSERT INTO ui.person (secret) VALUES ('one'), ('two');
CREATE TABLE ui.author (name text PRIMARY KEY, person_id int REFERENCES ui.person);
INSERT INTO ui.author VALUES ('x', 1), ('y', NULL);
SELECT yesterday.track('ui.author');
SELECT digest AS one FROM yesterday.portable_digest() WHERE table_name = 'author' AND kind = 'rows' \gset
SELECT table_name, kind, detail FROM yesterday.portable_digest() WHERE table_name = 'author';
UPDATE ui.author SET person_id = 2 WHERE name = 'x';
SELECT digest = :'one' AS same FROM yesterday.portable_digest() WHERE table_name = 'author' AND kind = 'rows';
UPDATE ui.author SET person_id = 2;
SELECT digest = :'one' AS same FROM yesterday.portable_digest() WHERE table_name = 'author' AND kind = 'rows';
-- foreign keys between types that are not the same, and to a partitioned table
CREATE TABLE ui.wide (id numeric PRIMARY KEY, code varchar(10) NOT NULL UNIQUE);
CREATE TABLE ui.thin (name text PRIMARY KEY, wide_id int REFERENCES ui.wide, part_code text, part_region text, FOREIGN KEY (part_region, part_code) REFERENCES ui.part (region, code));
INSERT INTO ui.wide VALUES (1.00, 'eins'), (2, 'zwei');
INSERT INTO ui.thin VALUES ('t', 1, 'x', 'b'), ('u', 2, NULL, 'b');
SELECT count(yesterday.track(t, natural_key => k)) FROM (VALUES ('ui.wide'::regclass, '{code}'::name[]), ('ui.thin', NULL)) v (t, k);
SELECT row_key FROM yesterday.portable_rows('ui.thin') ORDER BY 1;
SELECT table_name, rows FROM yesterday.portable_digest() WHERE table_name IN ('wide', 'thin') AND kind = 'rows';
-- who may not read the table sees digests and no key
RESET SESSION AUTHORIZATION;
GRANT yesterday_deployer TO regress_stranger;
GRANT USAGE ON SCHEMA ui TO regress_stranger;
REVOKE SELECT ON ui.screen FROM PUBLIC;
SET SESSION AUTHORIZATION regress_stranger;
SELECT count(*), count(row_key) FROM yesterday.portable_rows('ui.screen');
SELECT count(*) FROM yesterday.portable_digest();
RESET SESSION AUTHORIZATION;
GRANT SELECT ON ui.field TO regress_stranger;
SET SESSION AUTHORIZATION regress_stranger;
SELECT row_key FROM yesterday.portable_rows('ui.field') ORDER BY row_key::text LIMIT 1;
RESET SESSION AUTHORIZATION;
REVOKE yesterday_deployer FROM regress_stranger;
SET SESSION AUTHORIZATION regress_stranger;
SELECT count(*) FROM yesterday.portable_digest();
\echo :LAST_ERROR_SQLSTATE
SELECT yesterday.inverse_document(1);
\echo :LAST_ERROR_SQLSTATE
RESET SESSION AUTHORIZATION;
\c regress_target
DROP DATABASE regress_peer WITH (FORCE);
