-- case: index made anew by the deployment and renamed
-- setup
CREATE TABLE t (id int PRIMARY KEY, v text);
INSERT INTO t SELECT i, 'v' || i FROM generate_series(1, 20) i;
CREATE INDEX old ON t (v);
COMMENT ON INDEX old IS 'of before';
SELECT yesterday.track('t');
-- deploy open
REINDEX INDEX CONCURRENTLY old;
ALTER INDEX old RENAME TO new;
UPDATE t SET v = 'x' WHERE id < 5;
-- case: index renamed, made anew and renamed again
-- setup
CREATE TABLE t (id int PRIMARY KEY, v text);
CREATE INDEX old ON t (v) WITH (fillfactor = 70);
COMMENT ON INDEX old IS 'of before';
-- deploy open
ALTER INDEX old RENAME TO middle;
REINDEX INDEX CONCURRENTLY middle;
ALTER INDEX middle RENAME TO new;
REINDEX TABLE CONCURRENTLY t;
COMMENT ON INDEX new IS 'of after';
ALTER INDEX new SET (fillfactor = 80);
-- case: index made anew, its settings changed
-- setup
CREATE TABLE t (id int PRIMARY KEY, v text, w text);
CREATE INDEX old ON t (v, (lower(w)));
-- deploy open
REINDEX TABLE CONCURRENTLY t;
ALTER INDEX old SET (fillfactor = 50);
ALTER INDEX old ALTER COLUMN 2 SET STATISTICS 77;
COMMENT ON INDEX old IS 'of after';
-- case: index made anew and dropped
-- setup
CREATE TABLE t (id int PRIMARY KEY, v text);
CREATE INDEX old ON t (v);
CREATE INDEX other ON t (id, v);
-- deploy open
REINDEX TABLE CONCURRENTLY t;
DROP INDEX old;
ALTER INDEX other RENAME TO another;
REINDEX TABLE CONCURRENTLY t;
DROP INDEX CONCURRENTLY another;
-- case: two equal indexes made anew change places
-- setup
CREATE TABLE t (id int PRIMARY KEY, v text);
CREATE INDEX a ON t (v);
COMMENT ON INDEX a IS 'index a';
CREATE INDEX b ON t (v);
COMMENT ON INDEX b IS 'index b';
-- deploy open
REINDEX TABLE CONCURRENTLY t;
ALTER INDEX a RENAME TO c;
ALTER INDEX b RENAME TO a;
REINDEX TABLE CONCURRENTLY t;
ALTER INDEX c RENAME TO b;
REINDEX TABLE CONCURRENTLY t;
-- case: index of a key made anew and renamed
-- setup
CREATE TABLE t (id int CONSTRAINT t_key PRIMARY KEY, v text UNIQUE, w int);
CREATE TABLE u (id int PRIMARY KEY, t int CONSTRAINT u_t REFERENCES t, v text REFERENCES t (v));
INSERT INTO t VALUES (1, 'a', 1);
INSERT INTO u VALUES (1, 1, 'a');
-- deploy open
ALTER INDEX t_key RENAME TO t_key2;
REINDEX INDEX CONCURRENTLY t_key2;
REINDEX INDEX CONCURRENTLY t_v_key;
ALTER INDEX t_v_key RENAME TO v_key;
REINDEX INDEX CONCURRENTLY v_key;
ALTER INDEX v_key SET (fillfactor = 60);
-- case: index of a key altered and made anew
-- setup
CREATE TABLE t (id int PRIMARY KEY, v text UNIQUE);
-- deploy open
ALTER INDEX t_pkey SET (fillfactor = 60);
COMMENT ON INDEX t_v_key IS 'of after';
REINDEX TABLE CONCURRENTLY t;
-- case: unique index that others refer to made anew and renamed
-- setup
CREATE TABLE t (id int NOT NULL, v text);
CREATE UNIQUE INDEX t_id ON t (id);
CREATE TABLE u (id int PRIMARY KEY, t int REFERENCES t (id));
ALTER TABLE t REPLICA IDENTITY USING INDEX t_id;
ALTER TABLE t CLUSTER ON t_id;
INSERT INTO t VALUES (1, 'a');
INSERT INTO u VALUES (1, 1);
-- deploy open
REINDEX INDEX CONCURRENTLY t_id;
ALTER INDEX t_id RENAME TO t_id2;
REINDEX INDEX CONCURRENTLY t_id2;
-- case: index turned into a constraint after it was made anew
-- setup
CREATE TABLE t (id int NOT NULL, v text);
CREATE UNIQUE INDEX t_id ON t (id);
-- deploy open
REINDEX INDEX CONCURRENTLY t_id;
ALTER TABLE t ADD CONSTRAINT t_key PRIMARY KEY USING INDEX t_id;
REINDEX TABLE CONCURRENTLY t;
-- case: indexes of partitions made anew and renamed
-- setup
CREATE TABLE t (id int NOT NULL, v text) PARTITION BY RANGE (id);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
CREATE TABLE t2 PARTITION OF t FOR VALUES FROM (10) TO (20);
CREATE INDEX t_v ON t (v);
ALTER TABLE t ADD CONSTRAINT t_key PRIMARY KEY (id);
CREATE INDEX own ON t1 (v, id);
INSERT INTO t VALUES (1, 'a'), (11, 'b');
-- deploy open
REINDEX TABLE CONCURRENTLY t1;
ALTER INDEX t1_v_idx RENAME TO t1_v2;
ALTER INDEX own RENAME TO own2;
REINDEX INDEX CONCURRENTLY t_v;
ALTER INDEX t_v RENAME TO t_v2;
ALTER INDEX t1_pkey RENAME TO t1_pkey2;
REINDEX TABLE CONCURRENTLY t;
-- case: an index of a partition renamed
-- setup
CREATE TABLE t (id int NOT NULL, v text) PARTITION BY RANGE (id);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
CREATE INDEX t_v ON t (v);
ALTER TABLE t ADD CONSTRAINT t_key PRIMARY KEY (id);
-- deploy open
ALTER INDEX t1_v_idx RENAME TO t1_v2;
ALTER INDEX t1_pkey RENAME TO t1_pkey2;
-- case: indexes renamed that business makes anew
-- setup
CREATE TABLE t (id int PRIMARY KEY, v text UNIQUE);
CREATE INDEX old ON t (v);
-- deploy
ALTER INDEX old RENAME TO new;
ALTER INDEX t_pkey RENAME TO t_key;
ALTER INDEX t_v_key SET (fillfactor = 80);
-- later
REINDEX TABLE CONCURRENTLY t;
DO $$
BEGIN
    PERFORM yesterday.drill();
    RAISE 'the drill took a business table without asking';
