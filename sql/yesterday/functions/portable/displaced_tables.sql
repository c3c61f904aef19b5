-- The same table by table and object by object, to see which one makes the difference.
CREATE FUNCTION yesterday.displaced_tables(deployment bigint)
RETURNS TABLE (layer text, schema_name name, table_name name, kind text, subject text, rows bigint, digest text, detail text)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT x.layer, x.schema_name, x.table_name, x.kind, x.subject, x.rows, x.digest, x.detail
    FROM yesterday.displaced x WHERE x.deployment = $1
    ORDER BY x.kind COLLATE "C", x.subject COLLATE "C";
$function$;
COMMENT ON FUNCTION yesterday.displaced_tables(bigint) IS 'portable digests of what a deployment displaced, one by one';
REVOKE ALL ON FUNCTION yesterday.displaced_tables(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday.displaced_tables(bigint) TO yesterday_deployer;

