-- An oracle of its own: the text of every row before and after, as COPY shows it.
\set VERBOSITY terse
\set SHOW_CONTEXT never
SET client_min_messages = warning;
DROP SCHEMA IF EXISTS app CASCADE;
DO $$ BEGIN UPDATE yesterday.deployment SET forgotten_at = now(); EXCEPTION WHEN undefined_table OR invalid_schema_name THEN NULL; END $$;
DROP EXTENSION IF EXISTS yesterday CASCADE;
RESET client_min_messages;
CREATE EXTENSION yesterday;
CREATE SCHEMA app;
CREATE TABLE app.kept (relation regclass, line text COLLATE "C");

-- Keep the rows of these tables.
CREATE FUNCTION app.remember(VARIADIC tables regclass[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    t regclass;
BEGIN
    TRUNCATE app.kept;
    FOREACH t IN ARRAY tables LOOP
        EXECUTE format('INSERT INTO app.kept SELECT %L::regclass, r::text FROM ONLY %s r', t, t);
    END LOOP;
END
$$;

-- Rows that are not as they were kept; none is what a test wants to see.
CREATE FUNCTION app.differences() RETURNS TABLE (relation regclass, difference text, line text)
LANGUAGE plpgsql AS $$
DECLARE
    t regclass;
BEGIN
    FOR t IN SELECT DISTINCT k.relation FROM app.kept k ORDER BY 1 LOOP
        RETURN QUERY EXECUTE format(
            'SELECT %1$L::regclass, d.difference, d.line COLLATE "default" FROM ('
            '  SELECT ''lost'' AS difference, l.line FROM (SELECT k.line FROM app.kept k WHERE k.relation = %1$L::regclass'
            '   EXCEPT ALL SELECT r::text COLLATE "C" FROM ONLY %1$s r) l'
            '  UNION ALL'
            '  SELECT ''new'', n.line FROM (SELECT r::text COLLATE "C" AS line FROM ONLY %1$s r'
            '   EXCEPT ALL SELECT k.line FROM app.kept k WHERE k.relation = %1$L::regclass) n) d'
            ' ORDER BY d.line, d.difference', t::text);
    END LOOP;
END
$$;

-- Roll back and let the next deployment in again.
CREATE FUNCTION app.roll_back() RETURNS TABLE (subject text, outcome text, rows bigint, detail text)
LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY SELECT r.subject, r.outcome, r.rows,
                        CASE WHEN r.subject LIKE 'deployment %' THEN NULL ELSE r.detail END
                 FROM rollback_last() r;
    PERFORM yesterday.clear_freeze('test');
END
$$;

-- Rows of the attic of the last rollback.
CREATE FUNCTION app.attic() RETURNS TABLE (table_name name, kind text, row_key jsonb, row_data jsonb, detail text)
LANGUAGE sql AS $$
    SELECT a.table_name, a.kind, a.row_key, a.row_data, a.detail FROM yesterday.attic_row a
    WHERE a.rollback = (SELECT max(id) FROM yesterday.rollback)
    ORDER BY a.table_name, a.kind, a.row_key::text, a.row_data::text
$$;
