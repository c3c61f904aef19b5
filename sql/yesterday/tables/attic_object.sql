-- Definitions of objects that a rollback had to take away, or to overwrite, though somebody else made them, or changed
-- them, after the deployment. Running "commands" brings one back, once what it needs exists again.
--   reason   displaced: it stood on something that went   changed: changed since by somebody else
--            dropped: a table or column of the deployment whose rows, by others, are in the attic
CREATE SEQUENCE yesterday.attic_object_id_seq;
CREATE TABLE yesterday.attic_object (
    id         bigint      NOT NULL DEFAULT nextval('yesterday.attic_object_id_seq'),
    rollback   bigint      NOT NULL,
    deployment bigint      NOT NULL,
    kind       text        NOT NULL,
    identity   text        NOT NULL,
    reason     text        NOT NULL,
    owner      name,
    commands   text        NOT NULL,
    kept_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT attic_object_pkey PRIMARY KEY (id),
    CONSTRAINT attic_object_reason_check CHECK (reason IN ('displaced', 'changed', 'dropped'))
);
COMMENT ON TABLE yesterday.attic_object IS 'definitions of objects that rollbacks took away or overwrote';
SELECT pg_catalog.pg_extension_config_dump('yesterday.attic_object', '');
SELECT pg_catalog.pg_extension_config_dump('yesterday.attic_object_id_seq', '');

