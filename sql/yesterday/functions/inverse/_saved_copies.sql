-- The copies of destroyed rows that the inverse DDL of a deployment reads, each with the columns of its
-- table as a command writes them. Their types are those of pg_catalog. Copies are numbered in each database by
-- itself; the name that they have in a bundle is the same on every target.
CREATE FUNCTION yesterday._saved_copies(deployment bigint)
RETURNS TABLE (number bigint, copy name, name text, columns text)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT r.number, r.copy, 'saved-' || r.number,
           (SELECT string_agg(format('%I %s', a.attname, format_type(a.atttypid, a.atttypmod)), ', ' ORDER BY a.attnum)
            FROM pg_attribute a
            WHERE a.attrelid = to_regclass(format('yesterday_shadow.%I', r.copy)) AND a.attnum > 0 AND NOT a.attisdropped)
    FROM (SELECT row_number() OVER (ORDER BY t.schema_name, t.table_name, t.event, c.copy = t.after_name, t.id) AS number, c.copy
          FROM (SELECT DISTINCT unnest(s.reads) AS copy FROM yesterday.inverse_step s
                WHERE s.deployment = $1 AND s.rollback IS NULL) c
          LEFT JOIN yesterday.saved_table t ON t.deployment = $1 AND c.copy IN (t.shadow_name, t.after_name)) r
    ORDER BY r.number;
$function$;
COMMENT ON FUNCTION yesterday._saved_copies(bigint) IS 'copies of destroyed rows that inverse DDL reads';
REVOKE ALL ON FUNCTION yesterday._saved_copies(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday._saved_copies(bigint) TO yesterday_viewer;
