-- The inverse of a deployment as a bundle: the lines of its files, bundle.yaml last. Applied to the database as
-- the deployment left it, it does what the rollback does: structure, rows, constraints.
-- The rights are the caller's.
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
    tab record;
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

    SELECT string_agg(l ->> 'subject', ', ') INTO residue
    FROM yesterday.deployment_record r, jsonb_array_elements(r.report) l
    WHERE r.deployment = chosen AND l ->> 'outcome' = 'residue';
    RETURN QUERY
        SELECT f.* FROM yesterday._inverse_files(chosen,
            -- a bundle's name has at most 200 bytes
            ARRAY[format('name: %s', to_json('undo of ' || regexp_replace(
                      CASE WHEN octet_length(found_one.name) <= 190 THEN found_one.name ELSE left(found_one.name, 45) END,
                      '[[:cntrl:]]', ' ', 'g'))),
                  format('note: %s', to_json(format('Inverse of deployment %s "%s".', chosen, found_one.name) ||
                                             coalesce(' Not undone: ' || residue || '.', '')))]
            || CASE WHEN octet_length(found_one.name) <= 200 AND found_one.name !~ '[[:cntrl:]]'
                    THEN ARRAY[format('requires: %s', to_json(found_one.name))] ELSE '{}' END,
            false) f;
END
$function$;
COMMENT ON FUNCTION yesterday.inverse_bundle(text) IS
    'the inverse of a deployment as a bundle: the lines of its files, in the form that yesterday deploy takes';
REVOKE ALL ON FUNCTION yesterday.inverse_bundle(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday.inverse_bundle(text) TO yesterday_viewer;

-- By its number, as begin_deployment() returned it: in SQL no number is a text by itself.
CREATE FUNCTION yesterday.inverse_bundle(deployment bigint)
RETURNS TABLE (path text, line bigint, content text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT * FROM yesterday.inverse_bundle($1::text)
$function$;
COMMENT ON FUNCTION yesterday.inverse_bundle(bigint) IS
    'the inverse of the deployment of this number as a bundle';
REVOKE ALL ON FUNCTION yesterday.inverse_bundle(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday.inverse_bundle(bigint) TO yesterday_viewer;
