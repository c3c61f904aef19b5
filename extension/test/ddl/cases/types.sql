-- case: types created
-- deploy
CREATE TYPE mood AS ENUM ('sad', 'happy');
CREATE TYPE pair AS (a int, b text);
CREATE DOMAIN positive AS int CHECK (VALUE > 0);
CREATE TYPE float_range AS RANGE (subtype = float8, subtype_diff = float8mi);
CREATE TABLE t (m mood, p pair[], d positive, r float_range);
-- case: types dropped
-- setup
CREATE TYPE mood AS ENUM ('sad', 'it''s ok', 'happy');
CREATE TYPE pair AS (a int, b text COLLATE "C");
CREATE DOMAIN positive AS int NOT NULL DEFAULT 1 CONSTRAINT pos CHECK (VALUE > 0);
CREATE TYPE float_range AS RANGE (subtype = float8, subtype_diff = float8mi);
COMMENT ON TYPE mood IS 'a mood';
COMMENT ON COLUMN pair.a IS 'an a';
COMMENT ON CONSTRAINT pos ON DOMAIN positive IS 'positive';
GRANT USAGE ON TYPE mood TO ddl_bob;
REVOKE USAGE ON TYPE mood FROM PUBLIC;
-- deploy
DROP TYPE mood, pair, float_range;
DROP DOMAIN positive;
-- case: types dropped with columns
-- setup
CREATE TYPE mood AS ENUM ('sad', 'happy');
CREATE TABLE t (id int PRIMARY KEY, m mood DEFAULT 'sad', n int);
INSERT INTO t VALUES (1, 'happy', 1), (2, NULL, 2);
CREATE FUNCTION f(mood) RETURNS int LANGUAGE sql AS 'SELECT 1';
-- deploy
DROP TYPE mood CASCADE;
-- case: enum label added
-- setup
CREATE TYPE mood AS ENUM ('sad', 'happy');
CREATE TABLE t (id int PRIMARY KEY, m mood DEFAULT 'sad', ms mood[]);
CREATE INDEX t_m ON t (m) WHERE m = 'sad';
CREATE VIEW v AS SELECT m FROM t;
INSERT INTO t VALUES (1, 'happy', '{sad,happy}');
-- deploy open
ALTER TYPE mood ADD VALUE 'ok' AFTER 'sad';
ALTER TYPE mood ADD VALUE 'mad';
-- case: enum label added and used since
-- setup
CREATE TYPE mood AS ENUM ('sad', 'happy');
CREATE TABLE t (id int PRIMARY KEY, m mood);
-- deploy open
ALTER TYPE mood ADD VALUE 'ok';
-- later
INSERT INTO t VALUES (1, 'ok');
-- residue
'ok'
'happy'
-- check
SELECT m::text = 'ok' FROM t;
-- case: enum label renamed
-- setup
CREATE TYPE mood AS ENUM ('sad', 'happy');
CREATE TABLE t (id int PRIMARY KEY, m mood);
INSERT INTO t VALUES (1, 'happy');
-- deploy
ALTER TYPE mood RENAME VALUE 'happy' TO 'joyful';
-- case: enum replaced by another
-- setup
CREATE TYPE mood AS ENUM ('sad', 'happy', 'old');
CREATE TABLE t (id int PRIMARY KEY, m mood DEFAULT 'sad');
INSERT INTO t VALUES (1, 'happy'), (2, 'old');
-- deploy
ALTER TYPE mood RENAME TO mood_old;
CREATE TYPE mood AS ENUM ('sad', 'happy', 'new');
ALTER TABLE t ALTER COLUMN m DROP DEFAULT;
ALTER TABLE t ALTER COLUMN m TYPE mood USING CASE m::text WHEN 'old' THEN 'new' ELSE m::text END::mood;
ALTER TABLE t ALTER COLUMN m SET DEFAULT 'new';
DROP TYPE mood_old;
-- case: composite type altered
-- setup
CREATE TYPE pair AS (a int, b text);
-- deploy
ALTER TYPE pair ADD ATTRIBUTE c int, ALTER ATTRIBUTE a TYPE bigint;
ALTER TYPE pair RENAME ATTRIBUTE b TO bb;
-- case: composite attribute dropped
-- setup
CREATE TYPE pair AS (a int, b text, c int);
CREATE FUNCTION f(pair) RETURNS int LANGUAGE sql AS 'SELECT 1';
-- deploy
ALTER TYPE pair DROP ATTRIBUTE b;
-- case: composite attribute dropped in a column
-- setup
CREATE TYPE pair AS (a int, b text, c int);
CREATE TABLE t (id int PRIMARY KEY, p pair);
INSERT INTO t VALUES (1, ROW(1, 'x', 3)), (2, NULL);
-- deploy
ALTER TYPE pair DROP ATTRIBUTE b;
-- case: domain altered
-- setup
CREATE DOMAIN d AS text DEFAULT 'x' CONSTRAINT not_empty CHECK (VALUE <> '');
CREATE TABLE t (a d);
INSERT INTO t VALUES ('a');
-- deploy
ALTER DOMAIN d SET DEFAULT 'y';
ALTER DOMAIN d DROP CONSTRAINT not_empty;
ALTER DOMAIN d ADD CONSTRAINT short CHECK (length(VALUE) < 10);
ALTER DOMAIN d SET NOT NULL;
-- case: domain constraint dropped and newer rows break it
-- setup
CREATE DOMAIN d AS text CONSTRAINT not_empty CHECK (VALUE <> '');
CREATE TABLE t (a d);
-- deploy
ALTER DOMAIN d DROP CONSTRAINT not_empty;
-- later
INSERT INTO t VALUES ('');
-- residue
not_empty
DOMAIN
-- check
SELECT count(*) = 1 FROM t;
-- case: domain constraint renamed, type renamed and moved
-- setup
CREATE SCHEMA s;
CREATE DOMAIN d AS text CONSTRAINT not_empty CHECK (VALUE <> '');
CREATE TYPE mood AS ENUM ('sad');
CREATE TABLE t (a d, m mood);
-- deploy
ALTER DOMAIN d RENAME CONSTRAINT not_empty TO filled;
ALTER DOMAIN d RENAME TO e;
ALTER TYPE mood SET SCHEMA s;
-- case: domain made the type of a column
-- setup
CREATE TABLE t (id int PRIMARY KEY, a text);
INSERT INTO t VALUES (1, 'x');
-- deploy
CREATE DOMAIN d AS text CHECK (VALUE <> '');
ALTER TABLE t ALTER COLUMN a TYPE d;
-- case: domain constraint renamed alone
-- setup
CREATE DOMAIN d AS text CONSTRAINT not_empty CHECK (VALUE <> '');
-- deploy
ALTER DOMAIN d RENAME CONSTRAINT not_empty TO filled;
-- case: composite attribute dropped under columns with rows
-- setup
CREATE TYPE pair AS (a int, b text, c int);
CREATE TABLE t (id int PRIMARY KEY, p pair NOT NULL, q pair DEFAULT ROW(1, 'd', 2), n int);
CREATE TABLE nokey (p pair, n int);
CREATE TABLE arr (id int PRIMARY KEY, ps pair[]);
CREATE TABLE empty (p pair);
CREATE VIEW v AS SELECT id, (p).c FROM t;
CREATE FUNCTION f(pair) RETURNS int LANGUAGE sql AS 'SELECT 1';
INSERT INTO t VALUES (1, ROW(1, 'x', 3), NULL, 1), (2, ROW(NULL, NULL, NULL), ROW(1, '', 5), 2);
INSERT INTO nokey VALUES (ROW(1, 'x', 3), 1), (NULL, 2), (ROW(1, 'x', 3), 1), (ROW(1, 'y', 3), 3);
INSERT INTO arr VALUES (1, ARRAY[ROW(1, 'x', 3)::pair, NULL]), (2, '{}');
-- deploy
ALTER TYPE pair DROP ATTRIBUTE b;
ALTER TYPE pair ADD ATTRIBUTE d int;
-- case: composite attribute dropped and rows written since
-- setup
CREATE TYPE pair AS (a int, b text, c int);
CREATE TABLE t (id int PRIMARY KEY, p pair);
CREATE TABLE u (id int PRIMARY KEY, p pair);
INSERT INTO t VALUES (1, ROW(1, 'x', 3)), (2, NULL), (3, ROW(3, 'z', 4));
-- deploy
ALTER TYPE pair DROP ATTRIBUTE b;
-- later
INSERT INTO t VALUES (4, ROW(7, 8));
UPDATE t SET p = ROW(1, 9) WHERE id = 1;
INSERT INTO u VALUES (4, ROW(7, 8));
-- check
SELECT string_agg(t::text, ' ' ORDER BY id) = '(1,"(1,,9)") (2,) (3,"(3,z,4)") (4,"(7,,8)")' FROM t;
SELECT u::text = '(4,"(7,,8)")' FROM u;
-- case: composite type made anew by the rollback of a later deployment
-- setup
CREATE TYPE pair AS (a int, b text);
CREATE DOMAIN d AS text CONSTRAINT not_empty CHECK (VALUE <> '');
-- deploy open
ALTER TYPE pair ADD ATTRIBUTE d int;
ALTER DOMAIN d RENAME CONSTRAINT not_empty TO filled;
-- deploy
ALTER TYPE pair DROP ATTRIBUTE b;
DROP DOMAIN d;
-- case: types with quoted names made anew
-- setup
CREATE SCHEMA "Gam ma";
CREATE TYPE "Gam ma"."Gam ma" AS ENUM ('a', 'b');
CREATE TYPE "Gam ma"."Pa ir" AS (x int, "y ""y" text);
CREATE TABLE "Gam ma"."t t" (id int PRIMARY KEY, "e e" "Gam ma"."Gam ma" DEFAULT 'a', p "Gam ma"."Pa ir", es "Gam ma"."Gam ma"[]);
INSERT INTO "Gam ma"."t t" VALUES (1, 'b', ROW(1, 'x'), '{a,b}');
-- deploy open
ALTER TYPE "Gam ma"."Gam ma" ADD VALUE 'new2' BEFORE 'a';
ALTER TYPE "Gam ma"."Pa ir" DROP ATTRIBUTE "y ""y";
UPDATE "Gam ma"."t t" SET "e e" = 'new2';
UPDATE "Gam ma"."t t" SET "e e" = 'b';
-- case: names with capitals exchanged between schemas with capitals
-- setup
CREATE SCHEMA "Gam ma";
CREATE TABLE "Gam ma"."T t" (id int PRIMARY KEY, "A a" text);
CREATE TABLE "U u" (id int PRIMARY KEY, "A a" text);
CREATE FUNCTION "Gam ma"."F f"() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE TYPE "Gam ma"."Y y" AS ENUM ('a');
CREATE SEQUENCE "Gam ma"."S s";
-- deploy
ALTER TABLE "Gam ma"."T t" RENAME TO "V v";
CREATE TABLE "Gam ma"."T t" (other int);
ALTER TABLE "Gam ma"."V v" RENAME COLUMN "A a" TO "B b";
ALTER TABLE "Gam ma"."V v" RENAME CONSTRAINT "T t_pkey" TO "V key";
ALTER TABLE "U u" SET SCHEMA "Gam ma";
CREATE VIEW "U u" AS SELECT 1 AS one;
ALTER FUNCTION "Gam ma"."F f"() RENAME TO "G g";
CREATE FUNCTION "Gam ma"."F f"() RETURNS int LANGUAGE sql AS 'SELECT 2';
ALTER TYPE "Gam ma"."Y y" RENAME TO "Z z";
CREATE TYPE "Gam ma"."Y y" AS (a int);
ALTER SEQUENCE "Gam ma"."S s" SET SCHEMA public;
CREATE TABLE "Gam ma"."S s" (a int);
-- case: domain not null dropped, comments of its constraints
-- setup
CREATE DOMAIN d AS text NOT NULL CONSTRAINT filled CHECK (VALUE <> '') CONSTRAINT short CHECK (length(VALUE) < 10);
COMMENT ON CONSTRAINT filled ON DOMAIN d IS 'filled';
COMMENT ON CONSTRAINT short ON DOMAIN d IS 'short';
CREATE TABLE t (id int PRIMARY KEY, v d);
INSERT INTO t VALUES (1, 'x');
-- deploy
ALTER DOMAIN d DROP NOT NULL;
ALTER DOMAIN d DROP CONSTRAINT short;
COMMENT ON CONSTRAINT filled ON DOMAIN d IS NULL;
-- case: domain not null dropped and newer rows with null
-- setup
CREATE DOMAIN d AS text NOT NULL;
CREATE TABLE t (id int PRIMARY KEY, v d);
INSERT INTO t VALUES (1, 'x');
-- deploy
ALTER DOMAIN d DROP NOT NULL;
-- business
INSERT INTO t VALUES (2, NULL);
-- check
SELECT count(*) = 2 FROM t;
-- residue
DOMAIN
-- case: domain dropped with a NOT VALID constraint that has a comment
-- setup
CREATE DOMAIN d AS text NOT NULL CONSTRAINT filled CHECK (VALUE <> '');
ALTER DOMAIN d ADD CONSTRAINT short CHECK (length(VALUE) < 10) NOT VALID;
COMMENT ON CONSTRAINT short ON DOMAIN d IS 'short';
-- deploy
DROP DOMAIN d;
-- case: domain not null with a comment dropped and newer rows with null [17+]
-- setup
CREATE DOMAIN d AS text CONSTRAINT given NOT NULL;
COMMENT ON CONSTRAINT given ON DOMAIN d IS 'given';
CREATE TABLE t (id int PRIMARY KEY, v d);
INSERT INTO t VALUES (1, 'x');
-- deploy
ALTER DOMAIN d DROP NOT NULL;
-- business
INSERT INTO t VALUES (2, NULL);
-- check
SELECT count(*) = 2 FROM t;
-- residue
DOMAIN
-- case: domain looser whose values lie in arrays, ranges and composite types, and such values written
-- setup
CREATE DOMAIN d AS int NOT NULL CONSTRAINT pos CHECK (VALUE > 0);
COMMENT ON CONSTRAINT pos ON DOMAIN d IS 'positive';
CREATE DOMAIN over AS d CHECK (VALUE < 100);
CREATE TYPE c AS (a d, b text);
CREATE DOMAIN plain AS int CHECK (VALUE > 0);
CREATE TYPE r AS RANGE (subtype = plain);
CREATE TABLE t (id int PRIMARY KEY, cs c[], one c, two over);
CREATE TABLE u (id int, ds plain[] DEFAULT '{1}', x r);
CREATE VIEW v AS SELECT (one).a AS a FROM t;
CREATE FUNCTION f(c) RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT ($1).a; END;
CREATE INDEX u_ds ON u USING gin (ds);
INSERT INTO t VALUES (1, ARRAY[ROW(1, 'x')::c], ROW(3, 'y'), 5), (2, NULL, NULL, 6);
INSERT INTO u VALUES (1, '{1,2}', '[1,2)'), (2, NULL, NULL);
SELECT yesterday.track('t'), yesterday.track('u');
-- deploy open
ALTER DOMAIN d DROP CONSTRAINT pos;
ALTER DOMAIN d DROP NOT NULL;
ALTER DOMAIN d ADD CONSTRAINT other CHECK (VALUE > -5) NOT VALID;
ALTER DOMAIN plain DROP CONSTRAINT plain_check;
\c -
SELECT format('SET yesterday.deployment = %s', max(id)) FROM yesterday.deployment \gexec
UPDATE t SET cs = ARRAY[ROW(-1, 'x')::c] WHERE id = 1;
INSERT INTO u VALUES (3, '{-1}', '[-5,2)');
-- case: domain looser whose values lie in an array, and business wrote such values
-- setup
CREATE DOMAIN d AS int CONSTRAINT pos CHECK (VALUE > 0);
CREATE TABLE t (id int PRIMARY KEY, ds d[]);
INSERT INTO t VALUES (1, '{1,2}');
-- deploy
ALTER DOMAIN d DROP CONSTRAINT pos;
-- later
INSERT INTO t VALUES (2, '{-1}');
-- check
SELECT string_agg(t::text, ' ' ORDER BY id) = '(1,"{1,2}") (2,{-1})' FROM t;
SELECT report::text LIKE '%held back%' FROM yesterday.rollback ORDER BY id DESC LIMIT 1;
-- residue
CONSTRAINT pos|^.CREATE DOMAIN public.d AS integer
