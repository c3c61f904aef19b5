-- What moves a train is done by the session that holds its lock. One that lost its connection has lost the
-- lock with it, and cannot write what is no longer true.
CREATE FUNCTION train._require_group_lock(its_group bigint, what text)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
DECLARE
    group_name text := (SELECT g.name FROM train.target_group g WHERE g.id = its_group);
    holder record;
BEGIN
    IF train._group_lock_pid(its_group) IS NOT DISTINCT FROM pg_backend_pid() THEN
        RETURN;
    END IF;
    SELECT h.* INTO holder FROM train.group_lock_holder(group_name) h;
    RAISE EXCEPTION '%: this session does not hold the lock of group "%"', what, group_name
        USING ERRCODE = 'YDT04',
              DETAIL = CASE WHEN holder.pid IS NULL THEN 'Nobody holds it: it was never taken, or went with a connection.'
                  ELSE format('Held by pid %s, user %s, application %L.', holder.pid, holder.user_name, holder.application_name) END,
              HINT = format('SELECT train.lock_group(%L); in this session, then look at where things stand, and go on.', group_name);
END
$function$;
COMMENT ON FUNCTION train._require_group_lock(bigint, text) IS 'raises unless this session holds the lock of the group';
REVOKE ALL ON FUNCTION train._require_group_lock(bigint, text) FROM PUBLIC;

