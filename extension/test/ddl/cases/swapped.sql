-- case: heir, typed table and type of a column moved to others of the same name
-- setup
CREATE TABLE a (id int, n text);
CREATE TABLE b (x int) INHERITS (a);
INSERT INTO b VALUES (1, 'b', 2);
INSERT INTO a VALUES (5, 'a');
CREATE TYPE ty AS (id int, n text);
CREATE TABLE t OF ty;
INSERT INTO t VALUES (1, 'a');
CREATE DOMAIN d AS text;
CREATE TABLE u (id int PRIMARY KEY, x d);
INSERT INTO u VALUES (1, 'q');
-- deploy open
ALTER TABLE a RENAME TO a_old;
CREATE TABLE a (id int, n text);
ALTER TABLE b NO INHERIT a_old;
ALTER TABLE b INHERIT a;
ALTER TYPE ty RENAME TO ty_old;
CREATE TYPE ty AS (id int, n text);
ALTER TABLE t OF ty;
ALTER DOMAIN d RENAME TO d_old;
CREATE DOMAIN d AS text;
ALTER TABLE u ALTER x TYPE d;
-- case: partition moved to a table of the same name, the old one kept
-- setup
CREATE TABLE p (id int, n text) PARTITION BY RANGE (id);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (1) TO (10);
CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (10) TO (20);
INSERT INTO p VALUES (1, 'b'), (11, 'c');
SELECT yesterday.track('p');
-- deploy open
ALTER TABLE p RENAME TO p_old;
CREATE TABLE p (id int, n text) PARTITION BY RANGE (id);
ALTER TABLE p_old DETACH PARTITION p1;
ALTER TABLE p ATTACH PARTITION p1 FOR VALUES FROM (1) TO (10);
INSERT INTO p VALUES (3, 'x');
-- case: marks of a table on indexes moved to others of the same name
-- setup
CREATE TABLE t (id int PRIMARY KEY, x int NOT NULL);
CREATE UNIQUE INDEX tx ON t (x);
ALTER TABLE t REPLICA IDENTITY USING INDEX tx;
ALTER TABLE t CLUSTER ON tx;
CREATE PUBLICATION pub FOR TABLE t WHERE (id > 2);
-- deploy open
ALTER INDEX tx RENAME TO tx_old;
CREATE UNIQUE INDEX tx ON t (x);
ALTER TABLE t REPLICA IDENTITY USING INDEX tx;
ALTER TABLE t CLUSTER ON tx;
-- deploy open
ALTER TABLE t RENAME TO t_old;
CREATE TABLE t (LIKE t_old INCLUDING ALL);
ALTER PUBLICATION pub SET TABLE t WHERE (id > 2);
-- case: sequence, functions and dictionary that others have the names of
-- setup
CREATE SEQUENCE s;
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION g() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TABLE t (id int DEFAULT nextval('s') PRIMARY KEY, x int DEFAULT f());
CREATE TRIGGER tg BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION g();
INSERT INTO t VALUES (5);
CREATE VIEW v AS SELECT f() AS f;
CREATE TEXT SEARCH DICTIONARY d1 (TEMPLATE = simple, stopwords = 'english');
CREATE TEXT SEARCH CONFIGURATION cfg (COPY = english);
ALTER TEXT SEARCH CONFIGURATION cfg ALTER MAPPING FOR word WITH d1;
-- deploy open
ALTER SEQUENCE s RENAME TO s_old;
CREATE SEQUENCE s;
ALTER TABLE t ALTER id SET DEFAULT nextval('s');
ALTER FUNCTION f() RENAME TO f_old;
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 2';
ALTER TABLE t ALTER x SET DEFAULT f();
CREATE OR REPLACE VIEW v AS SELECT f() AS f;
ALTER FUNCTION g() RENAME TO g_old;
CREATE FUNCTION g() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE OR REPLACE TRIGGER tg BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION g();
ALTER TEXT SEARCH DICTIONARY d1 RENAME TO d1_old;
CREATE TEXT SEARCH DICTIONARY d1 (TEMPLATE = simple, stopwords = 'english');
ALTER TEXT SEARCH CONFIGURATION cfg ALTER MAPPING REPLACE d1_old WITH d1;
-- case: what stands on a table goes over to a copy of its name
-- setup
CREATE TABLE t (id bigserial PRIMARY KEY, x text);
INSERT INTO t (x) VALUES ('a');
CREATE VIEW v AS SELECT id, x FROM t;
CREATE MATERIALIZED VIEW mv AS SELECT id, x FROM v;
CREATE FUNCTION f() RETURNS SETOF t LANGUAGE sql BEGIN ATOMIC SELECT * FROM t; END;
CREATE TABLE w (t t);
INSERT INTO w SELECT t FROM t;
CREATE TABLE r (id int REFERENCES t);
-- deploy open
ALTER TABLE t RENAME TO t_old;
CREATE TABLE t (LIKE t_old INCLUDING ALL);
ALTER SEQUENCE t_id_seq OWNED BY t.id;
CREATE OR REPLACE VIEW v AS SELECT id, x FROM t;
ALTER TABLE r DROP CONSTRAINT r_id_fkey, ADD FOREIGN KEY (id) REFERENCES t;
-- case: two tables exchange their names, and what stands on them stays with the names
-- setup
CREATE TABLE a (id serial PRIMARY KEY, n text);
CREATE TABLE b (id int PRIMARY KEY, n text);
INSERT INTO a (n) VALUES ('a');
INSERT INTO b VALUES (7, 'b');
CREATE VIEW va AS SELECT id, n FROM a;
CREATE VIEW vb AS SELECT id, n FROM b;
CREATE TABLE ra (a int REFERENCES a);
SELECT yesterday.track('a'), yesterday.track('b', layer => 'apps');
-- deploy open
UPDATE a SET n = 'x';
ALTER TABLE a RENAME TO c;
ALTER TABLE b RENAME TO a;
ALTER TABLE c RENAME TO b;
CREATE OR REPLACE VIEW va AS SELECT id, n FROM a;
CREATE OR REPLACE VIEW vb AS SELECT id, n FROM b;
ALTER TABLE ra DROP CONSTRAINT ra_a_fkey;
ALTER TABLE ra ADD CONSTRAINT ra_a_fkey FOREIGN KEY (a) REFERENCES a;
UPDATE a SET n = 'y';
-- case: view over a table whose columns exchange their names
-- setup
CREATE TABLE t (id int PRIMARY KEY, a text, b text);
INSERT INTO t VALUES (1, 'a', 'b');
CREATE VIEW v AS SELECT id, a FROM t;
CREATE INDEX i ON t (a);
-- deploy open
ALTER TABLE t RENAME a TO c;
ALTER TABLE t RENAME b TO a;
ALTER TABLE t RENAME c TO b;
CREATE OR REPLACE VIEW v AS SELECT id, a FROM t;
DROP INDEX i;
CREATE INDEX i ON t (a);
-- case: what stands on a column that partitions have from their parent
-- setup
CREATE TABLE p (id int PRIMARY KEY, n int) PARTITION BY RANGE (id);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (1) TO (10) PARTITION BY RANGE (id);
CREATE TABLE p11 PARTITION OF p1 FOR VALUES FROM (1) TO (5);
CREATE VIEW v0 AS SELECT n FROM p11;
INSERT INTO p VALUES (1, 2), (3, 4);
-- deploy open
ALTER TABLE p ADD COLUMN alpha int DEFAULT 5;
CREATE VIEW v1 AS SELECT alpha FROM p1;
CREATE MATERIALIZED VIEW v11 AS SELECT * FROM p11;
CREATE VIEW vv AS SELECT * FROM v11;
CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT max(alpha) FROM p11; END;
CREATE INDEX pi ON p11 (alpha);
ALTER TABLE p11 ADD CHECK (alpha > 0);
-- deploy
DROP VIEW v0;
DROP MATERIALIZED VIEW v11 CASCADE;
ALTER TABLE p ALTER n TYPE bigint;
CREATE VIEW v0 AS SELECT n FROM p11;
CREATE VIEW v2 AS SELECT n FROM p1;
-- case: what others made since of a column that heirs have from their parent
-- setup
CREATE TABLE gp (id int);
CREATE TABLE p (at date, n int) INHERITS (gp);
CREATE TABLE p1 () INHERITS (p);
-- deploy
ALTER TABLE gp ADD COLUMN alpha numeric(12,3);
CREATE VIEW beta AS SELECT * FROM p1;
-- later
CREATE VIEW theirs AS SELECT alpha FROM p1;
CREATE INDEX theirs_too ON p (alpha);
-- check
SELECT string_agg(identity, ', ' ORDER BY identity) = 'public.theirs, public.theirs_too' FROM yesterday.attic_objects;
-- case: key taken over by another column, which gets its name
-- setup
CREATE TABLE p (id serial PRIMARY KEY, n text UNIQUE);
CREATE TABLE c (id serial PRIMARY KEY, p int NOT NULL REFERENCES p ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED);
INSERT INTO p (n) SELECT 'n' || i FROM generate_series(1, 3) i;
INSERT INTO c (p) SELECT id FROM p;
SELECT yesterday.track('p'), yesterday.track('c');
-- deploy
ALTER TABLE p ADD COLUMN nid bigint;
UPDATE p SET nid = id;
ALTER TABLE p ALTER nid SET NOT NULL;
CREATE UNIQUE INDEX p_nid ON p (nid);
-- deploy
ALTER TABLE c DROP CONSTRAINT c_p_fkey;
ALTER TABLE p DROP CONSTRAINT p_pkey;
ALTER TABLE p ADD CONSTRAINT p_pkey PRIMARY KEY USING INDEX p_nid;
ALTER SEQUENCE p_id_seq OWNED BY p.nid;
ALTER SEQUENCE p_id_seq AS bigint;
ALTER TABLE p DROP COLUMN id;
ALTER TABLE p RENAME nid TO id;
ALTER TABLE p ALTER id SET DEFAULT nextval('p_id_seq');
ALTER TABLE c ADD CONSTRAINT c_p_fkey FOREIGN KEY (p) REFERENCES p NOT VALID;
ALTER TABLE c VALIDATE CONSTRAINT c_p_fkey;
-- case: key taken over by another column, and a row written by its name
-- setup
CREATE TABLE p (id int PRIMARY KEY, n text UNIQUE);
INSERT INTO p SELECT i, 'n' || i FROM generate_series(1, 3) i;
SELECT yesterday.track('p');
-- deploy open
ALTER TABLE p ADD COLUMN nid bigint;
UPDATE p SET nid = id;
ALTER TABLE p DROP CONSTRAINT p_pkey;
ALTER TABLE p DROP COLUMN id;
ALTER TABLE p RENAME nid TO id;
ALTER TABLE p ADD PRIMARY KEY (id);
\c -
SELECT format('SET yesterday.deployment = %s', max(id)) FROM yesterday.deployment \gexec
INSERT INTO p (n, id) VALUES ('new', 77);

