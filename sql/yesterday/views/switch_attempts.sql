-- Every attempt to switch the code, newest first.
CREATE VIEW yesterday.switch_attempts WITH (security_barrier) AS
SELECT t.id, t.generation, yesterday._shown_holder(t.holder) AS holder, t.started_at, t.ended_at,
       coalesce(t.outcome, CASE WHEN l.lease IS NULL THEN 'interrupted' ELSE 'in progress' END) AS outcome,
       t.report, t.switched_by
FROM yesterday.switch_attempt t
LEFT JOIN yesterday.switch_lease l ON l.lease = t.lease AND l.expires_at > clock_timestamp()
ORDER BY t.id DESC;
COMMENT ON VIEW yesterday.switch_attempts IS 'attempts to switch the code, newest first';
GRANT SELECT ON yesterday.switch_attempts TO yesterday_viewer;

