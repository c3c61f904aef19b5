-- Patches that targets have and this registry does not know (any more): it was restored from a backup that is older
-- than they are. Nothing else gets their places on the train.
--   digest      of the bundle        kind, name   as the target has them
--   deployment  its id in the target that told so first
CREATE TABLE train.forgotten_patch (
    group_id   bigint      NOT NULL,
    ordinal    integer     NOT NULL,
    digest     text        NOT NULL,
    name       text        NOT NULL,
    kind       text        NOT NULL,
    target_id  bigint      NOT NULL,
    deployment bigint      NOT NULL,
    noted_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT forgotten_patch_pkey PRIMARY KEY (group_id, ordinal, digest)
);
COMMENT ON TABLE train.forgotten_patch IS 'patches that targets have and the registry has forgotten';
SELECT pg_catalog.pg_extension_config_dump('train.forgotten_patch', '');

