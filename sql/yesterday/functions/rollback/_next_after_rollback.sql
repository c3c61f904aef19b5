-- What is true after a rollback, and the next command.
CREATE FUNCTION yesterday._next_after_rollback()
RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT 'The target is as it was before this deployment and off the train: no deployment lands until '
        || CASE WHEN yesterday._alignment() <> 'aligned' THEN format('a realignment has led it back, which begins with: %s.', yesterday._way_back())
                ELSE 'SELECT yesterday.clear_freeze(''why'').' END
        || CASE WHEN yesterday._last_deployment() IS NULL THEN ''
                ELSE format(' The last deployment is now %s "%s".', d.id, d.name) END
        || CASE WHEN c.state IN ('none', 'confirmed') THEN ''
                ELSE format(' CODE PENDING: the code of before should run and is not confirmed yet. Next: %s', yesterday._end_code_pending(c.generation)) END
    FROM (SELECT yesterday._last_deployment() AS last_id) l
    CROSS JOIN yesterday._code_state() c
    LEFT JOIN yesterday.deployment d ON d.id = l.last_id;
$function$;
COMMENT ON FUNCTION yesterday._next_after_rollback() IS 'what is true after a rollback, and the next command';
REVOKE ALL ON FUNCTION yesterday._next_after_rollback() FROM PUBLIC;

