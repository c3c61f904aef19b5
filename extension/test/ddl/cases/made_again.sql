-- case: every kind of relation dropped and made again with another shape
-- covers replaced: schema, sequence, column, primary key, foreign key, unique constraint, check constraint, exclusion constraint, index, trigger, rule, policy, statistics, view, materialized view, partition
-- setup
-- given relations
-- deploy
DROP SCHEMA sch;
CREATE SCHEMA sch AUTHORIZATION ddl_alice;
DROP SEQUENCE seq;
CREATE SEQUENCE seq AS smallint INCREMENT -1;
DROP VIEW view;
DROP MATERIALIZED VIEW matview;
ALTER TABLE tab DROP COLUMN number CASCADE;
ALTER TABLE tab ADD COLUMN number text DEFAULT 'n';
ALTER TABLE tab DROP CONSTRAINT tab_key;
ALTER TABLE tab ADD CONSTRAINT tab_key PRIMARY KEY (id, other_id);
ALTER TABLE tab DROP CONSTRAINT tab_ref;
ALTER TABLE tab ADD CONSTRAINT tab_ref FOREIGN KEY (other_id) REFERENCES other ON DELETE CASCADE;
ALTER TABLE tab ADD CONSTRAINT tab_unique UNIQUE (name);
ALTER TABLE tab ADD CONSTRAINT tab_check CHECK (id > 0);
ALTER TABLE tab DROP CONSTRAINT tab_exclude;
ALTER TABLE tab ADD CONSTRAINT tab_exclude EXCLUDE USING gist (span WITH =);
CREATE INDEX ind ON tab (name, id);
DROP TRIGGER trg ON tab;
CREATE TRIGGER trg AFTER DELETE ON tab FOR EACH STATEMENT EXECUTE FUNCTION trf();
DROP RULE rul ON other;
CREATE RULE rul AS ON UPDATE TO other DO ALSO NOTIFY changed;
CREATE POLICY pol ON tab FOR INSERT TO ddl_alice WITH CHECK (id > 5);
CREATE STATISTICS stat (mcv) ON id, number FROM tab;
CREATE VIEW view AS SELECT number, id FROM tab;
CREATE MATERIALIZED VIEW matview AS SELECT id, number FROM tab WITH NO DATA;
DROP TABLE part;
CREATE TABLE part PARTITION OF parted FOR VALUES IN ('c');
-- case: a partitioned table dropped and made again with another shape
-- covers replaced: partitioned table
-- setup
-- given relations
-- deploy
DROP TABLE parted;
CREATE TABLE parted (region text, id bigint) PARTITION BY HASH (id);
CREATE TABLE part PARTITION OF parted FOR VALUES WITH (MODULUS 1, REMAINDER 0);
-- case: a table dropped and made again with another shape
-- covers replaced: table
-- setup
-- given relations
-- deploy
DROP TABLE tab CASCADE;
CREATE TABLE tab (name varchar(9), id bigint GENERATED ALWAYS AS IDENTITY, extra text);
INSERT INTO tab (name) VALUES ('new');
-- case: every kind of routine and type dropped and made again with another shape
-- covers replaced: function, procedure, aggregate, enum, composite type, domain, range
-- setup
-- given code
-- deploy
DROP FUNCTION fun(int, text) CASCADE;
CREATE FUNCTION fun(x int, y text) RETURNS text LANGUAGE sql AS 'SELECT y';
DROP PROCEDURE pro;
CREATE PROCEDURE pro(INOUT b int) LANGUAGE sql AS 'SELECT 7';
DROP AGGREGATE agg(int) CASCADE;
CREATE AGGREGATE agg (int) (SFUNC = int4larger, STYPE = int);
DROP TYPE enu CASCADE;
CREATE TYPE enu AS ENUM ('green', 'blue');
DROP TYPE com CASCADE;
CREATE TYPE com AS (b text, c date);
DROP DOMAIN dom CASCADE;
CREATE DOMAIN dom AS text NOT NULL;
DROP TYPE ran CASCADE;
CREATE TYPE ran AS RANGE (SUBTYPE = int);
-- case: every rarer kind dropped and made again with another shape
-- covers replaced: operator, operator class, operator family, cast, transform, language, access method, collation, conversion, text search parser, text search template, text search dictionary, text search configuration, publication, foreign-data wrapper, server, user mapping, foreign table, event trigger
-- setup
-- given rare
-- deploy
DROP OPERATOR === (int, text);
CREATE OPERATOR === (LEFTARG = int, RIGHTARG = text, FUNCTION = same, RESTRICT = eqsel);
DROP OPERATOR FAMILY fam USING btree CASCADE;
CREATE OPERATOR FAMILY fam USING btree;
CREATE OPERATOR CLASS cla FOR TYPE int USING btree FAMILY fam AS
    OPERATOR 1 >, OPERATOR 2 >=, OPERATOR 3 =, OPERATOR 4 <=, OPERATOR 5 <, FUNCTION 1 cmp(int, int);
