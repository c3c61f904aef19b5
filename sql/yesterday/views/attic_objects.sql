-- Definitions that rollbacks took away or overwrote, as commands that bring them back. A definition shows only to
-- yesterday_admin, and to those who could use what it defined as its owner.
CREATE VIEW yesterday.attic_objects WITH (security_barrier) AS
SELECT o.id, o.rollback, o.deployment, d.name AS deployment_name, o.kind, o.identity, o.owner, o.reason, o.commands, o.kept_at
FROM yesterday.attic_object o JOIN yesterday.deployment d ON d.id = o.deployment
WHERE yesterday._may_see_definition(o.owner)
ORDER BY o.id;
COMMENT ON VIEW yesterday.attic_objects IS 'definitions of objects that rollbacks took away or overwrote, as commands';
GRANT SELECT ON yesterday.attic_objects TO yesterday_viewer;
