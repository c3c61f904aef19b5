-- case: every kind of relation altered
-- covers altered: sequence, table, view, materialized view, partitioned table, index, foreign key, check constraint, rule, trigger, policy, statistics
-- setup
-- given relations
ALTER TABLE tab ADD CONSTRAINT tab_later CHECK (number < 1000) NOT VALID;
CREATE INDEX plain ON tab (number) WITH (fillfactor = 60);
-- deploy
ALTER SEQUENCE seq AS bigint INCREMENT 7 MAXVALUE 5000 CACHE 5 NO CYCLE;
ALTER TABLE tab SET (fillfactor = 80);
ALTER TABLE tab ADD COLUMN extra text;
ALTER VIEW view SET (security_barrier);
ALTER VIEW view ALTER COLUMN name SET DEFAULT 'y';
ALTER MATERIALIZED VIEW matview SET (fillfactor = 60);
ALTER TABLE parted ADD COLUMN extra text DEFAULT 'y';
ALTER INDEX plain SET (fillfactor = 90);
ALTER INDEX ind ALTER COLUMN 1 SET STATISTICS 50;
ALTER TABLE tab ALTER CONSTRAINT tab_ref NOT DEFERRABLE;
ALTER TABLE tab VALIDATE CONSTRAINT tab_later;
ALTER TABLE other DISABLE RULE rul;
ALTER TABLE tab ENABLE ALWAYS TRIGGER trg;
ALTER POLICY pol ON tab TO ddl_alice USING (number > 6);
ALTER STATISTICS stat SET STATISTICS 70;
-- case: definitions of relations replaced in place
-- covers altered: view, rule, trigger
-- setup
-- given relations
-- deploy
CREATE OR REPLACE VIEW view AS SELECT id, name, number FROM tab;
CREATE OR REPLACE RULE rul AS ON DELETE TO other DO ALSO NOTIFY other_channel;
CREATE OR REPLACE TRIGGER trg BEFORE INSERT ON tab FOR EACH ROW WHEN (new.number > 1) EXECUTE FUNCTION trf();
-- case: a partition altered
-- covers altered: partition
-- setup
-- given relations
-- deploy
ALTER TABLE part ALTER COLUMN id SET DEFAULT 7;
ALTER TABLE part ADD CONSTRAINT part_check CHECK (id < 1000);
ALTER TABLE part SET (fillfactor = 60);
-- case: a column altered
-- covers altered: column
-- setup
-- given relations
-- deploy
ALTER TABLE tab ALTER COLUMN other_id TYPE bigint, ALTER COLUMN other_id SET NOT NULL, ALTER COLUMN name SET DEFAULT 'z';
-- case: every kind of routine and type altered
-- covers altered: function, procedure, aggregate, composite type, domain
-- setup
-- given code
-- deploy
ALTER FUNCTION fun(int, text) STRICT COST 7 SET work_mem = '1MB';
CREATE OR REPLACE PROCEDURE pro(INOUT a int) LANGUAGE plpgsql SECURITY DEFINER AS 'BEGIN a := 2; END';
CREATE OR REPLACE AGGREGATE agg (int) (SFUNC = int4larger, STYPE = int);
ALTER TYPE com ADD ATTRIBUTE c date;
ALTER DOMAIN dom DROP DEFAULT;
ALTER DOMAIN dom DROP CONSTRAINT dom_check;
ALTER DOMAIN dom ADD CONSTRAINT dom_small CHECK (VALUE < 100) NOT VALID;
-- case: labels of an enum added and renamed
-- covers altered: enum
-- setup
-- given code
-- deploy open
ALTER TYPE enu ADD VALUE 'blue' BEFORE 'green';
ALTER TYPE enu RENAME VALUE 'red' TO 'crimson';
-- case: every rarer kind altered
-- covers altered: operator, operator family, text search dictionary, text search configuration, publication, foreign-data wrapper, server, user mapping, foreign table, event trigger
-- setup
-- given rare
-- deploy
ALTER OPERATOR === (int, text) SET (RESTRICT = eqsel, JOIN = eqjoinsel);
ALTER OPERATOR FAMILY fam USING btree ADD OPERATOR 3 = (int4, int8);
ALTER OPERATOR FAMILY fam USING btree DROP FUNCTION 1 (int4, int8);
ALTER TEXT SEARCH DICTIONARY dict (Accept = true);
ALTER TEXT SEARCH CONFIGURATION conf ALTER MAPPING FOR word WITH simple;
ALTER TEXT SEARCH CONFIGURATION conf ADD MAPPING FOR email WITH dict;
ALTER PUBLICATION pub SET (publish = 'insert');
ALTER PUBLICATION pub SET TABLE tab (id);
ALTER FOREIGN DATA WRAPPER wrap OPTIONS (SET debug 'false', ADD extra '1');
ALTER SERVER srv VERSION '3' OPTIONS (DROP host, ADD zone 'z');
ALTER USER MAPPING FOR ddl_alice SERVER srv OPTIONS (SET password 'y');
ALTER FOREIGN TABLE ftab ADD COLUMN extra int, DROP COLUMN name, ALTER COLUMN id DROP NOT NULL;
ALTER FOREIGN TABLE ftab OPTIONS (ADD more 'y', DROP file);
ALTER FOREIGN TABLE ftab DROP CONSTRAINT ftab_check;
ALTER EVENT TRIGGER etr DISABLE;
-- case: unique constraint and operator class dropped with what needs them
-- covers dropped with what needs it: unique constraint, operator class
-- setup
CREATE TABLE p (id int, CONSTRAINT p_key UNIQUE (id));
CREATE TABLE c (p int CONSTRAINT c_p REFERENCES p (id));
INSERT INTO p VALUES (1);
INSERT INTO c VALUES (1);
CREATE FUNCTION cmp(int, int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1 - $2';
CREATE OPERATOR CLASS cla FOR TYPE int USING btree AS OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >, FUNCTION 1 cmp(int, int);
CREATE INDEX i ON c (p cla);
-- deploy
ALTER TABLE p DROP CONSTRAINT p_key CASCADE;
DROP OPERATOR CLASS cla USING btree CASCADE;
-- case: an operator class and its own family created
-- covers created: operator class
-- deploy
CREATE FUNCTION cmp(int, int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1 - $2';
CREATE OPERATOR CLASS cla FOR TYPE int USING btree AS OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >, FUNCTION 1 cmp(int, int);
CREATE TABLE t (a int);
CREATE INDEX i ON t (a cla);
-- case: default privileges given and taken away
-- covers created: default privileges
-- covers dropped: default privileges
-- covers altered: default privileges
-- setup
CREATE SCHEMA s;
ALTER DEFAULT PRIVILEGES IN SCHEMA s GRANT SELECT ON TABLES TO ddl_bob;
ALTER DEFAULT PRIVILEGES FOR ROLE ddl_alice GRANT USAGE ON SEQUENCES TO ddl_bob;
-- deploy
ALTER DEFAULT PRIVILEGES IN SCHEMA s GRANT INSERT ON TABLES TO ddl_bob;
ALTER DEFAULT PRIVILEGES FOR ROLE ddl_alice REVOKE USAGE ON SEQUENCES FROM ddl_bob;
ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO ddl_carol;
ALTER DEFAULT PRIVILEGES GRANT USAGE ON SCHEMAS TO ddl_carol;
ALTER DEFAULT PRIVILEGES REVOKE USAGE ON TYPES FROM PUBLIC;
-- case: commutators and negators of operators dropped
-- setup
CREATE FUNCTION eq(int, text) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1::text = $2';
CREATE FUNCTION qe(text, int) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1 = $2::text';
CREATE OPERATOR === (LEFTARG = int, RIGHTARG = text, FUNCTION = eq, COMMUTATOR = ===);
CREATE OPERATOR === (LEFTARG = text, RIGHTARG = int, FUNCTION = qe, COMMUTATOR = ===);
-- deploy
DROP OPERATOR === (int, text);
DROP OPERATOR === (text, int);
-- case: names of rarer kinds swapped
-- setup
CREATE COLLATION a (LOCALE = 'C');
CREATE COLLATION b (LOCALE = 'POSIX');
CREATE FOREIGN DATA WRAPPER wrap;
CREATE SERVER one FOREIGN DATA WRAPPER wrap OPTIONS (n '1');
CREATE SERVER two FOREIGN DATA WRAPPER wrap OPTIONS (n '2');
-- deploy
ALTER COLLATION a RENAME TO c;
ALTER COLLATION b RENAME TO a;
ALTER COLLATION c RENAME TO b;
ALTER SERVER one RENAME TO three;
ALTER SERVER two RENAME TO one;
-- case: sequences set to another position
-- setup
CREATE SEQUENCE s;
SELECT nextval('s'), nextval('s');
CREATE SEQUENCE down;
SELECT setval('down', 500);
CREATE SEQUENCE other;
SELECT setval('other', 5);
CREATE SEQUENCE used;
SELECT setval('used', 5);
CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY, a text);
INSERT INTO t (a) VALUES ('x'), ('y');
-- deploy
ALTER SEQUENCE s RESTART WITH 1000;
SELECT nextval('s');
ALTER SEQUENCE down RESTART;
ALTER SEQUENCE other INCREMENT -1 MINVALUE -100 MAXVALUE -1 START -1 RESTART;
ALTER SEQUENCE used RESTART WITH 70;
ALTER TABLE t ALTER COLUMN id RESTART WITH 80;
-- later
SELECT nextval('used');
-- check
SELECT nextval('s') = 3;
SELECT nextval('down') = 501;
SELECT nextval('other') = 6;
SELECT nextval('used') = 71;
SELECT report::text LIKE '%values were taken since the deployment set it%' FROM yesterday.rollback;
INSERT INTO t (a) VALUES ('z') RETURNING id = 3;
-- case: index made, and made anew while others write
-- setup
CREATE TABLE t (id int PRIMARY KEY, v text);
INSERT INTO t SELECT i, 'v' || i FROM generate_series(1, 20) i;
CREATE INDEX stays ON t (v);
COMMENT ON INDEX stays IS 'of before';
SELECT yesterday.track('t');
-- deploy open
CREATE INDEX CONCURRENTLY made ON t (v, id);
REINDEX INDEX CONCURRENTLY made;
UPDATE t SET v = 'x' WHERE id < 5;
REINDEX TABLE CONCURRENTLY t;
-- case: an abandoned deployment names what nobody saw
-- setup
CREATE TABLE t (id int PRIMARY KEY, a int);
CREATE FUNCTION et() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
CREATE EVENT TRIGGER etr ON ddl_command_end EXECUTE FUNCTION et();
-- deploy open
SELECT CASE evtenabled WHEN 'O' THEN 'ALTER EVENT TRIGGER etr DISABLE' ELSE 'ALTER EVENT TRIGGER etr ENABLE' END
FROM pg_event_trigger WHERE evtname = 'etr' \gexec
ALTER TABLE t ADD COLUMN b int;
-- residue
EVENT TRIGGER etr
-- check
SELECT report::text LIKE '%event trigger etr%' FROM yesterday.rollback;
-- case: attributes dropped and retyped that are columns of typed tables
-- setup
CREATE TYPE per AS (id int, "N n" text, at date, label text);
CREATE TABLE t OF per (id WITH OPTIONS PRIMARY KEY, "N n" WITH OPTIONS DEFAULT 'x' CHECK ("N n" <> ''));
CREATE TABLE u OF per (id WITH OPTIONS PRIMARY KEY);
INSERT INTO t VALUES (1, 'a', '2020-01-01', 'one'), (2, 'b', '2020-01-02', 'two');
INSERT INTO u VALUES (2, 'c', NULL, repeat('long', 30));
SELECT yesterday.track('t');
-- deploy
UPDATE t SET "N n" = 'changed', label = 'other' WHERE id = 1;
ALTER TYPE per DROP ATTRIBUTE "N n" CASCADE;
ALTER TYPE per ALTER ATTRIBUTE at TYPE timestamptz CASCADE, ALTER ATTRIBUTE label TYPE name CASCADE;
UPDATE t SET label = 'again' WHERE id = 1;
DELETE FROM t WHERE id = 2;
-- case: attributes dropped and retyped that are columns of typed tables, in many transactions
-- setup
CREATE TYPE per AS (id int, n text, at date);
CREATE TABLE t OF per (id WITH OPTIONS PRIMARY KEY);
CREATE TABLE u OF per;
INSERT INTO t VALUES (1, 'a', '2020-01-01'), (2, 'b', '2020-01-02');
INSERT INTO u VALUES (2, '7', NULL);
SELECT yesterday.track('t');
-- deploy open
UPDATE t SET n = 'changed' WHERE id = 1;
ALTER TYPE per DROP ATTRIBUTE n CASCADE;
ALTER TYPE per ALTER ATTRIBUTE at TYPE timestamptz CASCADE;
DELETE FROM t WHERE id = 2;
-- case: column dropped, then others retyped, of a business table without a key
-- setup
CREATE TABLE u (id int, n text, at date, label text);
INSERT INTO u VALUES (2, 'c', NULL, repeat('long', 30)), (3, 'd', '2020-01-01', 'x'), (3, 'd', '2020-01-01', 'x'), (3, 'e', '2020-01-01', 'x'), (3, NULL, '2020-01-01', 'x');
-- deploy
ALTER TABLE u DROP COLUMN n;
ALTER TABLE u ALTER COLUMN at TYPE timestamptz, ALTER COLUMN label TYPE name;
-- case: columns dropped and retyped in turns, of a business table without a key
-- setup
CREATE TABLE u (id int, n text, "at s2" date, label text, z numeric, m text);
INSERT INTO u VALUES (2, 'c', NULL, repeat('long', 30), 1.0, 'm'), (3, 'd', '2020-01-01', 'x', 1.00, 'o'), (3, 'd', '2020-01-01', 'x', 1.00, 'p'), (3, 'e', '2020-01-01', 'x', 1.00, 'q');
-- deploy
ALTER TABLE u DROP COLUMN n;
ALTER TABLE u ALTER COLUMN "at s2" TYPE timestamptz;
ALTER TABLE u DROP COLUMN m;
ALTER TABLE u ALTER COLUMN label TYPE name;
ALTER TABLE u ALTER COLUMN z TYPE numeric(5,1);
ALTER TABLE u ALTER COLUMN label TYPE text, ALTER COLUMN id TYPE bigint;
ALTER TABLE u RENAME COLUMN label TO s1;
-- case: column dropped, then the key retyped
-- setup
CREATE TABLE u (id date PRIMARY KEY, n text, at date, label text);
INSERT INTO u VALUES ('2020-01-02', 'c', NULL, repeat('long', 30)), ('2020-01-03', 'd', '2020-01-01', 'x');
-- deploy
ALTER TABLE u DROP COLUMN n;
ALTER TABLE u ALTER COLUMN id TYPE timestamptz;
ALTER TABLE u ALTER COLUMN label TYPE name;
-- case: column dropped, then others retyped, of a table without a key in which others go on
-- setup
CREATE TABLE u (id int, n text, at date, label text);
INSERT INTO u VALUES (2, 'c', NULL, repeat('long', 30)), (3, 'd', '2020-01-01', 'x'), (3, 'd', '2020-01-01', 'x'), (3, 'e', '2020-01-01', 'x');
-- deploy
ALTER TABLE u DROP COLUMN n;
ALTER TABLE u ALTER COLUMN at TYPE timestamptz, ALTER COLUMN label TYPE name;
-- later
INSERT INTO u VALUES (7, '2022-02-02', 'since'), (3, '2020-01-01', 'x');
-- check
SELECT string_agg(format('%s|%s|%s|%s', id, n, at, left(label, 5)), ' ' ORDER BY id, n) = '2|c||longl 3|d|2020-01-01|x 3|d|2020-01-01|x 3|e|2020-01-01|x 3||2020-01-01|x 7||2022-02-02|since' FROM u;
-- case: text search configuration altered that a column is computed by
-- setup
CREATE TEXT SEARCH CONFIGURATION c (COPY = english);
CREATE TABLE t (id int PRIMARY KEY, a text, v tsvector GENERATED ALWAYS AS (to_tsvector('c', a)) STORED);
INSERT INTO t VALUES (1, 'the running foxes');
SELECT yesterday.track('t');
-- deploy
ALTER TEXT SEARCH CONFIGURATION c DROP MAPPING FOR email;
ALTER TEXT SEARCH CONFIGURATION c ALTER MAPPING FOR asciiword WITH simple, english_stem;
UPDATE t SET a = 'the other foxes';
ALTER TABLE t ADD COLUMN lang regconfig DEFAULT 'c';
