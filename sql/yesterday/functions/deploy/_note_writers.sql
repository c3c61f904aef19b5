-- Notes the tables that others are writing while a deployment in open scope begins: what they wrote
-- was not noted, and what they commit later appears in no digest taken before.
CREATE FUNCTION yesterday._note_writers(deployment bigint)
RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $function$
    INSERT INTO yesterday.outside_write (deployment, relid, xid)
    SELECT DISTINCT $1, l.relation, writer.xid
    FROM pg_locks l
    -- as xid8: the one nearest to ours; null for one that has not written yet, or is prepared
    LEFT JOIN LATERAL (
        SELECT (own.id - mod(mod(own.id, 4294967296) - x.transactionid::text::numeric + 2147483648 + 4294967296, 4294967296)
                + 2147483648)::text::xid8 AS xid
        FROM pg_locks x CROSS JOIN (SELECT pg_current_xact_id()::text::numeric AS id) own
        WHERE x.pid = l.pid AND x.locktype = 'transactionid' AND x.granted AND x.mode = 'ExclusiveLock'
        LIMIT 1) writer ON true
    JOIN pg_class c ON c.oid = l.relation
    JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN yesterday.tracked_table t ON t.schema_name = n.nspname AND t.table_name = c.relname
    WHERE l.locktype = 'relation' AND l.pid IS DISTINCT FROM pg_backend_pid()
      AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
      AND l.mode IN ('RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock');
$function$;
COMMENT ON FUNCTION yesterday._note_writers(bigint) IS 'notes the tables that others are writing while a deployment begins';
REVOKE ALL ON FUNCTION yesterday._note_writers(bigint) FROM PUBLIC;