-- case: parts of a table renamed, and others given their names
-- setup
CREATE FUNCTION tf() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE TABLE t (id int PRIMARY KEY, v text CONSTRAINT v_key UNIQUE, w text CONSTRAINT w_check CHECK (w <> ''), r int CONSTRAINT ref REFERENCES t);
CREATE INDEX i ON t (v);
CREATE TRIGGER trg AFTER UPDATE ON t FOR EACH ROW EXECUTE FUNCTION tf();
CREATE RULE rul AS ON DELETE TO t DO ALSO NOTIFY gone;
CREATE POLICY pol ON t FOR SELECT USING (id > 5);
INSERT INTO t VALUES (1, 'x', 'y');
-- deploy open
ALTER INDEX i RENAME TO i_old;
CREATE INDEX i ON t (w);
ALTER TABLE t RENAME CONSTRAINT w_check TO w_old;
ALTER TABLE t ADD CONSTRAINT w_check CHECK (w <> 'z');
ALTER TABLE t RENAME CONSTRAINT v_key TO v_old;
ALTER TABLE t ADD CONSTRAINT v_key UNIQUE (v, w);
ALTER TABLE t RENAME CONSTRAINT ref TO ref_old;
ALTER TABLE t ADD CONSTRAINT ref FOREIGN KEY (r) REFERENCES t NOT VALID;
ALTER TRIGGER trg ON t RENAME TO trg_old;
CREATE TRIGGER trg BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION tf();
ALTER RULE rul ON t RENAME TO rul_old;
CREATE RULE rul AS ON DELETE TO t DO ALSO NOTIFY other;
ALTER POLICY pol ON t RENAME TO pol_old;
CREATE POLICY pol ON t FOR SELECT USING (id > 6);

