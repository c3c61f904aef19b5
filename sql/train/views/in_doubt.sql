-- Participants of atomic runs whose prepared transactions are not accounted for.
CREATE VIEW train.in_doubt WITH (security_barrier) AS
SELECT r.id AS run, g.name AS group_name, r.ordinal, t.name AS target, t.conninfo, p.gid, r.decision
FROM train.run_participant p
JOIN train.run r ON r.id = p.run
JOIN train.target t ON t.id = p.target_id
JOIN train.target_group g ON g.id = r.group_id
WHERE p.outcome IS NULL AND r.status = 'running'
ORDER BY r.id, t.name;
COMMENT ON VIEW train.in_doubt IS 'prepared transactions of atomic runs that are not accounted for';
GRANT SELECT ON train.in_doubt TO yesterday_viewer;

