-- The session that holds the lock of a group; null: none.
CREATE FUNCTION train._group_lock_pid(its_group bigint)
RETURNS integer
LANGUAGE sql VOLATILE
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT l.pid FROM pg_locks l
    WHERE l.locktype = 'advisory' AND l.granted AND l.mode = 'ExclusiveLock' AND l.objsubid = 2
      AND l.classid = train._lock_class()::oid AND l.objid = its_group::oid
      AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database());
$function$;
COMMENT ON FUNCTION train._group_lock_pid(bigint) IS 'the session that holds the lock of a group';
REVOKE ALL ON FUNCTION train._group_lock_pid(bigint) FROM PUBLIC;

