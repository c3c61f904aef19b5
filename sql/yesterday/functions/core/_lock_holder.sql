-- One holder of a lock, for messages: a session, or a prepared transaction with the command
-- that ends it. A prepared transaction has no pid, and the virtual transaction of the session
-- that prepared it; the lock on its transaction id tells which one it is.
CREATE FUNCTION yesterday._lock_holder(pid integer, virtualtransaction text)
RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT CASE
        WHEN $1 IS NULL THEN coalesce(
            (SELECT format('prepared transaction %L of %s, prepared at %s (', p.gid, p.owner, p.prepared)
                    -- of a group deploy that may have been committed elsewhere
                    || CASE WHEN p.gid LIKE 'yesterday:%:%' THEN 'of a deployment to a whole group, which ends as was decided: yesterday train recover; only where its registry is lost: '
                            ELSE '' END
                    || format('ROLLBACK PREPARED %L;)', p.gid)
             FROM pg_catalog.pg_locks x JOIN pg_catalog.pg_prepared_xacts p ON p.transaction = x.transactionid
             WHERE x.locktype = 'transactionid' AND x.pid IS NULL AND x.virtualtransaction = $2
             LIMIT 1),
            'a prepared transaction')
        ELSE coalesce(
            (SELECT format('pid %s, %s, application %L, %s, in transaction since %s',
                           a.pid, coalesce(format('user %s', a.usename), a.backend_type),
                           a.application_name, coalesce(a.state, 'active'), a.xact_start)
             FROM pg_catalog.pg_stat_activity a WHERE a.pid = $1),
            format('pid %s', $1))
    END;
$function$;
COMMENT ON FUNCTION yesterday._lock_holder(integer, text) IS 'a holder of a lock, in words';
REVOKE ALL ON FUNCTION yesterday._lock_holder(integer, text) FROM PUBLIC;