DROP CAST (int AS pair);
CREATE CAST (int AS pair) WITH FUNCTION to_pair(int);
DROP TRANSFORM FOR int LANGUAGE lang;
CREATE TRANSFORM FOR int LANGUAGE lang (TO SQL WITH FUNCTION int4recv(internal));
DROP LANGUAGE lang CASCADE;
CREATE LANGUAGE lang HANDLER plpgsql_call_handler;
DROP COLLATION coll;
CREATE COLLATION coll (LOCALE = 'POSIX');
DROP CONVERSION conv;
CREATE CONVERSION conv FOR 'LATIN2' TO 'UTF8' FROM iso8859_to_utf8;
DROP TEXT SEARCH CONFIGURATION conf;
DROP TEXT SEARCH DICTIONARY dict;
DROP TEXT SEARCH TEMPLATE template;
CREATE TEXT SEARCH TEMPLATE template (LEXIZE = dsimple_lexize);
DROP TEXT SEARCH PARSER parser;
CREATE TEXT SEARCH PARSER parser (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, LEXTYPES = prsd_lextype);
CREATE TEXT SEARCH DICTIONARY dict (TEMPLATE = simple);
CREATE TEXT SEARCH CONFIGURATION conf (COPY = simple);
DROP PUBLICATION pub;
CREATE PUBLICATION pub FOR ALL TABLES;
DROP FOREIGN TABLE ftab;
DROP USER MAPPING FOR ddl_alice SERVER srv;
DROP SERVER srv;
DROP FOREIGN DATA WRAPPER wrap;
CREATE FOREIGN DATA WRAPPER wrap;
CREATE SERVER srv FOREIGN DATA WRAPPER wrap;
CREATE USER MAPPING FOR ddl_alice SERVER srv;
CREATE FOREIGN TABLE ftab (name text) SERVER srv;
DROP ACCESS METHOD meth;
CREATE ACCESS METHOD meth TYPE INDEX HANDLER hashhandler;
DROP EVENT TRIGGER etr;
CREATE EVENT TRIGGER etr ON sql_drop EXECUTE FUNCTION et();

-- case: functions and a procedure made again with other names of parameters
CREATE FUNCTION f(a int, b text DEFAULT 'x', OUT c int) LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION v(VARIADIC a int[]) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE PROCEDURE p(a int, OUT b int) LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION nameless(int) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE VIEW reads AS SELECT f(1), v(1, 2);
COMMENT ON FUNCTION f(int, text) IS 'f'; GRANT EXECUTE ON PROCEDURE p(int, OUT int) TO ddl_bob;
-- deploy
DROP VIEW reads;
DROP FUNCTION f(int, text); CREATE FUNCTION f(x int, y text, OUT z int) LANGUAGE sql AS 'SELECT 2';
DROP FUNCTION v(int[]); CREATE FUNCTION v(VARIADIC z int[]) RETURNS int LANGUAGE sql AS 'SELECT 2';
DROP PROCEDURE p(int); CREATE PROCEDURE p(x int, OUT y int) LANGUAGE sql AS 'SELECT 2';
CREATE OR REPLACE FUNCTION nameless(named int) RETURNS int LANGUAGE sql AS 'SELECT 1';
-- deploy
ALTER FUNCTION v(int[]) RENAME TO w; ALTER PROCEDURE p(int) OWNER TO ddl_alice; DROP FUNCTION f(int, text);

