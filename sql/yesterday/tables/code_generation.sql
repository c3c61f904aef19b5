-- The code that should run: the newest row counts, every row is kept. A change of the desired
-- artifacts is a new generation; who switches the code confirms the generation that it switched
-- to, and only if that is still the newest. Artifacts by name: type, reference, digest.
CREATE TABLE yesterday.code_generation (
    generation       bigint      NOT NULL,
    artifacts        jsonb       NOT NULL,
    cause            text        NOT NULL,
    deployment       bigint,
    rollback         bigint,
    reason           text,
    set_at           timestamptz NOT NULL DEFAULT clock_timestamp(),
    set_by           name        NOT NULL DEFAULT session_user,
    set_role         name        NOT NULL,
    client_addr      inet,
    application_name text,
    confirmed_at     timestamptz,
    confirmed_by     name,
    confirmed_role   name,
    confirmed_how    text,
    CONSTRAINT code_generation_pkey PRIMARY KEY (generation),
    CONSTRAINT code_generation_cause_check CHECK (cause IN ('deployment', 'rollback', 'adopted')),
    CONSTRAINT code_generation_artifacts_check CHECK (jsonb_typeof(artifacts) = 'object'),
    CONSTRAINT code_generation_confirmed_check
        CHECK (num_nonnulls(confirmed_at, confirmed_by, confirmed_role, confirmed_how) IN (0, 4))
);
COMMENT ON TABLE yesterday.code_generation IS 'desired artifacts over time; the newest row counts, confirmed or pending';
SELECT pg_catalog.pg_extension_config_dump('yesterday.code_generation', '');