EXCEPTION WHEN SQLSTATE 'YD017' THEN NULL;
END
$$;
-- check
SELECT true;
-- case: indexes created that business makes anew
-- setup
CREATE TABLE t (id int PRIMARY KEY, v text);
-- deploy
CREATE INDEX made ON t (v);
ALTER TABLE t ADD CONSTRAINT t_v_key UNIQUE (v);
ALTER INDEX t_v_key SET (fillfactor = 80);
-- later
REINDEX TABLE CONCURRENTLY t;
-- check
SELECT true;
-- case: indexes dropped, others altered, that business makes anew
-- setup
CREATE TABLE t (id int PRIMARY KEY, v text);
CREATE INDEX old ON t (v);
CREATE INDEX other ON t (id, v);
-- deploy
DROP INDEX old;
ALTER INDEX other SET (fillfactor = 80);
COMMENT ON INDEX other IS 'deployed';
-- later
REINDEX TABLE CONCURRENTLY t;
-- check
SELECT true;
-- case: indexes of partitions created that business makes anew
-- setup
CREATE TABLE t (id int NOT NULL, v text) PARTITION BY RANGE (id);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
CREATE INDEX own ON t1 (v, id);
-- deploy
CREATE INDEX t_v ON t (v);
ALTER TABLE t ADD CONSTRAINT t_key PRIMARY KEY (id);
ALTER INDEX own RENAME TO own2;
-- later
REINDEX TABLE CONCURRENTLY t;
-- check
SELECT true;
-- case: two deployments of an index, made anew between them
-- setup
CREATE TABLE t (id int PRIMARY KEY, v text);
CREATE INDEX old ON t (v);
-- deploy
ALTER INDEX old RENAME TO new;
-- business
REINDEX TABLE CONCURRENTLY t;
-- deploy open
ALTER INDEX new SET (fillfactor = 55);
REINDEX TABLE CONCURRENTLY t;
ALTER INDEX new RENAME TO newest;
-- later
REINDEX TABLE CONCURRENTLY t;
-- check
SELECT true;
-- case: index made anew by somebody else and renamed
-- setup
CREATE TABLE t (id int PRIMARY KEY, v text);
CREATE INDEX old ON t (v);
CREATE INDEX other ON t (v, id);
-- deploy open
ALTER INDEX old RENAME TO middle;
\connect
REINDEX TABLE CONCURRENTLY t;
SET yesterday.deployment = :deployment;
ALTER INDEX middle RENAME TO new;
ALTER INDEX other RENAME TO another;
\connect
REINDEX TABLE CONCURRENTLY t;
-- case: index altered by the deployment, made anew by somebody else
-- setup
CREATE TABLE t (id int PRIMARY KEY, v text);
CREATE INDEX old ON t (v);
-- deploy open
ALTER INDEX old SET (fillfactor = 60);
ALTER INDEX t_pkey RENAME TO t_key;
CREATE INDEX CONCURRENTLY made ON t (v, id);
\connect
REINDEX TABLE CONCURRENTLY t;
REINDEX INDEX t_key;
SET yesterday.deployment = :deployment;
COMMENT ON INDEX old IS 'of after';
\connect
REINDEX TABLE t;
LOAD 'yesterday';
VACUUM FULL t;
