-- Columns of a shadow table, in its order.
--   attnum         attribute number in the user's table during the deployment
--   column_name    name before the deployment: later deployments bind by it
--   shadow_column  c<attnum>; wide: among the texts of that column, at its place in the order of attnum
--   storage        native: same pg_catalog base type; text: type output text under
--                  pinned settings, because the shadow must not depend on the user's type
--   type_name      format_type() of the user's column, schema-qualified
CREATE TABLE yesterday.captured_column (
    captured_table bigint   NOT NULL,
    attnum         smallint NOT NULL,
    column_name    name     NOT NULL,
    shadow_column  name     NOT NULL,
    storage        text     NOT NULL,
    type_name      text     NOT NULL,
    type_mod       integer  NOT NULL,
    generated      boolean  NOT NULL,
    identity       boolean  NOT NULL,
    CONSTRAINT captured_column_pkey PRIMARY KEY (captured_table, attnum),
    CONSTRAINT captured_column_storage_check CHECK (storage IN ('native', 'text'))
);
COMMENT ON TABLE yesterday.captured_column IS 'columns of shadow tables';
SELECT pg_catalog.pg_extension_config_dump('yesterday.captured_column', '');

