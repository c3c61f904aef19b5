-- Deployments of many kinds of change at once.

-- case: computed column dropped, and rows written after it
-- setup
CREATE TABLE t (id int PRIMARY KEY, body text, g int GENERATED ALWAYS AS (length(coalesce(body, ''))) STORED);
INSERT INTO t (id, body) VALUES (1, 'the running dogs'), (2, NULL);
SELECT yesterday.track('t');
-- deploy
ALTER TABLE t DROP COLUMN g;
UPDATE t SET body = 'other words' WHERE id = 2;

-- case: text search configuration dropped with the vectors computed by it
-- setup
CREATE TEXT SEARCH CONFIGURATION mine (COPY = english);
CREATE TEXT SEARCH DICTIONARY dic (TEMPLATE = simple, STOPWORDS = english);
ALTER TEXT SEARCH CONFIGURATION mine ALTER MAPPING FOR asciiword WITH dic, english_stem;
CREATE TABLE t (id int PRIMARY KEY, body text, v tsvector GENERATED ALWAYS AS (to_tsvector('public.mine', coalesce(body, ''))) STORED);
CREATE INDEX t_v ON t USING gin (v);
CREATE INDEX t_b ON t USING gin (to_tsvector('public.mine', body));
INSERT INTO t (id, body) VALUES (1, 'the running dogs'), (2, NULL);
SELECT yesterday.track('t');
-- deploy
DROP TEXT SEARCH DICTIONARY dic CASCADE;
CREATE TEXT SEARCH CONFIGURATION mine2 (COPY = simple);
ALTER TABLE t DROP COLUMN IF EXISTS v;
ALTER TABLE t ADD COLUMN v tsvector GENERATED ALWAYS AS (to_tsvector('public.mine2', coalesce(body, ''))) STORED;
UPDATE t SET body = 'other words' WHERE id = 2;
CREATE INDEX t_v ON t USING gin (v);

-- case: triggers of a partition that fire otherwise than its parent's
-- setup
CREATE FUNCTION tf() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE TABLE m (id int, k text, v int) PARTITION BY LIST (k);
CREATE TABLE m_a PARTITION OF m FOR VALUES IN ('a');
CREATE TABLE m_b PARTITION OF m FOR VALUES IN ('b') PARTITION BY RANGE (id);
CREATE TABLE m_b1 PARTITION OF m_b FOR VALUES FROM (0) TO (10);
CREATE TRIGGER t1 AFTER UPDATE ON m FOR EACH ROW EXECUTE FUNCTION tf();
CREATE TRIGGER t2 AFTER UPDATE ON m FOR EACH ROW EXECUTE FUNCTION tf();
ALTER TABLE m_b1 ENABLE ALWAYS TRIGGER t1;
ALTER TABLE m_b DISABLE TRIGGER t2;
ALTER TABLE m_b1 ENABLE TRIGGER t2;
-- deploy
ALTER TABLE m_a DISABLE TRIGGER t1;
ALTER TABLE m_b1 DISABLE TRIGGER t1;
-- deploy
ALTER TABLE m DISABLE TRIGGER t1;
ALTER TABLE m ENABLE TRIGGER t2;
-- deploy
ALTER TABLE m ALTER v TYPE text;
-- deploy
ALTER TABLE m_b DETACH PARTITION m_b1;
-- deploy open
DROP TABLE m_b;
-- deploy
DROP TABLE m CASCADE;

