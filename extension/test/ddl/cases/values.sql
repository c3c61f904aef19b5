-- case: enum renamed and replaced under a column default
-- setup
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
COMMENT ON TYPE mood IS 'of before';
CREATE TABLE t (id int PRIMARY KEY, m mood NOT NULL DEFAULT 'ok', other int);
CREATE INDEX t_m ON t (m) WHERE m <> 'sad';
CREATE VIEW v AS SELECT id FROM t;
INSERT INTO t VALUES (1, 'sad'), (2, 'happy'), (3, 'ok');
-- deploy
DROP INDEX t_m;
ALTER TYPE mood RENAME TO mood_old;
CREATE TYPE mood AS ENUM ('sad', 'ok', 'great');
ALTER TABLE t ALTER COLUMN m DROP DEFAULT;
ALTER TABLE t ALTER COLUMN m TYPE mood USING (CASE m::text WHEN 'happy' THEN 'great' ELSE m::text END)::mood;
ALTER TABLE t ALTER COLUMN m SET DEFAULT 'ok';
DROP TYPE mood_old;
-- case: enum replaced and the new label used since
-- setup
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
CREATE TABLE t (id int PRIMARY KEY, m mood NOT NULL DEFAULT 'ok');
CREATE TABLE u (id int PRIMARY KEY, m mood NOT NULL DEFAULT 'ok');
INSERT INTO t VALUES (1, 'sad'), (2, 'happy'), (3, 'ok');
-- deploy
ALTER TYPE mood RENAME TO mood_old;
CREATE TYPE mood AS ENUM ('sad', 'ok', 'great');
ALTER TABLE t ALTER COLUMN m DROP DEFAULT;
ALTER TABLE t ALTER COLUMN m TYPE mood USING (CASE m::text WHEN 'happy' THEN 'great' ELSE m::text END)::mood;
ALTER TABLE t ALTER COLUMN m SET DEFAULT 'ok';
ALTER TABLE u ALTER COLUMN m DROP DEFAULT;
ALTER TABLE u ALTER COLUMN m TYPE mood USING m::text::mood;
ALTER TABLE u ALTER COLUMN m SET DEFAULT 'ok';
DROP TYPE mood_old;
-- later
INSERT INTO t VALUES (4, 'great'), (5, DEFAULT);
INSERT INTO u VALUES (4, 'ok'), (5, DEFAULT);
-- check
SELECT count(*) = 5 FROM t;
SELECT string_agg(id || ':' || m, ' ' ORDER BY id) LIKE '1:sad 2:% 3:ok 4:great 5:ok' FROM t;
SELECT count(*) = 2 FROM u;
-- residue
.
-- case: enum replaced in a tracked table
-- setup
SELECT yesterday.track_like('public', '%');
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
CREATE TABLE t (id int PRIMARY KEY, m mood NOT NULL DEFAULT 'ok');
INSERT INTO t VALUES (1, 'sad'), (2, 'happy'), (3, 'ok');
-- deploy
ALTER TYPE mood RENAME TO mood_old;
CREATE TYPE mood AS ENUM ('sad', 'ok', 'great');
ALTER TABLE t ALTER COLUMN m DROP DEFAULT;
ALTER TABLE t ALTER COLUMN m TYPE mood USING (CASE m::text WHEN 'happy' THEN 'great' ELSE m::text END)::mood;
ALTER TABLE t ALTER COLUMN m SET DEFAULT 'ok';
DROP TYPE mood_old;
UPDATE t SET m = 'great';
-- case: rows of a table left without columns, dropped by a later deployment
-- setup
CREATE TABLE t (a int);
INSERT INTO t VALUES (1), (2);
-- deploy
ALTER TABLE t DROP COLUMN a;
-- deploy
DROP TABLE t;
-- case: rows written into a table left without columns, dropped by a later deployment
-- setup
CREATE TABLE t (a int DEFAULT 7);
CREATE TABLE always (a int);
INSERT INTO t VALUES (1), (2);
-- deploy
ALTER TABLE t DROP COLUMN a;
INSERT INTO t DEFAULT VALUES;
ALTER TABLE always DROP COLUMN a;
INSERT INTO always DEFAULT VALUES;
-- deploy
DROP TABLE t, always;
-- later
-- check
SELECT count(*) = 3 FROM t;
SELECT count(*) = 1 FROM always;
-- case: rows that business writes into a table left without columns, dropped by a later deployment
-- setup
CREATE TABLE t (a int DEFAULT 7);
CREATE TABLE always (a int, b text);
INSERT INTO t VALUES (1), (2);
-- deploy
ALTER TABLE t DROP COLUMN a;
ALTER TABLE always DROP COLUMN a, DROP COLUMN b;
-- business
INSERT INTO t DEFAULT VALUES;
INSERT INTO always DEFAULT VALUES;
INSERT INTO always DEFAULT VALUES;
-- deploy open
DROP TABLE t, always;
-- check
SELECT count(*) = 3 FROM t;
SELECT count(*) = 2 FROM always;
-- case: attribute values written since, in a table that a later deployment drops
-- setup
CREATE TYPE pair AS (a int, b text);
CREATE TABLE t (id int PRIMARY KEY, p pair);
INSERT INTO t VALUES (1, ROW(1, 'x'));
-- deploy
ALTER TYPE pair ADD ATTRIBUTE c int;
-- business
INSERT INTO t VALUES (4, ROW(4, 'z', 44));
UPDATE t SET p.c = 11 WHERE id = 1;
-- deploy
DROP TABLE t;
-- check
SELECT count(*) = 2 FROM t;
SELECT (SELECT count(*) FROM pg_attribute WHERE attrelid = (SELECT typrelid FROM pg_type WHERE oid = 'pair'::regtype)) = 3
       OR count(*) = 2 FROM yesterday.attic WHERE table_name = 't' AND row_data ->> 'p' IN ('(4,z,44)', '(1,x,11)');
