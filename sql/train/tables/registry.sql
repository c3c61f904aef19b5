-- Who this registry is; one row, made at the first call of registry_id() and not by the install script, which
-- pg_restore runs before it loads the row.
CREATE TABLE train.registry (
    id      uuid        NOT NULL,
    made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT registry_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX registry_one_row ON train.registry ((true));
COMMENT ON TABLE train.registry IS 'identity of this registry';
SELECT pg_catalog.pg_extension_config_dump('train.registry', '');

