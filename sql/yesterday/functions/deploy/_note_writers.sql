-- Notes the tables that others are writing while a deployment in open scope begins: what they
-- commit later appears in no digest taken before.
CREATE FUNCTION yesterday._note_writers(deployment bigint)
RETURNS void
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $function$
    INSERT INTO yesterday.outside_write (deployment, relid, xid)
    SELECT DISTINCT $1, l.relation, pg_current_xact_id()
    FROM pg_locks l
    JOIN pg_class c ON c.oid = l.relation
    JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN yesterday.tracked_table t ON t.schema_name = n.nspname AND t.table_name = c.relname
    WHERE l.locktype = 'relation' AND l.pid IS DISTINCT FROM pg_backend_pid()
      AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
      AND l.mode IN ('RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock');
$function$;
COMMENT ON FUNCTION yesterday._note_writers(bigint) IS 'notes the tables that others are writing while a deployment begins';
REVOKE ALL ON FUNCTION yesterday._note_writers(bigint) FROM PUBLIC;

