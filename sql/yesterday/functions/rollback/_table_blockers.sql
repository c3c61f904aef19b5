-- Sessions and prepared transactions that hold a lock on a table which a rollback of rows
-- would have to wait for.
CREATE FUNCTION yesterday._table_blockers(relation oid)
RETURNS TABLE (pid integer, holder text)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT l.pid,
           CASE WHEN l.pid IS NULL THEN coalesce(
                    (SELECT format('prepared transaction %L of %s (ROLLBACK PREPARED %L;)', p.gid, p.owner, p.gid)
                     FROM pg_catalog.pg_prepared_xacts p WHERE '-1/' || p.transaction = l.virtualtransaction),
                    'a prepared transaction')
                ELSE format('pid %s, user %s, application %L, %s, in transaction since %s, lock %s',
                            l.pid, a.usename, a.application_name, a.state, a.xact_start, l.mode) END
    FROM pg_catalog.pg_locks l
    LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
    WHERE l.locktype = 'relation' AND l.relation = $1 AND l.granted
      AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d
                        WHERE d.datname = pg_catalog.current_database())
      AND l.pid IS DISTINCT FROM pg_catalog.pg_backend_pid()
      AND l.mode IN ('RowExclusiveLock', 'ShareUpdateExclusiveLock', 'ShareLock',
                     'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock');
$function$;
COMMENT ON FUNCTION yesterday._table_blockers(oid) IS 'who holds a lock that a rollback of rows would have to wait for';
REVOKE ALL ON FUNCTION yesterday._table_blockers(oid) FROM PUBLIC;

