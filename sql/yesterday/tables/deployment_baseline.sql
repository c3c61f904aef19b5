-- How every table stood when a deployment began: finish_deployment() refuses when the triggers of
-- a tracked one were touched since, or the file of any was replaced unseen.
--   triggers  version of our pg_trigger rows; for relid 0 of our event triggers; null: not tracked, or partitioned
--   tracked   its row in yesterday.tracked_table
CREATE TABLE yesterday.deployment_baseline (
    deployment  bigint NOT NULL,
    schema_name name   NOT NULL,
    table_name  name   NOT NULL,
    relid       oid    NOT NULL,
    filenode    oid    NOT NULL,
    triggers    text,
    tracked     bigint,
    CONSTRAINT deployment_baseline_pkey PRIMARY KEY (deployment, relid)
);
COMMENT ON TABLE yesterday.deployment_baseline IS 'how tables stood when a deployment began';
SELECT pg_catalog.pg_extension_config_dump('yesterday.deployment_baseline', '');

