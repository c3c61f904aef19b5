-- What others have built since on what a deployment changed: a rollback neither fails for it nor loses anything unsaid.

-- case: rows and arrays of rows of a table in a table that others made since
-- setup
SELECT yesterday.track_like('public', '%');
CREATE TABLE base (a int PRIMARY KEY, b text, c int);
INSERT INTO base VALUES (1, 'x', 2);
-- deploy
ALTER TABLE base DROP COLUMN b;
UPDATE base SET c = 3;
-- later
CREATE TABLE theirs (id int PRIMARY KEY, many base[], "One x" base, t text);
CREATE INDEX theirs_many ON theirs (t) WHERE many IS NOT NULL;
INSERT INTO theirs VALUES (1, ARRAY[ROW(1, 2)::base, NULL], ROW(4,5)), (2, NULL, NULL), (3, '{}', NULL);
CREATE VIEW theirv AS SELECT base, (many[1]).a, (many[1]).c FROM base, theirs;
-- residue
.
-- check
SELECT string_agg(theirs::text, ' ' ORDER BY id) = '(1,"{""(1,,2)"",NULL}","(4,,5)",) (2,,,) (3,{},,)' FROM theirs;
SELECT string_agg(base::text, ' ' ORDER BY a) = '(1,x,2)' FROM base;
SELECT count(*) = 3 FROM theirv;

-- case: functions with rows of a table that others made since
-- setup
SELECT yesterday.track_like('public', '%');
CREATE TABLE base (a int PRIMARY KEY, b text, c int);
INSERT INTO base VALUES (1, 'x', 2);
-- deploy
ALTER TABLE base DROP COLUMN b;
UPDATE base SET c = 3;
-- later
CREATE FUNCTION theirf(base[], x base) RETURNS SETOF base LANGUAGE sql AS 'SELECT x';
-- residue
.
-- check
SELECT string_agg(base::text, ' ' ORDER BY a) = '(1,x,2)' FROM base;
SELECT theirf(ARRAY[base], base)::text = '(1,x,2)' FROM base;

-- case: composite type of a table's rows that others made since
-- setup
SELECT yesterday.track_like('public', '%');
CREATE TABLE base (a int PRIMARY KEY, b text, c int);
INSERT INTO base VALUES (1, 'x', 2);
-- deploy
ALTER TABLE base DROP COLUMN b;
UPDATE base SET c = 3;
-- later
CREATE TYPE theirt AS (x base[]);
CREATE TABLE theirs2 (id int PRIMARY KEY, x theirt);
INSERT INTO theirs2 VALUES (1, ROW(ARRAY[ROW(1, 2)::base]));
-- residue
.
-- check
SELECT string_agg(a::text || b || c, ' ' ORDER BY a) = '1x2' FROM base;

-- case: domain over a table's rows that others made since
-- setup
SELECT yesterday.track_like('public', '%');
CREATE TABLE base (a int PRIMARY KEY, b text, c int);
INSERT INTO base VALUES (1, 'x', 2);
-- deploy
ALTER TABLE base DROP COLUMN b;
UPDATE base SET c = 3;
-- later
CREATE DOMAIN theird AS base[];
-- residue
.
-- check
SELECT string_agg(a::text || b || c, ' ' ORDER BY a) = '1x2' FROM base;

-- case: domain over a business table's rows that others made since
-- setup
CREATE TABLE base (a int PRIMARY KEY, b text, c int);
INSERT INTO base VALUES (1, 'x', 2);
-- deploy
ALTER TABLE base DROP COLUMN b;
-- later
CREATE DOMAIN theird AS base[];
-- residue
.
-- check
SELECT string_agg(a::text || b || c, ' ' ORDER BY a) = '1x2' FROM base;

-- case: heir of a business table that others made since
-- setup
CREATE TABLE base (a int PRIMARY KEY, b text, c int);
INSERT INTO base VALUES (1, 'x', 2);
-- deploy
ALTER TABLE base DROP COLUMN b;
-- later
CREATE TABLE child (d int) INHERITS (base);
INSERT INTO child VALUES (5, 6, 7);
-- residue
.
-- check
SELECT string_agg(a::text || coalesce(b, 'null') || c, ' ' ORDER BY a) = '1x2 5null6' FROM base;

