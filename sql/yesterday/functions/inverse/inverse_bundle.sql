-- The inverse of a deployment as a bundle: the lines of its files, bundle.yaml last. Applied to the database as
-- the deployment left it, it does what the rollback does: structure, rows, constraints.
-- The rights are the caller's. Rows that the caller may not see make it fail: a part of an
-- inverse is none.
CREATE FUNCTION yesterday.inverse_bundle(deployment text)
RETURNS TABLE (path text, line bigint, content text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET quote_all_identifiers = off SET standard_conforming_strings = on
AS $function$
#variable_conflict use_variable
DECLARE
    chosen bigint := yesterday._find_deployment(deployment);
    found_one record;
    copies record;
    tab record;
    removing boolean;
    number integer := 0;
    counted bigint;
    contents text[] := '{}';
    has_copies boolean := false;
    residue text;
BEGIN
    SELECT h.name, h.status INTO found_one FROM yesterday.history h WHERE h.id = chosen;
    IF found_one.status <> 'finished' THEN
        RAISE EXCEPTION 'deployment % "%" has no inverse: it is %', chosen, found_one.name, replace(found_one.status, '_', ' ')
            USING ERRCODE = 'YD022',
                  DETAIL = 'An inverse is what a rollback would do; it exists from finish_deployment() until the rollback.',
                  HINT = 'SELECT id, name FROM yesterday.history WHERE status = ''finished'' AND rollbackable;';
    END IF;
    SELECT * INTO tab FROM yesterday._inverse_tables(chosen) t WHERE t.business LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the inverse of deployment % cannot be a bundle', chosen
            USING ERRCODE = 'YD022',
                  DETAIL = format('It emptied the table "%s.%s", which is not tracked: a rollback puts its rows back beside newer ones, a bundle writes tracked tables only.', tab.schema_name, tab.table_name),
                  HINT = 'Roll it back where it was deployed: SELECT rollback_last();';
    END IF;

    -- what commands read
    FOR copies IN SELECT * FROM yesterday._saved_copies(chosen) LOOP
        IF NOT has_copies THEN
            has_copies := true;
            contents := contents || '  - file: ddl/000-saved.sql'::text;
            RETURN QUERY VALUES ('ddl/000-saved.sql', 1::bigint, '-- Rows that the deployment destroyed: needed while this bundle is applied.'),
                                ('ddl/000-saved.sql', 2, 'CREATE SCHEMA yesterday_inverse;');
            RETURN QUERY
                SELECT 'ddl/000-saved.sql', 2 + row_number() OVER (ORDER BY s.copy),
                       format('CREATE TABLE yesterday_inverse.%I (%s);', s.copy, s.columns)
                FROM yesterday._saved_copies(chosen) s;
            RETURN QUERY VALUES ('ddl/000-saved.sql', 1000000::bigint, 'GRANT USAGE ON SCHEMA yesterday_inverse TO PUBLIC;'),
                                ('ddl/000-saved.sql', 1000001, 'GRANT SELECT ON ALL TABLES IN SCHEMA yesterday_inverse TO PUBLIC;');
        END IF;
        path := format('records/000-saved-%s.jsonl', copies.copy);
        RETURN QUERY SELECT path, row_number() OVER (), r::text FROM yesterday._saved_rows(chosen, copies.copy) r;
        GET DIAGNOSTICS counted = ROW_COUNT;
        IF counted > 0 THEN
            contents := contents || format(E'  - file: %s\n    table: %s\n    mode: insert\n    values: text', to_json(path),
                                           to_json(format('"yesterday_inverse".%s', yesterday._quoted(copies.copy))));
        END IF;
    END LOOP;

    RETURN QUERY SELECT 'ddl/010-structure.sql', row_number() OVER (), s FROM yesterday._inverse_script(chosen, 'structure') s;
    GET DIAGNOSTICS counted = ROW_COUNT;
    IF counted > 0 THEN
        contents := contents || (
            SELECT '  - file: ddl/010-structure.sql' || coalesce(E'\n    writes: ' || json_agg(w.name ORDER BY w.name), '')
            FROM (SELECT DISTINCT format('%s.%s', yesterday._quoted(t.schema_name), yesterday._quoted(t.table_name)) AS name
                  FROM yesterday.inverse_ddl i
                  JOIN yesterday.tracked t ON format('%I.%I', t.schema_name, t.table_name) = i.identity
                  WHERE i.deployment = chosen AND i.phase = 'structure' AND i.kind = 'table') w);
    END IF;

    FOREACH removing IN ARRAY '{true,false}'::boolean[] LOOP
        FOR tab IN SELECT * FROM yesterday._inverse_tables(chosen) LOOP
            number := number + 1;
            path := format('records/%s-%s-%s.jsonl', to_char(number, 'FM099'), CASE WHEN removing THEN 'remove' ELSE 'restore' END,
                           regexp_replace(format('%s.%s', tab.schema_name, tab.table_name), '[^A-Za-z0-9_.]', '-', 'g'));
            RETURN QUERY
                SELECT path, row_number() OVER (), r.content::text
                FROM yesterday._inverse_rows(tab.captured, tab.has_key, tab.generated_columns) r WHERE r.removes = removing;
            GET DIAGNOSTICS counted = ROW_COUNT;
            CONTINUE WHEN counted = 0;
            contents := contents || (
                format(E'  - file: %s\n    table: %s\n', to_json(path),
                       to_json(format('%s.%s', yesterday._quoted(tab.schema_name), yesterday._quoted(tab.table_name)))) ||
                CASE WHEN tab.has_key THEN format(E'    key: %s\n', to_json(tab.key_columns::text[])) ELSE '' END ||
                format(E'    mode: %s\n    values: text', CASE WHEN removing THEN 'delete' ELSE 'insert' END));
        END LOOP;
    END LOOP;

    RETURN QUERY
        SELECT 'ddl/900-constraints.sql', row_number() OVER (), s.command
        FROM (SELECT format('ALTER SEQUENCE %s RESTART WITH %s;', b.sequence, b.next_value) FROM yesterday._sequences_to_restore(chosen) b
              UNION ALL
              SELECT s FROM yesterday._inverse_script(chosen, 'constraint') s
              UNION ALL
              SELECT 'DROP SCHEMA yesterday_inverse CASCADE;' WHERE has_copies) s(command);
    GET DIAGNOSTICS counted = ROW_COUNT;
    IF counted > 0 THEN
        contents := contents || '  - file: ddl/900-constraints.sql'::text;
    END IF;
    IF contents = '{}' THEN
        RAISE EXCEPTION 'deployment % "%" changed nothing that a rollback would undo', chosen, found_one.name
            USING ERRCODE = 'YD022', DETAIL = 'Its inverse would be an empty bundle.',
                  HINT = format('SELECT * FROM yesterday.diff(%L);', chosen::text);
    END IF;

    SELECT string_agg(l ->> 'subject', ', ') INTO residue
    FROM yesterday.deployment_record r, jsonb_array_elements(r.report) l
    WHERE r.deployment = chosen AND l ->> 'outcome' = 'residue';
    RETURN QUERY
        SELECT 'bundle.yaml', row_number() OVER (), l
        FROM unnest(
            -- a bundle's name has at most 200 bytes
            ARRAY[format('name: %s', to_json('undo of ' || regexp_replace(
                      CASE WHEN octet_length(found_one.name) <= 190 THEN found_one.name ELSE left(found_one.name, 45) END,
                      '[[:cntrl:]]', ' ', 'g'))),
                  format('note: %s', to_json(format('Inverse of deployment %s "%s".', chosen, found_one.name) ||
                                             coalesce(' Not undone: ' || residue || '.', '')))]
            || CASE WHEN octet_length(found_one.name) <= 200 AND found_one.name !~ '[[:cntrl:]]'
                    THEN ARRAY[format('requires: %s', to_json(found_one.name))] ELSE '{}' END
            || 'triggers: silent'::text
            || (SELECT CASE WHEN count(*) > 0 THEN 'artifacts:'::text || array_agg(a) ELSE '{}' END
                FROM yesterday._inverse_artifacts(chosen) a)
            || 'contents:'::text || contents) l;
END
$function$;
COMMENT ON FUNCTION yesterday.inverse_bundle(text) IS
    'the inverse of a deployment as a bundle: the lines of its files, in the form that yesterday deploy takes';
REVOKE ALL ON FUNCTION yesterday.inverse_bundle(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday.inverse_bundle(text) TO yesterday_viewer;