-- case: parts of a table exchange names, and the table is made anew by a later rollback
-- setup
CREATE FUNCTION tf() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE TABLE t (id int PRIMARY KEY, gone int, v text CONSTRAINT one CHECK (v <> ''), w text CONSTRAINT two CHECK (w <> 'z'));
CREATE TRIGGER a AFTER UPDATE ON t FOR EACH ROW EXECUTE FUNCTION tf();
CREATE TRIGGER b BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION tf();
INSERT INTO t VALUES (1, 1, 'x', 'y');
-- deploy
ALTER TABLE t RENAME CONSTRAINT one TO three;
ALTER TABLE t RENAME CONSTRAINT two TO one;
ALTER TABLE t RENAME CONSTRAINT three TO two;
ALTER TABLE t ADD CONSTRAINT three CHECK (id > 0);
ALTER TRIGGER a ON t RENAME TO c;
ALTER TRIGGER b ON t RENAME TO a;
ALTER TRIGGER c ON t RENAME TO b;
-- deploy
ALTER TABLE t DROP COLUMN gone;

-- case: what was led to others of the same name is led elsewhere by others since
-- setup
CREATE TABLE t (id int PRIMARY KEY, x text);
INSERT INTO t VALUES (1, 'a');
CREATE VIEW v AS SELECT id, x FROM t;
CREATE FUNCTION h() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION g() RETURNS int LANGUAGE sql RETURN h();
CREATE VIEW renamed AS SELECT id FROM t;
-- deploy
ALTER TABLE t RENAME TO t_old;
CREATE TABLE t (LIKE t_old INCLUDING ALL);
CREATE OR REPLACE VIEW v AS SELECT id, x FROM t;
ALTER FUNCTION h() RENAME TO h_old;
CREATE FUNCTION h() RETURNS int LANGUAGE sql AS 'SELECT 2';
CREATE OR REPLACE FUNCTION g() RETURNS int LANGUAGE sql RETURN h();
ALTER VIEW renamed RENAME TO other_name;
CREATE OR REPLACE VIEW other_name AS SELECT id FROM t;
-- later
ALTER TABLE t RENAME TO t_second;
CREATE TABLE t (LIKE t_second INCLUDING ALL);
CREATE OR REPLACE VIEW v AS SELECT id, x FROM t;
CREATE OR REPLACE FUNCTION g() RETURNS int LANGUAGE sql RETURN h() + 1;
CREATE OR REPLACE VIEW other_name AS SELECT id FROM t WHERE id > 0;
-- check
SELECT string_agg(identity, ', ' ORDER BY identity) = 'public.g(), public.renamed, public.v' FROM yesterday.attic_objects WHERE reason = 'changed';
SELECT bool_and(commands !~ 'yesterday_aside') FROM yesterday.attic_objects;
SELECT pg_get_viewdef('v') = pg_get_viewdef('v') AND to_regclass('t_since_1') IS NOT NULL AND to_regclass('t_second') IS NULL;
-- residue
t_since_1|^\+    (id integer.* NOT NULL,|x text)$|^\+\);$|ADD CONSTRAINT t_pkey
-- case: names of before that others have given to what they made since
-- setup
CREATE TYPE c AS (a int, b text);
CREATE TYPE e AS ENUM ('a', 'b');
CREATE TABLE t (id int PRIMARY KEY, a text, CONSTRAINT k CHECK (id > 0));
CREATE TABLE u (x e, y c);
CREATE INDEX i ON t (a);
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';
INSERT INTO t VALUES (1, 'x');
INSERT INTO u VALUES ('a', ROW(1, 'y'));
SELECT yesterday.track('t');
-- deploy
ALTER TABLE t RENAME a TO a2;
ALTER TABLE t RENAME CONSTRAINT k TO k2;
ALTER INDEX i RENAME TO i2;
ALTER FUNCTION f() RENAME TO f2;
ALTER TYPE c RENAME ATTRIBUTE a TO a2;
ALTER TYPE e RENAME VALUE 'a' TO 'a2';
ALTER TABLE t RENAME TO t2;
UPDATE t2 SET a2 = 'z';
-- later
CREATE TABLE t (x int);
INSERT INTO t VALUES (7);
ALTER TABLE t2 ADD COLUMN a int;
UPDATE t2 SET a = 5;
ALTER TABLE t2 ADD CONSTRAINT k CHECK (id > -7);
CREATE INDEX i ON t2 (id);
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 2';
ALTER TYPE c ADD ATTRIBUTE a text;
ALTER TYPE e ADD VALUE 'a';
UPDATE u SET y.a = 'kept';
-- check
SELECT t::text = '(1,x,5)' AND a_since_1 = 5 FROM t;
SELECT u::text = '(a,"(1,y,kept)")' AND (y).a_since_1 = 'kept' FROM u;
SELECT x = 7 FROM t_since_1;
SELECT f() = 1 AND f_since_1() = 2 AND enum_range(NULL::e) = '{a,b,a_since_1}' AND to_regclass('i_since_1') IS NOT NULL
   AND EXISTS (SELECT FROM pg_constraint WHERE conname = 'k_since_1');
