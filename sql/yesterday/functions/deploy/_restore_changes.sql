-- What restore() has to write: for every key asked for that was touched since the deployment
-- its image of before (NULL: it was not there). The rights are the caller's.
CREATE FUNCTION yesterday._restore_changes(relation oid, keys jsonb, deployment text)
RETURNS TABLE (key jsonb, image jsonb)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET quote_all_identifiers = off SET standard_conforming_strings = on
AS $function$
#variable_conflict use_column
DECLARE
    since bigint := yesterday._find_deployment(deployment);
    found_table record;
    key_columns name[];
    wanted jsonb;
    as_text jsonb[];
BEGIN
    SELECT n.nspname, c.relname INTO found_table
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = relation;
    SELECT p.key_columns INTO key_columns
    FROM yesterday._prior_keys(found_table.nspname, found_table.relname, since, deployment) p;
    IF key_columns IS NULL THEN
        RAISE EXCEPTION 'no deployment since % touched table "%"', since, relation::regclass
            USING ERRCODE = 'YD022',
                  DETAIL = 'Its rows are as they were.',
                  HINT = format('SELECT DISTINCT table_name FROM yesterday.diff(%L);', deployment);
    END IF;
    FOR wanted IN
        SELECT * FROM jsonb_array_elements(CASE jsonb_typeof(keys) WHEN 'array' THEN keys ELSE jsonb_build_array(keys) END)
    LOOP
        IF jsonb_typeof(wanted) IS DISTINCT FROM 'object' OR
           (SELECT array_agg(k ORDER BY k) FROM jsonb_object_keys(wanted) k)
           IS DISTINCT FROM (SELECT array_agg(k::text ORDER BY k::text) FROM unnest(key_columns) k)
        THEN
            RAISE EXCEPTION 'key % is not one of table "%"', wanted, relation::regclass
                USING ERRCODE = 'YD022',
                      DETAIL = format('Its key columns are %s.', array_to_string(key_columns, ', ')),
                      HINT = 'Give an array of objects, for example [{"id": 1}, {"id": 2}].';
        END IF;
        as_text := as_text || (SELECT jsonb_object_agg(e.key, e.value) FROM jsonb_each_text(wanted) e);
    END LOOP;
    RETURN QUERY
        SELECT c.key, c.image
        FROM yesterday._prior_changes(found_table.nspname, found_table.relname, since) c
        JOIN unnest(as_text) WITH ORDINALITY AS w(key, place) ON w.key = c.key
        ORDER BY w.place;
END
$function$;
COMMENT ON FUNCTION yesterday._restore_changes(oid, jsonb, text) IS 'what restore() has to write';
REVOKE ALL ON FUNCTION yesterday._restore_changes(oid, jsonb, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday._restore_changes(oid, jsonb, text) TO yesterday_deployer;

