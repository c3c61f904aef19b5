-- Business data that DDL of a deployment destroys is saved and comes back, whatever the tables are
-- like; rows that business writes afterwards survive in the columns that remain.
\getenv inputdir PG_ABS_SRCDIR
\set target :inputdir '/include/target.sql'
\set ECHO none
\i :target
\c - postgres
GRANT CREATE ON SCHEMA public TO regress_stranger;
SET SESSION AUTHORIZATION regress_author;
CREATE SCHEMA "Sche ma";
CREATE TYPE mood AS ENUM ('sad', 'glad');
CREATE TYPE pair AS (a int, b text);
CREATE DOMAIN positive AS int CHECK (VALUE > 0);
CREATE TABLE "Sche ma"."Ta ""ble" (id int GENERATED ALWAYS AS IDENTITY, "co l" text COLLATE "C" DEFAULT 'x',
    twice text GENERATED ALWAYS AS ("co l" || '!') STORED, how mood, both_ pair, many int[], p positive, gone int, PRIMARY KEY (id));
ALTER TABLE "Sche ma"."Ta ""ble" DROP COLUMN gone;
INSERT INTO "Sche ma"."Ta ""ble" ("co l", how, both_, many, p)
    SELECT 'v' || n, 'glad', ROW(n, 'b' || n)::pair, ARRAY[n, NULL], n FROM generate_series(1, 5) n;
