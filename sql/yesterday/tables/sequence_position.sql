-- Where the sequences of a table stood before the deployment emptied it: RESTART IDENTITY
-- sets them back, and nothing shows it. And where those stood that a deployment set with RESTART:
--   set_to   next value when the deployment finished; null where only values that are used again matter
CREATE SEQUENCE yesterday.sequence_position_id_seq;
CREATE TABLE yesterday.sequence_position (
    id            bigint NOT NULL DEFAULT nextval('yesterday.sequence_position_id_seq'),
    deployment    bigint NOT NULL,
    relid         oid    NOT NULL,
    schema_name   name   NOT NULL,
    sequence_name name   NOT NULL,
    next_value    bigint NOT NULL,
    restarted     boolean NOT NULL DEFAULT false,
    set_to        bigint,
    CONSTRAINT sequence_position_pkey PRIMARY KEY (id)
);
CREATE INDEX sequence_position_deployment ON yesterday.sequence_position (deployment);
COMMENT ON TABLE yesterday.sequence_position IS 'next values of sequences before a deployment emptied their tables';
SELECT pg_catalog.pg_extension_config_dump('yesterday.sequence_position', '');
SELECT pg_catalog.pg_extension_config_dump('yesterday.sequence_position_id_seq', '');

