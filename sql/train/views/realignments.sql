-- Realignments, newest first.
CREATE VIEW train.realignments WITH (security_barrier) AS
SELECT r.id, g.name AS group_name, t.name AS target, r.state, r.reason, r."position", r.through,
       (SELECT count(*) FROM train.realignment_step s WHERE s.realignment = r.id) AS steps,
       (SELECT count(*) FROM train.realignment_step s WHERE s.realignment = r.id AND s.signed_at IS NOT NULL) AS signed,
       r.plan_digest, r.rehearsed_at, r.rehearsed_by, r.rehearsal, r.deployment, r.peer, r.aligned,
       r.created_at, r.created_by, r.applied_at, r.applied_by, r.ended_at, r.end_reason
FROM train.realignment r
JOIN train.target t ON t.id = r.target_id
JOIN train.target_group g ON g.id = t.group_id
ORDER BY r.id DESC;
COMMENT ON VIEW train.realignments IS 'realignments, newest first';
GRANT SELECT ON train.realignments TO yesterday_viewer;

-- Their steps.
CREATE VIEW train.realignment_steps WITH (security_barrier) AS
SELECT s.realignment, s.step, s.kind, s.ordinal, s.name, s.patch_kind, s.digest, s.artifacts, s.manifest, s.note,
       s.signed_at, s.signed_by, s.signed_role, s.sign_reason
FROM train.realignment_step s
ORDER BY s.realignment, s.step;
COMMENT ON VIEW train.realignment_steps IS 'steps of realignments, and who signed them';
GRANT SELECT ON train.realignment_steps TO yesterday_viewer;

