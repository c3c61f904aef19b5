-- What a deployment changed, compared with what is there now, row by row and column by
-- column. The rights are the caller's: tables whose rows the caller may not see are left out.
CREATE FUNCTION yesterday.diff(deployment text)
RETURNS TABLE (table_name text, row_key jsonb, change text, column_name name, before text, now text)
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
SET quote_all_identifiers = off SET standard_conforming_strings = on
AS $function$
#variable_conflict use_column
DECLARE
    chosen bigint := yesterday._find_deployment(deployment);
    captured record;
    name text;
    relation oid;
BEGIN
    FOR captured IN SELECT * FROM yesterday._captured_of(chosen)
    LOOP
        CONTINUE WHEN NOT yesterday._may_see_rows(captured.schema_name, captured.table_name, captured.owner);
        name := format('%I.%I', captured.schema_name, captured.table_name);
        -- not to_regclass(): who reads a partition through its parent need not be let into its schema
        relation := (SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                     WHERE n.nspname = captured.schema_name AND c.relname = captured.table_name);
        IF relation IS NULL OR yesterday._key_match(relation, captured.key_columns, 't', 'r.key') IS NULL THEN
            -- no table, or no key: the records themselves are the difference
            RETURN QUERY
                SELECT name, r.key,
                       CASE WHEN r.image IS NULL THEN 'inserted' ELSE 'deleted' END,
                       e.key::name,
                       CASE WHEN r.image IS NOT NULL THEN e.value END,
                       CASE WHEN r.image IS NULL THEN e.value END
                FROM yesterday._records(captured.captured) r
                CROSS JOIN LATERAL jsonb_each_text(coalesce(r.image, r.key)) e;
            CONTINUE;
        END IF;
        RETURN QUERY
            SELECT name, r.key,
                   CASE WHEN r.image IS NULL THEN 'inserted' WHEN r.now IS NULL THEN 'deleted' ELSE 'updated' END,
                   e.column_of::name, r.image ->> e.column_of, r.now ->> e.column_of
            FROM yesterday._records_now(captured.captured, relation, captured.key_columns) r
            CROSS JOIN LATERAL (
                SELECT jsonb_object_keys(r.image) UNION SELECT jsonb_object_keys(r.now)) AS e(column_of)
            WHERE r.op <> 'F' AND (r.image ->> e.column_of) IS DISTINCT FROM (r.now ->> e.column_of)
            ORDER BY r.key, e.column_of;
    END LOOP;
END
$function$;
COMMENT ON FUNCTION yesterday.diff(text) IS
    'row-level differences between before a deployment and now: table, key, change, column, before, now';
REVOKE ALL ON FUNCTION yesterday.diff(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday.diff(text) TO yesterday_viewer;

-- By its number, as begin_deployment() returned it: in SQL no number is a text by itself.
CREATE FUNCTION yesterday.diff(deployment bigint)
RETURNS TABLE (table_name text, row_key jsonb, change text, column_name name, before text, now text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT * FROM yesterday.diff($1::text)
$function$;
COMMENT ON FUNCTION yesterday.diff(bigint) IS
    'row-level differences between before the deployment of this number and now';
REVOKE ALL ON FUNCTION yesterday.diff(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday.diff(bigint) TO yesterday_viewer;
