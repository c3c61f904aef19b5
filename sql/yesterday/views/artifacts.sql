-- One row an artifact of this target: what should run, what was last confirmed, how it is switched.
CREATE VIEW yesterday.artifacts WITH (security_barrier) AS
SELECT n.name AS artifact, n.desired->>'type' AS type, n.desired->>'reference' AS reference, n.desired->>'digest' AS digest,
       n.confirmed->>'digest' AS confirmed_digest, n.confirmed->>'reference' AS confirmed_reference,
       CASE WHEN s.state IN ('none', 'confirmed') THEN s.state
            WHEN n.desired->>'digest' IS NOT DISTINCT FROM n.confirmed->>'digest' THEN 'confirmed'
            ELSE s.state END AS state,
       r.driver, c.checked_at AS last_checked, c.place AS checked_in
FROM (SELECT k AS name, yesterday._desired_artifacts()->k AS desired, yesterday._confirmed_artifacts()->k AS confirmed
      FROM (SELECT jsonb_object_keys(yesterday._desired_artifacts())
            UNION SELECT jsonb_object_keys(yesterday._confirmed_artifacts())
            UNION SELECT u.artifact FROM yesterday.runtime u) keys(k)) n
CROSS JOIN yesterday._code_state() s
LEFT JOIN yesterday.runtime r ON r.artifact = n.name
LEFT JOIN yesterday.artifact_check c ON c.digest = n.desired->>'digest'
ORDER BY n.name;
COMMENT ON VIEW yesterday.artifacts IS 'what should run of each artifact, and what was last confirmed';
GRANT SELECT ON yesterday.artifacts TO yesterday_viewer;

