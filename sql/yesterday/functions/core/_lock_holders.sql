-- Who holds the lock of the target (object 0) or of a deployment, for messages.
CREATE FUNCTION yesterday._lock_holders(object bigint)
RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT coalesce(string_agg(holder, '; '), 'The holder has just gone.')
    FROM (
        SELECT CASE
                   WHEN l.pid IS NULL THEN coalesce(
                       (SELECT format('prepared transaction %L of %s, prepared at %s (ROLLBACK PREPARED %L;)',
                                      p.gid, p.owner, p.prepared, p.gid)
                        FROM pg_catalog.pg_prepared_xacts p
                        WHERE '-1/' || p.transaction = l.virtualtransaction),
                       'a prepared transaction')
                   ELSE format('pid %s, user %s, application %L, in transaction since %s, %s',
                               l.pid, a.usename, a.application_name, a.xact_start, a.state)
               END AS holder
        FROM pg_catalog.pg_locks l
        LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
        WHERE l.locktype = 'object' AND l.granted
          AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d
                            WHERE d.datname = pg_catalog.current_database())
          AND l.classid = 'yesterday.deployment'::regclass
          AND l.objid::bigint = object
          AND l.pid IS DISTINCT FROM pg_catalog.pg_backend_pid()
        ORDER BY l.pid
    ) holders;
$function$;
COMMENT ON FUNCTION yesterday._lock_holders(bigint) IS 'who holds the lock of the target or of a deployment';
REVOKE ALL ON FUNCTION yesterday._lock_holders(bigint) FROM PUBLIC;