-- case: column dropped from a table whose rows stand in columns of others
CREATE TABLE addr (street text, junk int, town text, PRIMARY KEY (street), CHECK (town <> 'never'));
CREATE TABLE cust (id int PRIMARY KEY, home addr, others addr[], v text);
CREATE TABLE firm (id int PRIMARY KEY, seat addr, v text);
CREATE TABLE none (seat addr);
CREATE INDEX addr_town ON addr (town);
CREATE VIEW seen AS SELECT (home).town, v FROM cust;
CREATE FUNCTION takes(addr) RETURNS text LANGUAGE sql AS 'SELECT ($1).town';
INSERT INTO addr VALUES ('a', 1, 't'), ('b', 2, 'u');
INSERT INTO cust VALUES (1, ROW('b', 2, 'u'), ARRAY[ROW('c', 3, 'v')::addr], 'x'), (2, NULL, NULL, 'y');
INSERT INTO firm VALUES (1, ROW('b', 2, 'u'), 'x'), (2, NULL, 'y');
SELECT yesterday.track('addr'), yesterday.track('cust');
-- deploy open
UPDATE cust SET v = 'z' WHERE id = 1;
ALTER TABLE addr DROP COLUMN junk;
UPDATE cust SET home = ROW('n', 'new') WHERE id = 2;
UPDATE addr SET town = 'w' WHERE street = 'a';
INSERT INTO addr VALUES ('x', 'y');
INSERT INTO cust VALUES (3, ROW('n', 'new'), ARRAY[ROW('c', 'v')::addr], 'x');

-- case: last column dropped from a table whose rows stand in columns of business
CREATE TABLE addr (street text, town text);
CREATE TABLE firm (id int PRIMARY KEY, seat addr, v text);
INSERT INTO firm VALUES (1, ROW('b', 'u'), 'x'), (2, NULL, 'y'), (3, ROW('b', 'u'), 'x');
-- deploy
ALTER TABLE addr DROP COLUMN town, ADD COLUMN zip int;
-- business
INSERT INTO firm VALUES (4, ROW('new', 7), 'x');
UPDATE firm SET seat = ROW('moved', 8) WHERE id = 3;
CREATE TABLE since (seat addr, l text);
INSERT INTO since VALUES (ROW('s', 9), 'l');
-- check
SELECT string_agg(f::text, ' ' ORDER BY id) = '(1,"(b,u)",x) (2,,y) (3,"(moved,)",x) (4,"(new,)",x)' FROM firm f;
SELECT since::text = '("(s,)",l)' FROM since;
-- residue
since|seat public.addr|    l text|\);

-- case: type changed with loss, and then the key dropped that tells its values apart
CREATE TYPE colour AS ENUM ('red', 'green');
CREATE TABLE t (id int PRIMARY KEY, c colour, v text);
CREATE TABLE tracked (id int PRIMARY KEY, c colour, v text);
INSERT INTO t VALUES (1, 'red', 'x'), (2, 'green', 'x'), (3, NULL, 'y'), (4, 'red', 'x');
INSERT INTO tracked SELECT * FROM t;
SELECT yesterday.track('tracked');
-- deploy open
ALTER TABLE t ALTER COLUMN c TYPE text USING c || '!';
ALTER TABLE t DROP COLUMN id;
ALTER TABLE tracked ALTER COLUMN c TYPE text USING c || '!';
ALTER TABLE tracked DROP COLUMN id;
-- case: tracked table made again by another owner than it had, rows written in both
-- setup
GRANT CREATE ON SCHEMA public TO ddl_bob;
CREATE TABLE t (id serial PRIMARY KEY, name text);
ALTER TABLE t OWNER TO ddl_bob;
INSERT INTO t (name) VALUES ('a'), ('b');
SELECT yesterday.track('t');
-- deploy
UPDATE t SET name = 'c' WHERE id = 1;
DROP TABLE t;
CREATE TABLE t (id int PRIMARY KEY, name text, c int DEFAULT 1);
INSERT INTO t VALUES (1, 'x');
