-- The captured tables of one deployment.
CREATE FUNCTION yesterday._captured_of(deployment bigint)
RETURNS TABLE (captured bigint, schema_name name, table_name name, key_columns name[], owner name)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT c.id, c.schema_name, c.table_name, c.key_columns, c.owner
    FROM yesterday.captured_table c WHERE c.deployment = $1
    ORDER BY c.schema_name, c.table_name;
$function$;
COMMENT ON FUNCTION yesterday._captured_of(bigint) IS 'captured tables of one deployment';
REVOKE ALL ON FUNCTION yesterday._captured_of(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday._captured_of(bigint) TO yesterday_viewer;

