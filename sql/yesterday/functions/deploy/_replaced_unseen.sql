-- Tables that are not tracked and whose file is another one since a deployment in open scope began,
-- though nothing accounts for it: TRUNCATE, CLUSTER or VACUUM FULL in a session that had not loaded
-- the library.
CREATE FUNCTION yesterday._replaced_unseen(deployment bigint)
RETURNS TABLE (schema_name name, table_name name, relation oid)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT b.schema_name, b.table_name, b.relid
    FROM yesterday.deployment_baseline b
    JOIN pg_class c ON c.oid = b.relid AND c.relfilenode <> b.filenode
    WHERE b.deployment = $1 AND b.triggers IS NULL
      AND NOT EXISTS (SELECT FROM yesterday.taken_table k WHERE k.deployment = $1 AND k.relid = b.relid)
    ORDER BY b.schema_name, b.table_name;
$function$;
COMMENT ON FUNCTION yesterday._replaced_unseen(bigint) IS 'tables that are not tracked and whose file was replaced unseen';
REVOKE ALL ON FUNCTION yesterday._replaced_unseen(bigint) FROM PUBLIC;
