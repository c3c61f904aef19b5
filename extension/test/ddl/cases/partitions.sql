-- case: partitioned table created
-- deploy
CREATE TABLE p (id int, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
CREATE TABLE pd PARTITION OF p DEFAULT;
CREATE INDEX p_id ON p (id);
INSERT INTO p VALUES (1, '2020-05-05');
-- case: partition created
-- setup
CREATE TABLE p (id int, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE INDEX p_at ON p (at);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
-- deploy
CREATE TABLE p2 PARTITION OF p FOR VALUES FROM ('2021-01-01') TO ('2022-01-01');
-- case: partition created of a table that others refer to
-- setup
CREATE TABLE p (id int PRIMARY KEY, name text) PARTITION BY LIST (id);
CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);
INSERT INTO p VALUES (1, 'one');
CREATE TABLE holder (id int PRIMARY KEY, p int REFERENCES p ON DELETE CASCADE);
INSERT INTO holder VALUES (1, 1);
-- deploy
CREATE TABLE p2 PARTITION OF p FOR VALUES IN (2);
INSERT INTO p VALUES (2, 'two');
-- deploy
CREATE TABLE p3 PARTITION OF p FOR VALUES IN (3, 4, 5) PARTITION BY LIST (id);
CREATE TABLE p3a PARTITION OF p3 FOR VALUES IN (3);
CREATE TABLE p3b PARTITION OF p3 DEFAULT;
ALTER TABLE p ADD COLUMN added int DEFAULT 7;
-- case: created partition with a row that business refers to
-- setup
CREATE TABLE p (id int PRIMARY KEY) PARTITION BY LIST (id);
CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);
CREATE TABLE holder (id int PRIMARY KEY, p int REFERENCES p);
-- deploy
CREATE TABLE p2 PARTITION OF p FOR VALUES IN (2);
INSERT INTO p VALUES (2);
-- later
INSERT INTO holder VALUES (1, 2);
-- residue
p2
SET default_
id integer
ADD CONSTRAINT
^[-+]\);
-- check
SELECT count(*) = 1 FROM p JOIN holder ON holder.p = p.id;
-- case: created partition with business rows
-- setup
CREATE TABLE p (id int, at date) PARTITION BY RANGE (at);
-- deploy
CREATE TABLE p2 PARTITION OF p FOR VALUES FROM ('2021-01-01') TO ('2022-01-01');
-- later
INSERT INTO p VALUES (1, '2021-05-05');
-- residue
p2
SET default_
id integer
at date
^[-+]\);
2021
2022
-- check
SELECT count(*) = 1 FROM p;
-- case: partition detached
-- setup
CREATE TABLE p (id int, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
INSERT INTO p VALUES (1, '2020-05-05');
-- deploy
ALTER TABLE p DETACH PARTITION p1;
-- case: partition attached
-- setup
CREATE TABLE p (id int NOT NULL, at date NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE p1 (id int NOT NULL, at date NOT NULL, CONSTRAINT p1_key PRIMARY KEY (id, at));
INSERT INTO p1 VALUES (1, '2020-05-05');
-- deploy
ALTER TABLE p ATTACH PARTITION p1 FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
-- case: partition dropped
-- setup
CREATE TABLE p (id int, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE INDEX p_id ON p (id);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
CREATE TABLE p2 PARTITION OF p DEFAULT;
INSERT INTO p VALUES (1, '2020-05-05'), (2, '2025-05-05');
-- deploy
DROP TABLE p1;
-- case: partitioned table dropped
-- setup
CREATE TABLE p (id int, at date, name text DEFAULT 'x', PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE INDEX p_id ON p (id);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM ('2020-01-01') TO ('2021-01-01') PARTITION BY LIST (id);
CREATE TABLE p1a PARTITION OF p1 FOR VALUES IN (1, 2);
CREATE TABLE p2 PARTITION OF p DEFAULT;
INSERT INTO p VALUES (1, '2020-05-05'), (2, '2025-05-05');
-- deploy
DROP TABLE p;
-- case: column added to a partitioned table
-- setup
CREATE TABLE p (id int, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
INSERT INTO p VALUES (1, '2020-05-05');
-- deploy
ALTER TABLE p ADD COLUMN n int DEFAULT 4 NOT NULL;
CREATE INDEX p_n ON p (n);
ALTER TABLE p ADD CONSTRAINT n_check CHECK (n > 0);
-- case: index and constraint of a partitioned table dropped
-- setup
CREATE TABLE p (id int, at date, n int, CONSTRAINT n_check CHECK (n > 0), CONSTRAINT p_key PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE INDEX p_n ON p (n);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
INSERT INTO p VALUES (1, '2020-05-05', 5);
-- deploy
DROP INDEX p_n;
ALTER TABLE p DROP CONSTRAINT n_check;
ALTER TABLE p DROP CONSTRAINT p_key;
-- case: type changed in a partitioned table
-- setup
CREATE TABLE p (id int, at date, n int) PARTITION BY RANGE (at);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
INSERT INTO p VALUES (1, '2020-05-05', 5);
-- deploy
ALTER TABLE p ALTER COLUMN n TYPE bigint;
-- case: last column of a partitioned table dropped
-- setup
CREATE TABLE p (id int, at date, n int) PARTITION BY RANGE (at);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
INSERT INTO p VALUES (1, '2020-05-05', 5);
-- deploy
ALTER TABLE p DROP COLUMN n;
-- case: inheritance made and dropped
-- setup
CREATE TABLE a (id int, name text);
CREATE TABLE b (extra int) INHERITS (a);
CREATE TABLE c (id int, name text, more int);
INSERT INTO b VALUES (1, 'x', 2);
INSERT INTO c VALUES (2, 'y', 3);
-- deploy
ALTER TABLE c INHERIT a;
CREATE TABLE d () INHERITS (a);
-- case: inheritance taken away
-- setup
CREATE TABLE a (id int, name text);
CREATE TABLE b (id int, name text, extra int);
ALTER TABLE b INHERIT a;
INSERT INTO b VALUES (1, 'x', 2);
-- deploy
ALTER TABLE b NO INHERIT a;
-- case: inheritance child dropped
-- setup
CREATE TABLE a (id int, name text DEFAULT 'x', CONSTRAINT ck CHECK (id > 0));
CREATE TABLE b (extra int, CONSTRAINT ck2 CHECK (extra > 0)) INHERITS (a);
INSERT INTO b VALUES (1, 'x', 2);
-- deploy
DROP TABLE b;
-- case: inheritance parent altered
-- setup
CREATE TABLE a (id int, name text);
CREATE TABLE b (extra int) INHERITS (a);
INSERT INTO b VALUES (1, 'x', 2);
-- deploy
ALTER TABLE a ADD COLUMN n int DEFAULT 5;
ALTER TABLE a ALTER COLUMN name SET DEFAULT 'y';
ALTER TABLE a ADD CONSTRAINT ck CHECK (id > 0);
-- case: column dropped from a partitioned table with an index
-- setup
CREATE TABLE p (id int, at date, n int) PARTITION BY RANGE (at);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
CREATE INDEX p_at ON p (at);
-- deploy
ALTER TABLE p DROP COLUMN n;
-- case: type changed in a partitioned table with keys and indexes
-- setup
CREATE TABLE p (id int, at date, n int, CONSTRAINT n_check CHECK (n > 0), CONSTRAINT p_key PRIMARY KEY (id, at, n), UNIQUE (n, at)) PARTITION BY RANGE (at);
CREATE INDEX p_n ON p (n);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
CREATE TABLE p2 (LIKE p INCLUDING CONSTRAINTS);
ALTER TABLE p2 ADD CONSTRAINT key_of_its_own PRIMARY KEY (id, at, n);
CREATE INDEX index_of_its_own ON p2 (n);
ALTER TABLE p ATTACH PARTITION p2 FOR VALUES FROM ('2021-01-01') TO ('2022-01-01');
COMMENT ON INDEX index_of_its_own IS 'an index';
INSERT INTO p VALUES (1, '2020-05-05', 5), (1, '2021-05-05', 6);
-- deploy
ALTER TABLE p ALTER COLUMN n TYPE bigint;
-- case: index of a partitioned table made otherwise
-- setup
CREATE TABLE p (id int, at date, n int) PARTITION BY RANGE (at);
CREATE INDEX p_n ON p (n);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM ('2020-01-01') TO ('2021-01-01') PARTITION BY LIST (id);
CREATE TABLE p1a PARTITION OF p1 FOR VALUES IN (1, 2);
-- deploy
DROP INDEX p_n;
CREATE INDEX p_n ON p (n, id);
-- case: inheritance given up by a child made with it
-- setup
CREATE TABLE a (id int, name text, CONSTRAINT ck CHECK (id > 0));
CREATE TABLE b (extra int) INHERITS (a);
INSERT INTO b VALUES (1, 'x', 2);
-- deploy
ALTER TABLE b NO INHERIT a;
-- case: partition with indexes of its own detached, altered, dropped
-- setup
CREATE TABLE p (id int, at date, n int, CONSTRAINT p_key PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE p1 (id int NOT NULL, at date NOT NULL, n int);
ALTER TABLE p1 ADD CONSTRAINT key_of_its_own PRIMARY KEY (id, at);
ALTER TABLE p ATTACH PARTITION p1 FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
CREATE TABLE p2 PARTITION OF p FOR VALUES FROM ('2021-01-01') TO ('2022-01-01');
CREATE TABLE p3 PARTITION OF p DEFAULT;
INSERT INTO p VALUES (1, '2020-05-05', 5), (1, '2021-05-05', 6), (1, '2025-05-05', 7);
-- deploy
ALTER TABLE p DETACH PARTITION p1;
ALTER TABLE p1 DROP COLUMN n;
DROP TABLE p2;
ALTER TABLE p DETACH PARTITION p3;
-- case: column with a check dropped from a partitioned table with rows
-- setup
CREATE TABLE p (id int CHECK (id > 0), at date, n int, CONSTRAINT n_check CHECK (n > 0), CONSTRAINT p_key PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
INSERT INTO p VALUES (1, '2020-05-05', 5);
-- deploy
ALTER TABLE p DROP COLUMN n;
-- case: type changed under an index of two levels of partitions
-- setup
CREATE TABLE p (id int, at date, n int, UNIQUE (n, at, id)) PARTITION BY RANGE (at);
CREATE INDEX p_n ON p (n);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM ('2020-01-01') TO ('2021-01-01') PARTITION BY LIST (id);
CREATE TABLE p1a PARTITION OF p1 FOR VALUES IN (1, 2);
INSERT INTO p VALUES (1, '2020-05-05', 5);
-- deploy
ALTER TABLE p ALTER COLUMN n TYPE bigint;
-- case: table with indexes becomes the first partition of a table made in its place
-- setup
CREATE TABLE ev (id bigserial, at date NOT NULL DEFAULT '2026-01-01', k text, CONSTRAINT ev_pk PRIMARY KEY (id, at));
CREATE INDEX ev_k ON ev (k);
CREATE UNIQUE INDEX ev_u ON ev (at, k);
INSERT INTO ev (at, k) SELECT '2026-01-01'::date + i, 'k' || i FROM generate_series(1, 9) i;
CREATE VIEW v AS SELECT k FROM ev;
SELECT yesterday.track('ev');
-- deploy
ALTER TABLE ev RENAME TO ev_legacy;
ALTER TABLE ev_legacy ADD CONSTRAINT rng CHECK (at >= '2026-01-01' AND at < '2026-03-01') NOT VALID;
ALTER TABLE ev_legacy VALIDATE CONSTRAINT rng;
CREATE TABLE ev (LIKE ev_legacy INCLUDING DEFAULTS INCLUDING STORAGE) PARTITION BY RANGE (at);
ALTER TABLE ev ADD PRIMARY KEY (id, at);
CREATE INDEX ON ev (k);
ALTER SEQUENCE ev_id_seq OWNED BY ev.id;
ALTER TABLE ev ATTACH PARTITION ev_legacy FOR VALUES FROM ('2026-01-01') TO ('2026-03-01');
ALTER TABLE ev_legacy DROP CONSTRAINT rng;
CREATE TABLE ev_m3 PARTITION OF ev FOR VALUES FROM ('2026-03-01') TO ('2026-04-01');
CREATE OR REPLACE VIEW v AS SELECT k FROM ev;
INSERT INTO ev (at, k) VALUES ('2026-02-02', 'n'), ('2026-03-03', 'n3');
DELETE FROM ev WHERE k = 'k5';
-- case: table with indexes attached to one that is made
-- setup
CREATE TABLE ev (id int, k text, CONSTRAINT ev_pk PRIMARY KEY (id));
CREATE INDEX ev_k ON ev (k);
INSERT INTO ev VALUES (1, 'a');
-- deploy open
CREATE TABLE ev2 (LIKE ev INCLUDING DEFAULTS) PARTITION BY RANGE (id);
ALTER TABLE ev2 ADD PRIMARY KEY (id);
CREATE INDEX ON ev2 (k);
ALTER TABLE ev2 ATTACH PARTITION ev FOR VALUES FROM (1) TO (10);
