-- case: table and columns of it renamed since, rows written by the deployment
-- setup
CREATE SCHEMA s;
CREATE TABLE s.t (id int PRIMARY KEY, a int, "b c" text);
INSERT INTO s.t VALUES (1, 1, 'x'), (2, 2, 'y');
SELECT yesterday.track('s.t');
-- deploy
UPDATE s.t SET a = 5, "b c" = 'z' WHERE id = 1;
DELETE FROM s.t WHERE id = 2;
INSERT INTO s.t VALUES (3);
-- later
ALTER TABLE s.t RENAME a TO a2;
ALTER TABLE s.t RENAME id TO ident;
ALTER TABLE s.t RENAME TO "T t";
ALTER SCHEMA s RENAME TO s2;
-- residue
.
-- check
SELECT array_agg(t::text ORDER BY ident) = '{"(1,1,x)","(2,2,y)"}' FROM s2."T t" t;
-- case: table and columns of it renamed since, definitions changed by the deployment
-- setup
CREATE TABLE t (id int PRIMARY KEY, a int, b int);
INSERT INTO t VALUES (1, 1, 1);
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE TYPE e AS ENUM ('a');
CREATE TABLE u (e e);
SELECT yesterday.track('t'), yesterday.track('u');
-- deploy
ALTER TABLE t ALTER a TYPE bigint, DROP COLUMN b, ALTER a SET NOT NULL;
ALTER TYPE e ADD VALUE 'b';
CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 2';
UPDATE t SET a = 5;
-- later
ALTER TABLE t RENAME TO tt;
ALTER TABLE tt RENAME a TO aa;
ALTER FUNCTION f RENAME TO ff;
ALTER TYPE e RENAME TO ee;
INSERT INTO tt VALUES (2, 3);
-- residue
.
-- check
SELECT array_agg(t::text ORDER BY id) = '{"(1,1,1)","(2,3,)"}' FROM tt t;
-- case: table dropped since, and another one of its name made
-- setup
CREATE TABLE gone (id int PRIMARY KEY, a int);
CREATE TABLE other (id int PRIMARY KEY, a int);
CREATE TABLE stays (id int PRIMARY KEY);
INSERT INTO gone VALUES (1, 1);
INSERT INTO other VALUES (1, 1);
INSERT INTO stays VALUES (1);
SELECT yesterday.track('gone'), yesterday.track('other'), yesterday.track('stays');
-- deploy
UPDATE gone SET a = 5;
UPDATE other SET a = 5;
INSERT INTO stays VALUES (2);
-- later
DROP TABLE gone, other;
CREATE TABLE other (k text PRIMARY KEY);
INSERT INTO other VALUES ('theirs');
-- residue
.
-- check
SELECT count(*) = 1 FROM stays;
SELECT k = 'theirs' FROM other;
SELECT count(*) FILTER (WHERE l ->> 'outcome' = 'held back') = 2 FROM yesterday.rollback r, jsonb_array_elements(r.report) l WHERE r.report IS NOT NULL;
SELECT before = '1' FROM yesterday.diff(1) WHERE table_name = 'public.gone' AND column_name = 'a';
-- case: columns dropped since, of tables with a key and without
-- setup
CREATE TABLE t (id int PRIMARY KEY, a int, b int, c int);
CREATE TABLE k (id int PRIMARY KEY, a int);
CREATE TABLE n (a int, b int);
INSERT INTO t VALUES (1, 1, 1, 1), (2, 2, 2, 2);
INSERT INTO k VALUES (1, 1);
INSERT INTO n VALUES (1, 1);
SELECT yesterday.track('t'), yesterday.track('k'), yesterday.track('n');
-- deploy
UPDATE t SET a = 5, b = 5, c = 5 WHERE id = 1;
DELETE FROM t WHERE id = 2;
INSERT INTO t VALUES (3);
UPDATE k SET a = 5;
UPDATE n SET a = 5;
-- later
ALTER TABLE t DROP COLUMN b, ALTER c TYPE bigint;
ALTER TABLE k DROP COLUMN id;
ALTER TABLE n DROP COLUMN b;
-- residue
.
-- check
SELECT array_agg(t::text ORDER BY id) = '{"(1,1,1)","(2,2,2)"}' FROM t;
SELECT a = 5 FROM k;
SELECT a = 5 FROM n;
-- case: what a generated column is computed by changed since
-- setup
CREATE FUNCTION tax(numeric) RETURNS numeric IMMUTABLE LANGUAGE sql AS 'SELECT $1 * 0.19';
CREATE TABLE inv (id int PRIMARY KEY, net numeric, tax numeric GENERATED ALWAYS AS (tax(net)) STORED);
INSERT INTO inv VALUES (1, 100), (2, 200), (3, 300);
SELECT yesterday.track('inv');
-- deploy
UPDATE inv SET net = 5 WHERE id = 1;
DELETE FROM inv WHERE id = 2;
-- later
CREATE OR REPLACE FUNCTION tax(numeric) RETURNS numeric IMMUTABLE LANGUAGE sql AS 'SELECT $1 * 0.21';
-- residue
SELECT \$1 \* 0
-- check
SELECT array_agg(t::text ORDER BY id) = '{"(1,100,21.00)","(2,200,42.00)","(3,300,57.00)"}' FROM inv t;
-- case: what a generated column is computed by changed before
-- setup
CREATE FUNCTION tax(numeric) RETURNS numeric IMMUTABLE LANGUAGE sql AS 'SELECT $1 * 0.19';
CREATE TABLE inv (id int PRIMARY KEY, net numeric, tax numeric GENERATED ALWAYS AS (tax(net)) STORED);
INSERT INTO inv VALUES (1, 100), (2, 200), (3, 300);
CREATE OR REPLACE FUNCTION tax(numeric) RETURNS numeric IMMUTABLE LANGUAGE sql AS 'SELECT $1 * 0.21';
SELECT yesterday.track('inv');
-- deploy
UPDATE inv SET net = 5 WHERE id = 1;
-- refused
public\.inv recomputed: 1
