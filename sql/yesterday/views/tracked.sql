-- Tables under capture, and whether the capture is alive.
CREATE VIEW yesterday.tracked WITH (security_barrier) AS
SELECT t.schema_name, t.table_name, t.layer, t.outside,
       k.key_kind, k.key_columns, t.natural_key, t.local_columns,
       (SELECT format('%s.%s', r.schema_pattern, r.table_pattern) FROM yesterday.track_rule r WHERE r.id = t.rule) AS rule,
       CASE WHEN c.oid IS NULL THEN 'missing'
            WHEN c.relkind = 'p' THEN 'capturing'
            WHEN (SELECT count(*) FROM pg_catalog.pg_trigger g
                  WHERE g.tgrelid = c.oid AND g.tgenabled = 'A'
                    AND g.tgfoid IN ('yesterday._capture'::regproc, 'yesterday._capture_truncate'::regproc)) = 4 THEN 'capturing'
            ELSE 'disabled' END AS state
FROM yesterday.tracked_table t
LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = t.schema_name
LEFT JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = t.table_name AND c.relkind IN ('r', 'p')
LEFT JOIN LATERAL yesterday._table_key(c.oid) k ON true
ORDER BY t.schema_name, t.table_name;
COMMENT ON VIEW yesterday.tracked IS 'tables under capture, how their rows are told apart, and whether the capture is alive';
GRANT SELECT ON yesterday.tracked TO yesterday_viewer;