-- case: domains whose defaults call functions
-- setup
CREATE FUNCTION f(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1 + 1';
CREATE DOMAIN d AS int CHECK (f(VALUE) > 0) DEFAULT f(3);
CREATE DOMAIN e AS int DEFAULT f(4);
CREATE TABLE u (d d, e d[]);
INSERT INTO u VALUES (1, '{2,3}');
-- deploy
ALTER DOMAIN e SET DEFAULT 3;
DROP DOMAIN d CASCADE;

-- case: partitions moved between parents, with rows, references and triggers
-- setup
SELECT yesterday.track_like('public', '%');
CREATE TABLE m (id int, k text, v text, PRIMARY KEY (id, k)) PARTITION BY LIST (k);
CREATE TABLE m_a PARTITION OF m FOR VALUES IN ('a');
CREATE TABLE m_d PARTITION OF m DEFAULT PARTITION BY RANGE (id);
CREATE TABLE m_d1 PARTITION OF m_d FOR VALUES FROM (MINVALUE) TO (100);
CREATE TABLE m_d2 PARTITION OF m_d DEFAULT;
CREATE TABLE other (LIKE m INCLUDING ALL) PARTITION BY HASH (id);
CREATE TABLE other_0 PARTITION OF other FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE other_1 PARTITION OF other FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE TABLE ref (id int PRIMARY KEY, mi int, mk text, FOREIGN KEY (mi, mk) REFERENCES m ON DELETE CASCADE);
CREATE INDEX m_v ON m (v);
CREATE FUNCTION tf() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE TRIGGER m_t AFTER UPDATE ON m FOR EACH ROW EXECUTE FUNCTION tf();
ALTER TABLE m_d1 DISABLE TRIGGER m_t;
INSERT INTO m SELECT n, substr('abcd', 1 + n % 4, 1), 'v' || n FROM generate_series(1, 200) n;
INSERT INTO other SELECT n, 'o', 'o' || n FROM generate_series(1, 20) n;
INSERT INTO ref SELECT n, n, substr('abcd', 1 + n % 4, 1) FROM generate_series(1, 50) n;
-- deploy
CREATE TABLE m_b (LIKE m INCLUDING DEFAULTS INCLUDING CONSTRAINTS);
ALTER TABLE ref DROP CONSTRAINT ref_mi_mk_fkey;
WITH gone AS (DELETE FROM m WHERE k = 'b' RETURNING *) INSERT INTO m_b SELECT * FROM gone;
ALTER TABLE m ATTACH PARTITION m_b FOR VALUES IN ('b', 'e');
ALTER TABLE m DETACH PARTITION m_a;
DROP TABLE other_1;
ALTER TABLE m_a ADD COLUMN extra int DEFAULT 3;
ALTER TABLE m RENAME COLUMN v TO value;
ALTER TABLE m ALTER value TYPE varchar(40), ADD COLUMN n int NOT NULL DEFAULT 1;
UPDATE m SET k = 'e' WHERE id % 10 = 1;
INSERT INTO m VALUES (1000, 'zz', 'new', 2);
ALTER TABLE other RENAME TO other2;

-- case: names that hurt, everywhere
-- setup
CREATE SCHEMA "Sch""e.ma %s";
SELECT yesterday.track_like('Sch%', '%');
CREATE TYPE "Sch""e.ma %s"."E'n,um" AS ENUM ('a''b', 'c"d', 'e\f', '');
CREATE TABLE "Sch""e.ma %s"."T %I.t" ("i d" int PRIMARY KEY, "c%L" "Sch""e.ma %s"."E'n,um" DEFAULT 'a''b', "$1" text DEFAULT '%s$$' CHECK ("$1" <> '$q$'));
INSERT INTO "Sch""e.ma %s"."T %I.t" VALUES (1, 'e\f', 'x'), (2, '', 'y');
COMMENT ON COLUMN "Sch""e.ma %s"."T %I.t"."c%L" IS 'it''s %I "x" \n';
CREATE FUNCTION "Sch""e.ma %s"."f()"("a b" int DEFAULT 3) RETURNS text LANGUAGE sql AS $x$ SELECT '%s $$ ' || "a b" $x$;
-- deploy open
ALTER TYPE "Sch""e.ma %s"."E'n,um" ADD VALUE '%x';
ALTER TYPE "Sch""e.ma %s"."E'n,um" RENAME VALUE '' TO '""';
UPDATE "Sch""e.ma %s"."T %I.t" SET "c%L" = '%x' WHERE "i d" = 1;
ALTER TABLE "Sch""e.ma %s"."T %I.t" DROP COLUMN "$1";
ALTER TABLE "Sch""e.ma %s"."T %I.t" RENAME TO "public.t";
ALTER FUNCTION "Sch""e.ma %s"."f()"(int) RENAME TO "g%s";
ALTER SCHEMA "Sch""e.ma %s" RENAME TO "Sch ""2";

-- case: columns split into a table of their own, and another renamed to their name
-- setup
SELECT yesterday.track_like('public', '%');
CREATE TABLE customer (id serial PRIMARY KEY, name text, street text, city text NOT NULL, UNIQUE (name, city));
CREATE TABLE sale (id serial PRIMARY KEY, customer int NOT NULL REFERENCES customer DEFERRABLE INITIALLY DEFERRED, price numeric(8,2) CHECK (price > 0));
INSERT INTO customer (name, street, city) SELECT 'n' || n, 's' || n, 'c' || n % 3 FROM generate_series(1, 20) n;
INSERT INTO sale (customer, price) SELECT 1 + n % 20, n + 0.5 FROM generate_series(1, 50) n;
-- deploy
CREATE TABLE address (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, street text, city text NOT NULL, UNIQUE (street, city));
INSERT INTO address (street, city) SELECT DISTINCT street, city FROM customer;
ALTER TABLE customer ADD COLUMN address bigint REFERENCES address;
UPDATE customer c SET address = a.id FROM address a WHERE a.street = c.street AND a.city = c.city;
ALTER TABLE customer ALTER address SET NOT NULL, DROP COLUMN street, DROP COLUMN city;
ALTER TABLE customer RENAME COLUMN name TO street;
ALTER TABLE customer ALTER id TYPE bigint;
UPDATE sale SET price = price * 2 WHERE id % 2 = 0;
ALTER TABLE sale ALTER price TYPE numeric(12,4);
INSERT INTO sale (customer, price) VALUES (1, 3.14159);

-- case: table swapped for a view of its name with triggers, rows written through it
-- setup
SELECT yesterday.track_like('public', '%');
CREATE TABLE t (id int PRIMARY KEY, a text NOT NULL, b int DEFAULT 7);
CREATE TABLE r (id int PRIMARY KEY, t int REFERENCES t ON UPDATE CASCADE);
CREATE INDEX t_a ON t (lower(a));
COMMENT ON TABLE t IS 'of before'; COMMENT ON COLUMN t.a IS 'col';
GRANT SELECT (a), UPDATE (b) ON t TO ddl_alice;
INSERT INTO t SELECT n, 'a' || n FROM generate_series(1, 5) n;
INSERT INTO r SELECT n, n FROM generate_series(1, 5) n;
-- deploy
ALTER TABLE t RENAME TO t_data;
ALTER TABLE t_data ADD COLUMN c text DEFAULT 'c', DROP COLUMN b;
CREATE VIEW t AS SELECT id, a, upper(c) AS c FROM t_data;
CREATE FUNCTION t_w() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF TG_OP = 'DELETE' THEN DELETE FROM t_data WHERE id = OLD.id; RETURN OLD; END IF;
  IF TG_OP = 'INSERT' THEN INSERT INTO t_data VALUES (NEW.id, NEW.a, NEW.c); RETURN NEW; END IF;
  UPDATE t_data SET id = NEW.id, a = NEW.a, c = NEW.c WHERE id = OLD.id; RETURN NEW; END $$;
CREATE TRIGGER t_w INSTEAD OF INSERT OR UPDATE OR DELETE ON t FOR EACH ROW EXECUTE FUNCTION t_w();
INSERT INTO t VALUES (10, 'new', 'x');
UPDATE t SET id = 20, a = 'twenty' WHERE id = 2;
DELETE FROM r WHERE t = 3;
DELETE FROM t WHERE id = 3;

-- case: extension dropped and created in another schema, with columns and indexes
-- setup
CREATE EXTENSION citext;
CREATE EXTENSION pg_trgm;
CREATE TABLE t (id int PRIMARY KEY, c citext UNIQUE, n text, ca citext[]);
CREATE INDEX t_n ON t USING gin (n gin_trgm_ops);
CREATE DOMAIN mail AS citext CHECK (VALUE ~ '@');
CREATE TABLE u (m mail PRIMARY KEY, x int);
CREATE FUNCTION f(citext) RETURNS citext LANGUAGE sql AS 'SELECT $1';
INSERT INTO t VALUES (1, 'A', 'abc', '{a,B}'), (2, 'b', NULL, NULL);
INSERT INTO u VALUES ('A@b', 1);
SELECT yesterday.track('t'), yesterday.track('u');
-- deploy
DROP EXTENSION pg_trgm CASCADE;
DROP EXTENSION citext CASCADE;
CREATE SCHEMA ext;
CREATE EXTENSION citext SCHEMA ext;
ALTER TABLE t ADD COLUMN c ext.citext;
UPDATE t SET c = 'new' || id;

-- case: serial turned into identity and back, sequence shared and moved
-- setup
CREATE SCHEMA s2;
CREATE TABLE a (id serial PRIMARY KEY, v text);
CREATE TABLE b (id int DEFAULT nextval('a_id_seq'), w text);
CREATE TABLE c (id bigint GENERATED BY DEFAULT AS IDENTITY (START 100 INCREMENT 5) PRIMARY KEY, v text);
INSERT INTO a (v) VALUES ('x'), ('y'); INSERT INTO b (w) VALUES ('z'); INSERT INTO c (v) VALUES ('q'), ('r');
SELECT yesterday.track('a'), yesterday.track('c');
-- deploy
ALTER TABLE b ALTER id DROP DEFAULT;
ALTER TABLE a ALTER id DROP DEFAULT;
DROP SEQUENCE a_id_seq;
ALTER TABLE a ALTER id ADD GENERATED ALWAYS AS IDENTITY (START 50);
INSERT INTO a (v) VALUES ('new');
ALTER TABLE c ALTER id DROP IDENTITY;
CREATE SEQUENCE s2.c_id_seq OWNED BY NONE;
ALTER TABLE c ALTER id SET DEFAULT nextval('s2.c_id_seq');
INSERT INTO c (v) VALUES ('new');
ALTER TABLE a SET SCHEMA s2;
ALTER TABLE s2.a RENAME COLUMN id TO ident;

-- case: schema dropped and made again with other things of the same names
-- setup
CREATE SCHEMA w;
CREATE TYPE w.x AS ENUM ('1', '2');
CREATE TABLE w.t (id int PRIMARY KEY, x w.x DEFAULT '1', s int DEFAULT 1);
CREATE SEQUENCE w.seq START 5;
CREATE FUNCTION w.f() RETURNS w.x LANGUAGE sql AS $$ SELECT '1'::w.x $$;
CREATE VIEW w.v AS SELECT id, x FROM w.t;
CREATE TABLE o (id int PRIMARY KEY, x w.x, t int REFERENCES w.t, n int DEFAULT nextval('w.seq'));
INSERT INTO w.t VALUES (1, '2'), (2, '1'); INSERT INTO o (id, x, t) VALUES (1, '2', 1), (2, '1', 2);
GRANT USAGE ON SCHEMA w TO ddl_alice; GRANT SELECT ON w.t TO ddl_alice WITH GRANT OPTION;
SELECT yesterday.track('w.t'), yesterday.track('o');
-- deploy
DROP SCHEMA w CASCADE;
CREATE SCHEMA w;
CREATE TABLE w.x (id int PRIMARY KEY);
CREATE VIEW w.t AS SELECT 1 AS id;
CREATE TABLE w.v (id text);
CREATE TYPE w.seq AS (a int);
CREATE TABLE w.f (s w.seq);
INSERT INTO w.x VALUES (1); INSERT INTO w.f VALUES (ROW(3));
ALTER TABLE o ADD COLUMN x int REFERENCES w.x;
UPDATE o SET x = 1 WHERE id = 1;

-- case: bodies in standard SQL, views and defaults that need each other
-- setup
SELECT yesterday.track_like('public', '%');
CREATE TABLE t (id int PRIMARY KEY, a int);
CREATE VIEW v1 AS SELECT id, a * 2 AS b FROM t;
CREATE FUNCTION f1(x int) RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT b FROM v1 WHERE id = x; END;
CREATE VIEW v2 AS SELECT id, f1(id) AS c FROM t;
CREATE FUNCTION f2() RETURNS SETOF v2 LANGUAGE sql BEGIN ATOMIC SELECT * FROM v2; END;
CREATE TABLE u (id int PRIMARY KEY, d int DEFAULT f1(1));
CREATE PROCEDURE pr(x int) LANGUAGE sql BEGIN ATOMIC INSERT INTO u VALUES (x); INSERT INTO t VALUES (x, x); END;
INSERT INTO t VALUES (1, 10), (2, 20); INSERT INTO u VALUES (1), (2);
GRANT EXECUTE ON FUNCTION f1(int) TO ddl_alice; REVOKE EXECUTE ON FUNCTION f2() FROM PUBLIC;
-- deploy
CALL pr(3);
ALTER TABLE t RENAME COLUMN a TO aa;
ALTER TABLE t ADD COLUMN extra int;
CREATE OR REPLACE VIEW v1 AS SELECT id, aa * 3 AS b, extra FROM t;
CREATE OR REPLACE FUNCTION f1(x int) RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT b + 1 FROM v1 WHERE id = x; END;
ALTER FUNCTION f2() RENAME TO f3;
DROP PROCEDURE pr(int);
ALTER TABLE u ALTER d SET DEFAULT f1(2);
UPDATE u SET d = DEFAULT;

-- case: range over an enum that gets a label, multirange, exclusion
-- setup
CREATE TYPE lvl AS ENUM ('a', 'b', 'c', 'd');
CREATE TYPE lvlrange AS RANGE (SUBTYPE = lvl);
CREATE TABLE t (id int PRIMARY KEY, r lvlrange, mr lvlmultirange, EXCLUDE USING gist (r WITH &&));
CREATE INDEX t_mr ON t USING gist (mr);
INSERT INTO t VALUES (1, '[a,b]', '{[a,b),[c,d)}'), (2, '[c,d)', NULL);
SELECT yesterday.track('t');
-- deploy open
ALTER TYPE lvl ADD VALUE 'bb' AFTER 'b';
UPDATE t SET r = '[bb,d)' WHERE id = 2;
INSERT INTO t VALUES (3, '[d,d]', '{[bb,c]}');
ALTER TYPE lvlrange RENAME TO level_range;
ALTER TABLE t RENAME COLUMN mr TO multi;

-- case: constraint triggers, transition tables, disabled and replica triggers over a rebuild
-- setup
SELECT yesterday.track_like('public', '%');
CREATE TABLE log (n int);
CREATE FUNCTION tf() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO log VALUES (1); RETURN NULL; END $$;
CREATE TABLE t (id int PRIMARY KEY, a int, b int);
CREATE CONSTRAINT TRIGGER c1 AFTER INSERT OR UPDATE ON t DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.b > 0) EXECUTE FUNCTION tf();
CREATE TRIGGER c2 AFTER UPDATE ON t REFERENCING OLD TABLE AS o NEW TABLE AS n FOR EACH STATEMENT EXECUTE FUNCTION tf();
CREATE TRIGGER c3 AFTER UPDATE OF b ON t FOR EACH ROW EXECUTE FUNCTION tf();
ALTER TABLE t DISABLE TRIGGER c2; ALTER TABLE t ENABLE REPLICA TRIGGER c3;
INSERT INTO t VALUES (1, 1, 1), (2, 2, 2);
-- deploy
UPDATE t SET b = b + 1;
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE t DROP COLUMN a;
ALTER TABLE t ENABLE TRIGGER c2, ENABLE TRIGGER c3;
ALTER TABLE t RENAME TO tt;
ALTER TRIGGER c3 ON tt RENAME TO c4;
UPDATE tt SET b = b + 1 WHERE id = 1;
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE tt ADD COLUMN a int DEFAULT 4;
DROP TRIGGER c1 ON tt;

