-- The copies of destroyed rows that the inverse DDL of a deployment reads, each with the columns of its
-- table as a command writes them. Their types are those of pg_catalog.
CREATE FUNCTION yesterday._saved_copies(deployment bigint)
RETURNS TABLE (copy name, columns text)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT r.copy, (SELECT string_agg(format('%I %s', a.attname, format_type(a.atttypid, a.atttypmod)), ', ' ORDER BY a.attnum)
                    FROM pg_attribute a
                    WHERE a.attrelid = to_regclass(format('yesterday_shadow.%I', r.copy)) AND a.attnum > 0 AND NOT a.attisdropped)
    FROM (SELECT DISTINCT unnest(s.reads) AS copy FROM yesterday.inverse_step s
          WHERE s.deployment = $1 AND s.rollback IS NULL) r
    ORDER BY 1;
$function$;
COMMENT ON FUNCTION yesterday._saved_copies(bigint) IS 'copies of destroyed rows that inverse DDL reads';
REVOKE ALL ON FUNCTION yesterday._saved_copies(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday._saved_copies(bigint) TO yesterday_viewer;
