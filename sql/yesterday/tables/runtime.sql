-- How the code of this target is switched: one row an artifact.
CREATE TABLE yesterday.runtime (
    artifact text        NOT NULL,
    driver   text        NOT NULL,
    settings jsonb       NOT NULL,
    set_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    set_by   name        NOT NULL DEFAULT session_user,
    set_role name        NOT NULL,
    CONSTRAINT runtime_pkey PRIMARY KEY (artifact),
    CONSTRAINT runtime_driver_check CHECK (driver IN ('podman', 'kubernetes', 'symlink', 'command')),
    CONSTRAINT runtime_settings_check CHECK (jsonb_typeof(settings) = 'object')
);
COMMENT ON TABLE yesterday.runtime IS 'by which driver, with which settings, an artifact is switched';
SELECT pg_catalog.pg_extension_config_dump('yesterday.runtime', '');

