-- case: settings of the database, its owner, grants and comment
-- covers altered: this database
-- covers owner: this database
-- covers grants: this database
-- covers comment: this database
-- setup
DO $$ BEGIN
    EXECUTE format('ALTER DATABASE %I SET search_path = "$user", public, "My schema"', current_database());
    EXECUTE format('ALTER DATABASE %I SET work_mem = ''5MB''', current_database());
    EXECUTE format('ALTER ROLE ddl_alice IN DATABASE %I SET statement_timeout = ''7s''', current_database());
    EXECUTE format('COMMENT ON DATABASE %I IS ''was there''', current_database());
    EXECUTE format('GRANT CREATE ON DATABASE %I TO ddl_bob', current_database());
END $$;
-- deploy
SELECT current_database() AS db \gset
ALTER DATABASE :"db" RESET search_path;
ALTER DATABASE :"db" SET work_mem = '9MB';
ALTER DATABASE :"db" SET datestyle = 'SQL, DMY';
ALTER DATABASE :"db" WITH CONNECTION LIMIT 50;
ALTER ROLE ddl_alice IN DATABASE :"db" SET statement_timeout = '9s';
ALTER ROLE ddl_bob IN DATABASE :"db" SET search_path = '';
COMMENT ON DATABASE :"db" IS 'new';
REVOKE CREATE ON DATABASE :"db" FROM ddl_bob;
GRANT TEMPORARY ON DATABASE :"db" TO ddl_alice WITH GRANT OPTION;
ALTER DATABASE :"db" OWNER TO ddl_carol;
-- case: extensions created, moved, commented on, made and dropped
-- covers created: extension
-- covers comment: extension
-- covers moved: extension
-- covers made and dropped: extension
-- setup
CREATE SCHEMA elsewhere;
CREATE EXTENSION citext;
CREATE EXTENSION pg_trgm;
-- deploy
CREATE EXTENSION hstore;
CREATE TABLE t (h hstore);
ALTER EXTENSION citext SET SCHEMA elsewhere;
COMMENT ON EXTENSION pg_trgm IS 'new';
CREATE EXTENSION unaccent;
DROP EXTENSION unaccent;
-- case: extension dropped
-- covers dropped: extension
-- setup
CREATE EXTENSION tablefunc;
COMMENT ON EXTENSION tablefunc IS 'tables';
-- deploy
DROP EXTENSION tablefunc;
-- case: extension dropped with what needs it
-- covers dropped with what needs it: extension
-- setup
CREATE EXTENSION citext;
CREATE TABLE t (id int PRIMARY KEY, a citext, b int);
CREATE VIEW v AS SELECT lower(a) AS a FROM t;
INSERT INTO t VALUES (1, 'X', 2);
-- deploy
DROP EXTENSION citext CASCADE;
-- case: extension updated
-- covers altered: extension
-- setup
CREATE EXTENSION citext VERSION '1.4';
-- deploy
ALTER EXTENSION citext UPDATE;
-- refused
extension citext: it was updated
-- case: objects added to an extension
-- covers created: member of an extension
-- setup
CREATE EXTENSION citext;
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';
-- deploy
ALTER EXTENSION citext ADD FUNCTION f();
-- refused
contents of an extension citext: objects were added
-- case: objects taken out of an extension
-- covers dropped: member of an extension
-- setup
CREATE EXTENSION citext;
-- deploy
ALTER EXTENSION citext DROP FUNCTION citext_eq(citext, citext);
-- refused
contents of an extension citext: objects were added
-- case: members of an extension changed
-- covers altered: member of an extension
-- covers owner: member of an extension
-- setup
CREATE EXTENSION citext;
-- deploy
ALTER FUNCTION citext_eq(citext, citext) COST 7;
ALTER FUNCTION citext_ne(citext, citext) OWNER TO ddl_alice;
-- refused
function public.citext_eq\(.*it belongs to extension citext(.|\n)*citext_ne
-- case: privileges on members of extensions
-- covers grants: member of an extension
-- setup
CREATE SCHEMA elsewhere;
CREATE EXTENSION citext;
REVOKE EXECUTE ON FUNCTION citext_eq(citext, citext) FROM PUBLIC;
CREATE EXTENSION tablefunc;
REVOKE EXECUTE ON FUNCTION normal_rand(int, float8, float8) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION normal_rand(int, float8, float8) TO ddl_bob;
-- deploy
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO ddl_bob;
GRANT EXECUTE ON FUNCTION citext_eq(citext, citext) TO PUBLIC;
GRANT USAGE ON TYPE citext TO ddl_alice;
REVOKE USAGE ON LANGUAGE plpgsql FROM PUBLIC;
ALTER EXTENSION citext SET SCHEMA elsewhere;
DROP EXTENSION tablefunc;
-- case: objects of the system changed
-- deploy
COMMENT ON FUNCTION pg_catalog.lower(text) IS 'new';
GRANT SELECT ON pg_catalog.pg_authid TO ddl_bob;
CREATE FUNCTION pg_catalog.ddl_mine() RETURNS int LANGUAGE sql AS 'SELECT 1';
-- refused
function pg_catalog.ddl_mine\(\): it belongs to the system(.|\n)*pg_catalog.lower(.|\n)*table pg_catalog.pg_authid
-- case: base type created
-- covers created: base type
-- deploy
CREATE TYPE base;
CREATE FUNCTION base_in(cstring) RETURNS base LANGUAGE internal IMMUTABLE STRICT AS 'int4in';
CREATE FUNCTION base_out(base) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'int4out';
CREATE TYPE base (INPUT = base_in, OUTPUT = base_out, INTERNALLENGTH = 4, PASSEDBYVALUE, ALIGNMENT = int4);
-- refused
base type public.base
-- case: base type dropped
-- covers dropped: base type
-- covers dropped with what needs it: base type
-- setup
CREATE TYPE base;
CREATE FUNCTION base_in(cstring) RETURNS base LANGUAGE internal IMMUTABLE STRICT AS 'int4in';
CREATE FUNCTION base_out(base) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'int4out';
CREATE TYPE base (INPUT = base_in, OUTPUT = base_out, INTERNALLENGTH = 4, PASSEDBYVALUE, ALIGNMENT = int4);
CREATE TABLE t (a base, b int);
-- deploy
DROP TYPE base CASCADE;
-- refused
base type public.base
-- case: subscription created
-- covers created: subscription
-- deploy
CREATE SUBSCRIPTION sub CONNECTION 'dbname=nowhere' PUBLICATION p WITH (connect = false, slot_name = NONE);
-- refused
subscription sub: a subscription has its other half
-- case: subscription dropped
-- covers dropped: subscription
-- setup
CREATE SUBSCRIPTION sub_d CONNECTION 'dbname=nowhere' PUBLICATION p WITH (connect = false, slot_name = NONE);
-- deploy
DROP SUBSCRIPTION sub_d;
-- refused
subscription sub_d: a subscription has its other half
-- case: subscription altered
-- covers altered: subscription
-- covers renamed: subscription
-- covers owner: subscription
-- covers comment: subscription
-- setup
CREATE SUBSCRIPTION sub_a CONNECTION 'dbname=nowhere' PUBLICATION p WITH (connect = false, slot_name = NONE);
-- deploy
ALTER SUBSCRIPTION sub_a CONNECTION 'dbname=elsewhere';
COMMENT ON SUBSCRIPTION sub_a IS 'new';
ALTER SUBSCRIPTION sub_a OWNER TO ddl_super;
ALTER SUBSCRIPTION sub_a RENAME TO sub_b;
-- refused
subscription sub_a: a subscription has its other half
-- case: large object created
-- covers created: large object
-- deploy
SELECT lo_from_bytea(4711, 'data');
-- refused
large object 4711: large objects are written by functions
-- case: large object dropped
-- covers dropped: large object
-- setup
SELECT lo_from_bytea(4712, 'data');
-- deploy
SELECT lo_unlink(4712);
-- refused
large object written or removed: large objects are written by functions
-- case: large object written and given away
-- covers altered: large object
-- covers owner: large object
-- covers grants: large object
-- covers comment: large object
-- setup
SELECT lo_from_bytea(4713, 'data');
-- deploy
SELECT lo_put(4713, 0, 'other');
ALTER LARGE OBJECT 4713 OWNER TO ddl_alice;
GRANT SELECT ON LARGE OBJECT 4713 TO ddl_bob;
COMMENT ON LARGE OBJECT 4713 IS 'new';
-- refused
large object 4713: large objects are written by functions
-- case: large object written by a member of an open deployment
-- setup
CREATE TABLE t (id int PRIMARY KEY);
-- deploy open
ALTER TABLE t ADD COLUMN a int;
SELECT lo_from_bytea(4714, 'data');
BEGIN;
ALTER TABLE t ADD COLUMN b int;
SELECT lo_from_bytea(4715, 'data');
COMMIT;
-- refused
large object 4715: large objects are written by functions
-- case: security label put on a table
-- covers created: security label
-- setup
CREATE TABLE t (id int PRIMARY KEY);
-- deploy
ALTER TABLE t ADD COLUMN a int;
SET allow_system_table_mods = on;
INSERT INTO pg_seclabel VALUES ('t'::regclass, 'pg_class'::regclass, 0, 'nobody', 'secret');
RESET allow_system_table_mods;
-- refused
table public.t: it has a security label
-- case: table with a security label dropped
-- covers dropped: security label
-- setup
CREATE TABLE t (id int PRIMARY KEY, a int);
SET allow_system_table_mods = on;
INSERT INTO pg_seclabel VALUES ('t'::regclass, 'pg_class'::regclass, 1, 'nobody', 'secret');
RESET allow_system_table_mods;
-- deploy
DROP TABLE t;
-- refused
table public.t: it has a security label
-- case: everything that a role has taken away
-- setup
GRANT CREATE ON SCHEMA public TO ddl_bob;
CREATE TABLE t (id int PRIMARY KEY);
GRANT SELECT ON t TO ddl_bob;
CREATE POLICY p ON t TO ddl_bob, ddl_alice USING (id > 0);
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';
GRANT EXECUTE ON FUNCTION f() TO ddl_bob;
CREATE TABLE theirs (id int PRIMARY KEY);
INSERT INTO theirs VALUES (1);
ALTER TABLE theirs OWNER TO ddl_bob;
DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO ddl_bob', current_database()); END $$;
ALTER DEFAULT PRIVILEGES FOR ROLE ddl_bob GRANT SELECT ON TABLES TO ddl_alice;
ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO ddl_bob;
-- deploy
DROP OWNED BY ddl_bob;
-- case: everything that a role has given to another
-- setup
GRANT CREATE ON SCHEMA public TO ddl_bob, ddl_alice;
CREATE TABLE theirs (id int PRIMARY KEY);
ALTER TABLE theirs OWNER TO ddl_bob;
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';
ALTER FUNCTION f() OWNER TO ddl_bob;
DO $$ BEGIN EXECUTE format('ALTER DATABASE %I OWNER TO ddl_bob', current_database()); END $$;
-- deploy
REASSIGN OWNED BY ddl_bob TO ddl_alice;
-- case: temporary objects are nobody's
-- setup
CREATE TABLE t (id int PRIMARY KEY);
-- deploy
CREATE TEMPORARY TABLE scratch (id serial PRIMARY KEY, a text CHECK (a <> ''));
CREATE INDEX ON scratch (a);
CREATE FUNCTION pg_temp.f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
CREATE TRIGGER trg BEFORE INSERT ON scratch FOR EACH ROW EXECUTE FUNCTION pg_temp.f();
INSERT INTO scratch (a) VALUES ('x');
CREATE TEMPORARY VIEW seen AS SELECT a FROM scratch;
COMMENT ON TABLE scratch IS 'scratch';
GRANT SELECT ON scratch TO ddl_bob;
DROP TABLE scratch CASCADE;
ALTER TABLE t ADD COLUMN a int;
-- case: defaults that name a table by its OID
-- setup
CREATE TABLE named (id int PRIMARY KEY);
CREATE TABLE t (id int PRIMARY KEY, of regclass DEFAULT 'named'::regclass, b text DEFAULT 'named'::regclass::text);
CREATE VIEW v AS SELECT 'named'::regclass AS of;
INSERT INTO t (id) VALUES (1);
-- deploy
ALTER TABLE t ALTER COLUMN of DROP DEFAULT;
ALTER TABLE named RENAME TO other;
-- case: passwords of user mappings are in no report
-- setup
CREATE FOREIGN DATA WRAPPER wrap;
CREATE SERVER srv FOREIGN DATA WRAPPER wrap;
CREATE USER MAPPING FOR ddl_alice SERVER srv OPTIONS (password 'top secret');
-- deploy
DROP USER MAPPING FOR ddl_alice SERVER srv;
-- check
SELECT bool_and(command NOT LIKE '%top secret%') FROM yesterday.inverse_ddl;
SELECT report::text NOT LIKE '%top secret%' FROM yesterday.rollback;
SELECT report::text NOT LIKE '%top secret%' FROM yesterday.deployment;
-- case: partitions of a created partition with business rows
-- setup
CREATE TABLE p (id int PRIMARY KEY) PARTITION BY LIST (id);
CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);
-- deploy
CREATE TABLE p3 PARTITION OF p FOR VALUES IN (3, 4) PARTITION BY LIST (id);
CREATE TABLE p31 PARTITION OF p3 FOR VALUES IN (3);
CREATE TABLE p34 PARTITION OF p3 FOR VALUES IN (4);
CREATE TABLE beside (id int);
-- later
INSERT INTO p VALUES (3);
-- residue
p3
PARTITION BY LIST
SET default_
id integer
^[-+]\)
-- check
SELECT array_agg(id) = '{3}' FROM p;
SELECT to_regclass('p34') IS NOT NULL AND to_regclass('beside') IS NULL;
-- case: partitions of a created partition with rows that business refers to
-- setup
CREATE TABLE p (id int PRIMARY KEY) PARTITION BY LIST (id);
CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);
CREATE TABLE holder (id int PRIMARY KEY, p int REFERENCES p);
-- deploy
CREATE TABLE p3 PARTITION OF p FOR VALUES IN (3, 4) PARTITION BY LIST (id);
CREATE TABLE p31 PARTITION OF p3 FOR VALUES IN (3);
INSERT INTO p VALUES (3);
-- later
INSERT INTO holder VALUES (2, 3);
-- residue
p3
PARTITION BY LIST
SET default_
id integer
ADD CONSTRAINT
^[-+]\)
-- check
SELECT count(*) = 1 FROM p JOIN holder ON holder.p = p.id;
-- case: event triggers that forbid commands, or write, there before and made by the deployment
-- setup
CREATE TABLE t (id int PRIMARY KEY, a text);
CREATE TABLE log (tag text);
CREATE FUNCTION noted() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO public.log VALUES (tg_tag); END';
CREATE EVENT TRIGGER noted ON ddl_command_end EXECUTE FUNCTION noted();
CREATE FUNCTION no_drops() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no drops: %'', tg_tag; END';
CREATE EVENT TRIGGER no_drops ON sql_drop EXECUTE FUNCTION no_drops();
SELECT yesterday.track('log');
-- deploy
ALTER TABLE t ADD COLUMN b int;
CREATE TABLE u (id int);
CREATE FUNCTION nothing() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no DDL: %'', tg_tag; END';
CREATE EVENT TRIGGER nothing ON ddl_command_start EXECUTE FUNCTION nothing();
-- case: event triggers of others that forbid commands since
-- setup
CREATE TABLE t (id int PRIMARY KEY, a int, b int);
INSERT INTO t VALUES (1, 2, 3);
-- deploy
ALTER TABLE t DROP COLUMN a, ADD COLUMN c int;
-- business
CREATE FUNCTION nothing() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no DDL: %'', tg_tag; END';
CREATE EVENT TRIGGER rewrites ON table_rewrite EXECUTE FUNCTION nothing();
CREATE EVENT TRIGGER drops ON sql_drop EXECUTE FUNCTION nothing();
CREATE EVENT TRIGGER starts ON ddl_command_start EXECUTE FUNCTION nothing();
-- check
SELECT string_agg(t::text, ' ') = '(1,2,3)' FROM t;
SELECT bool_and(evtenabled = 'O') AND count(*) = 3 FROM pg_event_trigger WHERE evtname IN ('rewrites', 'drops', 'starts');
-- residue
nothing|EVENT TRIGGER|^\+    (AS|LANGUAGE)
-- case: temporary objects made of what a rollback takes away
-- setup
CREATE TYPE mood AS ENUM ('a', 'b');
CREATE TABLE t (id int PRIMARY KEY, gone int, m mood);
INSERT INTO t VALUES (1, 2, 'a');
-- deploy
ALTER TYPE mood ADD VALUE 'c';
ALTER TABLE t DROP COLUMN gone, ADD COLUMN b int;
CREATE TYPE pair AS (x int, y int);
CREATE SEQUENCE numbers;
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE TEMPORARY VIEW seen AS SELECT b, m FROM t;
CREATE TEMPORARY TABLE scratch (m mood, ms mood[], p pair, t t, n int DEFAULT nextval('numbers'), g int DEFAULT f());
CREATE DOMAIN pg_temp.d AS mood;
CREATE FUNCTION pg_temp.takes(mood) RETURNS int LANGUAGE sql AS 'SELECT 1';
-- case: rows that hold OIDs of a table, a function and a type that are made anew
-- setup
CREATE TYPE mood AS ENUM ('a', 'b');
CREATE TABLE made (id int, gone int, last mood);
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE TABLE refs (id int PRIMARY KEY, ty regtype, re regclass, pr regprocedure);
INSERT INTO refs VALUES (1, 'mood', 'made', 'f()'), (2, 'int', 'refs', 'now()');
-- deploy
ALTER TABLE made DROP COLUMN gone;
-- refused
would leave rows of column public.refs.re that name nothing(.|\n)*1 rows: names public.made by an OID
-- case: rows written since that hold OIDs of what is made anew
-- setup
CREATE TABLE made (id int, gone int, last int);
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE TABLE refs (id int PRIMARY KEY, re regclass, pr regprocedure);
-- deploy
ALTER TABLE made DROP COLUMN gone;
DROP FUNCTION f();
CREATE FUNCTION f() RETURNS text LANGUAGE sql AS 'SELECT ''x''';
-- business
INSERT INTO refs VALUES (1, 'made', 'f()'), (2, 'refs', 'now()');
-- check
SELECT count(*) = 2 FROM yesterday.rollback r, jsonb_array_elements(r.report) l WHERE l ->> 'outcome' = 'dangling';
DO $$ DECLARE mend text; BEGIN
    FOR mend IN SELECT substring(l ->> 'detail' FROM 'UPDATE .*') FROM yesterday.rollback r, jsonb_array_elements(r.report) l WHERE l ->> 'outcome' = 'dangling'
    LOOP EXECUTE mend; END LOOP;
