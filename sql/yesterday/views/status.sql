-- One row: what is true now, and the next command.
CREATE VIEW yesterday.status WITH (security_barrier) AS
SELECT current_database() AS target,
       s.state, s.reason, s.since, s.set_by,
       l.id AS last_deployment, l.name AS last_deployment_name, l.status AS last_deployment_status,
       l.finished_at AS last_finished_at, l.proof AS last_proof,
       (SELECT count(*) FROM yesterday.deployment d
        WHERE d.status IN ('open', 'finished') AND d.forgotten_at IS NULL) AS rollbackable,
       o.id AS open_deployment, o.name AS open_deployment_name, o.scope AS open_scope,
       (SELECT count(*) FROM yesterday.tracked_table) AS tracked_tables,
       c.state AS code_state, c.generation AS code_generation, c.since AS code_since, c.detail AS code_detail,
       r.id AS last_rollback, r.started_at AS last_rollback_at,
       CASE
           WHEN o.id IS NOT NULL THEN format('SELECT * FROM yesterday.finish_deployment(%s); or SELECT * FROM yesterday.abandon_deployment(%s);', o.id, o.id)
           WHEN c.state NOT IN ('none', 'confirmed') THEN yesterday._end_code_pending(c.generation)
           WHEN s.state <> 'on_train' THEN yesterday._way_back()
           WHEN l.id IS NOT NULL AND l.forgotten_at IS NULL THEN 'SELECT * FROM rollback_last();'
           WHEN NOT EXISTS (SELECT FROM yesterday.tracked_table) THEN 'SELECT yesterday.track(''schema.table'');'
           ELSE 'SELECT yesterday.begin_deployment(''name'');'
       END AS next_command,
       (SELECT e.extversion FROM pg_catalog.pg_extension e WHERE e.extname = 'yesterday') AS version,
       t.dedicated, t.group_name AS train_group, yesterday._alignment() AS alignment
FROM yesterday._state() s
CROSS JOIN yesterday._code_state() c
CROSS JOIN yesterday._setting() t
LEFT JOIN yesterday.deployment l ON l.id = yesterday._last_deployment()
LEFT JOIN yesterday.deployment o ON o.status = 'open'
LEFT JOIN LATERAL (SELECT b.id, b.started_at FROM yesterday.rollback b
                   WHERE b.kind = 'rollback' ORDER BY b.id DESC LIMIT 1) r ON true;
COMMENT ON VIEW yesterday.status IS 'one row: state of the target, last deployment, the next command';
GRANT SELECT ON yesterday.status TO yesterday_viewer;

