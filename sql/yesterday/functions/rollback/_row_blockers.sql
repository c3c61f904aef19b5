-- Who kept a rollback waiting for longer than yesterday.lock_wait: the holders of the row that
-- it waited for; where that is not known (a parent to be locked, a table that inverse DDL
-- needs to itself), everybody who holds a lock on a touched table or on one that a foreign key
-- ties to it. Plain readers are in the way of inverse DDL only.
CREATE FUNCTION yesterday._row_blockers(deployment bigint)
RETURNS TABLE (pid integer, holder text)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $function$
#variable_conflict use_variable
DECLARE
    xids xid[] := yesterday._blocking_xids();
    has_ddl boolean := yesterday._has_ddl(deployment);
BEGIN
    IF cardinality(xids) > 0 THEN
        RETURN QUERY
            SELECT l.pid, yesterday._lock_holder(l.pid, l.virtualtransaction)
            FROM pg_locks l
            WHERE l.locktype = 'transactionid' AND l.granted AND l.transactionid = ANY (xids)
            ORDER BY l.pid;
        RETURN;
    END IF;
    RETURN QUERY
        WITH touched AS (
            SELECT t.relation FROM yesterday._rollback_tables(deployment) t
            UNION SELECT t.relation FROM yesterday._ddl_tables(deployment) t
        ), concerned AS (
            SELECT t.relation FROM touched t
            UNION SELECT k.confrelid FROM touched t JOIN pg_constraint k ON k.conrelid = t.relation AND k.contype = 'f'
            UNION SELECT k.conrelid FROM touched t JOIN pg_constraint k ON k.confrelid = t.relation AND k.contype = 'f'
        )
        SELECT DISTINCT l.pid, yesterday._lock_holder(l.pid, l.virtualtransaction)
        FROM pg_locks l JOIN concerned c ON l.relation = c.relation
        WHERE l.locktype = 'relation' AND l.granted
          AND (l.mode <> 'AccessShareLock' OR has_ddl)
          AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
          AND l.pid IS DISTINCT FROM pg_backend_pid()
        ORDER BY 1;
END
$function$;
COMMENT ON FUNCTION yesterday._row_blockers(bigint) IS 'who kept a rollback waiting in vain';
REVOKE ALL ON FUNCTION yesterday._row_blockers(bigint) FROM PUBLIC;

