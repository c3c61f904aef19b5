-- A seal on each shadow table, as it was when its deployment was finished; see
-- yesterday._shadow_seal(). It means something in the database where it was made.
CREATE TABLE yesterday.shadow_seal (
    shadow_name name   NOT NULL,
    deployment  bigint NOT NULL,
    seal        bigint NOT NULL,
    CONSTRAINT shadow_seal_pkey PRIMARY KEY (shadow_name)
);
CREATE INDEX shadow_seal_deployment ON yesterday.shadow_seal (deployment);
COMMENT ON TABLE yesterday.shadow_seal IS 'seals on shadow tables, to find what was written into them';
SELECT pg_catalog.pg_extension_config_dump('yesterday.shadow_seal', '');

