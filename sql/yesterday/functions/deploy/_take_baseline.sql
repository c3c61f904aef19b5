-- Notes how every tracked table stands.
CREATE FUNCTION yesterday._take_baseline(deployment bigint)
RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $function$
    INSERT INTO yesterday.deployment_baseline (deployment, schema_name, table_name, relid, filenode, triggers)
    SELECT $1, t.schema_name, t.table_name, c.oid, c.relfilenode, yesterday._trigger_marks(c.oid)
    FROM yesterday.tracked_table t
    JOIN pg_namespace n ON n.nspname = t.schema_name
    JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = t.table_name AND c.relkind = 'r'
    UNION ALL
    SELECT $1, '', '', 0, 0, yesterday._trigger_marks(0);
$function$;
COMMENT ON FUNCTION yesterday._take_baseline(bigint) IS 'notes how every tracked table stands when a deployment begins';
REVOKE ALL ON FUNCTION yesterday._take_baseline(bigint) FROM PUBLIC;

