-- Every attempt to make the code that runs the one that is desired.
CREATE SEQUENCE yesterday.switch_attempt_id_seq;
CREATE TABLE yesterday.switch_attempt (
    id          bigint      NOT NULL DEFAULT nextval('yesterday.switch_attempt_id_seq'),
    generation  bigint      NOT NULL,
    lease       bigint      NOT NULL,
    holder      text        NOT NULL,
    started_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_at    timestamptz,
    outcome     text,
    report      jsonb,
    switched_by name        NOT NULL DEFAULT session_user,
    CONSTRAINT switch_attempt_pkey PRIMARY KEY (id),
    CONSTRAINT switch_attempt_outcome_check CHECK (outcome IN ('confirmed', 'superseded', 'failed')),
    CONSTRAINT switch_attempt_ended_check CHECK ((ended_at IS NULL) = (outcome IS NULL))
);
CREATE INDEX switch_attempt_generation ON yesterday.switch_attempt (generation, id);
COMMENT ON TABLE yesterday.switch_attempt IS 'attempts to switch the code, with what came of them';
SELECT pg_catalog.pg_extension_config_dump('yesterday.switch_attempt', '');
SELECT pg_catalog.pg_extension_config_dump('yesterday.switch_attempt_id_seq', '');

