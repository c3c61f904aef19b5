-- What a rollback had to displace, or could not place, and keeps.
--   kind      changed     overwritten or removed version that somebody wrote after the deployment
--             displaced   a newcomer that stood in the way of a restored row
--             orphaned    a prior image whose parent is gone
--             unplaceable a prior image that has no room beside a row that was held back
--             dropped     rows of a table or column that the rollback removes
--   row_data  {column: type output text or null}, under pinned DateStyle,
--             IntervalStyle and extra_float_digits; type_names has the types
CREATE SEQUENCE yesterday.attic_row_id_seq;
CREATE TABLE yesterday.attic_row (
    id          bigint      NOT NULL DEFAULT nextval('yesterday.attic_row_id_seq'),
    rollback    bigint      NOT NULL,
    deployment  bigint      NOT NULL,
    schema_name name        NOT NULL,
    table_name  name        NOT NULL,
    owner       name        NOT NULL,
    kind        text        NOT NULL,
    row_key     jsonb       NOT NULL,
    row_data    jsonb       NOT NULL,
    type_names  jsonb       NOT NULL,
    detail      text,
    kept_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT attic_row_pkey PRIMARY KEY (id),
    CONSTRAINT attic_row_kind_check
        CHECK (kind IN ('changed', 'displaced', 'orphaned', 'unplaceable', 'dropped'))
);
CREATE INDEX attic_row_rollback ON yesterday.attic_row (rollback);
COMMENT ON TABLE yesterday.attic_row IS 'rows that rollbacks displaced, as text, for people and for repair';
SELECT pg_catalog.pg_extension_config_dump('yesterday.attic_row', '');
SELECT pg_catalog.pg_extension_config_dump('yesterday.attic_row_id_seq', '');

