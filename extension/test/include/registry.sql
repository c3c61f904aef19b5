-- Every test of the train begins in a registry of its own: a new database, connected as regress_author, who has every
-- role, but is no superuser.
\set ECHO none
\set QUIET on
\set SHOW_CONTEXT never
SET client_min_messages = warning;
DROP DATABASE IF EXISTS regress_registry WITH (FORCE);
CREATE DATABASE regress_registry TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C';
\c regress_registry
SET client_min_messages = warning;
CREATE EXTENSION yesterday_train;
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
CREATE SCHEMA oracle;
GRANT USAGE ON SCHEMA oracle TO PUBLIC;

-- Text without what differs from run to run.
CREATE FUNCTION oracle.stable(said text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT regexp_replace(regexp_replace(regexp_replace(said,
        '\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[.\d]*[+-]\d\d(:\d\d)?', '<time>', 'g'),
        'pid \d+', 'pid <n>', 'g'),
        '[0-9a-f]{64}', '<digest>', 'g');
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

-- What a target says of itself, as yesterday.train_facts() would: database n of one server, with these deployments,
-- each {id, name, status} with a digest after its name, or more.
CREATE FUNCTION oracle.facts(n int, history jsonb DEFAULT '[]', state text DEFAULT 'on_train', reason text DEFAULT NULL,
                             changes int DEFAULT 0, alignment text DEFAULT 'aligned')
RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_build_object('system_identifier', 7000, 'database_oid', 16000 + n, 'database', 'erp' || n, 'dedicated', true,
        'state', state, 'reason', reason, 'since', CASE WHEN changes > 0 THEN '2026-01-01 00:00+00' END, 'set_by', 'dba',
        'position', format('d%s.s%s.r%s', (SELECT coalesce(max((h->>'id')::int), 0) FROM jsonb_array_elements(history) h), changes, changes), 'alignment', alignment, 'version', '0.1.0',
        'history', (SELECT coalesce(jsonb_agg('{"kind": "deployment"}' || h || 
                        CASE WHEN h ? 'digest' OR h ? 'covers' THEN '{}' ELSE jsonb_build_object('digest', 'sha256:' || (h->>'name')) END), '[]')
                    FROM jsonb_array_elements(history) h));
$$;
SET SESSION AUTHORIZATION regress_author;
SET client_min_messages = notice;
SET DateStyle = 'ISO, YMD';
SET IntervalStyle = 'postgres';
SET TimeZone = 'UTC';
\pset null NULL
\pset format unaligned
\set ECHO all
