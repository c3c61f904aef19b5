-- Columns of tracked tables that do not count for alignment, declared or by their nature, and columns that should
-- perhaps be declared: track(..., local_columns => ...). Columns that differ on every peer only a comparison shows.
CREATE FUNCTION yesterday.local_columns()
RETURNS TABLE (schema_name name, table_name name, column_name name, declared boolean, reason text)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT t.schema_name, t.table_name, a.attname, a.attname = ANY (coalesce(t.local_columns, '{}')), r.reason
    FROM yesterday.tracked_table t
    JOIN pg_namespace n ON n.nspname = t.schema_name
    JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = t.table_name AND c.relkind IN ('r', 'p') AND NOT c.relispartition
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum AND a.attgenerated = ''
    CROSS JOIN LATERAL (SELECT EXISTS (SELECT FROM yesterday._portable_columns(c.oid) p WHERE p.attnum = a.attnum) AS counts,
                               pg_get_expr(d.adbin, d.adrelid) AS default_text) p
    CROSS JOIN LATERAL (SELECT CASE
        WHEN a.attname = ANY (coalesce(t.local_columns, '{}')) THEN 'declared'
        WHEN a.attgenerated = 'v' THEN 'by nature: it is computed when it is read'
        WHEN NOT p.counts THEN 'by nature: a surrogate key'
        WHEN yesterday._is_surrogate(p.default_text, a.attidentity) THEN 'proposed: its values come from a sequence or a generator'
        WHEN p.default_text ~* '\m(now|clock_timestamp|statement_timestamp|transaction_timestamp|timeofday|random|random_normal|txid_current|pg_current_xact_id|pg_backend_pid)\('
             OR p.default_text ~ '\m(CURRENT_(DATE|TIME|TIMESTAMP|USER|ROLE)|SESSION_USER|LOCALTIME|LOCALTIMESTAMP)\M'
            THEN 'proposed: its default is another one in every database'
        WHEN EXISTS (SELECT FROM pg_depend e JOIN pg_proc f ON f.oid = e.refobjid
                     WHERE e.classid = 'pg_attrdef'::regclass AND e.objid = d.oid AND e.refclassid = 'pg_proc'::regclass AND f.provolatile = 'v')
            THEN 'proposed: its default calls a volatile function'
        WHEN a.atttypid IN ('oid'::regtype, 'xid'::regtype, 'xid8'::regtype, 'pg_lsn'::regtype)
            THEN 'proposed: such values belong to one database'
        END AS reason) r
    WHERE r.reason IS NOT NULL
    ORDER BY t.schema_name COLLATE "C", t.table_name COLLATE "C", a.attnum;
$function$;
COMMENT ON FUNCTION yesterday.local_columns() IS 'columns that do not count for alignment, and those that should be declared so';
REVOKE ALL ON FUNCTION yesterday.local_columns() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday.local_columns() TO yesterday_viewer;

