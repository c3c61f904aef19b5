-- The lock of a group, for one deploy, recovery or realignment at a time. It belongs to the session and goes
-- with it, so that a controller that crashed leaves none; that what it began is finished, the rows of its run see to.
CREATE FUNCTION train.lock_group(group_name text, wait interval DEFAULT '0')
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
DECLARE
    its_group train.target_group := train._group(group_name);
    patience timestamptz := clock_timestamp() + coalesce(wait, '0');
    holder record;
BEGIN
    IF train._group_lock_pid(its_group.id) = pg_backend_pid() THEN
        RETURN;
    END IF;
    WHILE NOT pg_try_advisory_lock(train._lock_class(), its_group.id::integer) LOOP
        IF clock_timestamp() >= patience THEN
            SELECT h.* INTO holder FROM train.group_lock_holder(group_name) h;
            RAISE EXCEPTION 'somebody else deploys to group "%"', group_name
                USING ERRCODE = 'YDT03',
                      DETAIL = CASE WHEN holder.pid IS NULL THEN 'Held by a session that has just gone.'
                          ELSE format('Held by pid %s, user %s, application %L%s, since %s.', holder.pid, holder.user_name,
                                      holder.application_name, coalesce(' from ' || host(holder.client_addr), ''),
                                      coalesce(holder.locked_at::text, 'just now')) END,
                      HINT = format('Wait until it is done; or, if it hangs, end that session in the registry: SELECT pg_terminate_backend(%s);', coalesce(holder.pid::text, 'pid'));
        END IF;
        PERFORM pg_sleep(0.1);
    END LOOP;
    INSERT INTO train.group_lock AS k (group_id, pid, backend_start)
    SELECT its_group.id, a.pid, a.backend_start FROM pg_stat_activity a WHERE a.pid = pg_backend_pid()
    ON CONFLICT (group_id) DO UPDATE
    SET pid = excluded.pid, backend_start = excluded.backend_start, locked_at = clock_timestamp();
END
$function$;
COMMENT ON FUNCTION train.lock_group(text, interval) IS 'takes the lock of a group for this session; the error names who has it';
REVOKE ALL ON FUNCTION train.lock_group(text, interval) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION train.lock_group(text, interval) TO yesterday_deployer, yesterday_operator;