END $$;
SELECT string_agg(re::text || ' ' || pr, ', ' ORDER BY id) = 'made f(), refs now()' FROM refs;
-- case: publication of a created table that has heirs since
-- deploy
CREATE TABLE made (id int PRIMARY KEY);
-- business
CREATE PUBLICATION pub FOR TABLE made;
CREATE TABLE heir () INHERITS (made);
INSERT INTO heir VALUES (2);
-- check
SELECT to_regclass('made') IS NULL;
-- residue
heir|pub
-- case: business rows that refer to new rows of tables that are made anew
-- setup
CREATE TABLE t (id int PRIMARY KEY, gone int, last int, up int CONSTRAINT self REFERENCES t);
CREATE TABLE b (id int, t int REFERENCES t);
CREATE TABLE c (x text, gone int, "Y y" bigint, UNIQUE (x, "Y y"), last int);
CREATE TABLE d ("Y y" int, x varchar(20), FOREIGN KEY (x, "Y y") REFERENCES c (x, "Y y") ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED);
INSERT INTO t VALUES (1, 2, 3);
INSERT INTO c VALUES ('x', 1, 2, 3);
SELECT yesterday.track('t'), yesterday.track('c');
-- deploy
ALTER TABLE t DROP COLUMN gone;
ALTER TABLE c DROP COLUMN gone;
INSERT INTO t VALUES (5, 6, NULL), (6, 7, NULL), (7, 8, 6);
INSERT INTO c VALUES ('new', 7, 7), ('other', 8, 8);
-- business
INSERT INTO b VALUES (1, 7);
INSERT INTO d VALUES (7, 'new');
-- check
SELECT string_agg(t::text, ' ' ORDER BY id) = '(1,2,3,) (6,,7,) (7,,8,6)' FROM t;
SELECT string_agg(c::text, ' ' ORDER BY x) = '(new,,7,7) (x,1,2,3)' FROM c;
SELECT bool_and(convalidated) FROM pg_constraint WHERE contype = 'f' AND conrelid IN ('b'::regclass, 'd'::regclass, 't'::regclass);
SELECT count(*) = 1 FROM b JOIN t ON t.id = b.t;
