-- Rows that were copied before DDL destroyed them, one row a copy.
--   event        drop: the table went   column: columns went   type: the type of some changed
--   relid        the table's OID then: the images before and after call it so
--   shadow_name  copy in yesterday_shadow, in the format of shadow tables
--   after_name   type: the same columns right after the command, to tell whether somebody has
--                changed a value since
--   key_columns  attribute numbers that tell the rows apart; empty: all that are not lost
--   unique_keys  drop: attribute numbers of every unique index
--   emptied      the rows were taken by TRUNCATE afterwards, and come back from its records
--   lost         attribute numbers of the columns concerned; null: the whole table
CREATE SEQUENCE yesterday.saved_table_id_seq;
CREATE TABLE yesterday.saved_table (
    id          bigint     NOT NULL DEFAULT nextval('yesterday.saved_table_id_seq'),
    deployment  bigint     NOT NULL,
    event       text       NOT NULL,
    schema_name name       NOT NULL,
    table_name  name       NOT NULL,
    relid       oid        NOT NULL,
    shadow_name name       NOT NULL,
    after_name  name,
    key_columns smallint[] NOT NULL,
    unique_keys jsonb      NOT NULL DEFAULT '[]',
    lost        smallint[],
    rows        bigint     NOT NULL,
    emptied     boolean    NOT NULL DEFAULT false,
    saved_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT saved_table_pkey PRIMARY KEY (id),
    CONSTRAINT saved_table_event_check CHECK (event IN ('drop', 'column', 'type'))
);
CREATE INDEX saved_table_deployment ON yesterday.saved_table (deployment);
COMMENT ON TABLE yesterday.saved_table IS 'rows saved before DDL destroyed them';
SELECT pg_catalog.pg_extension_config_dump('yesterday.saved_table', '');
SELECT pg_catalog.pg_extension_config_dump('yesterday.saved_table_id_seq', '');

-- Where a sequence stood when it was dropped; objid as the images call it. The sequence of an
-- identity column, which the images do not have, goes by its name.
CREATE TABLE yesterday.saved_sequence (
    deployment bigint NOT NULL,
    objid      oid    NOT NULL,
    identity   text   NOT NULL,
    last_value bigint,
    CONSTRAINT saved_sequence_pkey PRIMARY KEY (deployment, objid)
);
COMMENT ON TABLE yesterday.saved_sequence IS 'positions of sequences that deployments dropped';
SELECT pg_catalog.pg_extension_config_dump('yesterday.saved_sequence', '');

