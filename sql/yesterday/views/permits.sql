-- Every permit and what became of it.
CREATE VIEW yesterday.permits WITH (security_barrier) AS
SELECT p.id, CASE WHEN p.used_at IS NOT NULL THEN 'used' WHEN p.void_at IS NOT NULL THEN 'void'
                  WHEN p.expires_at <= now() THEN 'expired' ELSE 'granted' END AS state,
       p.plan_digest, p."position", p.covers, p.expires_at, p.reason, p.granted_at, p.granted_by, p.granted_role,
       p.used_at, p.deployment, p.void_at, p.void_reason
FROM yesterday.permit p
ORDER BY p.id;
COMMENT ON VIEW yesterday.permits IS 'permits for realignments, and what became of them';
GRANT SELECT ON yesterday.permits TO yesterday_viewer;