-- case: heir of a table under capture that others made since
-- setup
CREATE TABLE base (a int PRIMARY KEY, b text NOT NULL, c int);
INSERT INTO base VALUES (1, 'x', 2);
SELECT yesterday.track('base');
-- deploy
ALTER TABLE base DROP COLUMN b, ALTER c TYPE text USING 'lost';
-- later
CREATE TABLE child (d int) INHERITS (base);
INSERT INTO child VALUES (5, '6', 7);
-- residue
.
-- check
SELECT string_agg(a::text || coalesce(b, 'null') || c, ' ' ORDER BY a) = '1x2 5null6' FROM base;

-- case: rows of a table that got a column, which others hold since
-- setup
CREATE TABLE base (a int, b text);
INSERT INTO base VALUES (1, 'x');
-- deploy
ALTER TABLE base ADD COLUMN c int;
-- later
CREATE TABLE theirs (id int PRIMARY KEY, many base[], one base);
INSERT INTO theirs VALUES (1, ARRAY[ROW(1, 'y', 2)::base], ROW(3, 'z', 4));
CREATE TYPE theirt AS (x base);
CREATE TABLE theirs2 (x theirt[]);
INSERT INTO theirs2 VALUES (ARRAY[ROW(ROW(1, 'q', 5))::theirt]);
-- residue
.
-- check
SELECT count(*) = 1 FROM theirs;

-- case: rows of a created table, which others hold since
-- setup
CREATE TABLE x (a int);
INSERT INTO x VALUES (1);
-- deploy
CREATE TABLE base (a int, b text);
-- later
CREATE TABLE theirs (id int PRIMARY KEY, many base[], o base);
INSERT INTO theirs VALUES (1, ARRAY[ROW(1, 7)::base], ROW(1, 'x'));
-- residue
.
-- check
SELECT count(*) = 1 FROM theirs;

-- case: enum of before that others use since in every way
-- setup
CREATE TYPE e AS ENUM ('a', 'b');
CREATE TABLE t (id int PRIMARY KEY, e e);
INSERT INTO t VALUES (1, 'a');
SELECT yesterday.track('t');
-- deploy open
ALTER TYPE e ADD VALUE 'c';
INSERT INTO t VALUES (2, 'c');
-- later
CREATE TYPE ct AS (e e[], d int);
CREATE DOMAIN ed AS e CHECK (VALUE <> 'b');
CREATE TABLE theirs (id int PRIMARY KEY, c ct, cs ct[], d ed, ds ed[]);
INSERT INTO theirs VALUES (1, ROW('{c,a}', 1), ARRAY[ROW('{b}', 2)::ct], 'a', '{c}');
CREATE FUNCTION theirf(e, e[]) RETURNS e LANGUAGE sql AS 'SELECT $1';
CREATE VIEW theirv AS SELECT 'c'::e AS x, theirf('a', '{b}');
CREATE TABLE parted (e e) PARTITION BY LIST (e);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES IN ('a', 'c');
INSERT INTO parted VALUES ('a');
-- residue
.
-- check
SELECT count(*) = 1 FROM theirs;

-- case: composite type that others hold arrays of since, and type tables by
-- setup
CREATE TYPE ct AS (a int, b text);
CREATE TABLE t (id int PRIMARY KEY, c ct);
INSERT INTO t VALUES (1, ROW(1, 'x'));
-- deploy
ALTER TYPE ct DROP ATTRIBUTE b CASCADE;
-- later
CREATE TABLE theirs (id int PRIMARY KEY, c ct[]);
INSERT INTO theirs VALUES (1, ARRAY[ROW(5)::ct]);
CREATE TABLE typed OF ct;
CREATE TYPE outerc AS (c ct[]);
CREATE TABLE theirs2 (o outerc);
INSERT INTO theirs2 VALUES (ROW(ARRAY[ROW(7)::ct]));
-- residue
.
-- check
SELECT count(*) = 1 FROM theirs;

