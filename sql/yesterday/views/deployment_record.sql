-- What was declared when a deployment began and what was found when it was finished;
-- which rows a report names only for who may read them.
CREATE VIEW yesterday.deployment_record WITH (security_barrier) AS
SELECT d.id AS deployment, d.manifest, d.artifacts, d.prior_artifacts, d.proof_figures,
       yesterday._shown_report(d.id) AS report, d.covers
FROM yesterday.deployment d
ORDER BY d.id;
COMMENT ON VIEW yesterday.deployment_record IS 'manifest, artifacts, figures of the proof and report of a deployment';
GRANT SELECT ON yesterday.deployment_record TO yesterday_viewer;

