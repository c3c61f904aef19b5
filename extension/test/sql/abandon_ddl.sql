-- A deployment in open scope that failed half-way, with DDL of every ordinary kind: abandoned, all is
-- as before. With DDL that has no inverse: finish and abandon refuse and say what to do; an admin
-- can keep it instead. Nothing is left open for ever.
\getenv inputdir PG_ABS_SRCDIR
\set target :inputdir '/include/target.sql'
\set ECHO none
\i :target
CREATE TYPE mood AS ENUM ('sad');
CREATE TABLE t (id int PRIMARY KEY, a text, n int NOT NULL DEFAULT 1, m mood);
CREATE TABLE biz (id int PRIMARY KEY, t int REFERENCES t);
CREATE SEQUENCE s;
CREATE VIEW v AS SELECT id FROM t;
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';
INSERT INTO t SELECT n, 'a', n FROM generate_series(1, 3) n;
INSERT INTO biz VALUES (1, 1);
SELECT yesterday.track('t');
CALL oracle.remember();
SELECT yesterday.begin_deployment('half', scope => 'open') AS id \gset
SET yesterday.deployment = :id;
UPDATE t SET a = 'new';
INSERT INTO t VALUES (4, 'new', 4);
CREATE TABLE made (id serial PRIMARY KEY, t int REFERENCES t, c text CHECK (c <> ''));
INSERT INTO made (t, c) VALUES (4, 'x');
CREATE INDEX made_c ON made (c);
CREATE INDEX CONCURRENTLY t_a ON t (a);
ALTER TABLE t ADD b int DEFAULT 3, ALTER n DROP NOT NULL, ALTER n DROP DEFAULT, ALTER n TYPE bigint;
ALTER TABLE t ADD CONSTRAINT positive CHECK (n > 0);
ALTER TABLE biz ADD c text, DROP CONSTRAINT biz_t_fkey;
ALTER TABLE biz RENAME TO business;
CREATE OR REPLACE VIEW v AS SELECT id, a FROM t;
CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 2';
CREATE FUNCTION g() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION g();
ALTER SEQUENCE s INCREMENT 5;
CREATE TYPE pair AS (x int, y int);
CREATE SCHEMA extra;
CREATE TABLE extra.one (id int);
GRANT SELECT ON t TO regress_stranger;
COMMENT ON TABLE t IS 'half';
-- here the tool died
RESET yesterday.deployment;
SELECT outcome, detail FROM yesterday.abandon_deployment(:id) LIMIT 1;
SELECT * FROM oracle.difference();
SELECT f(), (SELECT count(*) FROM pg_attribute WHERE attrelid = 'v'::regclass AND attnum > 0) AS columns_of_v,
       to_regnamespace('extra'), obj_description('t'::regclass), has_table_privilege('regress_stranger', 't', 'SELECT');
SELECT state, open_deployment FROM yesterday.status;

-- a change that its owner may not take back any more
CREATE FUNCTION judge(int) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT true';
CREATE SCHEMA hidden;
CREATE TABLE hidden.h (id int, CONSTRAINT judged CHECK (judge(id)));
\set impossible 'SET yesterday.deployment = :id; UPDATE t SET a = $$new$$; ALTER TABLE t ADD b int; ALTER TABLE hidden.h DROP CONSTRAINT judged; RESET yesterday.deployment;'
CALL oracle.remember();
SELECT yesterday.begin_deployment('stuck', scope => 'open') AS id \gset
:impossible
\c -
REVOKE ALL ON SCHEMA hidden FROM regress_author;
SELECT oracle.refusal(format('SELECT * FROM yesterday.finish_deployment(%s)', :id));
SELECT status FROM yesterday.history WHERE id = :id;
-- abandoning cannot undo it either: nothing has changed, and the hint says what to do
SELECT oracle.refusal(format('SELECT * FROM yesterday.abandon_deployment(%s)', :id));
SELECT a, b FROM t ORDER BY id;
SELECT state, open_deployment FROM yesterday.status;
-- an admin keeps it
SET yesterday.proof = 'off';
SELECT outcome FROM yesterday.finish_deployment(:id) LIMIT 1;
RESET yesterday.proof;
SELECT state, open_deployment, last_proof FROM yesterday.status;

-- rows written after their key had been dropped: finish refuses them, abandoning leaves none behind
CREATE TABLE keyed (id int PRIMARY KEY, a text, b int);
INSERT INTO keyed SELECT n, 'a' || n % 3, n % 2 FROM generate_series(1, 9) n;
SELECT yesterday.track('keyed');
CALL oracle.remember();
SELECT yesterday.begin_deployment('keyless', scope => 'open') AS id \gset
SET yesterday.deployment = :id;
UPDATE keyed SET b = 5 WHERE id = 1;
INSERT INTO keyed VALUES (20, 'a1', 1);
DELETE FROM keyed WHERE id = 8;
BEGIN;
ALTER TABLE keyed DROP COLUMN id;
INSERT INTO keyed VALUES ('new', 1), ('a1', 1), ('a0', 0);
UPDATE keyed SET a = 'changed' WHERE a = 'a2';
DELETE FROM keyed WHERE a = 'a0' AND b = 1;
COMMIT;
INSERT INTO keyed VALUES ('new', 1), ('a1', 1);
UPDATE keyed SET b = 9 WHERE a = 'new';
RESET yesterday.deployment;
\c -
SELECT r AS refused FROM oracle.refusal(format('SELECT * FROM yesterday.finish_deployment(%s)', :id)) r LIMIT 1;
SELECT outcome, detail FROM yesterday.abandon_deployment(:id) LIMIT 1;
SELECT * FROM oracle.difference();
