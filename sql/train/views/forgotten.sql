-- Patches that targets have and the registry has forgotten, and that nobody has put back yet.
CREATE VIEW train.forgotten WITH (security_barrier) AS
SELECT g.name AS group_name, f.ordinal, f.name, f.kind, f.digest, t.name AS target, f.deployment, f.noted_at
FROM train.forgotten_patch f
JOIN train.target_group g ON g.id = f.group_id
JOIN train.target t ON t.id = f.target_id
WHERE NOT EXISTS (SELECT FROM train.patch p WHERE p.group_id = f.group_id AND (p.digest = f.digest OR p.ordinal = f.ordinal))
ORDER BY g.name, f.ordinal;
COMMENT ON VIEW train.forgotten IS 'patches that targets have and the registry has forgotten';
GRANT SELECT ON train.forgotten TO yesterday_viewer;

