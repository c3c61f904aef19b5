-- Targets that receive the same patches.
--   partner_layers   layers of tables that may differ between its targets
CREATE SEQUENCE train.target_group_id_seq;
CREATE TABLE train.target_group (
    id             bigint      NOT NULL DEFAULT nextval('train.target_group_id_seq'),
    name           text        NOT NULL,
    partner_layers text[]      NOT NULL,
    note           text,
    created_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    created_by     name        NOT NULL DEFAULT session_user,
    CONSTRAINT target_group_pkey PRIMARY KEY (id),
    CONSTRAINT target_group_name_key UNIQUE (name)
);
COMMENT ON TABLE train.target_group IS 'groups: targets that receive the same patches';
SELECT pg_catalog.pg_extension_config_dump('train.target_group', '');
SELECT pg_catalog.pg_extension_config_dump('train.target_group_id_seq', '');