-- case: pending trigger events at finish
-- setup
SELECT yesterday.track_like('public', '%');
CREATE TABLE p (id int PRIMARY KEY, x int);
CREATE TABLE c (id int PRIMARY KEY, p int REFERENCES p DEFERRABLE INITIALLY DEFERRED, y int);
INSERT INTO p VALUES (1), (2); INSERT INTO c VALUES (1, 1), (2, 2);
-- deploy
ALTER TABLE c ADD COLUMN z int;
ALTER TABLE p DROP COLUMN x;
INSERT INTO c VALUES (3, 3, 1, 1);
INSERT INTO p VALUES (3);
UPDATE c SET p = 1 WHERE id = 2;
DELETE FROM p WHERE id = 2;

-- case: unique values swapped under deferrable constraints that are replaced
-- setup
SELECT yesterday.track_like('public', '%');
CREATE TABLE t (id int PRIMARY KEY DEFERRABLE INITIALLY DEFERRED, pos int CONSTRAINT pos_u UNIQUE DEFERRABLE, v text, EXCLUDE (v WITH =) DEFERRABLE);
INSERT INTO t SELECT n, n, 'v' || n FROM generate_series(1, 10) n;
-- deploy
UPDATE t SET pos = 11 - pos, id = 11 - id;
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE t DROP CONSTRAINT pos_u, ADD CONSTRAINT pos_u UNIQUE (pos, v);
ALTER TABLE t ALTER id TYPE bigint USING id * 100;
INSERT INTO t VALUES (5, 1, 'neu');
UPDATE t SET pos = 1;

