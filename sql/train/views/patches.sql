-- The trains.
CREATE VIEW train.patches WITH (security_barrier) AS
SELECT g.name AS group_name, p.ordinal, p.name, p.kind, p.digest, p.artifacts, p.manifest, p.note, p.reference_digest,
       (SELECT t.name FROM train.target t WHERE t.id = p.reference_target) AS reference_target, p.realignment,
       p.released_at, p.released_by, p.released_role
FROM train.patch p JOIN train.target_group g ON g.id = p.group_id
ORDER BY g.name, p.ordinal;
COMMENT ON VIEW train.patches IS 'patches of the groups, in order';
GRANT SELECT ON train.patches TO yesterday_viewer;