-- case: business hangs on every kind of thing that a deployment made
-- setup
CREATE TABLE x (a int PRIMARY KEY);
INSERT INTO x VALUES (1);
-- deploy
CREATE SCHEMA s;
CREATE TYPE s.e AS ENUM ('a');
CREATE DOMAIN s.d AS int CHECK (VALUE > 0);
CREATE SEQUENCE s.q;
CREATE FUNCTION s.f(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1';
CREATE COLLATION s.c FROM "C";
CREATE TABLE s.t (id int PRIMARY KEY);
INSERT INTO s.t VALUES (1);
CREATE EXTENSION citext SCHEMA s;
ALTER TABLE x ADD COLUMN e s.e DEFAULT 'a';
-- later
CREATE TABLE biz (id int PRIMARY KEY DEFAULT nextval('s.q'), e s.e, d s.d, c text COLLATE s.c, ci s.citext, g int GENERATED ALWAYS AS (s.f(1)) STORED, t int REFERENCES s.t, x int REFERENCES x, CHECK (s.f(x) > 0));
INSERT INTO biz VALUES (DEFAULT, 'a', 3, 'c', 'Ci', DEFAULT, 1, 1);
CREATE TABLE s.inside (id int);
INSERT INTO s.inside VALUES (1);
CREATE VIEW bizv AS SELECT b.*, s.f(id) FROM biz b JOIN s.t USING (id);
INSERT INTO x VALUES (2, 'a');
-- residue
.
-- check
SELECT count(*) = 1 FROM biz;
SELECT count(*) = 2 FROM x;

-- case: column that others add to a table which refers to one that the deployment alters
-- setup
CREATE TABLE m (id int PRIMARY KEY);
CREATE TABLE biz (id int PRIMARY KEY, m int REFERENCES m);
INSERT INTO m VALUES (1);
INSERT INTO biz VALUES (1, 1);
-- deploy open
ALTER TABLE m ADD COLUMN ours int;
\c
ALTER TABLE biz ADD COLUMN theirs int DEFAULT 5;
-- later
UPDATE biz SET theirs = 6;
-- residue
theirs|m integer
-- check
SELECT biz::text = '(1,1,6)' FROM biz;
SELECT m::text = '(1)' FROM m;

-- case: domain on the rows of a table under capture that was dropped and made again
-- setup
SELECT yesterday.track_like('public', '%');
CREATE TABLE base (a int PRIMARY KEY, b text, c int);
CREATE TABLE side (id int PRIMARY KEY, v text);
INSERT INTO base VALUES (1, 'x', 2), (2, 'y', 3);
INSERT INTO side VALUES (1, 'v');
-- deploy
UPDATE base SET b = 'z' WHERE a = 1;
DROP TABLE base;
CREATE TABLE base (a int PRIMARY KEY, d text);
INSERT INTO base VALUES (1, 'new'), (5, 'new');
UPDATE side SET v = 'w';
-- later
CREATE DOMAIN theird AS base[];
CREATE TABLE theirs (id int PRIMARY KEY, d theird);
INSERT INTO theirs VALUES (1, ARRAY[ROW(1, 'q')::base]);
-- residue
.
-- check
SELECT v = 'v' FROM side;
SELECT count(*) = 1 FROM theirs;
SELECT string_agg(base::text, ' ' ORDER BY a) = '(1,new) (5,new)' FROM base;
SELECT string_agg(column_name || before, ' ' ORDER BY row_key, column_name) = 'bx c2 a2 by c3' FROM yesterday.diff('1') WHERE table_name = 'public.base';
SELECT count(*) = 1 FROM yesterday.rollback r, jsonb_array_elements(r.report) l WHERE l ->> 'subject' = 'rows of public.base' AND l ->> 'outcome' = 'held back';

-- case: heir of a table under capture that was dropped and made again
-- setup
SELECT yesterday.track_like('public', '%');
CREATE TABLE base (a int PRIMARY KEY, b text, c int);
CREATE TABLE side (id int PRIMARY KEY, v text);
INSERT INTO base VALUES (1, 'x', 2), (2, 'y', 3);
INSERT INTO side VALUES (1, 'v');
-- deploy
DROP TABLE base;
CREATE TABLE base (a int PRIMARY KEY, b text, c int);
INSERT INTO base VALUES (1, 'new', 2), (5, 'new', 3);
UPDATE side SET v = 'w';
-- later
CREATE TABLE heir (e int) INHERITS (base);
INSERT INTO heir VALUES (7, 'theirs', 1, 2);
-- residue
.
-- check
SELECT v = 'v' FROM side;
SELECT count(*) = 1 FROM heir;

-- case: domain on the rows of a table under capture whose computed column changed
-- setup
SELECT yesterday.track_like('public', '%');
CREATE TABLE base (a int PRIMARY KEY, b int, g int GENERATED ALWAYS AS (b * 2) STORED, c text);
CREATE TABLE side (id int PRIMARY KEY, v text);
INSERT INTO base VALUES (1, 10, DEFAULT, 'x'), (2, 20, DEFAULT, 'y');
INSERT INTO side VALUES (1, 'v');
-- deploy
ALTER TABLE base DROP COLUMN g;
ALTER TABLE base ADD COLUMN g int GENERATED ALWAYS AS (b * 3) STORED, ALTER COLUMN c TYPE int USING 7;
UPDATE base SET b = 11 WHERE a = 1;
INSERT INTO base VALUES (5, 1, 2);
UPDATE side SET v = 'w';
-- later
CREATE DOMAIN theird AS base[];
-- residue
.
-- check
SELECT v = 'v' FROM side;

-- case: domain on the rows of a table under capture whose computed column lost its expression
-- setup
SELECT yesterday.track_like('public', '%');
CREATE TABLE base (a int PRIMARY KEY, b int, g int GENERATED ALWAYS AS (b * 2) STORED);
CREATE TABLE side (id int PRIMARY KEY, v text);
INSERT INTO base VALUES (1, 10), (2, 20);
INSERT INTO side VALUES (1, 'v');
-- deploy
ALTER TABLE base ALTER COLUMN g DROP EXPRESSION;
UPDATE base SET g = 11, b = 3 WHERE a = 1;
INSERT INTO base VALUES (5, 1, 2);
UPDATE side SET v = 'w';
-- later
CREATE DOMAIN theird AS base[];
-- residue
.
-- check
SELECT v = 'v' FROM side;

-- case: domain on the rows of a table under capture whose key was dropped
-- setup
SELECT yesterday.track_like('public', '%');
CREATE TABLE base (a int PRIMARY KEY, b int, c text);
CREATE TABLE side (id int PRIMARY KEY, v text);
INSERT INTO base VALUES (1, 10, 'x'), (2, 20, 'y');
INSERT INTO side VALUES (1, 'v');
-- deploy
UPDATE base SET b = 30 WHERE a = 1;
ALTER TABLE base DROP COLUMN a;
UPDATE side SET v = 'w';
-- later
CREATE DOMAIN theird AS base[];
-- residue
.
-- check
SELECT v = 'v' FROM side;

-- case: domain on the rows of a table under capture whose key was retyped
-- setup
SELECT yesterday.track_like('public', '%');
CREATE TABLE base (a int PRIMARY KEY, b int, c text);
CREATE TABLE side (id int PRIMARY KEY, v text);
INSERT INTO base VALUES (1, 10, 'x'), (2, 20, 'y');
INSERT INTO side VALUES (1, 'v');
-- deploy
UPDATE base SET b = 30 WHERE a = 1;
ALTER TABLE base ALTER COLUMN a TYPE text USING 'k' || a;
UPDATE side SET v = 'w';
-- later
CREATE DOMAIN theird AS base[];
-- residue
.
-- check
SELECT v = 'v' FROM side;

-- case: heir and domain of tables that were dropped and made again, without capture
-- setup
CREATE TABLE base (a int PRIMARY KEY, b text, c int);
CREATE TABLE other (a int PRIMARY KEY, b text, c int);
INSERT INTO base VALUES (1, 'x', 2);
INSERT INTO other VALUES (1, 'x', 2);
-- deploy
DROP TABLE base, other;
CREATE TABLE base (a int PRIMARY KEY, d text);
CREATE TABLE other (a int PRIMARY KEY, d text);
INSERT INTO base VALUES (1, 'new');
-- later
CREATE DOMAIN theird AS base[];
CREATE TABLE heir (e int) INHERITS (other);
INSERT INTO heir VALUES (7, 'theirs', 1);
-- residue
.
-- check
SELECT count(*) = 1 FROM heir;