-- case: three deployments on one table, made by query, concurrently indexed, dropped
-- setup
SELECT yesterday.track_like('public', '%');
CREATE TABLE t (id int, gone int, a text, CONSTRAINT t_pk PRIMARY KEY (id), CONSTRAINT t_ck CHECK (a <> ''));
ALTER TABLE t DROP COLUMN gone;
CREATE TABLE r (id int PRIMARY KEY, t int CONSTRAINT r_fk REFERENCES t);
INSERT INTO t VALUES (1, 'one'), (2, 'two'); INSERT INTO r VALUES (1, 1);
-- deploy
CREATE TABLE t_new AS SELECT id, a, id * 10 AS n FROM t;
ALTER TABLE r DROP CONSTRAINT r_fk;
DROP TABLE t;
ALTER TABLE t_new RENAME TO t;
ALTER TABLE t ADD CONSTRAINT t_pk PRIMARY KEY (id), ADD CONSTRAINT t_ck CHECK (a <> 'x');
ALTER TABLE r ADD CONSTRAINT r_fk FOREIGN KEY (t) REFERENCES t ON DELETE CASCADE;
INSERT INTO t VALUES (3, 'three', 30);
-- deploy open
DELETE FROM t WHERE id = 1;
ALTER TABLE t DROP COLUMN n;
UPDATE t SET a = upper(a);
ALTER TABLE t ADD COLUMN n text DEFAULT 'again';
CREATE INDEX CONCURRENTLY t_n ON t (n);
-- deploy
DROP TABLE t, r;
CREATE TABLE t (a text PRIMARY KEY);
INSERT INTO t VALUES ('last');

