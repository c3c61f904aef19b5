-- The log of the target.
CREATE VIEW yesterday.events WITH (security_barrier) AS
SELECT e.id, e.at, e.kind, e.deployment, e.by, e.role, e.client_addr, e.application_name, e.reason, e.detail
FROM yesterday.event e
ORDER BY e.id;
COMMENT ON VIEW yesterday.events IS 'everything that happened to this target, in order';
GRANT SELECT ON yesterday.events TO yesterday_viewer;

