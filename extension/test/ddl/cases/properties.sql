-- case: properties of a table set
-- covers set: storage parameters, TOAST parameters, replica identity, clustering, inheritance, row security, forced row security, type (OF), tablespace
-- setup
CREATE TYPE row_type AS (id int, doc text);
CREATE TABLE parent (id int NOT NULL, doc text);
CREATE TABLE t (id int CONSTRAINT t_key PRIMARY KEY, doc text);
CREATE TABLE u (id int, doc text);
INSERT INTO t VALUES (1, 'x');
INSERT INTO u VALUES (1, 'x');
-- deploy
ALTER TABLE t SET (fillfactor = 70);
ALTER TABLE t SET (toast.autovacuum_enabled = false);
ALTER TABLE t REPLICA IDENTITY USING INDEX t_key;
ALTER TABLE t CLUSTER ON t_key;
ALTER TABLE t INHERIT parent;
ALTER TABLE t ENABLE ROW LEVEL SECURITY;
ALTER TABLE t FORCE ROW LEVEL SECURITY;
ALTER TABLE u OF row_type;
ALTER TABLE t SET TABLESPACE ddl_space;
-- case: properties of a table changed
-- covers changed: storage parameters, TOAST parameters, replica identity, clustering, tablespace
-- setup
CREATE TABLE t (id int CONSTRAINT t_key PRIMARY KEY, n int NOT NULL CONSTRAINT t_n UNIQUE, doc text) WITH (fillfactor = 70, toast.autovacuum_enabled = false) TABLESPACE ddl_space;
ALTER TABLE t REPLICA IDENTITY USING INDEX t_key;
ALTER TABLE t CLUSTER ON t_key;
INSERT INTO t VALUES (1, 1, 'x');
-- deploy
ALTER TABLE t SET (fillfactor = 80, toast.autovacuum_enabled = true);
ALTER TABLE t REPLICA IDENTITY USING INDEX t_n;
ALTER TABLE t CLUSTER ON t_n;
ALTER TABLE t SET TABLESPACE ddl_space2;
-- case: properties of a table taken away
-- covers taken away: storage parameters, TOAST parameters, replica identity, clustering, inheritance, row security, forced row security, type (OF), tablespace
-- setup
CREATE TYPE row_type AS (id int, doc text);
CREATE TABLE parent (id int NOT NULL, doc text);
CREATE TABLE t (id int CONSTRAINT t_key PRIMARY KEY, doc text) WITH (fillfactor = 70, toast.autovacuum_enabled = false) TABLESPACE ddl_space;
ALTER TABLE t INHERIT parent;
ALTER TABLE t REPLICA IDENTITY USING INDEX t_key;
ALTER TABLE t CLUSTER ON t_key;
ALTER TABLE t ENABLE ROW LEVEL SECURITY;
ALTER TABLE t FORCE ROW LEVEL SECURITY;
CREATE TABLE u OF row_type;
INSERT INTO t VALUES (1, 'x');
INSERT INTO u VALUES (1, 'x');
-- deploy
ALTER TABLE t RESET (fillfactor, toast.autovacuum_enabled);
ALTER TABLE t REPLICA IDENTITY NOTHING;
ALTER TABLE t SET WITHOUT CLUSTER;
ALTER TABLE t NO INHERIT parent;
ALTER TABLE t DISABLE ROW LEVEL SECURITY;
ALTER TABLE t NO FORCE ROW LEVEL SECURITY;
ALTER TABLE u NOT OF;
ALTER TABLE t SET TABLESPACE pg_default;
-- case: persistence of a table set and taken away
-- covers set: persistence (UNLOGGED)
-- covers taken away: persistence (UNLOGGED)
-- setup
CREATE TABLE a (id serial);
CREATE UNLOGGED TABLE b (id serial);
INSERT INTO a DEFAULT VALUES;
INSERT INTO b DEFAULT VALUES;
-- deploy
ALTER TABLE a SET UNLOGGED;
ALTER TABLE b SET LOGGED;
-- case: place of a partition set, changed and taken away
-- covers set: place as a partition, default partition
-- covers changed: place as a partition
-- covers taken away: place as a partition, default partition
-- setup
CREATE TABLE p (id int, region text) PARTITION BY LIST (region);
CREATE TABLE p1 PARTITION OF p FOR VALUES IN ('a');
CREATE TABLE p2 PARTITION OF p FOR VALUES IN ('b') PARTITION BY RANGE (id);
CREATE TABLE p2_low PARTITION OF p2 FOR VALUES FROM (0) TO (100);
CREATE TABLE p3 (id int, region text);
CREATE TABLE p4 (id int, region text);
CREATE TABLE q (id int, region text) PARTITION BY LIST (region);
CREATE TABLE q_rest PARTITION OF q DEFAULT;
INSERT INTO p VALUES (2, 'b');
INSERT INTO p3 VALUES (3, 'c');
INSERT INTO q VALUES (4, 'd');
-- deploy
ALTER TABLE p ATTACH PARTITION p3 FOR VALUES IN ('c');
ALTER TABLE p ATTACH PARTITION p4 DEFAULT;
ALTER TABLE p DETACH PARTITION p1;
ALTER TABLE p ATTACH PARTITION p1 FOR VALUES IN ('x', 'y');
ALTER TABLE p DETACH PARTITION p2;
ALTER TABLE q DETACH PARTITION q_rest;
-- case: access method of a table changed
-- covers changed: access method
-- setup
CREATE ACCESS METHOD heap2 TYPE TABLE HANDLER heap_tableam_handler;
CREATE TABLE t (id int PRIMARY KEY, a text);
INSERT INTO t VALUES (1, 'x');
-- deploy
ALTER TABLE t SET ACCESS METHOD heap2;
-- case: properties of columns set
-- covers set: collation, default, GENERATED STORED, identity, NOT NULL, storage, compression, statistics target, options
-- setup
CREATE TABLE t (id int, n int, a text, b text);
INSERT INTO t VALUES (1, 1, 'a', 'b');
-- deploy
ALTER TABLE t ALTER COLUMN a TYPE text COLLATE "C", ALTER COLUMN b SET DEFAULT 'x', ALTER COLUMN n SET NOT NULL, ALTER COLUMN id SET NOT NULL;
ALTER TABLE t ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY;
ALTER TABLE t ALTER COLUMN a SET STORAGE main, ALTER COLUMN a SET COMPRESSION pglz, ALTER COLUMN n SET STATISTICS 7, ALTER COLUMN n SET (n_distinct = 5);
ALTER TABLE t ADD COLUMN twice int GENERATED ALWAYS AS (n * 2) STORED;
-- case: properties of columns changed
-- covers changed: type, collation, default, identity, storage, statistics target, options
-- setup
CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY (START 5), n int, a text COLLATE "C", b text DEFAULT 'x');
ALTER TABLE t ALTER COLUMN a SET STORAGE main, ALTER COLUMN n SET STATISTICS 7, ALTER COLUMN n SET (n_distinct = 5);
INSERT INTO t (n, a) VALUES (1, 'a');
-- deploy
ALTER TABLE t ALTER COLUMN a TYPE text COLLATE "POSIX", ALTER COLUMN b SET DEFAULT 'y', ALTER COLUMN n TYPE bigint;
ALTER TABLE t ALTER COLUMN id SET GENERATED BY DEFAULT SET INCREMENT 3 SET CACHE 4;
ALTER TABLE t ALTER COLUMN a SET STORAGE external, ALTER COLUMN n SET STATISTICS 9, ALTER COLUMN n SET (n_distinct = 6);
-- case: properties of columns taken away
-- covers taken away: collation, default, identity, NOT NULL, storage, compression, statistics target, options
-- setup
CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY (START 5), n int NOT NULL, a text COLLATE "C", b text DEFAULT 'x');
ALTER TABLE t ALTER COLUMN a SET STORAGE main, ALTER COLUMN a SET COMPRESSION pglz, ALTER COLUMN n SET STATISTICS 7, ALTER COLUMN n SET (n_distinct = 5);
INSERT INTO t (n, a) VALUES (1, 'a');
-- deploy
ALTER TABLE t ALTER COLUMN id DROP IDENTITY;
ALTER TABLE t ALTER COLUMN id DROP NOT NULL, ALTER COLUMN a TYPE text, ALTER COLUMN b DROP DEFAULT, ALTER COLUMN n DROP NOT NULL;
ALTER TABLE t ALTER COLUMN a SET STORAGE extended, ALTER COLUMN a SET COMPRESSION default, ALTER COLUMN n SET STATISTICS -1, ALTER COLUMN n RESET (n_distinct);
-- check
INSERT INTO t (n) VALUES (2) RETURNING id = 6;
-- case: expression of a generated column taken away
-- covers taken away: GENERATED STORED
-- setup
CREATE TABLE t (id int PRIMARY KEY, n int, twice int GENERATED ALWAYS AS (n * 2) STORED);
INSERT INTO t (id, n) VALUES (1, 1);
-- deploy
ALTER TABLE t ALTER COLUMN twice DROP EXPRESSION;
-- case: options of columns of a foreign table
-- covers set: options of a foreign column
-- covers changed: options of a foreign column
-- covers taken away: options of a foreign column
-- setup
CREATE FOREIGN DATA WRAPPER wrap;
CREATE SERVER srv FOREIGN DATA WRAPPER wrap;
CREATE FOREIGN TABLE f (a int OPTIONS (x '1', y '2'), b int OPTIONS (z '3'), c int) SERVER srv;
CREATE VIEW v AS SELECT a FROM f;
-- deploy
ALTER FOREIGN TABLE f ALTER COLUMN a OPTIONS (SET x '9'), ALTER COLUMN b OPTIONS (DROP z), ALTER COLUMN c OPTIONS (ADD w 'it''s');
-- case: statistics targets on expressions of indexes
-- covers set: statistics target on an expression of an index
-- covers changed: statistics target on an expression of an index
-- covers taken away: statistics target on an expression of an index
-- setup
CREATE TABLE t (a text, b int);
CREATE INDEX i ON t (lower(a), (b + 1), (b + 2));
ALTER INDEX i ALTER COLUMN 2 SET STATISTICS 20;
ALTER INDEX i ALTER COLUMN 3 SET STATISTICS 30;
-- deploy
ALTER INDEX i ALTER COLUMN 1 SET STATISTICS 10;
ALTER INDEX i ALTER COLUMN 2 SET STATISTICS 21;
ALTER INDEX i ALTER COLUMN 3 SET STATISTICS -1;
-- case: position of a column in its table
-- covers changed: position in the table
-- setup
CREATE TABLE t (id int PRIMARY KEY, a text, b int);
INSERT INTO t VALUES (1, 'x', 2);
-- deploy
ALTER TABLE t DROP COLUMN a;
-- case: position of a column in a partitioned table
-- covers changed: position in a partitioned table
-- setup
CREATE TABLE p (id int, a text, b int) PARTITION BY LIST (id);
CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);
INSERT INTO p VALUES (1, 'x', 2);
-- deploy
ALTER TABLE p DROP COLUMN a;
-- case: expression of a generated column changed [17+]
-- covers changed: expression
-- setup
CREATE TABLE t (id int PRIMARY KEY, a int, b int GENERATED ALWAYS AS (a * 2) STORED, c int);
INSERT INTO t VALUES (1, 1);
-- deploy
ALTER TABLE t ALTER COLUMN b SET EXPRESSION AS (a * 3);
-- case: virtual generated columns set and taken away [18+]
-- covers set: GENERATED VIRTUAL
-- covers taken away: GENERATED VIRTUAL
-- setup
CREATE TABLE t (id int PRIMARY KEY, a int, b int GENERATED ALWAYS AS (a * 2) VIRTUAL, c int);
INSERT INTO t VALUES (1, 1);
-- deploy
ALTER TABLE t DROP COLUMN b;
ALTER TABLE t ADD COLUMN d int GENERATED ALWAYS AS (a + 1) VIRTUAL;
-- case: named NOT NULL in every operation [18+]
-- covers created: named NOT NULL
-- covers dropped: named NOT NULL
-- covers altered: named NOT NULL
-- covers renamed: named NOT NULL
-- covers comment: named NOT NULL
-- covers replaced: named NOT NULL
-- covers made and dropped: named NOT NULL
-- setup
CREATE TABLE t (made int, dropped int CONSTRAINT dropped_nn NOT NULL, altered int, inherit int CONSTRAINT inherit_nn NOT NULL NO INHERIT,
                renamed int CONSTRAINT renamed_nn NOT NULL, said int CONSTRAINT said_nn NOT NULL,
                replaced int CONSTRAINT replaced_nn NOT NULL, within int);
