-- The log of this target, append-only.
CREATE SEQUENCE yesterday.event_id_seq;
CREATE TABLE yesterday.event (
    id               bigint      NOT NULL DEFAULT nextval('yesterday.event_id_seq'),
    at               timestamptz NOT NULL DEFAULT clock_timestamp(),
    kind             text        NOT NULL,
    deployment       bigint,
    by               name        NOT NULL DEFAULT session_user,
    role             name        NOT NULL,
    client_addr      inet,
    application_name text,
    reason           text,
    detail           jsonb,
    CONSTRAINT event_pkey PRIMARY KEY (id)
);
COMMENT ON TABLE yesterday.event IS 'log of everything that happened to this target; append-only';
SELECT pg_catalog.pg_extension_config_dump('yesterday.event', '');
SELECT pg_catalog.pg_extension_config_dump('yesterday.event_id_seq', '');

