-- LIKE patterns of track_like(): tables that match, now or later, are under capture.
CREATE SEQUENCE yesterday.track_rule_id_seq;
CREATE TABLE yesterday.track_rule (
    id             bigint      NOT NULL DEFAULT nextval('yesterday.track_rule_id_seq'),
    schema_pattern text        NOT NULL,
    table_pattern  text        NOT NULL,
    layer          text        NOT NULL,
    outside        text        NOT NULL,
    created_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    created_by     name        NOT NULL DEFAULT session_user,
    CONSTRAINT track_rule_pkey PRIMARY KEY (id),
    CONSTRAINT track_rule_patterns_key UNIQUE (schema_pattern, table_pattern),
    CONSTRAINT track_rule_outside_check CHECK (outside IN ('allow', 'refuse'))
);
COMMENT ON TABLE yesterday.track_rule IS 'name patterns of tables that are put under capture when they exist';
SELECT pg_catalog.pg_extension_config_dump('yesterday.track_rule', '');
SELECT pg_catalog.pg_extension_config_dump('yesterday.track_rule_id_seq', '');

