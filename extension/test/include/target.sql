-- Every test of the extension begins in a target of its own: a new database, connected as
-- regress_author, who may do everything with deployments and owns what the test creates,
-- but is no superuser.
--
-- Schema "oracle" judges what a rollback brought back. It looks at tables and catalogs
-- only, and shares no code with the extension.
\set ECHO none
\set QUIET on
\set SHOW_CONTEXT never
SET client_min_messages = warning;
DROP DATABASE IF EXISTS regress_target WITH (FORCE);
CREATE DATABASE regress_target TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C';
\c regress_target
SET client_min_messages = warning;
CREATE EXTENSION yesterday;
DO $$
BEGIN
    IF to_regrole('regress_author') IS NULL THEN
        CREATE ROLE regress_author LOGIN;
    END IF;
    IF to_regrole('regress_stranger') IS NULL THEN
        CREATE ROLE regress_stranger LOGIN;
    END IF;
END
$$;
GRANT yesterday_deployer, yesterday_operator, yesterday_admin TO regress_author;
GRANT CREATE ON DATABASE regress_target TO regress_author;
GRANT ALL ON SCHEMA public TO regress_author;

CREATE SCHEMA oracle;
CREATE TABLE oracle.remembered (label text, object text, content text);

CREATE FUNCTION oracle.relations() RETURNS SETOF oid
LANGUAGE sql AS $$
    SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't'
      AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'oracle', 'yesterday', 'yesterday_shadow');
$$;

-- All rows as text, one line a row, and the shape of all tables.
CREATE FUNCTION oracle.contents() RETURNS TABLE (object text, content text)
LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog SET DateStyle = 'ISO, YMD' SET TimeZone = 'UTC'
    SET IntervalStyle = 'postgres' SET extra_float_digits = 3 SET bytea_output = 'hex' SET lc_monetary = 'C' AS $$
DECLARE
    relation oid;
BEGIN
    FOR relation IN SELECT oracle.relations() LOOP
        RETURN QUERY EXECUTE format(
            'SELECT %L, CASE WHEN length(r) < 300 THEN r ELSE left(r, 200) || '' ... '' || md5(r) END'
            ' FROM (SELECT (w.*)::text AS r FROM ONLY %s w) x', relation::regclass, relation::regclass);
    END LOOP;
    RETURN QUERY
        SELECT 'shape of ' || a.attrelid::regclass,
               format('%s. %I %s%s%s%s %s', row_number() OVER (PARTITION BY a.attrelid ORDER BY a.attnum), a.attname,
                      format_type(a.atttypid, a.atttypmod), CASE WHEN a.attnotnull THEN ' NOT NULL' END,
                      ' ' || nullif(a.attidentity::text, ''), ' ' || nullif(a.attgenerated::text, ''), pg_get_expr(d.adbin, d.adrelid))
        FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE a.attrelid IN (SELECT oracle.relations()) AND a.attnum > 0 AND NOT a.attisdropped
        UNION ALL
        SELECT 'shape of ' || c.conrelid::regclass, format('%I %s %s', c.conname, pg_get_constraintdef(c.oid), c.convalidated)
        FROM pg_constraint c WHERE c.conrelid IN (SELECT oracle.relations())
        UNION ALL
        SELECT 'shape of ' || i.indrelid::regclass, format('%s %s', pg_get_indexdef(i.indexrelid), i.indisvalid)
        FROM pg_index i WHERE i.indrelid IN (SELECT oracle.relations())
        UNION ALL
        SELECT 'shape of ' || t.tgrelid::regclass, format('%s %s', pg_get_triggerdef(t.oid), t.tgenabled)
        FROM pg_trigger t WHERE t.tgrelid IN (SELECT oracle.relations()) AND NOT t.tgisinternal;
END
$$;

CREATE PROCEDURE oracle.remember(name text DEFAULT 'before')
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
    DELETE FROM oracle.remembered r WHERE r.label = name;
    INSERT INTO oracle.remembered SELECT name, c.object, c.content FROM oracle.contents() c;
$$;

-- What is not as it was remembered; no row when all is.
CREATE FUNCTION oracle.difference(name text DEFAULT 'before')
RETURNS TABLE (object text, verdict text, content text)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT d.object, d.verdict, d.content
    FROM ((SELECT r.object, 'missing' AS verdict, r.content FROM oracle.remembered r WHERE r.label = name
           EXCEPT ALL SELECT c.object, 'missing', c.content FROM oracle.contents() c)
          UNION ALL
          (SELECT c.object, 'unexpected', c.content FROM oracle.contents() c
           EXCEPT ALL SELECT r.object, 'unexpected', r.content FROM oracle.remembered r WHERE r.label = name)) d
    ORDER BY 1, 2, 3;
$$;

-- How many lines differ. A test asks after the deployment, so that a deployment that did
-- nothing cannot pass for one that was rolled back.
CREATE FUNCTION oracle.changes(name text DEFAULT 'before') RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT count(*) FROM oracle.difference(name);
$$;

-- Text without what differs from run to run.
CREATE FUNCTION oracle.stable(said text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT regexp_replace(regexp_replace(regexp_replace(said,
        '\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[.\d]*[+-]\d\d(:\d\d)?', '<time>', 'g'),
        'pid \d+', 'pid <n>', 'g'),
        'application ''[^'']*''', 'application <name>', 'g');
$$;

-- What a command that has to fail says: SQLSTATE and message, detail, hint.
CREATE FUNCTION oracle.refusal(command text) RETURNS SETOF text
LANGUAGE plpgsql AS $$
DECLARE
    code text; message text; detail text; hint text;
BEGIN
    EXECUTE command;
    RETURN NEXT 'NOT REFUSED';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS code = RETURNED_SQLSTATE, message = MESSAGE_TEXT,
        detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN NEXT oracle.stable(format('%s: %s', code, message));
    RETURN NEXT oracle.stable('DETAIL: ' || coalesce(nullif(detail, ''), 'MISSING'));
    RETURN NEXT oracle.stable('HINT: ' || coalesce(nullif(hint, ''), 'MISSING'));
END
$$;

CREATE PROCEDURE oracle.clear()
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM yesterday.clear_freeze('the test goes on');
END
$$;

GRANT USAGE ON SCHEMA oracle TO PUBLIC;
SET SESSION AUTHORIZATION regress_author;
SET client_min_messages = notice;
SET DateStyle = 'ISO, YMD';
SET TimeZone = 'UTC';

-- The course of most tests: begin, changes, finish, rollback.
\set begin 'CALL oracle.remember(); BEGIN; SELECT yesterday.begin_deployment($$patch$$);'
\set finish 'SELECT subject, outcome, rows FROM yesterday.finish_deployment(); COMMIT; SELECT oracle.changes() > 0 AS changed;'
\set roll_back 'SELECT subject, outcome, rows FROM rollback_last(); SELECT * FROM oracle.difference(); CALL oracle.clear();'

\pset null NULL
\pset format unaligned
\set ECHO all
