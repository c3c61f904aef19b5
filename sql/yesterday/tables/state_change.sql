-- The freeze: the newest row is the truth, every row is kept for ever.
--   accept_unaligned   cleared although no realignment had led it back: told ever after
-- A database without a row is on the train.
CREATE SEQUENCE yesterday.state_change_id_seq;
CREATE TABLE yesterday.state_change (
    id               bigint      NOT NULL DEFAULT nextval('yesterday.state_change_id_seq'),
    state            text        NOT NULL,
    reason           text        NOT NULL,
    rollback         bigint,
    accept_unaligned boolean     NOT NULL DEFAULT false,
    changed_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    changed_by       name        NOT NULL DEFAULT session_user,
    changed_role     name        NOT NULL,
    client_addr      inet,
    application_name text,
    CONSTRAINT state_change_pkey PRIMARY KEY (id),
    CONSTRAINT state_change_state_check CHECK (state IN ('on_train', 'off_train', 'frozen'))
);
COMMENT ON TABLE yesterday.state_change IS 'state of the target over time; the newest row counts';
SELECT pg_catalog.pg_extension_config_dump('yesterday.state_change', '');
SELECT pg_catalog.pg_extension_config_dump('yesterday.state_change_id_seq', '');

