-- Every deployment, newest first.
CREATE VIEW yesterday.history WITH (security_barrier) AS
SELECT d.id, d.name, d.kind, d.scope, d.status, coalesce(d.proof, 'unproven') AS proof, d.began_at, d.finished_at, d.ended_at,
       d.deployed_by, d.deployed_role, d.client_addr, d.application_name,
       (SELECT count(*) FROM yesterday.captured_table c WHERE c.deployment = d.id) AS tables,
       (SELECT coalesce(sum(c.rows_prior + c.rows_inserted), 0)::bigint
        FROM yesterday.captured_table c WHERE c.deployment = d.id) AS rows,
       (SELECT count(DISTINCT (e.object_type, e.identity)) FROM yesterday.ddl_entry e
        WHERE e.deployment = d.id AND e.member) AS ddl_objects,
       (SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint FROM pg_catalog.pg_class c
        WHERE c.relnamespace = 'yesterday_shadow'::regnamespace AND c.relkind = 'r'
          AND c.relname ~ format('^[ds]%s_', d.id)) AS shadow_bytes,
       d.status IN ('open', 'finished') AND d.forgotten_at IS NULL AS rollbackable,
       d.rollback,
       (SELECT r.reason FROM yesterday.rollback r WHERE r.id = d.rollback) AS rollback_reason,
       d.note
FROM yesterday.deployment d
ORDER BY d.id DESC;
COMMENT ON VIEW yesterday.history IS 'every deployment, newest first';
GRANT SELECT ON yesterday.history TO yesterday_viewer;

