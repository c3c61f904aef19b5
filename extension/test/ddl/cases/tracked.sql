-- case: tracked table renamed and another takes its name
-- setup
SELECT yesterday.track_like('public', '%');
CREATE TABLE t (id int PRIMARY KEY, name text);
INSERT INTO t VALUES (1, 'a'), (2, 'b');
-- deploy
ALTER TABLE t RENAME TO t_old;
CREATE TABLE t (id int PRIMARY KEY, title text);
INSERT INTO t SELECT id, name FROM t_old;
INSERT INTO t VALUES (3, 'c');
UPDATE t_old SET name = 'z' WHERE id = 1;
DELETE FROM t_old WHERE id = 2;
-- case: tracked tables swap names
-- setup
SELECT yesterday.track_like('public', '%');
CREATE TABLE a (id int PRIMARY KEY, name text);
CREATE TABLE b (id int PRIMARY KEY, name text);
INSERT INTO a VALUES (1, 'a'), (2, 'b');
INSERT INTO b VALUES (1, 'ba'), (2, 'bb');
-- deploy
UPDATE a SET name = 'x' WHERE id = 1;
ALTER TABLE a RENAME TO c;
ALTER TABLE b RENAME TO a;
ALTER TABLE c RENAME TO b;
UPDATE a SET name = 'y' WHERE id = 1;
UPDATE b SET name = 'z' WHERE id = 2;
-- case: tracked table copied, dropped and renamed into place
-- setup
SELECT yesterday.track_like('public', '%');
CREATE TABLE t (id int PRIMARY KEY, name text, gone int);
INSERT INTO t VALUES (1, 'a', 5), (2, 'b', 6);
-- deploy
CREATE TABLE t_new (id int PRIMARY KEY, name varchar(10) NOT NULL);
INSERT INTO t_new SELECT id, name FROM t;
DROP TABLE t;
ALTER TABLE t_new RENAME TO t;
-- check
SELECT array_agg(table_name || outside || state)::text = '{tallowcapturing}' FROM yesterday.tracked;
-- case: tracked table dropped and another one renamed to its name
-- setup
CREATE TABLE t (id int PRIMARY KEY, name text);
CREATE TABLE u (id int PRIMARY KEY, title text);
SELECT yesterday.track('t');
SELECT yesterday.track('u', layer => 'partner');
INSERT INTO t VALUES (1, 'a'), (2, 'b');
INSERT INTO u VALUES (1, 'ua'), (2, 'ub');
-- deploy
UPDATE t SET name = 'x' WHERE id = 1;
DROP TABLE t;
ALTER TABLE u RENAME TO t;
UPDATE t SET title = 'y' WHERE id = 2;
-- check
SELECT array_agg(table_name || layer || state ORDER BY 1)::text = '{tplatformcapturing,upartnercapturing}' FROM yesterday.tracked;
-- case: dropped, made anew by a later deployment
-- setup
SELECT yesterday.track_like('public', '%');
CREATE TABLE t (id int PRIMARY KEY, a text);
INSERT INTO t VALUES (1, 'a');
-- deploy
DROP TABLE t;
-- deploy open
CREATE TABLE t (id int PRIMARY KEY, name text);
INSERT INTO t VALUES (1, 'b');
-- case: composite attribute dropped under tracked rows
-- setup
SELECT yesterday.track_like('public', '%');
CREATE TYPE pair AS (a int, b text, c int);
CREATE TABLE t (id int PRIMARY KEY, p pair NOT NULL, q pair DEFAULT ROW(1, 'd', 2), n int);
INSERT INTO t VALUES (1, ROW(1, 'x', 3), NULL, 1), (2, ROW(NULL, NULL, NULL), ROW(1, '', 5), 2);
-- deploy
UPDATE t SET n = 7;
ALTER TYPE pair DROP ATTRIBUTE b;
UPDATE t SET p = ROW(5, 6) WHERE id = 1;
-- case: type changed without a cast back under tracked rows
-- setup
SELECT yesterday.track_like('public', '%');
CREATE TABLE t (id int PRIMARY KEY, a boolean NOT NULL DEFAULT true, b text);
INSERT INTO t VALUES (1, true, 'x'), (2, false, 'y');
-- deploy
ALTER TABLE t ALTER COLUMN a DROP DEFAULT;
ALTER TABLE t ALTER COLUMN a TYPE timestamptz USING CASE WHEN a THEN '2020-01-01'::timestamptz ELSE '2021-01-01' END;
ALTER TABLE t ALTER COLUMN b TYPE int USING length(b);
-- case: key column dropped under tracked rows
-- setup
SELECT yesterday.track_like('public', '%');
CREATE TABLE t (id int PRIMARY KEY, a int NOT NULL);
INSERT INTO t VALUES (1, 1), (2, 1), (3, 5);
-- deploy
UPDATE t SET a = 6 WHERE id = 3;
ALTER TABLE t DROP COLUMN id;
-- case: tracked table renamed, and a column dropped
-- setup
CREATE TABLE t (a int, b int, c int);
CREATE TABLE keyed (id int PRIMARY KEY, c int);
SELECT yesterday.track('t'), yesterday.track('keyed');
-- deploy
ALTER TABLE t RENAME TO tt;
ALTER TABLE tt DROP COLUMN c;
INSERT INTO tt VALUES (1, 2);
ALTER TABLE keyed RENAME TO kk;
ALTER TABLE kk DROP COLUMN c;
-- case: empty tracked table in a renamed schema dropped, made again and renamed
-- setup
CREATE SCHEMA s;
CREATE TABLE s.t (id int PRIMARY KEY, v text);
SELECT yesterday.track('s.t');
-- deploy
ALTER SCHEMA s RENAME TO z;
-- deploy
DROP TABLE z.t;
CREATE TABLE z.t (id int PRIMARY KEY, v text, w int);
INSERT INTO z.t VALUES (1, 'c', 2);
ALTER TABLE z.t RENAME TO u;
-- case: columns of a domain with a default dropped from tracked tables without a key
-- setup
CREATE DOMAIN d AS text DEFAULT 'x' CONSTRAINT not_empty CHECK (VALUE <> '');
CREATE TABLE t (a d);
CREATE TABLE u (id int, a d, b d DEFAULT 'y');
INSERT INTO t VALUES ('a'), (NULL), ('x');
INSERT INTO u VALUES (1, 'a', 'b'), (2, NULL, NULL), (2, NULL, NULL);
SELECT yesterday.track('t'), yesterday.track('u');
-- deploy open
ALTER TABLE t DROP COLUMN a;
ALTER TABLE u DROP COLUMN a, DROP COLUMN b;
INSERT INTO u VALUES (3);
DELETE FROM u WHERE id = 1;
