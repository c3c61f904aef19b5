-- Sessions and prepared transactions that hold a lock on a table which a rollback of rows
-- would have to wait for; readers included where the inverse DDL changes the table.
CREATE FUNCTION yesterday._table_blockers(relation oid, is_exclusive boolean)
RETURNS TABLE (pid integer, holder text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT l.pid, format('%s, lock %s', yesterday._lock_holder(l.pid, l.virtualtransaction), l.mode)
    FROM pg_catalog.pg_locks l
    WHERE l.locktype = 'relation' AND l.relation = $1 AND l.granted
      AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d
                        WHERE d.datname = pg_catalog.current_database())
      AND l.pid IS DISTINCT FROM pg_catalog.pg_backend_pid()
      AND (is_exclusive OR l.mode IN ('RowExclusiveLock', 'ShareUpdateExclusiveLock', 'ShareLock',
                     'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock'));
$function$;
COMMENT ON FUNCTION yesterday._table_blockers(oid, boolean) IS 'who holds a lock that a rollback of rows would have to wait for';
REVOKE ALL ON FUNCTION yesterday._table_blockers(oid, boolean) FROM PUBLIC;

