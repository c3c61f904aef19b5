-- The tables that a rollback has to lock: those whose rows it puts back, and those that the
-- deployment's own DDL names and that are still there.
CREATE FUNCTION yesterday._rollback_tables(deployment bigint)
RETURNS TABLE (relation oid, schema_name name, table_name name, is_exclusive boolean, is_tracked boolean)
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $function$
    WITH touched AS (
        SELECT c.oid AS relation, false AS by_ddl
        FROM yesterday.captured_table t
        JOIN pg_namespace n ON n.nspname = t.schema_name
        JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = t.table_name
        WHERE t.deployment = $1
        UNION ALL
        SELECT coalesce(i.indrelid, g.tgrelid, k.conrelid, e.objid), true
        FROM yesterday.ddl_entry e
        LEFT JOIN pg_index i ON e.classid = 'pg_class'::regclass AND i.indexrelid = e.objid
        LEFT JOIN pg_trigger g ON e.classid = 'pg_trigger'::regclass AND g.oid = e.objid
        LEFT JOIN pg_constraint k ON e.classid = 'pg_constraint'::regclass AND k.oid = e.objid
        WHERE e.deployment = $1 AND e.member
          AND e.classid IN ('pg_class'::regclass, 'pg_trigger'::regclass, 'pg_constraint'::regclass)
          AND yesterday._same_cluster($1)
        UNION ALL
        -- an index that was made anew since (REINDEX CONCURRENTLY) is known to the images
        SELECT d.relation, true FROM yesterday._ddl_tables($1) d
        WHERE EXISTS (SELECT FROM yesterday.ddl_entry e
                      WHERE e.deployment = $1 AND e.member AND e.object_type = 'index' AND e.event = 'command'
                        AND NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = e.objid))
    )
    SELECT c.oid, n.nspname, c.relname, bool_or(t.by_ddl),
           EXISTS (SELECT FROM yesterday.tracked_table r
                   WHERE r.schema_name = n.nspname AND r.table_name = c.relname)
    FROM touched t
    JOIN pg_class c ON c.oid = t.relation AND c.relkind IN ('r', 'p')
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname NOT IN ('yesterday', 'yesterday_shadow')
    GROUP BY c.oid, n.nspname, c.relname;
$function$;
COMMENT ON FUNCTION yesterday._rollback_tables(bigint) IS 'tables that a rollback has to lock, and how';
REVOKE ALL ON FUNCTION yesterday._rollback_tables(bigint) FROM PUBLIC;

