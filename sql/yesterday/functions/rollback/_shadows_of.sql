-- The shadow tables of a deployment, each with the table whose rows it keeps.
CREATE FUNCTION yesterday._shadows_of(deployment bigint)
RETURNS TABLE (shadow_name name, schema_name name, table_name name)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT c.shadow_name, c.schema_name, c.table_name
    FROM yesterday.captured_table c WHERE c.deployment = $1
    UNION ALL
    SELECT n.name, s.schema_name, s.table_name
    FROM yesterday.saved_table s
    CROSS JOIN LATERAL (VALUES (s.shadow_name), (s.after_name)) AS n(name)
    WHERE s.deployment = $1 AND n.name IS NOT NULL;
$function$;
COMMENT ON FUNCTION yesterday._shadows_of(bigint) IS 'shadow tables of a deployment';
REVOKE ALL ON FUNCTION yesterday._shadows_of(bigint) FROM PUBLIC;