-- case: three deployments on one table, business after each
-- setup
CREATE TABLE t (id int PRIMARY KEY, a text, b text NOT NULL DEFAULT 'b');
INSERT INTO t VALUES (1, 'x', 'y');
-- deploy
ALTER TABLE t DROP COLUMN a, ADD COLUMN c int NOT NULL DEFAULT 3;
-- business
INSERT INTO t VALUES (2, 'two', 22);
-- deploy open
ALTER TABLE t ALTER COLUMN c TYPE text USING c || '!';
ALTER TABLE t RENAME COLUMN b TO d;
-- business
INSERT INTO t VALUES (3, 'three', 'thirty-three');
UPDATE t SET d = 'changed' WHERE id = 1;
-- deploy
DROP TABLE t;
CREATE TABLE t (id int PRIMARY KEY, d text);
INSERT INTO t VALUES (1, 'by the deployment');
-- business
INSERT INTO t VALUES (4, 'four');
-- check
SELECT count(*) = 4 FROM t;
SELECT string_agg(t.id || coalesce(to_jsonb(t) ->> 'd', to_jsonb(t) ->> 'b'), ' ' ORDER BY id) = '1changed 2two 3three 4four' FROM t;
SELECT bool_and(id <> 1 OR coalesce(to_jsonb(t) ->> 'a', to_jsonb(t) ->> 'd') IN ('x', 'changed')) FROM t;
-- residue
c (text|integer)
-- case: values of an attribute added since go to the attic
-- setup
CREATE TYPE pair AS (a int, b text);
CREATE TABLE t (id int PRIMARY KEY, p pair, ps pair[]);
CREATE TABLE nokey (p pair);
INSERT INTO t VALUES (1, ROW(1, 'x'), NULL), (2, NULL, NULL), (3, ROW(3, 'y'), NULL);
-- deploy
ALTER TYPE pair ADD ATTRIBUTE c int;
-- later
INSERT INTO t VALUES (4, ROW(4, 'z', 44), ARRAY[ROW(1, '', 55)::pair]);
UPDATE t SET p.c = 11 WHERE id = 1;
INSERT INTO nokey VALUES (ROW(5, 'n', 66)), (ROW(5, 'n', NULL));
-- check
SELECT string_agg(t::text, ' ' ORDER BY id) = '(1,"(1,x)",) (2,,) (3,"(3,y)",) (4,"(4,z)","{""(1,\\""\\"")""}")' FROM t;
SELECT count(*) = 1 FROM yesterday.attic WHERE table_name = 't' AND row_key ->> 'id' = '1' AND row_data ->> 'p' = '(1,x,11)';
SELECT count(*) = 1 FROM yesterday.attic WHERE table_name = 't' AND row_key ->> 'id' = '4' AND row_data ->> 'p' = '(4,z,44)' AND row_data ->> 'ps' LIKE '%55%';
SELECT count(*) = 2 FROM yesterday.attic WHERE table_name = 't';
SELECT count(*) = 1 FROM yesterday.attic WHERE table_name = 'nokey' AND row_data ->> 'p' = '(5,n,66)';
-- case: values of attributes of nested types written since
-- setup
CREATE TYPE inner_type AS (a int);
CREATE TYPE outer_type AS (i inner_type, n int);
CREATE DOMAIN inner_domain AS inner_type;
CREATE TABLE t (id int PRIMARY KEY, o outer_type, d inner_domain);
-- deploy
ALTER TYPE inner_type ADD ATTRIBUTE b text, ADD ATTRIBUTE c text;
-- later
INSERT INTO t VALUES (1, ROW(ROW(1, 'x', NULL), 2), NULL), (2, NULL, ROW(1, NULL, 'y')), (3, NULL, NULL);
-- check
SELECT string_agg(t::text, ' ' ORDER BY id) = '(1,"(""(1)"",2)",) (2,,"(1)") (3,,)' FROM t;
SELECT count(*) = 1 FROM yesterday.attic WHERE table_name = 't' AND row_key ->> 'id' = '1' AND row_data ->> 'o' LIKE '%x%';
SELECT count(*) = 1 FROM yesterday.attic WHERE table_name = 't' AND row_key ->> 'id' = '2' AND row_data ->> 'd' LIKE '%y%';
-- case: values of an attribute added to a type that is made anew
-- setup
CREATE TYPE pair AS (a int, b text);
CREATE TABLE t (id int PRIMARY KEY, p pair);
INSERT INTO t VALUES (1, ROW(1, 'x'));
-- deploy
ALTER TYPE pair ADD ATTRIBUTE c int;
ALTER TYPE pair DROP ATTRIBUTE a;
-- later
INSERT INTO t VALUES (4, ROW('z', 44));
UPDATE t SET p.c = 11 WHERE id = 1;
-- check
SELECT string_agg(t::text, ' ' ORDER BY id) = '(1,"(,x)") (4,"(,z)")' FROM t;
SELECT count(*) = 1 FROM yesterday.attic WHERE table_name = 't' AND row_key ->> 'id' = '1' AND row_data ->> 'p' = '(x,11)';
SELECT count(*) = 1 FROM yesterday.attic WHERE table_name = 't' AND row_key ->> 'id' = '4' AND row_data ->> 'p' = '(z,44)';
-- case: typed tables follow their type
-- setup
CREATE TYPE pair AS (a int, b text);
CREATE TABLE t OF pair;
INSERT INTO t VALUES (1, 'x');
-- deploy
ALTER TYPE pair ADD ATTRIBUTE c int CASCADE;
ALTER TYPE pair RENAME ATTRIBUTE b TO bb CASCADE;
CREATE VIEW v AS SELECT c FROM t;
UPDATE t SET c = 5;
-- later
INSERT INTO t VALUES (2, 'y', 6);
-- check
SELECT string_agg(t::text, ' ' ORDER BY a) = '(1,x) (2,y)' FROM t;
SELECT count(*) = 1 FROM yesterday.attic WHERE table_name = 't' AND row_data ->> 'c' = '6';
-- case: one value that does not fit keeps its column alone
-- setup
CREATE TABLE t (id int PRIMARY KEY, a varchar(3), b varchar(3), c int, d int);
INSERT INTO t VALUES (1, 'x', 'y', 1, 2);
-- deploy
ALTER TABLE t ALTER COLUMN a TYPE text, ALTER COLUMN b TYPE text, ALTER COLUMN c TYPE bigint;
ALTER TABLE t DROP COLUMN d;
-- later
INSERT INTO t VALUES (2, 'x', 'longer', 5);
-- check
SELECT format_type(atttypid, atttypmod) = 'character varying(3)' FROM pg_attribute WHERE attrelid = 't'::regclass AND attname = 'a';
SELECT format_type(atttypid, atttypmod) = 'text' FROM pg_attribute WHERE attrelid = 't'::regclass AND attname = 'b';
SELECT format_type(atttypid, atttypmod) = 'integer' FROM pg_attribute WHERE attrelid = 't'::regclass AND attname = 'c';
SELECT string_agg(t::text, ' ' ORDER BY id) = '(1,x,y,1,2) (2,x,longer,5,)' FROM t;
-- residue
b (text|character varying)
-- case: two values that do not fit
-- setup
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TABLE t (id int PRIMARY KEY, a varchar(3), m mood, b smallint, c int, d int);
INSERT INTO t VALUES (1, 'x', 'sad', 1, 1, 2);
-- deploy
ALTER TYPE mood ADD VALUE 'great';
ALTER TABLE t ALTER COLUMN a TYPE text, ALTER COLUMN b TYPE bigint, ALTER COLUMN c TYPE text;
ALTER TABLE t DROP COLUMN d;
-- later
INSERT INTO t VALUES (2, 'longer', 'great', 1, '2'), (3, 'x', 'ok', 100000, 'three');
-- check
SELECT string_agg(attname || ' ' || format_type(atttypid, atttypmod), ', ' ORDER BY attnum) = 'id integer, a text, m mood, b bigint, c text, d integer' FROM pg_attribute WHERE attrelid = 't'::regclass AND attnum > 0 AND NOT attisdropped;
SELECT string_agg(t::text, ' ' ORDER BY id) = '(1,x,sad,1,1,2) (2,longer,great,1,2,) (3,x,ok,100000,three,)' FROM t;
-- residue
.
-- case: business table emptied after a column was dropped
-- setup
CREATE TABLE t (id int PRIMARY KEY, a text, b text);
CREATE TABLE nokey (a text, b text);
INSERT INTO t VALUES (1, 'x', 'y'), (2, 'x', 'z');
INSERT INTO nokey VALUES ('x', 'y'), ('x', 'y'), (NULL, 'z');
-- deploy
ALTER TABLE t DROP COLUMN a;
TRUNCATE t;
ALTER TABLE nokey DROP COLUMN a;
TRUNCATE nokey;
-- case: business table emptied after a column was dropped, rows written since
-- setup
CREATE TABLE t (id int PRIMARY KEY, a text, b text);
INSERT INTO t VALUES (1, 'x', 'y'), (2, 'x', 'z');
-- deploy
ALTER TABLE t DROP COLUMN a;
TRUNCATE t;
INSERT INTO t VALUES (7, 'of the deployment');
-- later
INSERT INTO t VALUES (3, 'new'), (1, 'taken');
-- check
SELECT string_agg(t::text, ' ' ORDER BY id) = '(1,,taken) (2,x,z) (3,,new)' FROM t;
SELECT count(*) = 1 FROM yesterday.attic WHERE table_name = 't' AND row_data ->> 'b' = 'y';
-- case: business table emptied after columns changed their types and went, bit by bit
-- setup
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TABLE t (id int PRIMARY KEY, a text, b text, m mood, n numeric(5,2), at timestamptz);
CREATE TABLE nokey (a text, b text, c float8);
CREATE TABLE all_gone (a text);
INSERT INTO t VALUES (1, '1', 'y', 'sad', 1.25, '2020-01-01 10:00+00'), (2, NULL, 'z', NULL, NULL, NULL);
INSERT INTO nokey VALUES ('x', '1', 0.1), ('x', '1', 0.1), (NULL, '2', 'NaN');
INSERT INTO all_gone VALUES ('x'), (NULL);
-- deploy
ALTER TABLE t ALTER COLUMN a TYPE int USING length(a), DROP COLUMN m;
ALTER TABLE t ALTER COLUMN n TYPE int, ALTER COLUMN at TYPE date;
ALTER TABLE t DROP COLUMN at, ADD COLUMN at text DEFAULT 'other';
TRUNCATE t;
ALTER TABLE t DROP COLUMN b;
ALTER TABLE nokey ALTER COLUMN b TYPE int USING b::int + 1;
ALTER TABLE nokey DROP COLUMN a;
TRUNCATE nokey;
ALTER TABLE all_gone DROP COLUMN a;
TRUNCATE all_gone;
-- case: business table emptied after its key was dropped, in open scope
-- setup
CREATE TABLE t (id int PRIMARY KEY, a text, b text);
INSERT INTO t VALUES (1, 'x', 'y'), (2, 'x', 'z'), (3, 'x', 'z');
-- deploy open
ALTER TABLE t DROP COLUMN id;
TRUNCATE t;
INSERT INTO t VALUES ('n', 'of the deployment');
-- case: business table emptied before a column was dropped
-- setup
CREATE TABLE t (id int PRIMARY KEY, a text, b text);
INSERT INTO t VALUES (1, 'x', 'y'), (2, 'x', 'z');
-- deploy
TRUNCATE t;
ALTER TABLE t DROP COLUMN a;
-- later
INSERT INTO t VALUES (3, 'new');
-- check
SELECT string_agg(t::text, ' ' ORDER BY id) = '(1,x,y) (2,x,z) (3,,new)' FROM t;
-- case: foreign key on a key that was held back
-- setup
CREATE TABLE parent (id int, name text, CONSTRAINT parent_pkey PRIMARY KEY (id));
CREATE TABLE child (id int PRIMARY KEY, parent int CONSTRAINT fk REFERENCES parent);
INSERT INTO parent VALUES (1, 'a');
INSERT INTO child VALUES (1, 1);
-- deploy
ALTER TABLE child DROP CONSTRAINT fk;
ALTER TABLE parent DROP CONSTRAINT parent_pkey;
-- later
INSERT INTO parent VALUES (1, 'b');
INSERT INTO child VALUES (2, 1);
-- check
SELECT count(*) = 2 FROM parent;
SELECT count(*) = 2 FROM child;
-- residue
ADD CONSTRAINT
ALTER TABLE ONLY
-- case: key dropped after a composite type changed, then the table
-- setup
CREATE TYPE pair AS (a int, b text, c int);
CREATE TABLE t (id int PRIMARY KEY, p pair);
INSERT INTO t VALUES (1, ROW(1, 'x', 3)), (2, NULL), (3, ROW(3, 'z', 4));
-- deploy open
ALTER TYPE pair DROP ATTRIBUTE b;
ALTER TABLE t DROP COLUMN id;
DROP TABLE t;
-- case: identity goes on where it stood after a table was made anew twice
-- setup
CREATE TABLE t (id int GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, dead int, name text, kept int);
INSERT INTO t (name) SELECT 'row' FROM generate_series(1, 5);
-- deploy
ALTER TABLE t DROP COLUMN dead;
-- deploy
ALTER TABLE t DROP COLUMN name;
-- later
INSERT INTO t (kept) VALUES (1), (2);
-- check
SELECT last_value = 8 AND NOT is_called FROM t_id_seq;
-- case: sequences dropped that were set and not used since
-- setup
CREATE SEQUENCE s;
ALTER SEQUENCE s RESTART WITH 50;
CREATE TABLE t (id serial PRIMARY KEY);
ALTER SEQUENCE t_id_seq RESTART WITH 60;
-- deploy
DROP SEQUENCE s;
ALTER TABLE t ALTER COLUMN id DROP DEFAULT;
DROP SEQUENCE t_id_seq;
-- check
SELECT last_value = 50 AND NOT is_called FROM s;
SELECT last_value = 60 AND NOT is_called FROM t_id_seq;
-- case: numbers that are none, written since into a column that was made wider
-- setup
CREATE TABLE t (id int PRIMARY KEY, n int, m money, b bigint);
INSERT INTO t VALUES (1, 5, 3, 7);
CREATE TABLE e (id int PRIMARY KEY, n smallint);
-- deploy
ALTER TABLE t ALTER n TYPE numeric, ALTER m TYPE numeric USING m::numeric, ALTER b TYPE numeric(20,2);
ALTER TABLE e ALTER n TYPE numeric;
-- residue
    n smallint
    n numeric
    n integer,
    n numeric,
    m money,
    m numeric,
    b bigint
    b numeric\(20,2\)
-- later
INSERT INTO t VALUES (2, 'NaN', 'NaN', 'NaN'), (3, 'Infinity', 2, 3);
INSERT INTO e VALUES (1, 'NaN');
-- check
SELECT count(*) = 3 AND count(*) FILTER (WHERE n::text = 'NaN') = 1 FROM t;
SELECT count(*) = 1 FROM e;