CREATE TABLE "Sche ma".toasted (id int, t text, b bytea);
ALTER TABLE "Sche ma".toasted ALTER t SET STORAGE EXTERNAL;
INSERT INTO "Sche ma".toasted SELECT n, repeat('long ' || n, 3000), decode(repeat('00ff', 3000), 'hex') FROM generate_series(1, 3) n;
CREATE TABLE "Sche ma".none ();
INSERT INTO "Sche ma".none DEFAULT VALUES;
CREATE TABLE parted (id int, region text, v numeric, PRIMARY KEY (id, region)) PARTITION BY LIST (region);
CREATE TABLE parted_eu PARTITION OF parted FOR VALUES IN ('eu') PARTITION BY RANGE (id);
CREATE TABLE parted_eu_1 PARTITION OF parted_eu FOR VALUES FROM (0) TO (10);
CREATE TABLE parted_rest PARTITION OF parted DEFAULT;
INSERT INTO parted SELECT n, CASE WHEN n % 2 = 0 THEN 'eu' ELSE 'us' END, n / 3.0 FROM generate_series(1, 8) n;
CREATE TABLE mother (id int, name text);
CREATE TABLE child (extra mood) INHERITS (mother);
INSERT INTO mother VALUES (1, 'm');
INSERT INTO child VALUES (2, 'c', 'sad');
DO $$ BEGIN EXECUTE (SELECT format('CREATE TABLE wide (%s)', string_agg('c' || n || ' int', ', ')) FROM generate_series(1, 400) n); END $$;
INSERT INTO wide (c1, c200, c400) VALUES (1, 2, 3), (4, 5, 6);
-- a hostile owner: what runs with whose rights?
CREATE TABLE ran_as (who text);
GRANT ALL ON ran_as TO PUBLIC;
SET SESSION AUTHORIZATION regress_stranger;
CREATE FUNCTION tell(v int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN INSERT INTO public.ran_as VALUES (current_user); RETURN v; EXCEPTION WHEN OTHERS THEN RETURN v; END $$;
CREATE TABLE hostile (id int PRIMARY KEY, v int, g int GENERATED ALWAYS AS (tell(v)) STORED, CHECK (tell(v) = v));
CREATE INDEX ON hostile (tell(v));
CREATE FUNCTION on_insert() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO public.ran_as VALUES ('trigger ' || current_user); RETURN NEW; END $$;
CREATE TRIGGER on_insert BEFORE INSERT ON hostile FOR EACH ROW EXECUTE FUNCTION on_insert();
INSERT INTO hostile VALUES (1, 10), (2, 20);
ALTER TABLE hostile ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
GRANT ALL ON hostile TO PUBLIC;
SET SESSION AUTHORIZATION regress_author;
\c - postgres
TRUNCATE ran_as;
\set finish 'SELECT outcome FROM yesterday.finish_deployment() LIMIT 1; COMMIT; SELECT oracle.changes() > 0 AS changed;'
\set roll_back 'SELECT outcome FROM rollback_last() LIMIT 1; SELECT * FROM oracle.difference(); CALL oracle.clear();'
-- everything dropped
:begin
DROP SCHEMA "Sche ma" CASCADE;
DROP TABLE parted, mother, child, wide;
DROP TABLE hostile;
:finish
:roll_back
SELECT DISTINCT who FROM ran_as WHERE who NOT IN ('regress_stranger', 'trigger regress_stranger');
-- columns that go with a type, and with a domain
:begin
DROP TYPE mood CASCADE;
DROP DOMAIN positive CASCADE;
DROP TYPE pair CASCADE;
:finish
INSERT INTO "Sche ma"."Ta ""ble" ("co l", many) VALUES ('written since', '{1}');
INSERT INTO child VALUES (3, 'since');
UPDATE "Sche ma"."Ta ""ble" SET "co l" = 'changed since' WHERE id = 2;
DELETE FROM "Sche ma"."Ta ""ble" WHERE id = 3;
SELECT outcome FROM rollback_last() LIMIT 1;
SELECT * FROM oracle.difference();
DELETE FROM "Sche ma"."Ta ""ble" WHERE "co l" = 'written since';
DELETE FROM child WHERE id = 3;
CALL oracle.clear();
-- types changed with loss, columns dropped
:begin
ALTER TABLE "Sche ma".toasted ALTER t TYPE int USING length(t), DROP COLUMN b;
ALTER TABLE wide DROP COLUMN c200, ALTER c400 TYPE text USING 'lost';
ALTER TABLE hostile DROP COLUMN v CASCADE;
ALTER TABLE child DROP COLUMN extra;
ALTER TABLE parted ALTER v TYPE int;
SELECT outcome FROM yesterday.finish_deployment() LIMIT 1;
COMMIT;
INSERT INTO wide (c1, c400) VALUES (7, 'since');
INSERT INTO "Sche ma".toasted VALUES (9, 12345);
SELECT outcome FROM rollback_last() LIMIT 1;
SELECT object, verdict, CASE WHEN object ~ 'wide' THEN replace(content, ',,', '') ELSE content END FROM oracle.difference();
CALL oracle.clear();
SELECT DISTINCT who FROM ran_as WHERE who NOT IN ('regress_stranger', 'trigger regress_stranger');
-- what is too wide for a copy is refused before anything is lost
DO $$ BEGIN EXECUTE (SELECT format('CREATE TABLE widest (%s)', string_agg('c' || n || ' int', ', ')) FROM generate_series(1, 1600) n); END $$;
INSERT INTO widest (c1) VALUES (1);
BEGIN;
SELECT yesterday.begin_deployment('widest') > 0 AS begun;
SELECT oracle.refusal('DROP TABLE widest');
ROLLBACK;
-- an owner that may not make its objects again: it is let for one command
REVOKE CREATE ON SCHEMA public FROM regress_stranger;
BEGIN;
SELECT yesterday.begin_deployment('rightless') > 0 AS begun;
DROP TABLE hostile;
SELECT x FROM oracle.refusal('SELECT * FROM yesterday.finish_deployment()') x;
SELECT DISTINCT who FROM ran_as WHERE who NOT IN ('regress_stranger', 'trigger regress_stranger');
ROLLBACK;
-- time runs out while rows are saved, and while the rollback is rehearsed
CREATE TABLE large (id int, v text);
INSERT INTO large SELECT n, 'v' || n FROM generate_series(1, 200000) n;
CREATE TABLE m (id int PRIMARY KEY, v text);
INSERT INTO m SELECT n, 'v' || n FROM generate_series(1, 200000) n;
SELECT yesterday.track('m');
CALL oracle.remember();
BEGIN;
SELECT yesterday.begin_deployment('slow') > 0 AS begun;
ALTER TABLE large SET (fillfactor = 90);
SET LOCAL statement_timeout = '20ms';
DROP TABLE large;
ROLLBACK;
\echo :LAST_ERROR_SQLSTATE
BEGIN;
SELECT yesterday.begin_deployment('slow') > 0 AS begun;
UPDATE m SET v = 'x';
SET LOCAL statement_timeout = '50ms';
SELECT * FROM yesterday.finish_deployment();
ROLLBACK;
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM oracle.difference();
SELECT state FROM yesterday.status;
