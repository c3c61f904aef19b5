-- The train: the patches of a group, in the order of their ordinals, without gaps.
--   digest            of the bundle; a bundle with another one is refused
--   reference_digest  portable digest of what it displaces, as the first target that applied it had it
--   realignment       the realignment whose fix it was
CREATE TABLE train.patch (
    group_id         bigint      NOT NULL,
    ordinal          integer     NOT NULL,
    name             text        NOT NULL,
    kind             text        NOT NULL,
    digest           text        NOT NULL,
    artifacts        jsonb,
    manifest         jsonb,
    note             text,
    reference_digest text,
    reference_target bigint,
    realignment      bigint,
    released_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    released_by      name        NOT NULL DEFAULT session_user,
    released_role    name        NOT NULL,
    CONSTRAINT patch_pkey PRIMARY KEY (group_id, ordinal),
    CONSTRAINT patch_name_key UNIQUE (group_id, name),
    CONSTRAINT patch_ordinal_check CHECK (ordinal > 0),
    CONSTRAINT patch_kind_check CHECK (kind IN ('metadata', 'release'))
);
CREATE INDEX patch_digest ON train.patch (group_id, digest);
COMMENT ON TABLE train.patch IS 'patches of groups, in order';
SELECT pg_catalog.pg_extension_config_dump('train.patch', '');

