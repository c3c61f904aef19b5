-- The inverse of a deployment as the lines of a bundle's files, bundle.yaml last: structure, rows, constraints, as
-- the rollback does them. What it tells apart from values is the same on every target: no id, no number of a copy. Of
-- this come the bundle that is exported and the document that is kept of record.
-- The rights are the caller's; rows that the caller may not see make it fail: a part of an inverse is none. "Of record"
-- is for the owner of the extension: copied rows in an order of their own, and nothing that changes with time.
CREATE FUNCTION yesterday._inverse_files(deployment bigint, header text[], of_record boolean)
RETURNS TABLE (path text, line bigint, content text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET quote_all_identifiers = off SET standard_conforming_strings = on
AS $function$
#variable_conflict use_variable
DECLARE
    copies record;
    tab record;
    removing boolean;
    number integer := 0;
    counted bigint;
    contents text[] := '{}';
    has_copies boolean := false;
BEGIN
    -- what commands read
    FOR copies IN SELECT * FROM yesterday._saved_copies(deployment) LOOP
        IF NOT has_copies THEN
            has_copies := true;
            contents := contents || '  - file: ddl/000-saved.sql'::text;
            RETURN QUERY VALUES ('ddl/000-saved.sql', 1::bigint, '-- Rows that the deployment destroyed: needed while this bundle is applied.'),
                                ('ddl/000-saved.sql', 2, 'CREATE SCHEMA yesterday_inverse;');
            RETURN QUERY
                SELECT 'ddl/000-saved.sql', 2 + row_number() OVER (ORDER BY s.number),
                       format('CREATE TABLE yesterday_inverse.%I (%s);', s.name, s.columns)
                FROM yesterday._saved_copies(deployment) s;
            RETURN QUERY VALUES ('ddl/000-saved.sql', 1000000::bigint, 'GRANT USAGE ON SCHEMA yesterday_inverse TO PUBLIC;'),
                                ('ddl/000-saved.sql', 1000001, 'GRANT SELECT ON ALL TABLES IN SCHEMA yesterday_inverse TO PUBLIC;');
        END IF;
        path := format('records/000-%s.jsonl', copies.name);
        IF of_record THEN
            RETURN QUERY SELECT path, row_number() OVER (), r FROM (SELECT c::text COLLATE "C" AS r FROM yesterday._copied_rows(copies.copy) c ORDER BY 1) o;
        ELSE
            RETURN QUERY SELECT path, row_number() OVER (), r::text FROM yesterday._saved_rows(deployment, copies.copy) r;
        END IF;
        GET DIAGNOSTICS counted = ROW_COUNT;
        IF counted > 0 THEN
            contents := contents || format(E'  - file: %s\n    table: %s\n    mode: insert\n    values: text', to_json(path),
                                           to_json(format('"yesterday_inverse".%s', yesterday._quoted(copies.name))));
        END IF;
    END LOOP;

    RETURN QUERY SELECT 'ddl/010-structure.sql', row_number() OVER (), s FROM yesterday._inverse_script(deployment, 'structure') s;
    GET DIAGNOSTICS counted = ROW_COUNT;
    IF counted > 0 THEN
        contents := contents || (
            SELECT '  - file: ddl/010-structure.sql' || coalesce(E'\n    writes: ' || json_agg(w.name ORDER BY w.name), '')
            FROM (SELECT DISTINCT format('%s.%s', yesterday._quoted(t.schema_name), yesterday._quoted(t.table_name)) AS name
                  FROM yesterday.inverse_ddl i
                  JOIN yesterday.tracked t ON format('%I.%I', t.schema_name, t.table_name) = i.identity
                  WHERE i.deployment = deployment AND i.phase = 'structure' AND i.kind = 'table') w);
    END IF;

    FOREACH removing IN ARRAY '{true,false}'::boolean[] LOOP
        FOR tab IN SELECT * FROM yesterday._inverse_tables(deployment) LOOP
            path := format('records/%s-%s-%s.jsonl', to_char(number + 1, 'FM099'), CASE WHEN removing THEN 'remove' ELSE 'restore' END,
                           regexp_replace(format('%s.%s', tab.schema_name, tab.table_name), '[^A-Za-z0-9_.]', '-', 'g'));
            RETURN QUERY
                SELECT path, row_number() OVER (), r.content::text
                FROM yesterday._inverse_rows(tab.captured, tab.has_key, tab.generated_columns) r WHERE r.removes = removing;
            GET DIAGNOSTICS counted = ROW_COUNT;
            CONTINUE WHEN counted = 0;
            number := number + 1;
            contents := contents || (
                format(E'  - file: %s\n    table: %s\n', to_json(path),
                       to_json(format('%s.%s', yesterday._quoted(tab.schema_name), yesterday._quoted(tab.table_name)))) ||
                CASE WHEN tab.has_key THEN format(E'    key: %s\n', to_json(tab.key_columns::text[])) ELSE '' END ||
                format(E'    mode: %s\n    values: text', CASE WHEN removing THEN 'delete' ELSE 'insert' END));
        END LOOP;
    END LOOP;

    RETURN QUERY
        SELECT 'ddl/900-constraints.sql', row_number() OVER (), s.command
        FROM (SELECT format('ALTER SEQUENCE %s RESTART WITH %s;', b.sequence, b.next_value)
              FROM yesterday._sequences_to_restore(deployment) b WHERE NOT of_record
              UNION ALL
              SELECT s FROM yesterday._inverse_script(deployment, 'constraint') s
              UNION ALL
              SELECT 'DROP SCHEMA yesterday_inverse CASCADE;' WHERE has_copies) s(command);
    GET DIAGNOSTICS counted = ROW_COUNT;
    IF counted > 0 THEN
        contents := contents || '  - file: ddl/900-constraints.sql'::text;
    END IF;
    IF contents = '{}' AND NOT of_record THEN
        RAISE EXCEPTION 'deployment % "%" changed nothing that a rollback would undo', deployment,
                        (SELECT h.name FROM yesterday.history h WHERE h.id = deployment)
            USING ERRCODE = 'YD022', DETAIL = 'Its inverse would be an empty bundle.',
                  HINT = format('SELECT * FROM yesterday.diff(%L);', deployment::text);
    END IF;
    RETURN QUERY
        SELECT 'bundle.yaml', row_number() OVER (), l
        FROM unnest(header || 'triggers: silent'::text
                    || (SELECT CASE WHEN count(*) > 0 THEN 'artifacts:'::text || array_agg(a) ELSE '{}' END
                        FROM yesterday._inverse_artifacts(deployment) a)
                    || CASE WHEN contents = '{}' THEN 'contents: []' ELSE 'contents:' END || contents) l;
END
$function$;
COMMENT ON FUNCTION yesterday._inverse_files(bigint, text[], boolean) IS 'the inverse of a deployment as lines of files';
REVOKE ALL ON FUNCTION yesterday._inverse_files(bigint, text[], boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday._inverse_files(bigint, text[], boolean) TO yesterday_viewer;
