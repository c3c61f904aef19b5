-- Freezes of the registry, cleared ones too.
CREATE VIEW train.freezes WITH (security_barrier) AS
SELECT f.id, f.kind, CASE WHEN f.group_id IS NULL THEN 'target' ELSE 'group' END AS scope,
       g.name AS group_name, t.name AS target, f.name, f.reason, f.starts, f.ends, f.every, f.time_zone, f.until,
       f.set_at, f.set_by, f.set_role, f.cleared_at, f.cleared_by, f.clear_reason,
       (SELECT count(*) FROM train.freeze_override o WHERE o.freeze_id = f.id AND o.expires_at > now()) AS overrides
FROM train.freeze f
LEFT JOIN train.target t ON t.id = f.target_id
JOIN train.target_group g ON g.id = coalesce(f.group_id, t.group_id)
ORDER BY f.id;
COMMENT ON VIEW train.freezes IS 'freezes of targets and groups, by hand and by the calendar';
GRANT SELECT ON train.freezes TO yesterday_viewer;

