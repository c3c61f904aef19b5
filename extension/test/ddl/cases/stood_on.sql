-- case: what others made since of columns that a table made anew has not
-- setup
CREATE TABLE t (id int PRIMARY KEY, a int, b int, c int);
INSERT INTO t VALUES (1, 1, 1, 1), (2, 2, 2, 2);
CREATE VIEW v AS SELECT id, c FROM t;
SELECT yesterday.track('t');
-- deploy
ALTER TABLE t DROP COLUMN b;
ALTER TABLE t ADD COLUMN d text DEFAULT 'd';
-- later
ALTER TABLE t ADD COLUMN g int DEFAULT 4;
CREATE VIEW theirs AS SELECT d, g FROM t;
CREATE VIEW theirs_stays AS SELECT a, g FROM t;
CREATE POLICY p ON t USING (d IS NOT NULL);
CREATE STATISTICS st ON d, a FROM t;
CREATE INDEX i ON t (d);
-- residue
.
-- check
SELECT array_agg(identity ORDER BY identity) = '{p ON public.t,public.i,public.st,public.theirs}' FROM yesterday.attic_objects;
SELECT count(*) = 2 AND sum(b) = 3 FROM t;
SELECT count(*) = 2 FROM theirs_stays;
-- case: what others made since of columns that a view got
-- setup
CREATE TABLE t (id int PRIMARY KEY, a int, b text);
INSERT INTO t VALUES (1, 1, 'b');
CREATE VIEW v AS SELECT id, a FROM t;
CREATE MATERIALIZED VIEW m AS SELECT id, a FROM t;
-- deploy
CREATE OR REPLACE VIEW v AS SELECT id, a, b FROM t WHERE a > 0;
DROP MATERIALIZED VIEW m;
CREATE MATERIALIZED VIEW m AS SELECT id, a, b FROM t;
-- later
CREATE VIEW theirs AS SELECT b FROM v;
CREATE VIEW theirs_stays AS SELECT id, a FROM v;
GRANT SELECT ON theirs_stays TO ddl_alice;
CREATE RULE r AS ON INSERT TO v DO INSTEAD INSERT INTO t VALUES (NEW.id, NEW.a, NEW.b);
CREATE VIEW of_m AS SELECT b FROM m;
CREATE INDEX i ON m (b);
-- residue
theirs_stays
^\+ SELECT (v\.)?id,$
^\+    (v\.)?a$
^\+   FROM public\.v;$
-- check
SELECT array_agg(identity ORDER BY identity) = '{public.i,public.of_m,public.theirs,r ON public.v}' FROM yesterday.attic_objects;
SELECT count(*) = 1 FROM theirs_stays;
SELECT has_table_privilege('ddl_alice', 'theirs_stays', 'SELECT');
-- case: what others made since of an attribute that a type got
-- setup
CREATE TYPE ty AS (a int);
CREATE TABLE t (id int PRIMARY KEY, x ty);
INSERT INTO t VALUES (1, ROW(1));
-- deploy
ALTER TYPE ty ADD ATTRIBUTE b int;
-- later
CREATE VIEW theirs AS SELECT (x).b FROM t;
CREATE INDEX i ON t (((x).b));
-- check
SELECT array_agg(identity ORDER BY identity) = '{public.i,public.theirs}' FROM yesterday.attic_objects;
SELECT x = ROW(1)::ty FROM t;
