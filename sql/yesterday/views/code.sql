-- Every generation of the desired code, newest first.
CREATE VIEW yesterday.code WITH (security_barrier) AS
SELECT g.generation,
       CASE WHEN g.generation = s.generation THEN s.state
            WHEN g.confirmed_at IS NOT NULL THEN 'confirmed' ELSE 'superseded' END AS state,
       g.artifacts, g.cause, g.deployment, d.name AS deployment_name, g.rollback, g.reason,
       g.set_at, g.set_by, g.set_role, g.confirmed_at, g.confirmed_by, g.confirmed_how,
       (SELECT count(*) FROM yesterday.switch_attempt t WHERE t.generation = g.generation) AS attempts,
       CASE WHEN g.generation = s.generation THEN s.detail END AS detail
FROM yesterday.code_generation g
CROSS JOIN yesterday._code_state() s
LEFT JOIN yesterday.deployment d ON d.id = g.deployment
ORDER BY g.generation DESC;
COMMENT ON VIEW yesterday.code IS 'what should have run and when it was confirmed, newest first';
GRANT SELECT ON yesterday.code TO yesterday_viewer;

