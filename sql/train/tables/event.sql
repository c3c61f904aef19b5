-- The log: append-only, and a chain. Each event has the SHA-256 of its content and of the hash of the
-- event before it (_event_hash), so that nothing can be changed or taken out without breaking it. Names, not
-- ids: it is read long after. Nobody but _log() writes it; ids have no gaps.
CREATE TABLE train.event (
    id               bigint      NOT NULL,
    at               timestamptz NOT NULL,
    kind             text        NOT NULL,
    group_name       text,
    target           text,
    by               name        NOT NULL,
    role             name        NOT NULL,
    client_addr      inet,
    application_name text,
    reason           text,
    detail           jsonb,
    prior_hash       bytea       NOT NULL,
    hash             bytea       NOT NULL,
    CONSTRAINT event_pkey PRIMARY KEY (id),
    -- two that come after the same one would be two chains
    CONSTRAINT event_prior_hash_key UNIQUE (prior_hash)
);
CREATE INDEX event_target ON train.event (target, id);
COMMENT ON TABLE train.event IS 'log of everything that happened to the train; append-only, hash-chained';
SELECT pg_catalog.pg_extension_config_dump('train.event', '');

