-- Every rollback, abandonment and drill, with its report.
CREATE SEQUENCE yesterday.rollback_id_seq;
CREATE TABLE yesterday.rollback (
    id               bigint      NOT NULL DEFAULT nextval('yesterday.rollback_id_seq'),
    deployment       bigint      NOT NULL,
    kind             text        NOT NULL,
    reason           text,
    started_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    duration         interval,
    rolled_back_by   name        NOT NULL DEFAULT session_user,
    rolled_back_role name        NOT NULL,
    client_addr      inet,
    application_name text,
    report           jsonb,
    CONSTRAINT rollback_pkey PRIMARY KEY (id),
    CONSTRAINT rollback_kind_check CHECK (kind IN ('rollback', 'abandon', 'drill'))
);
COMMENT ON TABLE yesterday.rollback IS 'rollbacks, abandonments and drills, with their reports';
SELECT pg_catalog.pg_extension_config_dump('yesterday.rollback', '');
SELECT pg_catalog.pg_extension_config_dump('yesterday.rollback_id_seq', '');

