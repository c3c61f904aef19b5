-- Names the first tracked table whose capture triggers are missing or disabled.
CREATE FUNCTION yesterday._check_triggers()
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    broken record;
BEGIN
    SELECT t.schema_name, t.table_name,
           CASE WHEN count(g.oid) < 4 THEN 'missing' ELSE 'disabled' END AS what
    INTO broken
    FROM yesterday.tracked_table t
    JOIN pg_namespace n ON n.nspname = t.schema_name
    JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = t.table_name AND c.relkind = 'r'
    LEFT JOIN pg_trigger g ON g.tgrelid = c.oid
        AND g.tgfoid IN ('yesterday._capture'::regproc, 'yesterday._capture_truncate'::regproc)
    GROUP BY t.schema_name, t.table_name
    HAVING count(*) FILTER (WHERE g.tgenabled = 'A') < 4
    ORDER BY t.schema_name, t.table_name
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the capture triggers of table "%.%" are %', broken.schema_name, broken.table_name, broken.what
            USING ERRCODE = 'YD014',
                  DETAIL = 'Writes to it would not be captured, so they could not be rolled back.',
                  HINT = format('SELECT yesterday.track(%L);', format('%I.%I', broken.schema_name, broken.table_name));
    END IF;
END
$function$;
COMMENT ON FUNCTION yesterday._check_triggers() IS 'raises when a tracked table has lost its capture triggers';
REVOKE ALL ON FUNCTION yesterday._check_triggers() FROM PUBLIC;

