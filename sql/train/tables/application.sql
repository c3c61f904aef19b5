-- What became of a patch in a target. No row: pending.
--   deployment       its id in the target
--   realignment      the realignment that brought it
--   portable_digest  of what it displaced    exact_digest   of its inverse document
CREATE TABLE train.application (
    target_id       bigint      NOT NULL,
    ordinal         integer     NOT NULL,
    status          text        NOT NULL,
    deployment      bigint,
    realignment     bigint,
    run             bigint,
    portable_digest text,
    exact_digest    text,
    detail          text,
    changed_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    changed_by      name        NOT NULL DEFAULT session_user,
    CONSTRAINT application_pkey PRIMARY KEY (target_id, ordinal),
    CONSTRAINT application_status_check
        CHECK (status IN ('applying', 'applied', 'failed', 'diverged', 'missed', 'rolled_back', 'realigned'))
);
COMMENT ON TABLE train.application IS 'what became of each patch in each target';
SELECT pg_catalog.pg_extension_config_dump('train.application', '');

