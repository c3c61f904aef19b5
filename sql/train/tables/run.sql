-- Group deploys.
--   mode            each: every target commits by itself   atomic: all or none, by PREPARE TRANSACTION
--   decision        atomic: what becomes of what is prepared; written once, before the first COMMIT PREPARED
--   outside_window  reason for which the maintenance windows do not count
CREATE SEQUENCE train.run_id_seq;
CREATE TABLE train.run (
    id             bigint      NOT NULL DEFAULT nextval('train.run_id_seq'),
    group_id       bigint      NOT NULL,
    ordinal        integer     NOT NULL,
    mode           text        NOT NULL,
    status         text        NOT NULL DEFAULT 'running',
    options        jsonb,
    outside_window text,
    decision       text,
    decided_at     timestamptz,
    decided_by     name,
    began_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    began_by       name        NOT NULL DEFAULT session_user,
    ended_at       timestamptz,
    detail         text,
    CONSTRAINT run_pkey PRIMARY KEY (id),
    CONSTRAINT run_mode_check CHECK (mode IN ('each', 'atomic')),
    CONSTRAINT run_status_check CHECK (status IN ('running', 'done', 'failed', 'stopped')),
    CONSTRAINT run_decision_check CHECK (decision IN ('commit', 'rollback'))
);
CREATE INDEX run_group ON train.run (group_id, ordinal);
CREATE UNIQUE INDEX run_one_atomic ON train.run (group_id) WHERE mode = 'atomic' AND status = 'running';
COMMENT ON TABLE train.run IS 'group deploys, with the decision about what was prepared';
SELECT pg_catalog.pg_extension_config_dump('train.run', '');
SELECT pg_catalog.pg_extension_config_dump('train.run_id_seq', '');

-- The targets of an atomic run, each with its prepared transaction.
CREATE TABLE train.run_participant (
    run         bigint NOT NULL,
    target_id   bigint NOT NULL,
    gid         text   NOT NULL,
    outcome     text,
    recorded_at timestamptz,
    CONSTRAINT run_participant_pkey PRIMARY KEY (run, target_id),
    CONSTRAINT run_participant_gid_key UNIQUE (gid),
    CONSTRAINT run_participant_outcome_check CHECK (outcome IN ('committed', 'rolled_back', 'lost'))
);
COMMENT ON TABLE train.run_participant IS 'targets of atomic runs and their prepared transactions';
SELECT pg_catalog.pg_extension_config_dump('train.run_participant', '');

