-- The inverse DDL of deployments as manufactured at finish, in the order in which it runs.
CREATE VIEW yesterday.inverse_ddl WITH (security_barrier) AS
SELECT s.deployment, row_number() OVER (PARTITION BY s.deployment ORDER BY s.phase <> 'structure', s.ordinal) AS step,
       s.phase, s.owner, s.subject, s.outcome, s.kind, s.identity, yesterday._shown_command(s.kind, s.command) AS command, s.fallback
FROM yesterday.inverse_step s
WHERE s.rollback IS NULL
ORDER BY s.deployment, step;
COMMENT ON VIEW yesterday.inverse_ddl IS 'commands that undo the DDL of a deployment, in order';
GRANT SELECT ON yesterday.inverse_ddl TO yesterday_viewer;