-- case: owner without USAGE on the schema of what a deployment altered
-- setup
CREATE SCHEMA s;
SELECT yesterday.track_like('s', '%');
CREATE TABLE s.t (id int PRIMARY KEY, junk text, b int NOT NULL DEFAULT 3);
CREATE TABLE s.u (id int PRIMARY KEY, t int REFERENCES s.t, k text CHECK (k <> ''));
CREATE INDEX u_k ON s.u (lower(k));
INSERT INTO s.t VALUES (1, 'j', 2);
INSERT INTO s.u VALUES (1, 1, 'k');
ALTER TABLE s.t OWNER TO ddl_alice;
ALTER TABLE s.u OWNER TO ddl_bob;
GRANT REFERENCES ON s.t TO ddl_bob;
-- deploy open
COMMENT ON TABLE s.t IS 'table ddl_alice';
ALTER TABLE s.t ADD CHECK (b IS NOT NULL OR true), ALTER b DROP DEFAULT, ALTER b DROP NOT NULL, ADD COLUMN c text DEFAULT 'c';
UPDATE s.t SET b = 5;
ALTER TABLE s.u DROP COLUMN k;
CREATE INDEX t_b ON s.t (b);

-- case: owner without USAGE on the schema of a table that is made anew
-- setup
CREATE SCHEMA s;
CREATE TABLE s.t (id int PRIMARY KEY, junk text, b int NOT NULL DEFAULT 3, k text CHECK (k <> '')) ;
CREATE SEQUENCE s.q OWNED BY s.t.id;
CREATE VIEW s.v AS SELECT id, junk FROM s.t;
INSERT INTO s.t VALUES (1, 'j', 2);
ALTER TABLE s.t OWNER TO ddl_alice;
ALTER VIEW s.v OWNER TO ddl_alice;
GRANT CREATE ON SCHEMA s TO ddl_alice;
-- deploy open
ALTER TABLE s.t DROP COLUMN junk CASCADE;
ALTER TABLE s.t ALTER COLUMN b TYPE text;

