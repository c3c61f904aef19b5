-- case: indexes created
-- setup
CREATE TABLE t (id int PRIMARY KEY, a text, b int4range, c tsvector);
-- deploy
CREATE INDEX ON t (a);
CREATE INDEX t_hash ON t USING hash (a);
CREATE UNIQUE INDEX t_u ON t (lower(a), id DESC NULLS LAST) WHERE id > 0;
CREATE INDEX t_gin ON t USING gin (c);
CREATE INDEX t_brin ON t USING brin (id) WITH (pages_per_range = 16);
CREATE INDEX t_gist ON t USING gist (b);
-- case: indexes dropped
-- setup
CREATE TABLE t (id int PRIMARY KEY, a text COLLATE "C", b int4range, c tsvector);
CREATE INDEX t_hash ON t USING hash (a);
CREATE UNIQUE INDEX t_u ON t (lower(a), id DESC NULLS LAST) INCLUDE (b) NULLS NOT DISTINCT WITH (fillfactor = 60) WHERE id > 0;
CREATE INDEX t_ops ON t (a text_pattern_ops, (id + 1));
ALTER INDEX t_ops ALTER COLUMN 2 SET STATISTICS 300;
COMMENT ON INDEX t_u IS 'an index';
-- deploy
DROP INDEX t_hash, t_u, t_ops;
-- case: index renamed and altered
-- setup
CREATE TABLE t (id int PRIMARY KEY, a text);
CREATE INDEX t_a ON t (a) WITH (fillfactor = 60);
CREATE INDEX t_e ON t (lower(a));
-- deploy
ALTER INDEX t_a RENAME TO t_b;
ALTER INDEX t_b SET (fillfactor = 90);
ALTER INDEX t_e ALTER COLUMN 1 SET STATISTICS 100;
-- case: index recreated under its name
-- setup
CREATE TABLE t (id int PRIMARY KEY, a text, b text);
CREATE INDEX i ON t (a);
-- deploy
DROP INDEX i;
CREATE INDEX i ON t (a, b);
-- case: index of replica identity and clustering dropped
-- setup
CREATE TABLE t (id int NOT NULL, n int NOT NULL);
CREATE UNIQUE INDEX t_n ON t (n);
CREATE INDEX t_id ON t (id);
ALTER TABLE t REPLICA IDENTITY USING INDEX t_n;
ALTER TABLE t CLUSTER ON t_id;
-- deploy
DROP INDEX t_n;
DROP INDEX t_id;
-- case: index made concurrently
-- setup
CREATE TABLE t (id int PRIMARY KEY, a text);
CREATE INDEX i ON t (a);
-- deploy open
CREATE INDEX CONCURRENTLY j ON t (a, id);
DROP INDEX CONCURRENTLY i;
-- case: unique index dropped and newer rows break it
-- setup
CREATE TABLE t (id int PRIMARY KEY, a text);
CREATE UNIQUE INDEX i ON t (a);
INSERT INTO t VALUES (1, 'x');
-- deploy
DROP INDEX i;
-- later
INSERT INTO t VALUES (2, 'x');
-- residue
INDEX i
-- check
SELECT count(*) = 2 FROM t;
-- case: a newer index of somebody else stays
-- setup
CREATE TABLE t (id int PRIMARY KEY, a text, b text);
INSERT INTO t VALUES (1, 'x', 'y');
-- deploy
ALTER TABLE t ADD COLUMN c text;
CREATE INDEX ours ON t (a);
-- later
CREATE INDEX theirs ON t (b);
ALTER TABLE t ADD COLUMN d int;
-- residue
theirs
d integer
b text
-- check
SELECT to_regclass('theirs') IS NOT NULL AND to_regclass('ours') IS NULL;
-- case: a newer index of somebody else survives a rebuild
-- setup
CREATE TABLE t (id int PRIMARY KEY, a text, b text);
INSERT INTO t VALUES (1, 'x', 'y');
-- deploy
ALTER TABLE t DROP COLUMN a;
-- later
CREATE INDEX theirs ON t (b);
ALTER TABLE t ADD COLUMN d int DEFAULT 9;
-- residue
theirs
d integer
b text
-- check
SELECT to_regclass('theirs') IS NOT NULL;
SELECT t::text = '(1,x,y,9)' FROM t;
