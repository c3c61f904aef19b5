-- Rows that the current transaction wrote in tables that are not tracked: they will not
-- be rolled back, and people must know.
CREATE FUNCTION yesterday._untracked_writes()
RETURNS TABLE (schema_name name, table_name name, rows bigint)
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT n.nspname, c.relname, w.rows
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    CROSS JOIN LATERAL (SELECT yesterday._live_writes(c.oid) AS rows) w
    WHERE c.relkind = 'r' AND c.relpersistence <> 't'
      AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast', 'yesterday', 'yesterday_shadow')
      AND w.rows > 0
      AND NOT EXISTS (SELECT FROM yesterday.tracked_table t
                      WHERE t.schema_name = n.nspname AND t.table_name = c.relname)
      -- what was written after TRUNCATE is rolled back with it
      AND NOT EXISTS (SELECT FROM yesterday.captured_table t
                      WHERE t.deployment = yesterday._current_deployment() AND t.relid = c.oid AND t.business)
    ORDER BY 1, 2;
$function$;
COMMENT ON FUNCTION yesterday._untracked_writes() IS 'rows that this transaction wrote in tables that are not tracked';
REVOKE ALL ON FUNCTION yesterday._untracked_writes() FROM PUBLIC;

