-- Tables under capture, by name: a dump restored elsewhere has other OIDs.
-- A partitioned or inherited parent has a row of its own, and so has each descendant.
CREATE SEQUENCE yesterday.tracked_table_id_seq;
CREATE TABLE yesterday.tracked_table (
    id            bigint      NOT NULL DEFAULT nextval('yesterday.tracked_table_id_seq'),
    schema_name   name        NOT NULL,
    table_name    name        NOT NULL,
    layer         text        NOT NULL,
    outside       text        NOT NULL,
    natural_key   name[],
    local_columns name[],
    rule          bigint,
    parent        bigint,
    tracked_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    tracked_by    name        NOT NULL DEFAULT session_user,
    CONSTRAINT tracked_table_pkey PRIMARY KEY (id),
    CONSTRAINT tracked_table_name_key UNIQUE (schema_name, table_name),
    CONSTRAINT tracked_table_outside_check CHECK (outside IN ('allow', 'refuse'))
);
COMMENT ON TABLE yesterday.tracked_table IS 'metadata and reference tables under capture; every other table is business';
SELECT pg_catalog.pg_extension_config_dump('yesterday.tracked_table', '');
SELECT pg_catalog.pg_extension_config_dump('yesterday.tracked_table_id_seq', '');

-- Rows of tracked tables that were dropped, and whose name another tracked table then took in a deployment.
CREATE TABLE yesterday.tracked_aside (LIKE yesterday.tracked_table, deployment bigint NOT NULL,
    CONSTRAINT tracked_aside_pkey PRIMARY KEY (id)
);
COMMENT ON TABLE yesterday.tracked_aside IS 'tables that were under capture, for the rollback that brings them back';
SELECT pg_catalog.pg_extension_config_dump('yesterday.tracked_aside', '');

