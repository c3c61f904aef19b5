-- How artifacts are switched. Settings may say more than everybody should know.
CREATE VIEW yesterday.runtimes WITH (security_barrier) AS
SELECT r.artifact, r.driver,
       CASE WHEN pg_has_role('yesterday_deployer', 'USAGE') OR pg_has_role('yesterday_operator', 'USAGE')
            THEN r.settings END AS settings,
       r.set_at, r.set_by, r.set_role
FROM yesterday.runtime r
ORDER BY r.artifact;
COMMENT ON VIEW yesterday.runtimes IS 'by which driver, with which settings, an artifact is switched';
GRANT SELECT ON yesterday.runtimes TO yesterday_viewer;

