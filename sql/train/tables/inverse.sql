-- Inverse bundles as documents, each once however many targets have an equal one. For the record and
-- for export: a target keeps its own, and rolls back with that.
CREATE TABLE train.inverse (
    exact_digest text        NOT NULL,
    document     text        NOT NULL,
    stored_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    stored_by    name        NOT NULL DEFAULT session_user,
    CONSTRAINT inverse_pkey PRIMARY KEY (exact_digest)
);
COMMENT ON TABLE train.inverse IS 'inverse bundles as documents, equal ones stored once';
SELECT pg_catalog.pg_extension_config_dump('train.inverse', '');

