-- case: sequences created
-- deploy
CREATE SEQUENCE s START 5 INCREMENT 2 CYCLE MAXVALUE 100 CACHE 3;
SELECT nextval('s');
-- case: sequence dropped
-- setup
CREATE SEQUENCE s AS smallint START 5 INCREMENT 2 CYCLE MAXVALUE 100 CACHE 3;
SELECT nextval('s');
COMMENT ON SEQUENCE s IS 'numbers';
GRANT USAGE ON s TO ddl_bob;
CREATE TABLE t (id int DEFAULT nextval('s'), a int);
ALTER SEQUENCE s OWNED BY t.a;
-- deploy
DROP SEQUENCE s CASCADE;
-- check
SELECT v BETWEEN 7 AND 11 FROM nextval('s') v;
-- case: sequence altered
-- setup
CREATE SEQUENCE s;
CREATE TABLE t (a int, b int);
ALTER SEQUENCE s OWNED BY t.a;
-- deploy
ALTER SEQUENCE s AS int INCREMENT 5 MINVALUE -10 MAXVALUE 50 START 3 CACHE 10 CYCLE;
ALTER SEQUENCE s OWNED BY t.b;
ALTER SEQUENCE s RENAME TO r;
-- case: schemas
-- setup
CREATE SCHEMA gone AUTHORIZATION ddl_alice;
COMMENT ON SCHEMA gone IS 'a schema';
GRANT USAGE ON SCHEMA gone TO ddl_bob;
CREATE TABLE gone.t (id int PRIMARY KEY);
INSERT INTO gone.t VALUES (1);
CREATE SCHEMA renamed;
CREATE TABLE renamed.t (id serial);
-- deploy
DROP SCHEMA gone CASCADE;
ALTER SCHEMA renamed RENAME TO new_name;
CREATE SCHEMA made;
CREATE VIEW made.v AS SELECT * FROM new_name.t;
GRANT USAGE ON SCHEMA made TO PUBLIC;
-- case: grants in their order
-- setup
CREATE TABLE t (id int);
GRANT SELECT ON t TO ddl_carol;
GRANT SELECT, INSERT ON t TO ddl_alice WITH GRANT OPTION;
GRANT UPDATE ON t TO ddl_bob;
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';
-- deploy
REVOKE ALL ON t FROM ddl_carol;
GRANT DELETE ON t TO ddl_bob;
GRANT SELECT ON t TO PUBLIC;
REVOKE EXECUTE ON FUNCTION f() FROM PUBLIC;
REVOKE ALL ON t FROM CURRENT_USER;
-- case: default privileges
-- setup
CREATE SCHEMA s;
ALTER DEFAULT PRIVILEGES IN SCHEMA s GRANT SELECT ON TABLES TO ddl_bob;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
CREATE TABLE s.before (id int);
CREATE TABLE s.plain (id int);
REVOKE ALL ON s.plain FROM ddl_bob;
-- deploy
ALTER DEFAULT PRIVILEGES IN SCHEMA s GRANT INSERT ON TABLES TO ddl_bob;
ALTER DEFAULT PRIVILEGES FOR ROLE ddl_alice GRANT SELECT ON SEQUENCES TO ddl_bob;
ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO PUBLIC;
DROP TABLE s.before, s.plain;
-- case: comments on everything
-- setup
CREATE TABLE t (id int CONSTRAINT k PRIMARY KEY);
CREATE TYPE ty AS ENUM ('a');
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';
COMMENT ON TABLE t IS 'was there';
COMMENT ON FUNCTION f() IS 'was there';
-- deploy
COMMENT ON TABLE t IS NULL;
COMMENT ON CONSTRAINT k ON t IS 'new';
COMMENT ON TYPE ty IS 'new';
COMMENT ON FUNCTION f() IS 'it''s new';
COMMENT ON SCHEMA public IS 'new';
-- case: extension created
-- deploy
CREATE EXTENSION IF NOT EXISTS citext;
CREATE TABLE t (a citext PRIMARY KEY);
-- case: rare kinds created
-- deploy
CREATE FUNCTION eq(int, text) RETURNS boolean LANGUAGE sql AS 'SELECT $1::text = $2';
CREATE OPERATOR === (LEFTARG = int, RIGHTARG = text, FUNCTION = eq);
CREATE COLLATION german FROM "C";
CREATE TEXT SEARCH CONFIGURATION conf (COPY = simple);
CREATE FOREIGN DATA WRAPPER w;
CREATE SERVER srv FOREIGN DATA WRAPPER w;
CREATE USER MAPPING FOR ddl_alice SERVER srv;
CREATE TABLE t (id int PRIMARY KEY);
CREATE PUBLICATION pub FOR TABLE t;
CREATE FUNCTION et() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
CREATE EVENT TRIGGER etr ON ddl_command_start EXECUTE FUNCTION et();
-- case: several changes of one table
-- setup
CREATE TABLE t (id int PRIMARY KEY, a text, b text NOT NULL, c int DEFAULT 1);
INSERT INTO t VALUES (1, 'x', 'y', 2);
-- deploy
ALTER TABLE t ADD COLUMN d int;
ALTER TABLE t RENAME COLUMN b TO bb;
ALTER TABLE t ALTER COLUMN c DROP DEFAULT;
ALTER TABLE t DROP COLUMN d;
ALTER TABLE t ADD COLUMN d text DEFAULT 'z';
ALTER TABLE t RENAME TO u;
ALTER TABLE u ALTER COLUMN c TYPE bigint;
CREATE INDEX u_bb ON u (bb);
UPDATE u SET d = 'q';
-- case: published table rebuilt
-- setup
CREATE TABLE t (id int PRIMARY KEY, a text, b int);
CREATE PUBLICATION pub FOR TABLE t (id, b) WHERE (id > 5);
CREATE PUBLICATION pub2 FOR TABLE t;
-- deploy
ALTER TABLE t DROP COLUMN a;
-- case: published table dropped
-- setup
CREATE SCHEMA s;
CREATE TABLE s.t (id int PRIMARY KEY, a text, b int);
CREATE PUBLICATION pub FOR TABLE s.t (id, b) WHERE (id > 5);
CREATE PUBLICATION pub3 FOR TABLES IN SCHEMA s;
-- deploy
DROP SCHEMA s CASCADE;
-- case: rarer kinds dropped
-- setup
CREATE FUNCTION eq(int, text) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1::text = $2';
CREATE OPERATOR === (LEFTARG = int, RIGHTARG = text, FUNCTION = eq, RESTRICT = eqsel);
COMMENT ON OPERATOR === (int, text) IS 'same text';
CREATE OPERATOR !! (RIGHTARG = int, FUNCTION = int4abs);
GRANT CREATE ON SCHEMA public TO ddl_bob;
CREATE COLLATION german FROM "C";
ALTER COLLATION german OWNER TO ddl_bob;
COMMENT ON COLLATION german IS 'not really';
CREATE TEXT SEARCH DICTIONARY dict (TEMPLATE = snowball, LANGUAGE = german, StopWords = german);
CREATE TEXT SEARCH CONFIGURATION conf (COPY = simple);
ALTER TEXT SEARCH CONFIGURATION conf ALTER MAPPING FOR asciiword, word WITH dict, simple;
ALTER TEXT SEARCH CONFIGURATION conf DROP MAPPING FOR url;
CREATE FOREIGN DATA WRAPPER w OPTIONS (debug 'true');
GRANT USAGE ON FOREIGN DATA WRAPPER w TO ddl_alice;
CREATE SERVER srv TYPE 'x' VERSION '2' FOREIGN DATA WRAPPER w OPTIONS (host 'it''s', "Port" '1');
GRANT USAGE ON FOREIGN SERVER srv TO ddl_alice;
ALTER SERVER srv OWNER TO ddl_alice;
CREATE USER MAPPING FOR ddl_alice SERVER srv OPTIONS (password 'x');
CREATE USER MAPPING FOR PUBLIC SERVER srv;
CREATE TABLE t (id int PRIMARY KEY, a int);
CREATE PUBLICATION pub FOR TABLE t (id) WHERE (id > 5) WITH (publish = 'insert, update', publish_via_partition_root = true);
COMMENT ON PUBLICATION pub IS 'a publication';
CREATE PUBLICATION everything FOR ALL TABLES;
CREATE FUNCTION et() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
CREATE EVENT TRIGGER etr ON ddl_command_end WHEN TAG IN ('CREATE TABLE', 'DROP TABLE') EXECUTE FUNCTION et();
CREATE TYPE pair AS (a int, b text);
CREATE FUNCTION to_pair(int) RETURNS pair LANGUAGE sql AS 'SELECT $1, NULL::text';
CREATE CAST (int AS pair) WITH FUNCTION to_pair(int) AS ASSIGNMENT;
CREATE CAST (pair AS text) WITH INOUT;
COMMENT ON CAST (int AS pair) IS 'half a pair';
-- deploy
DROP PUBLICATION pub, everything;
DROP SERVER srv CASCADE;
DROP FOREIGN DATA WRAPPER w;
DROP TEXT SEARCH CONFIGURATION conf;
DROP TEXT SEARCH DICTIONARY dict;
DROP COLLATION german;
DROP OPERATOR === (int, text);
DROP OPERATOR !! (NONE, int);
DROP FUNCTION eq(int, text);
DROP CAST (pair AS text);
DROP FUNCTION to_pair(int) CASCADE;
DROP TYPE pair;
-- case: rarer kinds altered
-- setup
CREATE TEXT SEARCH CONFIGURATION conf (COPY = simple);
CREATE FOREIGN DATA WRAPPER w;
CREATE SERVER srv FOREIGN DATA WRAPPER w OPTIONS (host 'a');
CREATE USER MAPPING FOR ddl_alice SERVER srv OPTIONS (password 'x');
CREATE TABLE t (id int PRIMARY KEY, a int);
CREATE TABLE u (id int PRIMARY KEY, a int);
CREATE PUBLICATION pub FOR TABLE t;
CREATE FUNCTION et() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
CREATE EVENT TRIGGER etr ON ddl_command_end EXECUTE FUNCTION et();
-- deploy
ALTER TEXT SEARCH CONFIGURATION conf DROP MAPPING FOR url;
ALTER SERVER srv OPTIONS (SET host 'b');
ALTER USER MAPPING FOR ddl_alice SERVER srv OPTIONS (SET password 'y');
ALTER PUBLICATION pub ADD TABLE u;
ALTER PUBLICATION pub DROP TABLE t;
ALTER PUBLICATION pub SET (publish = 'insert');
ALTER PUBLICATION pub OWNER TO ddl_alice;
-- case: change that no event trigger shows
-- setup
CREATE TABLE t (id int PRIMARY KEY, a int);
CREATE FUNCTION et() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
CREATE EVENT TRIGGER etr ON ddl_command_end EXECUTE FUNCTION et();
-- deploy open
ALTER EVENT TRIGGER etr DISABLE;
ALTER TABLE t ADD COLUMN b int;
-- residue
EVENT TRIGGER etr
-- check
SELECT proof = 'unproven' AND report::text LIKE '%event trigger etr%' OR (SELECT evtenabled = 'O' FROM pg_event_trigger WHERE evtname = 'etr') FROM yesterday.deployment;
-- once
-- case: publication of all tables
-- setup
CREATE PUBLICATION everything FOR ALL TABLES;
CREATE TABLE t (id int PRIMARY KEY, a text);
INSERT INTO t VALUES (1, 'a'), (2, 'b');
SELECT yesterday.track('t');
-- deploy open
UPDATE t SET a = 'x' WHERE id = 1;
ALTER TABLE t ADD COLUMN b int;
UPDATE t SET a = 'y', b = 7;
-- case: extension moved that columns have types of
-- setup
CREATE SCHEMA ext;
CREATE EXTENSION hstore SCHEMA ext;
CREATE TYPE ext.mood AS ENUM ('sad', 'happy');
CREATE TABLE t (id int PRIMARY KEY, h ext.hstore, m ext.mood);
INSERT INTO t VALUES (1, 'a=>1', 'sad');
-- deploy
ALTER EXTENSION hstore SET SCHEMA public;
ALTER TABLE t ADD COLUMN n int;
-- deploy
ALTER TYPE ext.mood SET SCHEMA public;
DROP SCHEMA ext;
-- case: schema dropped that everything was moved out of
-- setup
CREATE SCHEMA ext;
GRANT USAGE ON SCHEMA ext TO PUBLIC;
CREATE EXTENSION hstore SCHEMA ext;
CREATE TABLE t (id int PRIMARY KEY, h ext.hstore);
INSERT INTO t VALUES (1, 'a=>1');
-- deploy
ALTER EXTENSION hstore SET SCHEMA public;
DROP SCHEMA ext;
-- case: published tables that lose what their rows are told apart by
-- setup
CREATE TABLE t (id int PRIMARY KEY, k int NOT NULL, v text);
CREATE UNIQUE INDEX tk ON t (k);
ALTER TABLE t REPLICA IDENTITY USING INDEX tk;
CREATE TABLE u (v text, id int PRIMARY KEY);
CREATE TABLE w (id int PRIMARY KEY, v text);
CREATE TABLE x (id int PRIMARY KEY, k int NOT NULL UNIQUE, v text);
CREATE TABLE y (id int PRIMARY KEY, v text);
CREATE PUBLICATION pub FOR TABLE t, u, w, x WHERE (id > 0);
CREATE PUBLICATION all_of_it FOR ALL TABLES;
INSERT INTO t VALUES (1, 2, 'a'), (2, 3, 'b'); INSERT INTO u VALUES ('a', 1), ('b', 2); INSERT INTO w VALUES (1, 'a'), (2, 'b');
INSERT INTO x VALUES (1, 2, 'a'), (2, 3, 'b'); INSERT INTO y VALUES (1, 'a'), (2, 'b');
SELECT yesterday.track_like('public', '%');
-- deploy open
UPDATE t SET v = 'c' WHERE id = 1; DELETE FROM t WHERE id = 2;
ALTER TABLE t DROP COLUMN k;
UPDATE u SET v = 'z' WHERE id = 2; INSERT INTO u VALUES ('n', 7);
ALTER TABLE u DROP COLUMN id;
UPDATE w SET v = 'z' WHERE id = 2; INSERT INTO w VALUES (3, 'n');
ALTER TABLE w REPLICA IDENTITY NOTHING;
UPDATE x SET v = 'y' WHERE id = 1;
ALTER TABLE x REPLICA IDENTITY USING INDEX x_k_key;
UPDATE y SET v = 'y' WHERE id = 1;
ALTER TABLE y DROP CONSTRAINT y_pkey;
ALTER TABLE y REPLICA IDENTITY FULL;
INSERT INTO y VALUES (1, 'twice');
-- case: published table with a list of columns loses its key
-- setup
CREATE TABLE t (v text, id int PRIMARY KEY);
CREATE PUBLICATION pub FOR TABLE t (v, id);
INSERT INTO t VALUES ('a', 1), ('b', 2);
SELECT yesterday.track('t');
-- deploy
UPDATE t SET v = 'z' WHERE id = 2;
ALTER TABLE t DROP CONSTRAINT t_pkey;
-- refused
its replica identity does not have the columns(.|\n)*ALTER PUBLICATION \.\.\. DROP TABLE public\.t
