-- case: key of a tracked table, values that do not cast back
-- setup
SELECT yesterday.track_like('public', '%');
CREATE TABLE t (id text PRIMARY KEY, a text);
INSERT INTO t VALUES ('one', 'x'), ('two', 'y');
-- deploy
ALTER TABLE t ALTER COLUMN id TYPE int USING length(a) + CASE id WHEN 'one' THEN 0 ELSE 1 END;
UPDATE t SET a = 'z' WHERE id = 1;
INSERT INTO t VALUES (9, 'new');
-- case: key of a tracked table, rows written since
-- setup
SELECT yesterday.track_like('public', '%');
CREATE TABLE t (id text PRIMARY KEY, a text);
INSERT INTO t VALUES ('one', 'x'), ('two', 'y'), ('three', 'z');
-- deploy
ALTER TABLE t ALTER COLUMN id TYPE int USING CASE id WHEN 'one' THEN 1 WHEN 'two' THEN 2 ELSE 3 END;
DELETE FROM t WHERE id = 3;
-- later
UPDATE t SET a = 'changed' WHERE id = 1;
INSERT INTO t VALUES (7, 'newcomer');
-- check
SELECT string_agg(t::text, ' ' ORDER BY id) = '(7,newcomer) (one,x) (three,z) (two,y)' FROM t;
SELECT count(*) = 1 FROM yesterday.attic WHERE table_name = 't' AND row_data ->> 'id' = '1' AND row_data ->> 'a' = 'changed';
SELECT count(*) = 1 FROM yesterday.attic;
-- case: keyless tracked table, values that do not cast back
-- setup
SELECT yesterday.track_like('public', '%');
CREATE TABLE t (id text, a text);
INSERT INTO t VALUES ('one', 'x'), ('two', 'y'), ('two', 'y');
-- deploy
ALTER TABLE t ALTER COLUMN id TYPE int USING length(id) + CASE id WHEN 'one' THEN 0 ELSE 1 END;
UPDATE t SET a = 'z' WHERE id = 3;
INSERT INTO t VALUES (9, 'new');
-- case: keyless tracked table, rows written since
-- setup
SELECT yesterday.track_like('public', '%');
CREATE TABLE t (id text, a text);
INSERT INTO t VALUES ('one', 'x'), ('two', 'y'), ('two', 'y');
-- deploy open
ALTER TABLE t ALTER COLUMN id TYPE int USING length(id) + CASE id WHEN 'one' THEN 0 ELSE 1 END;
UPDATE t SET a = 'z' WHERE id = 3;
-- later
INSERT INTO t VALUES (4, 'newcomer');
-- check
SELECT string_agg(t::text, ' ' ORDER BY t::text) = '(4,newcomer) (one,x) (two,y) (two,y)' FROM t;
-- case: key retyped twice and renamed, in open scope
-- setup
SELECT yesterday.track_like('public', '%');
CREATE TYPE code AS ENUM ('a', 'b');
CREATE TABLE t (id code PRIMARY KEY, n int);
CREATE TABLE u (a text, b text, PRIMARY KEY (a, b));
INSERT INTO t VALUES ('a', 1), ('b', 2);
INSERT INTO u VALUES ('x', 'y'), ('x', 'z');
-- deploy open
ALTER TABLE t ALTER COLUMN id TYPE text USING id::text || id::text;
ALTER TABLE t ALTER COLUMN id TYPE int USING CASE id WHEN 'aa' THEN 10 ELSE 20 END;
ALTER TABLE t RENAME COLUMN id TO code;
UPDATE t SET n = 5;
ALTER TABLE u ALTER COLUMN b TYPE int USING CASE b WHEN 'y' THEN 1 ELSE 2 END;
DELETE FROM u WHERE b = 1;
-- case: integer keys made uuids, and new rows come
-- setup
CREATE TABLE k (id int PRIMARY KEY, n int);
CREATE TABLE two (a int, id int, n int, PRIMARY KEY (a, id));
INSERT INTO k SELECT i, i FROM generate_series(1, 5) i;
INSERT INTO two SELECT i % 2, i, i FROM generate_series(1, 5) i;
SELECT yesterday.track('k'), yesterday.track('two');
-- deploy open
UPDATE k SET n = 7 WHERE n = 1;
INSERT INTO k VALUES (77, 77);
ALTER TABLE k ALTER COLUMN id TYPE uuid USING lpad(id::text, 32, '0')::uuid;
ALTER TABLE two ALTER COLUMN id TYPE uuid USING lpad(id::text, 32, '0')::uuid;
INSERT INTO k VALUES ('c21398a5-e843-421e-8e94-e18b16efacf9', 10), ('c21398a5-e843-421e-8e94-e18b16efacfa', 11);
INSERT INTO two VALUES (1, 'c21398a5-e843-421e-8e94-e18b16efacf9', 10);
UPDATE k SET n = 12 WHERE n = 11;
UPDATE k SET n = 8 WHERE n = 2;
DELETE FROM k WHERE n = 12;
UPDATE two SET n = n + 1;
DELETE FROM k WHERE n = 3;
-- case: integer keys made uuids, and others write since
-- setup
CREATE TABLE k (id int PRIMARY KEY, n int);
CREATE TABLE beside (id int PRIMARY KEY, n int);
INSERT INTO k SELECT i, i FROM generate_series(1, 3) i;
INSERT INTO beside TABLE k;
SELECT yesterday.track('k'), yesterday.track('beside');
-- deploy
UPDATE k SET n = 7 WHERE n = 1;
UPDATE beside SET n = 7 WHERE n = 1;
ALTER TABLE k ALTER COLUMN id TYPE uuid USING lpad(id::text, 32, '0')::uuid;
INSERT INTO k VALUES ('c21398a5-e843-421e-8e94-e18b16efacf9', 10);
-- later
INSERT INTO k VALUES ('c21398a5-e843-421e-8e94-e18b16efacfa', 20);
-- check
SELECT string_agg(n::text, ' ' ORDER BY n) = '2 3 7 10 20' FROM k;
SELECT string_agg(n::text, ' ' ORDER BY n) = '1 2 3' FROM beside;
SELECT count(*) = 0 FROM yesterday.attic;
-- residue
uuid
integer
