-- What became of each patch in each target; what is pending has no row.
CREATE VIEW train.applications WITH (security_barrier) AS
SELECT g.name AS group_name, t.name AS target, a.ordinal, p.name AS patch, a.status, a.deployment, a.realignment, a.run,
       a.portable_digest, a.exact_digest, a.detail, a.changed_at, a.changed_by
FROM train.application a
JOIN train.target t ON t.id = a.target_id AND t.removed_at IS NULL
JOIN train.target_group g ON g.id = t.group_id
JOIN train.patch p ON p.group_id = t.group_id AND p.ordinal = a.ordinal
ORDER BY g.name, t.name, a.ordinal;
COMMENT ON VIEW train.applications IS 'what became of each patch in each target';
GRANT SELECT ON train.applications TO yesterday_viewer;

