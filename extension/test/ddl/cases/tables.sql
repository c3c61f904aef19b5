-- case: table created
-- deploy
CREATE TABLE t (id serial PRIMARY KEY, name text NOT NULL DEFAULT 'x', CONSTRAINT positive CHECK (id > 0));
INSERT INTO t (name) VALUES ('a'), ('b');
-- case: two tables created that refer to each other
-- deploy
CREATE TABLE a (id int PRIMARY KEY, b int);
CREATE TABLE b (id int PRIMARY KEY, a int REFERENCES a);
ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES b;
-- case: table created that refers to an old one
-- setup
CREATE TABLE old (id int PRIMARY KEY);
INSERT INTO old VALUES (1);
-- deploy
CREATE TABLE new (id int PRIMARY KEY, old int REFERENCES old ON DELETE CASCADE);
INSERT INTO new VALUES (1, 1);
-- case: table created and dropped again
-- deploy
CREATE TABLE t (id int);
CREATE TABLE keep (id int);
DROP TABLE t;
-- case: table created from a query
-- setup
CREATE TABLE old (id int PRIMARY KEY, v text);
INSERT INTO old VALUES (1, 'a');
-- deploy
CREATE TABLE new AS SELECT * FROM old;
SELECT * INTO newer FROM old;
-- case: table dropped
-- setup
CREATE TABLE t (id int PRIMARY KEY, name text NOT NULL, price numeric(10,2) DEFAULT 0, doc jsonb);
CREATE INDEX t_name ON t (lower(name));
COMMENT ON TABLE t IS 'a table';
COMMENT ON COLUMN t.name IS 'its name';
GRANT SELECT ON t TO ddl_bob;
GRANT UPDATE (name) ON t TO ddl_alice;
INSERT INTO t VALUES (1, 'a', 1.5, '{"a": 1}'), (2, 'b', NULL, NULL), (3, E'tab\tnew\nline', 0, '[]');
-- deploy
DROP TABLE t;
-- case: table with serial dropped
-- setup
CREATE TABLE t (id serial PRIMARY KEY, name text);
INSERT INTO t (name) VALUES ('a'), ('b');
-- deploy
DROP TABLE t;
-- check
INSERT INTO t (name) VALUES ('c') RETURNING id = 3;
-- case: table with identity dropped
-- setup
CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY (START 10 INCREMENT 5) PRIMARY KEY, name text, twice text GENERATED ALWAYS AS (name || name) STORED);
INSERT INTO t (name) VALUES ('a'), ('b');
-- deploy
DROP TABLE t;
-- check
INSERT INTO t (name) VALUES ('c') RETURNING id = 20;
-- case: table dropped with everything that depends on it
-- setup
CREATE TABLE t (id int PRIMARY KEY, name text);
CREATE TABLE child (id int PRIMARY KEY, t int CONSTRAINT child_t REFERENCES t DEFERRABLE INITIALLY DEFERRED);
CREATE VIEW v AS SELECT id, upper(name) AS name FROM t;
CREATE VIEW vv AS SELECT * FROM v WHERE id > 0;
CREATE MATERIALIZED VIEW mv AS SELECT count(*) AS n FROM v;
CREATE UNIQUE INDEX mv_n ON mv (n);
CREATE FUNCTION f(t) RETURNS text LANGUAGE sql AS 'SELECT $1.name';
INSERT INTO t VALUES (1, 'a');
INSERT INTO child VALUES (1, 1);
REFRESH MATERIALIZED VIEW mv;
-- deploy
DROP TABLE t CASCADE;
-- case: table dropped and recreated with another shape
-- setup
CREATE TABLE t (id int PRIMARY KEY, name text);
INSERT INTO t VALUES (1, 'a'), (2, 'b');
-- deploy
DROP TABLE t;
CREATE TABLE t (id bigint PRIMARY KEY, title text, more int);
INSERT INTO t VALUES (7, 'x', 1);
-- case: table copied, dropped and renamed into place
-- setup
CREATE TABLE t (id int PRIMARY KEY, name text, gone int);
CREATE INDEX t_name ON t (name);
INSERT INTO t VALUES (1, 'a', 5), (2, 'b', 6);
-- deploy
CREATE TABLE t_new (id int PRIMARY KEY, name varchar(10) NOT NULL);
INSERT INTO t_new SELECT id, name FROM t;
DROP TABLE t;
ALTER TABLE t_new RENAME TO t;
CREATE INDEX t_name ON t (name);
-- case: table renamed
-- setup
CREATE TABLE t (id serial PRIMARY KEY, name text CHECK (name <> ''));
CREATE VIEW v AS SELECT * FROM t;
INSERT INTO t (name) VALUES ('a');
-- deploy
ALTER TABLE t RENAME TO renamed;
-- case: table renamed and another takes its name
-- setup
CREATE TABLE t (id int PRIMARY KEY, name text);
INSERT INTO t VALUES (1, 'a');
-- deploy
ALTER TABLE t RENAME TO t_old;
CREATE TABLE t (id int, title text);
INSERT INTO t SELECT id, name FROM t_old;
-- case: two tables swap names
-- setup
CREATE TABLE a (id int PRIMARY KEY);
CREATE TABLE b (name text);
INSERT INTO a VALUES (1);
INSERT INTO b VALUES ('b');
-- deploy
ALTER TABLE a RENAME TO c;
ALTER TABLE b RENAME TO a;
ALTER TABLE c RENAME TO b;
-- case: table moved to another schema
-- setup
CREATE SCHEMA s;
CREATE TABLE t (id serial PRIMARY KEY, name text);
CREATE INDEX t_name ON t (name);
-- deploy
ALTER TABLE t SET SCHEMA s;
-- case: table moved to a new schema and renamed
-- setup
CREATE TABLE t (id serial PRIMARY KEY, name text);
INSERT INTO t (name) VALUES ('a');
-- deploy
CREATE SCHEMA s;
ALTER TABLE t SET SCHEMA s;
ALTER TABLE s.t RENAME TO u;
-- case: owner changed
-- setup
CREATE TABLE t (id serial PRIMARY KEY, name text);
ALTER TABLE t OWNER TO ddl_alice;
GRANT SELECT ON t TO ddl_bob;
-- deploy
ALTER TABLE t OWNER TO ddl_bob;
-- case: storage parameters
-- setup
CREATE TABLE t (id int, doc text) WITH (fillfactor = 70, toast.autovacuum_enabled = false);
-- deploy
ALTER TABLE t SET (fillfactor = 90, autovacuum_enabled = false);
ALTER TABLE t RESET (toast.autovacuum_enabled);
-- case: unlogged and logged
-- setup
CREATE TABLE a (id int);
CREATE UNLOGGED TABLE b (id int);
INSERT INTO a VALUES (1);
INSERT INTO b VALUES (1);
-- deploy
ALTER TABLE a SET UNLOGGED;
ALTER TABLE b SET LOGGED;
-- case: replica identity and clustering
-- setup
CREATE TABLE t (id int PRIMARY KEY, n int NOT NULL, CONSTRAINT t_n UNIQUE (n));
CREATE TABLE u (id int PRIMARY KEY, n int NOT NULL);
CREATE UNIQUE INDEX u_n ON u (n);
ALTER TABLE u REPLICA IDENTITY USING INDEX u_n;
ALTER TABLE u CLUSTER ON u_n;
-- deploy
ALTER TABLE t REPLICA IDENTITY FULL;
ALTER TABLE t CLUSTER ON t_n;
ALTER TABLE u REPLICA IDENTITY DEFAULT;
ALTER TABLE u SET WITHOUT CLUSTER;
-- case: row security
-- setup
CREATE TABLE t (id int, owner name);
CREATE POLICY mine ON t FOR SELECT TO ddl_alice, ddl_bob USING (owner = current_user);
-- deploy
ALTER TABLE t ENABLE ROW LEVEL SECURITY;
ALTER TABLE t FORCE ROW LEVEL SECURITY;
CREATE POLICY all_of_it ON t AS RESTRICTIVE WITH CHECK (id > 0);
ALTER POLICY mine ON t USING (owner = session_user);
-- case: policy dropped and renamed
-- setup
CREATE TABLE t (id int);
ALTER TABLE t ENABLE ROW LEVEL SECURITY;
CREATE POLICY a ON t USING (id > 0);
CREATE POLICY b ON t FOR INSERT TO ddl_alice WITH CHECK (id > 1);
COMMENT ON POLICY b ON t IS 'a policy';
-- deploy
DROP POLICY b ON t;
ALTER POLICY a ON t RENAME TO c;
ALTER TABLE t DISABLE ROW LEVEL SECURITY;
-- case: typed table
-- setup
CREATE TYPE ty AS (a int, b text);
-- deploy
CREATE TABLE t OF ty (PRIMARY KEY (a));
-- case: typed table dropped
-- setup
CREATE TYPE ty AS (a int, b text);
CREATE TABLE t OF ty (PRIMARY KEY (a), b DEFAULT 'x');
INSERT INTO t VALUES (1, 'a');
-- deploy
DROP TABLE t;
-- case: quoted names
-- setup
CREATE SCHEMA "My Schema";
CREATE TABLE "My Schema"."My ""Table""" ("An Id" int CONSTRAINT "The Key" PRIMARY KEY, "select" text DEFAULT 'a''b');
CREATE INDEX "An Index" ON "My Schema"."My ""Table""" ("select");
INSERT INTO "My Schema"."My ""Table""" VALUES (1, 'x');
-- deploy
DROP TABLE "My Schema"."My ""Table""";
DROP SCHEMA "My Schema";
-- case: business rows in a created table
-- deploy
CREATE TABLE t (id int PRIMARY KEY, name text);
INSERT INTO t VALUES (1, 'by the deployment');
-- later
INSERT INTO t VALUES (2, 'by business');
-- check
SELECT count(*) = 1 FROM yesterday.attic_row WHERE kind = 'dropped' AND table_name = 't' AND row_data ->> 'name' = 'by business';
-- case: what others built on a created table
-- deploy
CREATE TABLE t (id int PRIMARY KEY, name text);
-- later
CREATE VIEW theirs AS SELECT name FROM t;
CREATE TABLE their_table (id int PRIMARY KEY, t int REFERENCES t);
CREATE INDEX their_index ON t (name);
-- residue
their_table
id integer NOT NULL
t integer
^[-+]\);
ADD CONSTRAINT
SET default_
-- check
SELECT to_regclass('theirs') IS NULL AND to_regclass('their_table') IS NOT NULL;
SELECT count(*) = 3 FROM yesterday.attic_object;
-- case: table moved and another made under its name
-- setup
CREATE SCHEMA s;
CREATE TABLE t (id serial PRIMARY KEY, name text);
CREATE INDEX t_name ON t (name);
-- deploy
ALTER TABLE t SET SCHEMA s;
CREATE TABLE t (id serial PRIMARY KEY, name text);
CREATE INDEX t_name ON t (name);
-- case: owner changed to one with column grants
-- setup
CREATE TABLE t (id int PRIMARY KEY, a text, b int);
GRANT SELECT (id, b) ON t TO ddl_bob;
GRANT SELECT ON t TO ddl_bob;
-- deploy
ALTER TABLE t OWNER TO ddl_bob;
-- case: owner changed to one with grants
-- setup
CREATE TABLE t (id int PRIMARY KEY, a text, b int);
GRANT SELECT ON t TO ddl_bob;
GRANT UPDATE ON t TO ddl_carol;
-- deploy
ALTER TABLE t OWNER TO ddl_bob;
-- case: table given away, dropped and made again
-- setup
GRANT CREATE ON SCHEMA public TO ddl_bob, ddl_alice;
CREATE TABLE t (id serial PRIMARY KEY, name text);
ALTER TABLE t OWNER TO ddl_bob;
INSERT INTO t (name) VALUES ('a');
CREATE TABLE u (id serial PRIMARY KEY, name text, n int);
ALTER TABLE u OWNER TO ddl_bob;
CREATE VIEW v AS SELECT id FROM u;
INSERT INTO u (name) VALUES ('a');
-- deploy
DROP TABLE t;
CREATE TABLE t (id int PRIMARY KEY, a text, b text NOT NULL, c int DEFAULT 1);
ALTER TABLE u OWNER TO ddl_alice;
ALTER TABLE u DROP COLUMN name;