-- case: owner without USAGE on the schema, and code of somebody in a check
-- setup
CREATE SCHEMA s;
CREATE FUNCTION judge(int) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT true';
ALTER FUNCTION judge(int) OWNER TO ddl_alice;
CREATE TABLE s.t (id int CONSTRAINT judged CHECK (judge(id)));
ALTER TABLE s.t OWNER TO ddl_alice;
INSERT INTO s.t VALUES (1);
-- deploy open
ALTER TABLE s.t DROP CONSTRAINT judged;
-- refused
permission denied for schema s

-- case: column with a default dropped from a parent, its heir without a key
-- setup
SELECT yesterday.track_like('public', '%');
CREATE TABLE p2 (id int, b int DEFAULT 2);
CREATE TABLE c (own int) INHERITS (p2);
INSERT INTO c VALUES (5, 1, 1), (6, 1, 1);
-- deploy
ALTER TABLE p2 DROP COLUMN b;

-- case: column with a default dropped from a parent, heirs of heirs without a key
-- setup
SELECT yesterday.track_like('public', '%');
CREATE TABLE p2 (id int, b int DEFAULT 2);
CREATE TABLE c (own int) INHERITS (p2);
CREATE TABLE cc (leaf text) INHERITS (c);
INSERT INTO c VALUES (4, 1, 1);
INSERT INTO cc VALUES (5, 1, 1, 'l'), (6, 1, 1, 'l');
-- deploy
ALTER TABLE p2 DROP COLUMN b;

