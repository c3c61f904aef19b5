-- Who holds the lock of the target (object 0) or of a deployment.
CREATE FUNCTION yesterday._lock_holders(object bigint)
RETURNS TABLE (pid integer, holder text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT l.pid, yesterday._lock_holder(l.pid, l.virtualtransaction)
    FROM pg_catalog.pg_locks l
    WHERE l.locktype = 'object' AND l.granted
      AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d
                        WHERE d.datname = pg_catalog.current_database())
      AND l.classid = 'yesterday.deployment'::regclass
      AND l.objid::bigint = object
      AND l.pid IS DISTINCT FROM pg_catalog.pg_backend_pid()
    ORDER BY 1, 2;
$function$;
COMMENT ON FUNCTION yesterday._lock_holders(bigint) IS 'who holds the lock of the target or of a deployment';
REVOKE ALL ON FUNCTION yesterday._lock_holders(bigint) FROM PUBLIC;