SELECT NOT EXISTS (SELECT FROM pg_class WHERE relname ~ '^yesterday_aside') AND NOT EXISTS (SELECT FROM pg_attribute WHERE attname ~ '^yesterday_aside');
SELECT count(*) = 7 FROM yesterday.rollback r, jsonb_array_elements(r.report) l WHERE l ->> 'outcome' = 'displaced' AND l ->> 'detail' LIKE '%_since_1%';
-- residue
_since_1|^.    a text,?$|^.    y public.c,?$|^.	b text,?$|^.    'b',?$|^\+    x integer$|^\+\);$|CONSTRAINT k|LANGUAGE sql|AS \$\$SELECT 2
-- case: everything moved to a schema that gets the name of the one it came from
-- setup
CREATE SCHEMA app;
CREATE SCHEMA next;
CREATE TYPE app.e AS ENUM ('a', 'b');
CREATE DOMAIN app.d AS int CHECK (VALUE > 0);
CREATE FUNCTION app.f() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE VIEW app.v AS SELECT 1 AS a;
CREATE SEQUENCE app.s;
CREATE COLLATION app.c FROM "C";
CREATE TABLE app.t (id serial PRIMARY KEY, e app.e DEFAULT 'a', x text COLLATE app.c);
INSERT INTO app.t (x) VALUES ('x');
CREATE TABLE u (t int REFERENCES app.t, e app.e DEFAULT 'b', d app.d);
INSERT INTO u VALUES (1, 'a', 1);
SELECT yesterday.track('app.t'), yesterday.track('u');
-- deploy open
ALTER TYPE app.e SET SCHEMA next;
ALTER DOMAIN app.d SET SCHEMA next;
ALTER FUNCTION app.f() SET SCHEMA next;
ALTER VIEW app.v SET SCHEMA next;
ALTER SEQUENCE app.s SET SCHEMA next;
ALTER COLLATION app.c SET SCHEMA next;
ALTER TABLE app.t SET SCHEMA next;
DROP SCHEMA app;
ALTER SCHEMA next RENAME TO app;
INSERT INTO app.t (e) VALUES ('b');
UPDATE u SET e = 'b';
