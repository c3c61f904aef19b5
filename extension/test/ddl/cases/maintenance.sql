-- case: materialized view refreshed by the deployment and by others
-- setup
CREATE TABLE t (id int PRIMARY KEY, v text);
INSERT INTO t SELECT i, 'v' || i FROM generate_series(1, 20) i;
CREATE MATERIALIZED VIEW mv AS SELECT * FROM t;
CREATE UNIQUE INDEX mv_id ON mv (id);
CREATE INDEX mv_v ON mv (v);
SELECT yesterday.track('t');
-- deploy open
REFRESH MATERIALIZED VIEW CONCURRENTLY mv;
REFRESH MATERIALIZED VIEW mv;
REINDEX TABLE CONCURRENTLY mv;
ALTER INDEX mv_v RENAME TO mv_w;
ALTER MATERIALIZED VIEW mv RENAME TO mw;
REFRESH MATERIALIZED VIEW CONCURRENTLY mw;
REINDEX TABLE CONCURRENTLY mw;
\connect
REFRESH MATERIALIZED VIEW CONCURRENTLY mw;
REINDEX TABLE CONCURRENTLY mw;
-- case: materialized view emptied
-- setup
CREATE TABLE t (id int PRIMARY KEY, v text);
INSERT INTO t VALUES (1, 'a');
CREATE MATERIALIZED VIEW mv AS SELECT * FROM t;
CREATE UNIQUE INDEX mv_id ON mv (id);
-- deploy open
REFRESH MATERIALIZED VIEW mv WITH NO DATA;
-- case: failed concurrent index left invalid
-- setup
CREATE TABLE t (id int PRIMARY KEY, v text);
INSERT INTO t VALUES (1, 'a'), (2, 'a');
-- deploy open
\set ON_ERROR_STOP 0
CREATE UNIQUE INDEX CONCURRENTLY broken ON t (v);
\set ON_ERROR_STOP 1
COMMENT ON TABLE t IS 'x';
-- residue
INDEX broken
-- check
SELECT to_regclass('broken') IS NULL OR report::text LIKE '%index public.broken%' FROM yesterday.rollback;
SELECT to_regclass('broken') IS NULL OR report::text LIKE '%index public.broken%' FROM yesterday.deployment WHERE status = 'rolled_back';
-- case: failed concurrent index left invalid, alone
-- setup
CREATE TABLE t (id int PRIMARY KEY, v text);
INSERT INTO t VALUES (1, 'a'), (2, 'a');
SELECT yesterday.track('t');
-- deploy open
\set ON_ERROR_STOP 0
CREATE UNIQUE INDEX CONCURRENTLY broken ON t (v);
\set ON_ERROR_STOP 1
INSERT INTO t VALUES (3, 'c');
-- once
-- check
SELECT report::text LIKE '%index public.broken%' FROM yesterday.deployment;
-- case: failed reindex left invalid index
-- setup
CREATE TABLE t (id int PRIMARY KEY, v text);
CREATE TABLE switch (on_ boolean);
INSERT INTO switch VALUES (false);
CREATE FUNCTION f(text) RETURNS text IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN IF (SELECT on_ FROM public.switch) THEN RAISE 'no'; END IF; RETURN $1; END $$;
INSERT INTO t VALUES (1, 'a'), (2, 'a');
CREATE INDEX i ON t (f(v));
UPDATE switch SET on_ = true;
-- deploy open
\set ON_ERROR_STOP 0
REINDEX INDEX CONCURRENTLY i;
\set ON_ERROR_STOP 1
COMMENT ON TABLE t IS 'x';
-- once
-- check
SELECT report::text LIKE '%index public.i\_ccnew%' FROM yesterday.deployment;
-- case: failed reindex left invalid index, alone
-- setup
CREATE TABLE t (id int PRIMARY KEY, v text);
CREATE TABLE switch (on_ boolean);
INSERT INTO switch VALUES (false);
CREATE FUNCTION f(text) RETURNS text IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN IF (SELECT on_ FROM public.switch) THEN RAISE 'no'; END IF; RETURN $1; END $$;
INSERT INTO t VALUES (1, 'a'), (2, 'a');
CREATE TABLE m (id int PRIMARY KEY);
SELECT yesterday.track('m');
CREATE INDEX i ON t (f(v));
UPDATE switch SET on_ = true;
-- deploy open
\set ON_ERROR_STOP 0
REINDEX INDEX CONCURRENTLY i;
\set ON_ERROR_STOP 1
INSERT INTO m VALUES (1);
-- once
-- check
SELECT report::text LIKE '%index public.i\_ccnew%' FROM yesterday.deployment;
-- case: invalid index of before repaired
-- setup
CREATE TABLE t (id int PRIMARY KEY, v text);
INSERT INTO t VALUES (1, 'a'), (2, 'a');
\set ON_ERROR_STOP 0
CREATE UNIQUE INDEX CONCURRENTLY broken ON t (v);
\set ON_ERROR_STOP 1
UPDATE t SET v = id;
-- deploy open
REINDEX INDEX CONCURRENTLY broken;
-- once
-- residue
INDEX broken
-- check
SELECT report::text LIKE '%index public.broken%' FROM yesterday.deployment;
-- case: invalid index of before renamed and repaired
-- setup
CREATE TABLE t (id int PRIMARY KEY, v text);
INSERT INTO t VALUES (1, 'a'), (2, 'a');
\set ON_ERROR_STOP 0
CREATE UNIQUE INDEX CONCURRENTLY broken ON t (v);
\set ON_ERROR_STOP 1
UPDATE t SET v = id;
-- deploy open
REINDEX INDEX broken;
ALTER INDEX broken RENAME TO mended;
-- once
-- residue
INDEX broken
-- check
SELECT report::text LIKE '%index public.broken%' FROM yesterday.rollback;
SELECT to_regclass('mended') IS NULL AND to_regclass('broken') IS NOT NULL;
-- case: invalid index of before dropped
-- setup
CREATE TABLE t (id int PRIMARY KEY, v text);
INSERT INTO t VALUES (1, 'a'), (2, 'a');
\set ON_ERROR_STOP 0
CREATE UNIQUE INDEX CONCURRENTLY broken ON t (v);
\set ON_ERROR_STOP 1
SELECT yesterday.track('t');
-- deploy open
DROP INDEX CONCURRENTLY broken;
UPDATE t SET v = id;
CREATE UNIQUE INDEX CONCURRENTLY made ON t (v);
-- once
-- check
SELECT report::text LIKE '%index public.broken%' FROM yesterday.rollback;
-- case: partition index made, attached
-- setup
CREATE TABLE t (id int NOT NULL, v text) PARTITION BY RANGE (id);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
CREATE TABLE t2 PARTITION OF t FOR VALUES FROM (10) TO (20);
INSERT INTO t VALUES (1, 'a'), (11, 'b');
CREATE INDEX t1_own ON t1 (v);
-- deploy open
CREATE INDEX t_v ON ONLY t (v);
CREATE INDEX CONCURRENTLY t2_made ON t2 (v);
ALTER INDEX t_v ATTACH PARTITION t1_own;
ALTER INDEX t_v ATTACH PARTITION t2_made;
-- case: partition index attached to what was there
-- setup
CREATE TABLE t (id int NOT NULL, v text) PARTITION BY RANGE (id);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
CREATE TABLE t2 PARTITION OF t FOR VALUES FROM (10) TO (20);
INSERT INTO t VALUES (1, 'a'), (11, 'b');
CREATE INDEX t_v ON ONLY t (v);
CREATE INDEX t1_own ON t1 (v);
CREATE INDEX t2_own ON t2 (v);
ALTER INDEX t_v ATTACH PARTITION t1_own;
-- deploy open
REINDEX INDEX CONCURRENTLY t2_own;
ALTER INDEX t_v ATTACH PARTITION t2_own;
-- case: partition detached concurrently
-- setup
CREATE TABLE t (id int PRIMARY KEY, v text) PARTITION BY RANGE (id);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
CREATE TABLE t2 PARTITION OF t FOR VALUES FROM (10) TO (20);
CREATE INDEX t_v ON t (v);
INSERT INTO t VALUES (1, 'a'), (11, 'b');
SELECT yesterday.track('t');
-- deploy open
UPDATE t SET v = 'x';
ALTER TABLE t DETACH PARTITION t2 CONCURRENTLY;
UPDATE t SET v = 'y';
INSERT INTO t2 VALUES (12, 'c');
-- case: partition detached concurrently, first
-- setup
CREATE TABLE t (id int PRIMARY KEY, v text) PARTITION BY RANGE (id);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
CREATE TABLE t2 PARTITION OF t FOR VALUES FROM (10) TO (20);
INSERT INTO t VALUES (1, 'a'), (11, 'b');
-- deploy open
ALTER TABLE t DETACH PARTITION t2 CONCURRENTLY;
ALTER TABLE t2 RENAME TO t_old;
-- case: table swapped by rename
-- setup
CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, v text, w int DEFAULT 7);
CREATE INDEX t_v ON t (v);
CREATE VIEW vw AS SELECT id, v FROM t;
INSERT INTO t (v) VALUES ('a'), ('b');
SELECT yesterday.track('t');
-- deploy open
CREATE TABLE t_new (LIKE t INCLUDING ALL);
INSERT INTO t_new OVERRIDING SYSTEM VALUE SELECT * FROM t;
ALTER TABLE t RENAME TO t_old;
ALTER TABLE t_new RENAME TO t;
UPDATE t SET v = 'swapped' WHERE id = 1;
REINDEX TABLE CONCURRENTLY t;
REINDEX TABLE CONCURRENTLY t_old;
ALTER INDEX t_v RENAME TO t_old_v;
ALTER INDEX t_new_v_idx RENAME TO t_v;
-- case: table swapped by rename, the old one dropped
-- setup
CREATE TABLE t (id int PRIMARY KEY, v text, w int DEFAULT 7);
CREATE INDEX t_v ON t (v);
INSERT INTO t (id, v) VALUES (1, 'a'), (2, 'b');
-- deploy open
CREATE TABLE t_new (LIKE t INCLUDING ALL);
INSERT INTO t_new SELECT id, upper(v) FROM t;
BEGIN;
ALTER TABLE t RENAME TO t_old;
ALTER TABLE t_new RENAME TO t;
COMMIT;
DROP TABLE t_old;
ALTER INDEX t_new_v_idx RENAME TO t_v;
ALTER INDEX t_new_pkey RENAME TO t_pkey;
REINDEX TABLE CONCURRENTLY t;
-- case: index renamed by alter table
-- setup
CREATE TABLE t (id int PRIMARY KEY, v text);
CREATE INDEX i ON t (v);
-- deploy open
REINDEX TABLE CONCURRENTLY t;
ALTER TABLE i RENAME TO j;
REINDEX TABLE CONCURRENTLY t;
-- case: schema and table renamed around it
-- setup
CREATE SCHEMA s;
CREATE TABLE s.t (id int PRIMARY KEY, v text);
CREATE INDEX i ON s.t (v);
CREATE SCHEMA other;
CREATE TABLE other.t (id int PRIMARY KEY, v text);
CREATE INDEX i ON other.t (v);
-- deploy open
REINDEX TABLE CONCURRENTLY s.t;
ALTER SCHEMA s RENAME TO r;
ALTER INDEX r.i RENAME TO j;
REINDEX TABLE CONCURRENTLY r.t;
ALTER INDEX other.i RENAME TO k;
-- case: table moved and its index renamed in both
-- setup
CREATE SCHEMA s;
CREATE TABLE t (id int PRIMARY KEY, v text);
CREATE INDEX i ON t (v);
-- deploy open
ALTER INDEX i RENAME TO j;
REINDEX TABLE CONCURRENTLY t;
ALTER TABLE t SET SCHEMA s;
ALTER INDEX s.j RENAME TO k;
REINDEX TABLE CONCURRENTLY s.t;
-- case: column retyped around it
-- setup
CREATE TABLE t (id int PRIMARY KEY, v text, w text UNIQUE);
INSERT INTO t VALUES (1, '1', '1');
CREATE INDEX i ON t (v);
COMMENT ON INDEX i IS 'x';
-- deploy open
REINDEX TABLE CONCURRENTLY t;
ALTER INDEX i RENAME TO j;
ALTER TABLE t ALTER v TYPE int USING v::int, ALTER w TYPE int USING w::int;
REINDEX TABLE CONCURRENTLY t;
ALTER INDEX j RENAME TO k;
ALTER INDEX t_w_key RENAME TO w_key;
REINDEX TABLE CONCURRENTLY t;
-- case: index moved by being made anew
-- setup
CREATE TABLE t (id int PRIMARY KEY, v text);
CREATE INDEX i ON t (lower(v)) TABLESPACE ddl_space;
ALTER INDEX i ALTER COLUMN 1 SET STATISTICS 55;
-- deploy open
LOAD 'yesterday';
REINDEX (TABLESPACE ddl_space2) INDEX CONCURRENTLY i;
-- case: index moved by reindex
-- setup
CREATE TABLE t (id int PRIMARY KEY, v text);
CREATE INDEX i ON t (lower(v)) TABLESPACE ddl_space;
-- deploy open
COMMENT ON TABLE t IS 'a';
REINDEX (TABLESPACE ddl_space2) TABLE t;
REINDEX (TABLESPACE ddl_space) INDEX t_pkey;
-- case: index moved by reindex in a transaction
-- setup
CREATE TABLE t (id int PRIMARY KEY, v text);
CREATE INDEX i ON t (lower(v)) TABLESPACE ddl_space;
-- deploy
REINDEX (TABLESPACE ddl_space2) TABLE t;
-- case: index moved unseen
-- setup
CREATE TABLE t (id int PRIMARY KEY, v text);
CREATE INDEX i ON t (lower(v)) TABLESPACE ddl_space;
CREATE TABLE m (id int PRIMARY KEY);
SELECT yesterday.track('m');
-- deploy open
REINDEX (TABLESPACE ddl_space2) INDEX CONCURRENTLY i;
INSERT INTO m VALUES (1);
-- once
-- residue
ddl_space
CREATE INDEX i
-- check
SELECT report::text LIKE '%index public.i"%' OR current_setting('server_version_num')::int >= 170000 FROM yesterday.deployment;
-- case: owner, settings and event triggers changed unseen
-- setup
CREATE ROLE unseen_owner;
CREATE FUNCTION et() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
CREATE EVENT TRIGGER etr ON ddl_command_end EXECUTE FUNCTION et();
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';
ALTER FUNCTION f() OWNER TO unseen_owner;
CREATE TABLE m (id int PRIMARY KEY);
SELECT yesterday.track('m');
-- deploy open
REASSIGN OWNED BY unseen_owner TO ddl_bob;
\connect
SET yesterday.deployment = :deployment;
ALTER EVENT TRIGGER etr DISABLE;
INSERT INTO m VALUES (1);
-- once
-- residue
FUNCTION public.f
EVENT TRIGGER etr
-- check
SELECT report::text LIKE '%function public.f()%' AND report::text LIKE '%event trigger etr%' AND proof = 'unproven' FROM yesterday.deployment;
DROP ROLE unseen_owner;
