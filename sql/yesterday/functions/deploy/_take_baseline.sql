-- Notes how every tracked table stands; in open scope, where sessions that have not loaded the
-- library can empty tables unseen, the file of every other table, too.
CREATE FUNCTION yesterday._take_baseline(deployment bigint)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    INSERT INTO yesterday.deployment_baseline (deployment, schema_name, table_name, relid, filenode, triggers, tracked)
    SELECT $1, t.schema_name, t.table_name, c.oid, c.relfilenode, CASE c.relkind WHEN 'r' THEN yesterday._trigger_marks(c.oid) END, t.id
    FROM yesterday.tracked_table t
    JOIN pg_namespace n ON n.nspname = t.schema_name
    JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = t.table_name AND c.relkind IN ('r', 'p');
    IF (SELECT d.scope FROM yesterday.deployment d WHERE d.id = $1) = 'open' THEN
        INSERT INTO yesterday.deployment_baseline (deployment, schema_name, table_name, relid, filenode, triggers, tracked)
        SELECT $1, n.nspname, c.relname, c.oid, c.relfilenode, NULL, NULL
        FROM pg_class c
        JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind = 'r' AND c.relpersistence <> 't'
          AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast', 'yesterday', 'yesterday_shadow')
          AND NOT EXISTS (SELECT FROM yesterday.tracked_table t
                          WHERE t.schema_name = n.nspname AND t.table_name = c.relname);
    END IF;
    INSERT INTO yesterday.deployment_baseline (deployment, schema_name, table_name, relid, filenode, triggers, tracked)
    VALUES ($1, '', '', 0, 0, yesterday._trigger_marks(0), NULL);
END
$function$;
COMMENT ON FUNCTION yesterday._take_baseline(bigint) IS 'notes how tables stand when a deployment begins';
REVOKE ALL ON FUNCTION yesterday._take_baseline(bigint) FROM PUBLIC;

