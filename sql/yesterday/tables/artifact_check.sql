-- When all of an artifact was last found, by digest, and where.
CREATE TABLE yesterday.artifact_check (
    digest     text        NOT NULL,
    reference  text        NOT NULL,
    place      text        NOT NULL,
    bytes      bigint,
    checked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    checked_by name        NOT NULL DEFAULT session_user,
    CONSTRAINT artifact_check_pkey PRIMARY KEY (digest),
    CONSTRAINT artifact_check_digest_check CHECK (digest ~ '^sha(256:[0-9a-f]{64}|512:[0-9a-f]{128})$')
);
COMMENT ON TABLE yesterday.artifact_check IS 'the last successful check of an artifact';
SELECT pg_catalog.pg_extension_config_dump('yesterday.artifact_check', '');

