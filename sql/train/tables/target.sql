-- Targets: one database each. A target that was removed keeps its row, for what happened to it.
--   conninfo            connection string, without a password
--   system_identifier, database_oid   what makes it this database and no other
--   window_*            maintenance window by its own clock; no start: always. Days are those on which it starts
--   canary              order in a group deploy; null: after those that have one
--   state ... contact   mirrored by sync_target(); the target itself is the authority
--   history_seen        newest deployment that sync_target() has looked at
--   applications        a character a patch, by ordinal, as board() shows them; kept by _set_application()
CREATE SEQUENCE train.target_id_seq;
CREATE TABLE train.target (
    id                bigint      NOT NULL DEFAULT nextval('train.target_id_seq'),
    group_id          bigint      NOT NULL,
    name              text        NOT NULL,
    conninfo          text        NOT NULL,
    system_identifier bigint      NOT NULL,
    database_oid      oid         NOT NULL,
    database_name     name        NOT NULL,
    dedicated         boolean     NOT NULL,
    time_zone         text        NOT NULL,
    window_start      time,
    window_end        time,
    window_days       integer[],
    canary            integer,
    applications      text        NOT NULL DEFAULT '',
    registered_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    registered_by     name        NOT NULL DEFAULT session_user,
    removed_at        timestamptz,
    state             text        NOT NULL DEFAULT 'unknown',
    state_reason      text,
    state_since       timestamptz,
    state_by          name,
    state_position    text,
    alignment         text,
    version           text,
    history_seen      bigint      NOT NULL DEFAULT 0,
    last_contact      timestamptz,
    CONSTRAINT target_pkey PRIMARY KEY (id),
    CONSTRAINT target_state_check CHECK (state IN ('unknown', 'on_train', 'off_train', 'frozen')),
    CONSTRAINT target_window_check CHECK ((window_start IS NULL) = (window_end IS NULL))
);
CREATE UNIQUE INDEX target_name_key ON train.target (name) WHERE removed_at IS NULL;
CREATE UNIQUE INDEX target_database_key ON train.target (system_identifier, database_oid) WHERE removed_at IS NULL;
CREATE INDEX target_group_id ON train.target (group_id);
COMMENT ON TABLE train.target IS 'targets, and their state as it was at the last contact';
SELECT pg_catalog.pg_extension_config_dump('train.target', '');
SELECT pg_catalog.pg_extension_config_dump('train.target_id_seq', '');