ALTER TABLE t ADD CONSTRAINT altered_nn NOT NULL altered NOT VALID;
-- deploy
ALTER TABLE t ADD CONSTRAINT made_nn NOT NULL made;
ALTER TABLE t DROP CONSTRAINT dropped_nn;
ALTER TABLE t VALIDATE CONSTRAINT altered_nn;
ALTER TABLE t ALTER CONSTRAINT inherit_nn INHERIT;
ALTER TABLE t RENAME CONSTRAINT renamed_nn TO renamed_nn2;
COMMENT ON CONSTRAINT said_nn ON t IS 'new';
ALTER TABLE t DROP CONSTRAINT replaced_nn;
ALTER TABLE t ADD CONSTRAINT replaced_nn NOT NULL replaced NOT VALID;
ALTER TABLE t ADD CONSTRAINT within_nn NOT NULL within;
ALTER TABLE t DROP CONSTRAINT within_nn;
-- case: temporal keys in every operation [18+]
-- covers created: temporal key (WITHOUT OVERLAPS), temporal foreign key (PERIOD)
-- covers dropped: temporal key (WITHOUT OVERLAPS), temporal foreign key (PERIOD)
-- covers dropped with what needs it: temporal key (WITHOUT OVERLAPS)
-- covers replaced: temporal key (WITHOUT OVERLAPS), temporal foreign key (PERIOD)
-- setup
CREATE TABLE a (id int4range, at daterange, CONSTRAINT a_key PRIMARY KEY (id, at WITHOUT OVERLAPS));
CREATE TABLE b (id int4range, at daterange, CONSTRAINT b_key UNIQUE (id, at WITHOUT OVERLAPS));
CREATE TABLE c (a int4range, at daterange, CONSTRAINT c_a FOREIGN KEY (a, PERIOD at) REFERENCES a);
CREATE TABLE d (a int4range, at daterange, CONSTRAINT d_a FOREIGN KEY (a, PERIOD at) REFERENCES a);
CREATE TABLE e (id int4range, at daterange, CONSTRAINT e_key PRIMARY KEY (id, at WITHOUT OVERLAPS));
CREATE TABLE f (e int4range, at daterange, CONSTRAINT f_e FOREIGN KEY (e, PERIOD at) REFERENCES e);
CREATE TABLE g (id int4range, at daterange, CONSTRAINT g_key PRIMARY KEY (id, at WITHOUT OVERLAPS));
CREATE TABLE h (id int4range, at daterange);
INSERT INTO a VALUES ('[1,2)', '[2020-01-01,2021-01-01)');
INSERT INTO c VALUES ('[1,2)', '[2020-02-01,2020-03-01)');
-- deploy
ALTER TABLE a RENAME CONSTRAINT a_key TO a_key2;
COMMENT ON CONSTRAINT b_key ON b IS 'new';
ALTER TABLE c RENAME CONSTRAINT c_a TO c_a2;
COMMENT ON CONSTRAINT d_a ON d IS 'new';
ALTER TABLE e DROP CONSTRAINT e_key CASCADE;
ALTER TABLE g DROP CONSTRAINT g_key;
ALTER TABLE g ADD CONSTRAINT g_key PRIMARY KEY (at, id WITHOUT OVERLAPS);
ALTER TABLE h ADD CONSTRAINT h_key PRIMARY KEY (id, at WITHOUT OVERLAPS);
ALTER TABLE h ADD CONSTRAINT h_a FOREIGN KEY (id, PERIOD at) REFERENCES a;
ALTER TABLE c DROP CONSTRAINT c_a2;
ALTER TABLE c ADD CONSTRAINT c_a FOREIGN KEY (a, PERIOD at) REFERENCES a DEFERRABLE;
-- case: temporal and unenforced constraints renamed and commented on [18+]
-- covers renamed: temporal key (WITHOUT OVERLAPS), temporal foreign key (PERIOD), constraint NOT ENFORCED
-- covers comment: temporal key (WITHOUT OVERLAPS), temporal foreign key (PERIOD), constraint NOT ENFORCED
-- setup
CREATE TABLE a (id int4range, at daterange, CONSTRAINT a_key PRIMARY KEY (id, at WITHOUT OVERLAPS));
CREATE TABLE c (a int4range, at daterange, CONSTRAINT c_a FOREIGN KEY (a, PERIOD at) REFERENCES a);
CREATE TABLE p (id int PRIMARY KEY);
CREATE TABLE t (p int CONSTRAINT t_p REFERENCES p NOT ENFORCED, n int CONSTRAINT t_n CHECK (n > 0) NOT ENFORCED);
INSERT INTO t VALUES (1, -1);
-- deploy
ALTER TABLE a RENAME CONSTRAINT a_key TO a_key2;
ALTER TABLE c RENAME CONSTRAINT c_a TO c_a2;
COMMENT ON CONSTRAINT a_key2 ON a IS 'new';
COMMENT ON CONSTRAINT c_a2 ON c IS 'new';
ALTER TABLE t RENAME CONSTRAINT t_p TO t_p2;
ALTER TABLE t RENAME CONSTRAINT t_n TO t_n2;
COMMENT ON CONSTRAINT t_p2 ON t IS 'new';
COMMENT ON CONSTRAINT t_n2 ON t IS 'new';
-- case: temporal and unenforced constraints made and dropped [18+]
-- covers made and dropped: temporal key (WITHOUT OVERLAPS), temporal foreign key (PERIOD), constraint NOT ENFORCED
-- covers replaced: constraint NOT ENFORCED
-- setup
CREATE TABLE a (id int4range, at daterange);
CREATE TABLE c (a int4range, at daterange);
CREATE TABLE p (id int PRIMARY KEY);
CREATE TABLE t (p int CONSTRAINT t_p REFERENCES p NOT ENFORCED, n int CONSTRAINT t_n CHECK (n > 0) NOT ENFORCED);
INSERT INTO t VALUES (1, -1);
-- deploy
ALTER TABLE a ADD CONSTRAINT a_key PRIMARY KEY (id, at WITHOUT OVERLAPS);
ALTER TABLE c ADD CONSTRAINT c_a FOREIGN KEY (a, PERIOD at) REFERENCES a;
ALTER TABLE t ADD CONSTRAINT t_m CHECK (n < 9) NOT ENFORCED;
ALTER TABLE t DROP CONSTRAINT t_m;
ALTER TABLE c DROP CONSTRAINT c_a;
ALTER TABLE a DROP CONSTRAINT a_key;
ALTER TABLE t DROP CONSTRAINT t_p;
ALTER TABLE t ADD CONSTRAINT t_p FOREIGN KEY (p) REFERENCES p ON DELETE CASCADE NOT ENFORCED;
ALTER TABLE t DROP CONSTRAINT t_n;
ALTER TABLE t ADD CONSTRAINT t_n CHECK (n < 0) NOT ENFORCED;
-- case: temporal foreign key altered [18+]
-- covers altered: temporal foreign key (PERIOD)
-- setup
CREATE TABLE a (id int4range, at daterange, CONSTRAINT a_key PRIMARY KEY (id, at WITHOUT OVERLAPS));
CREATE TABLE c (a int4range, at daterange, CONSTRAINT c_a FOREIGN KEY (a, PERIOD at) REFERENCES a);
INSERT INTO a VALUES ('[1,2)', '[2020-01-01,2021-01-01)');
INSERT INTO c VALUES ('[1,2)', '[2020-02-01,2020-03-01)');
-- deploy
ALTER TABLE c ALTER CONSTRAINT c_a DEFERRABLE INITIALLY DEFERRED;
-- case: constraints NOT ENFORCED in every operation [18+]
-- covers created: constraint NOT ENFORCED
-- covers dropped: constraint NOT ENFORCED
-- covers altered: constraint NOT ENFORCED
-- setup
CREATE TABLE p (id int PRIMARY KEY);
CREATE TABLE t (p int CONSTRAINT t_p REFERENCES p NOT ENFORCED, q int CONSTRAINT t_q REFERENCES p, n int CONSTRAINT t_n CHECK (n > 0) NOT ENFORCED, m int);
-- deploy
ALTER TABLE t DROP CONSTRAINT t_n;
ALTER TABLE t ADD CONSTRAINT t_m CHECK (m > 0) NOT ENFORCED;
ALTER TABLE t ALTER CONSTRAINT t_p ENFORCED;
ALTER TABLE t ALTER CONSTRAINT t_q NOT ENFORCED;
-- case: rule dropped that was disabled, key and index of a tablespace dropped
-- setup
CREATE TABLE t (id int, n int) TABLESPACE ddl_space2;
CREATE UNIQUE INDEX t_key ON t (id) TABLESPACE ddl_space;
ALTER TABLE t ADD CONSTRAINT t_key PRIMARY KEY USING INDEX t_key;
CREATE INDEX i ON t (n) TABLESPACE ddl_space;
CREATE TABLE log (id int);
CREATE RULE r AS ON UPDATE TO t DO ALSO INSERT INTO log VALUES (new.id);
ALTER TABLE t DISABLE RULE r;
INSERT INTO t VALUES (1, 1);
-- deploy
DROP RULE r ON t;
ALTER TABLE t DROP CONSTRAINT t_key;
DROP INDEX i;
-- case: table dropped with rule and key in a tablespace
-- setup
CREATE TABLE t (id int, n int) TABLESPACE ddl_space2;
CREATE UNIQUE INDEX t_key ON t (id DESC) TABLESPACE ddl_space;
CREATE INDEX i ON t (n) TABLESPACE ddl_space;
CREATE TABLE log (id int);
CREATE RULE r AS ON UPDATE TO t DO ALSO INSERT INTO log VALUES (new.id);
ALTER TABLE t ENABLE ALWAYS RULE r;
INSERT INTO t VALUES (1, 1);
-- deploy
DROP TABLE t;
