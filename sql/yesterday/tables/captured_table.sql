-- One row a shadow table: which table it belongs to, under the name that the table
-- had before the deployment, and how its rows are told apart.
--   key_kind  primary | unique | row (no key: the whole row, with multiplicity)
--   owner     of the table at capture: another table under its name is not shown its rows
--   relid     the OID at capture, a hint within one cluster and one deployment
--   business  not tracked: the deployment emptied it, and rows written since stay
CREATE SEQUENCE yesterday.captured_table_id_seq;
CREATE TABLE yesterday.captured_table (
    id            bigint  NOT NULL DEFAULT nextval('yesterday.captured_table_id_seq'),
    deployment    bigint  NOT NULL,
    schema_name   name    NOT NULL,
    table_name    name    NOT NULL,
    relid         oid     NOT NULL,
    owner         name    NOT NULL,
    shadow_name   name    NOT NULL,
    key_kind      text    NOT NULL,
    key_columns   name[]  NOT NULL,
    rows_prior    bigint,
    rows_inserted bigint,
    business      boolean NOT NULL DEFAULT false,
    CONSTRAINT captured_table_pkey PRIMARY KEY (id),
    CONSTRAINT captured_table_name_key UNIQUE (deployment, schema_name, table_name),
    CONSTRAINT captured_table_shadow_key UNIQUE (shadow_name),
    CONSTRAINT captured_table_kind_check CHECK (key_kind IN ('primary', 'unique', 'row'))
);
CREATE INDEX captured_table_relid ON yesterday.captured_table (deployment, relid);
COMMENT ON TABLE yesterday.captured_table IS 'tables with a shadow table, per deployment';
SELECT pg_catalog.pg_extension_config_dump('yesterday.captured_table', '');
SELECT pg_catalog.pg_extension_config_dump('yesterday.captured_table_id_seq', '');

