-- The same row by row, to find the rows that differ: by the digest of the natural key. The key itself is shown to
-- who may read the rows of the table, and of those that its key refers to.
CREATE FUNCTION yesterday.portable_rows(table_name regclass)
RETURNS TABLE (key_digest text, row_digest text, row_key jsonb)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET quote_all_identifiers = off SET standard_conforming_strings = on
AS $function$
#variable_conflict use_variable
DECLARE
    shown oid[];
BEGIN
    IF NOT EXISTS (SELECT FROM yesterday._tracked_entry(table_name)) THEN
        RAISE EXCEPTION 'table "%" is not tracked', table_name
            USING ERRCODE = 'YD022',
                  DETAIL = 'Only metadata is compared between targets.',
                  HINT = format('SELECT yesterday.track(%L);', table_name);
    END IF;
    WITH RECURSIVE reached AS (
        SELECT table_name::oid AS oid
        UNION
        SELECT r.parent FROM reached t CROSS JOIN LATERAL yesterday._portable_references(t.oid) r WHERE r.parent <> 0
    )
    SELECT coalesce(array_agg(x.oid), '{}') INTO shown
    FROM (SELECT t.oid FROM reached t UNION SELECT p.relid FROM reached t CROSS JOIN LATERAL pg_partition_tree(t.oid) p) x
    WHERE yesterday._may_read_rows(yesterday._caller(), x.oid);
    RETURN QUERY SELECT * FROM yesterday._portable_rows(table_name, shown);
END
$function$;
COMMENT ON FUNCTION yesterday.portable_rows(regclass) IS 'portable digests of the rows of a tracked table, one by one';
REVOKE ALL ON FUNCTION yesterday.portable_rows(regclass) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday.portable_rows(regclass) TO yesterday_deployer, yesterday_operator;

