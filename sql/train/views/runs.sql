-- Group deploys.
CREATE VIEW train.runs WITH (security_barrier) AS
SELECT r.id, g.name AS group_name, r.ordinal, p.name AS patch, r.mode, r.status, r.decision, r.outside_window, r.options,
       r.began_at, r.began_by, r.ended_at, r.detail
FROM train.run r
JOIN train.target_group g ON g.id = r.group_id
JOIN train.patch p ON p.group_id = r.group_id AND p.ordinal = r.ordinal
ORDER BY r.id DESC;
COMMENT ON VIEW train.runs IS 'group deploys, newest first';
GRANT SELECT ON train.runs TO yesterday_viewer;

