-- Who holds the lock of a group.
CREATE FUNCTION train.group_lock_holder(group_name text)
RETURNS TABLE (pid integer, user_name name, application_name text, client_addr inet, locked_at timestamptz)
LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT a.pid, a.usename, a.application_name, a.client_addr,
           (SELECT k.locked_at FROM train.group_lock k
            WHERE k.group_id = g.id AND k.pid = a.pid AND k.backend_start = a.backend_start)
    FROM train._group(group_name) g JOIN pg_stat_activity a ON a.pid = train._group_lock_pid(g.id);
$function$;
COMMENT ON FUNCTION train.group_lock_holder(text) IS 'the session that deploys to a group; no row: none';
REVOKE ALL ON FUNCTION train.group_lock_holder(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION train.group_lock_holder(text) TO yesterday_viewer;

