-- The shadow tables that hold prior images of a table for a deployment and everything after
-- it that counts, oldest first.
CREATE FUNCTION yesterday._captured_since(schema_name name, table_name name, since bigint)
RETURNS TABLE (captured bigint, deployment bigint)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT c.id, c.deployment
    FROM yesterday.captured_table c JOIN yesterday.deployment d ON d.id = c.deployment
    WHERE c.schema_name = $1 AND c.table_name = $2 AND c.deployment >= since
      AND d.status IN ('open', 'finished')
    ORDER BY c.deployment;
$function$;
COMMENT ON FUNCTION yesterday._captured_since(name, name, bigint) IS
    'shadows of a table for a deployment and those after it, oldest first';
REVOKE ALL ON FUNCTION yesterday._captured_since(name, name, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday._captured_since(name, name, bigint) TO yesterday_viewer;

