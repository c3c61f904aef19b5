-- What this target is: one row, made by the first function that changes it.
--   dedicated       false: shared infrastructure, where a rollback would be everybody's
--   registry, group_name, target, partner_layers   the train that it is on, if any
--   aligned_change  newest state change at which somebody confirmed that it is aligned with its peers
CREATE TABLE yesterday.target_setting (
    is_only         boolean NOT NULL DEFAULT true,
    dedicated       boolean NOT NULL DEFAULT true,
    registry        uuid,
    group_name      text,
    target          text,
    partner_layers  text[],
    enrolled_at     timestamptz,
    aligned_change  bigint  NOT NULL DEFAULT 0,
    CONSTRAINT target_setting_pkey PRIMARY KEY (is_only),
    CONSTRAINT target_setting_only_check CHECK (is_only)
);
COMMENT ON TABLE yesterday.target_setting IS 'what this target is: dedicated or not, and which train it is on';
SELECT pg_catalog.pg_extension_config_dump('yesterday.target_setting', '');

-- Permits: each lets one realignment land while the target is off the train.
--   system_identifier, database   a copy of this database does not get by with it
--   state_change   newest state change when it was used: a freeze after that counts
CREATE SEQUENCE yesterday.permit_id_seq;
CREATE TABLE yesterday.permit (
    id                bigint      NOT NULL DEFAULT nextval('yesterday.permit_id_seq'),
    plan_digest       text        NOT NULL,
    "position"        text        NOT NULL,
    covers            jsonb       NOT NULL,
    state_digest      text,
    system_identifier bigint      NOT NULL,
    database          oid         NOT NULL,
    expires_at        timestamptz NOT NULL,
    reason            text        NOT NULL,
    granted_at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    granted_by        name        NOT NULL DEFAULT session_user,
    granted_role      name        NOT NULL,
    used_at           timestamptz,
    deployment        bigint,
    state_change      bigint,
    void_at           timestamptz,
    void_reason       text,
    CONSTRAINT permit_pkey PRIMARY KEY (id)
);
COMMENT ON TABLE yesterday.permit IS 'permits for realignments, and what became of them';
SELECT pg_catalog.pg_extension_config_dump('yesterday.permit', '');
SELECT pg_catalog.pg_extension_config_dump('yesterday.permit_id_seq', '');

-- What a deployment displaced, in digests that aligned targets share: one row a table (kind rows) and one an
-- object whose definition it changed (kind structure). Taken at finish where the target is on a train.
CREATE SEQUENCE yesterday.displaced_id_seq;
CREATE TABLE yesterday.displaced (
    id          bigint NOT NULL DEFAULT nextval('yesterday.displaced_id_seq'),
    deployment  bigint NOT NULL,
    kind        text   NOT NULL,
    layer       text,
    schema_name name,
    table_name  name,
    subject     text   NOT NULL,
    rows        bigint,
    digest      text,
    detail      text,
    CONSTRAINT displaced_pkey PRIMARY KEY (id),
    CONSTRAINT displaced_kind_check CHECK (kind IN ('rows', 'structure'))
);
CREATE INDEX displaced_deployment ON yesterday.displaced (deployment);
COMMENT ON TABLE yesterday.displaced IS 'portable digests of what deployments displaced';
SELECT pg_catalog.pg_extension_config_dump('yesterday.displaced', '');
SELECT pg_catalog.pg_extension_config_dump('yesterday.displaced_id_seq', '');

