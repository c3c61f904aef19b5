-- How the rows of a table are told apart in the shadows of a deployment and those after it;
-- NULL when nothing touched it, an empty array when it has no key.
CREATE FUNCTION yesterday._key_columns(schema_name name, table_name name, since bigint)
RETURNS name[]
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT c.key_columns
    FROM yesterday.captured_table c JOIN yesterday.deployment d ON d.id = c.deployment
    WHERE c.schema_name = $1 AND c.table_name = $2 AND c.deployment >= since
      AND d.status IN ('open', 'finished')
    ORDER BY c.deployment LIMIT 1;
$function$;
COMMENT ON FUNCTION yesterday._key_columns(name, name, bigint) IS 'key columns of a captured table';
REVOKE ALL ON FUNCTION yesterday._key_columns(name, name, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday._key_columns(name, name, bigint) TO yesterday_viewer;

