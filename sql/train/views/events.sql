-- The log.
CREATE VIEW train.events WITH (security_barrier) AS
SELECT e.id, e.at, e.kind, e.group_name, e.target, e.by, e.role, e.client_addr, e.application_name, e.reason, e.detail,
       encode(e.hash, 'hex') AS hash
FROM train.event e
ORDER BY e.id;
COMMENT ON VIEW train.events IS 'everything that happened to the train, in order';
GRANT SELECT ON train.events TO yesterday_viewer;

