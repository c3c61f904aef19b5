-- Where every target stands on its train.
CREATE VIEW train.position WITH (security_barrier) AS
SELECT g.name AS group_name, t.name AS target, x.stands AS "position", x.latest, t.state, x.stands = x.latest AS in_step
FROM train.target t
JOIN train.target_group g ON g.id = t.group_id
CROSS JOIN LATERAL (
    SELECT length(t.applications) - length(ltrim(t.applications, 'AR')) AS stands,
           (SELECT coalesce(max(p.ordinal), 0) FROM train.patch p WHERE p.group_id = t.group_id) AS latest) x
WHERE t.removed_at IS NULL
ORDER BY g.name, t.name;
COMMENT ON VIEW train.position IS 'where every target stands on its train';
GRANT SELECT ON train.position TO yesterday_viewer;

