-- Targets that are registered now, with their state as it was at the last contact.
CREATE VIEW train.targets WITH (security_barrier) AS
SELECT t.name AS target, g.name AS group_name, t.conninfo, t.system_identifier, t.database_oid, t.database_name, t.dedicated,
       t.time_zone, t.window_start, t.window_end, t.window_days, t.canary,
       t.state, t.state_reason, t.state_since, t.state_by, t.state_position, t.alignment, t.version, t.last_contact,
       t.registered_at, t.registered_by
FROM train.target t JOIN train.target_group g ON g.id = t.group_id
WHERE t.removed_at IS NULL
ORDER BY g.name, t.canary NULLS LAST, t.name;
COMMENT ON VIEW train.targets IS 'targets, and their state as it was at the last contact';
GRANT SELECT ON train.targets TO yesterday_viewer;

