-- Owners who may not make anything in the schema of their tables, such as everybody in the schema public.

-- case: tables in a schema where their owner has no CREATE
CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, junk text, v text UNIQUE, n int);
ALTER TABLE t OWNER TO ddl_alice;
CREATE TABLE gone (id serial PRIMARY KEY, t int REFERENCES t, x text);
ALTER TABLE gone OWNER TO ddl_alice;
CREATE INDEX t_n ON t (n, lower(v)) WHERE n > 0;
CREATE VIEW seen AS SELECT v FROM t;
ALTER VIEW seen OWNER TO ddl_alice;
INSERT INTO t (junk, v, n) VALUES ('a', 'x', 1), ('b', 'y', 2);
INSERT INTO gone (t, x) VALUES (1, 'x');
SELECT yesterday.track('t');
-- deploy
DROP TABLE gone;
ALTER TABLE t DROP COLUMN junk;
ALTER TABLE t RENAME TO s;
UPDATE s SET v = 'z' WHERE id = 1;
-- deploy
DROP INDEX t_n;
DROP VIEW seen;
ALTER TABLE s DROP CONSTRAINT t_v_key, ADD UNIQUE (n);

-- case: routines and types in a schema where their owner has no CREATE
CREATE SCHEMA app;
GRANT USAGE ON SCHEMA app TO ddl_alice;
CREATE TYPE app.st AS ENUM ('a', 'b');
CREATE DOMAIN app.pos AS int CHECK (VALUE > 0);
CREATE FUNCTION app.f(app.st) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE SEQUENCE app.s;
CREATE MATERIALIZED VIEW app.m AS SELECT 1 AS n;
ALTER TYPE app.st OWNER TO ddl_alice;
ALTER DOMAIN app.pos OWNER TO ddl_alice;
ALTER FUNCTION app.f OWNER TO ddl_alice;
ALTER SEQUENCE app.s OWNER TO ddl_alice;
ALTER MATERIALIZED VIEW app.m OWNER TO ddl_alice;
-- deploy
DROP SCHEMA app CASCADE;
-- deploy
CREATE SCHEMA app;
CREATE TYPE app.st AS ENUM ('c');

-- case: parts of such a schema dropped one by one
CREATE SCHEMA app;
GRANT USAGE ON SCHEMA app TO ddl_alice;
CREATE TYPE app.st AS ENUM ('a', 'b');
CREATE FUNCTION app.f(app.st) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE SEQUENCE app.s;
ALTER TYPE app.st OWNER TO ddl_alice;
ALTER FUNCTION app.f OWNER TO ddl_alice;
ALTER SEQUENCE app.s OWNER TO ddl_alice;
-- deploy
DROP FUNCTION app.f;
DROP TYPE app.st;
DROP SEQUENCE app.s;

-- case: owner without USAGE on the schema
CREATE SCHEMA app;
CREATE TABLE app.t (id int PRIMARY KEY, v text);
ALTER TABLE app.t OWNER TO ddl_alice;
-- deploy
ALTER TABLE app.t ADD COLUMN n int;

-- case: code of the owner that makes something in the schema meanwhile
CREATE FUNCTION make() RETURNS void LANGUAGE plpgsql AS $$BEGIN
    IF current_user = 'ddl_alice' THEN CREATE FUNCTION public.lower(int) RETURNS int LANGUAGE sql AS 'SELECT 1'; END IF; END$$;
CREATE FUNCTION sneaky(text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$BEGIN PERFORM public.make(); RETURN $1; END$$;
CREATE TABLE t (id int PRIMARY KEY, v text);
CREATE INDEX t_v ON t (sneaky(v));
INSERT INTO t VALUES (1, 'x');
ALTER TABLE t OWNER TO ddl_alice;
-- deploy
DROP INDEX t_v;
-- refused
ran a command inside a command of the rollback

-- case: table moved and renamed beside its old name made anew
CREATE SCHEMA app;
CREATE TABLE u (id int PRIMARY KEY, v text UNIQUE);
ALTER TABLE u RENAME TO t;
INSERT INTO t VALUES (1, 'a');
-- deploy
ALTER TABLE t SET SCHEMA app;
ALTER TABLE app.t RENAME TO u;
CREATE TABLE u (id int PRIMARY KEY, v text UNIQUE);
INSERT INTO u VALUES (7, 'b');

-- case: table moved and renamed beside another one of that name
CREATE SCHEMA app;
CREATE TABLE u (id int PRIMARY KEY, v text UNIQUE);
ALTER TABLE u RENAME TO t;
CREATE TABLE u (id int PRIMARY KEY, v text UNIQUE);
INSERT INTO t VALUES (1, 'a'); INSERT INTO u VALUES (2, 'b');
-- deploy
ALTER TABLE t SET SCHEMA app;
ALTER TABLE app.t RENAME TO u;
-- deploy
ALTER TABLE u RENAME CONSTRAINT u_pkey1 TO u_pkey;
-- deploy
ALTER TABLE app.u RENAME CONSTRAINT u_pkey TO app_u_pkey;
ALTER TABLE u DROP COLUMN id;

-- case: table moved and renamed, with its key, beside another one of that name
CREATE SCHEMA app;
CREATE TABLE t (id int PRIMARY KEY, v text UNIQUE);
CREATE TABLE u (id int PRIMARY KEY, v text UNIQUE);
INSERT INTO t VALUES (1, 'a'); INSERT INTO u VALUES (2, 'b');
-- deploy
ALTER TABLE t SET SCHEMA app;
ALTER TABLE app.t RENAME TO u;
ALTER TABLE app.u RENAME CONSTRAINT t_pkey TO u_pkey;
ALTER TABLE app.u DROP CONSTRAINT t_v_key, ADD UNIQUE (v);
-- deploy
DROP TABLE u;
ALTER TABLE app.u SET SCHEMA public;

-- case: tracked table dropped, and one made under its name renamed by a later deployment
CREATE TABLE t (id int PRIMARY KEY, v text);
INSERT INTO t VALUES (1, 'a');
SELECT yesterday.track('t');
-- deploy
DROP TABLE t;
-- deploy
CREATE TABLE t (id int PRIMARY KEY, w int);
INSERT INTO t VALUES (7, 8);
ALTER TABLE t RENAME TO t_old;
-- deploy
UPDATE t_old SET w = 9;
ALTER TABLE t_old ADD COLUMN x int;

-- case: schema with a range in it renamed
CREATE SCHEMA app;
CREATE TYPE app.span AS RANGE (SUBTYPE = float8, SUBTYPE_DIFF = float8mi);
CREATE TABLE app.t (id int PRIMARY KEY, s app.span, m app.span_multirange);
INSERT INTO app.t VALUES (1, '[1,2)', '{[1,2)}');
-- deploy
ALTER SCHEMA app RENAME TO later;
-- case: comments on the indexes of keys, and the table given to another owner
-- setup
GRANT CREATE ON SCHEMA public TO ddl_alice, ddl_carol;
CREATE TABLE t (id int PRIMARY KEY);
ALTER TABLE t OWNER TO ddl_alice;
CREATE TABLE u (id int PRIMARY KEY);
COMMENT ON INDEX u_pkey IS 'before';
ALTER TABLE u OWNER TO ddl_alice;
-- deploy
COMMENT ON INDEX t_pkey IS 'as deployed';
ALTER TABLE t OWNER TO ddl_carol;
ALTER TABLE u DROP CONSTRAINT u_pkey;
ALTER TABLE u OWNER TO ddl_carol;