-- case: column with a default dropped from one of two parents, its heir without a key
-- setup
SELECT yesterday.track_like('public', '%');
CREATE TABLE p1 (id int, a text);
CREATE TABLE p2 (id int, b int DEFAULT 2);
CREATE TABLE c (own int) INHERITS (p1, p2);
INSERT INTO c VALUES (5, 'a', 1, 1), (6, 'b', 1, 1);
-- deploy
ALTER TABLE p2 DROP COLUMN b;

-- case: column with a default dropped from a table without a key
-- setup
SELECT yesterday.track_like('public', '%');
CREATE TABLE c (id int, b int DEFAULT 2, own int);
INSERT INTO c VALUES (5, 1, 1), (6, 1, 1);
-- deploy
ALTER TABLE c DROP COLUMN b;

-- case: column with a default dropped from a table without a key, rows written before and after
-- setup
SELECT yesterday.track_like('public', '%');
CREATE TABLE c (id int, b int NOT NULL DEFAULT 2, own numeric(6,2), at timestamptz DEFAULT '2020-01-01');
INSERT INTO c VALUES (5, 1, 1), (6, 1, 1), (6, 1, 1), (NULL, 3, NULL);
-- deploy open
UPDATE c SET own = 4 WHERE id = 5;
INSERT INTO c VALUES (8, 9, 9);
ALTER TABLE c DROP COLUMN b;
INSERT INTO c VALUES (9, 7);
UPDATE c SET own = 3 WHERE id IS NULL;
DELETE FROM c WHERE id = 6;

-- case: column with a default dropped from a table without a key, rows written since
-- setup
SELECT yesterday.track_like('public', '%');
CREATE TABLE c (id int, b int NOT NULL DEFAULT 2, own int);
INSERT INTO c VALUES (5, 1, 1), (6, 1, 1);
-- deploy
ALTER TABLE c DROP COLUMN b;
-- later
INSERT INTO c VALUES (7, 7);
-- check
SELECT string_agg(c::text, ' ' ORDER BY id) = '(5,1,1) (6,1,1) (7,2,7)' FROM c;
