-- The state of the target: the newest change counts, none means on the train.
CREATE FUNCTION yesterday._state()
RETURNS TABLE (state text, reason text, since timestamptz, set_by name, rollback bigint)
LANGUAGE sql STABLE SECURITY DEFINER ROWS 1
SET search_path = pg_catalog, pg_temp
AS $function$
    (SELECT c.state, c.reason, c.changed_at, c.changed_by, c.rollback
     FROM yesterday.state_change c ORDER BY c.id DESC LIMIT 1)
    UNION ALL
    SELECT 'on_train', NULL, NULL, NULL, NULL
    WHERE NOT EXISTS (SELECT FROM yesterday.state_change);
$function$;
COMMENT ON FUNCTION yesterday._state() IS 'state of the target, with reason, time and author';
REVOKE ALL ON FUNCTION yesterday._state() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday._state() TO yesterday_viewer;

