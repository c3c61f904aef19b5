-- What must not be collected by any registry, store or host: what runs or should run, and what
-- the rollback of a deployment would go back to.
CREATE VIEW yesterday.pinned_artifacts WITH (security_barrier) AS
WITH needed AS (
    SELECT e.key AS artifact, e.value AS facts, NULL::bigint AS deployment, true AS in_use
    FROM jsonb_each(yesterday._desired_artifacts()) e
    UNION ALL
    SELECT e.key, e.value, NULL, true FROM jsonb_each(yesterday._confirmed_artifacts()) e
    UNION ALL
    SELECT e.key, e.value, d.id, false
    FROM yesterday.deployment d
    CROSS JOIN LATERAL jsonb_each(d.artifacts) n
    CROSS JOIN LATERAL (
        SELECT n.key, n.value
        UNION ALL
        SELECT n.key, d.prior_artifacts->n.key WHERE d.prior_artifacts ? n.key) e
    WHERE d.artifacts IS NOT NULL AND d.status IN ('open', 'finished') AND d.forgotten_at IS NULL
)
SELECT n.artifact, n.facts->>'type' AS type, min(n.facts->>'reference') AS reference, n.facts->>'digest' AS digest,
       bool_or(n.in_use) AS in_use, array_agg(DISTINCT n.deployment) FILTER (WHERE n.deployment IS NOT NULL) AS deployments,
       max(c.checked_at) AS last_checked, max(c.place) AS checked_in
FROM needed n
LEFT JOIN yesterday.artifact_check c ON c.digest = n.facts->>'digest'
GROUP BY n.artifact, n.facts->>'type', n.facts->>'digest'
ORDER BY n.artifact, bool_or(n.in_use) DESC, max(n.deployment) DESC NULLS LAST, n.facts->>'digest';
COMMENT ON VIEW yesterday.pinned_artifacts IS 'artifacts that must not be garbage-collected';
GRANT SELECT ON yesterday.pinned_artifacts TO yesterday_viewer;

