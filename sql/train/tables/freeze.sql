-- Freezes of a target or of a group, by hand or by the calendar. What a target has set itself is in train.target.
--   starts, ends   by the clock of time_zone, or where that is null of each target
--   every          whole days or whole months; null: once
--   until          last day on which it may start again
CREATE SEQUENCE train.freeze_id_seq;
CREATE TABLE train.freeze (
    id           bigint      NOT NULL DEFAULT nextval('train.freeze_id_seq'),
    kind         text        NOT NULL,
    group_id     bigint,
    target_id    bigint,
    name         text,
    reason       text        NOT NULL,
    starts       timestamp,
    ends         timestamp,
    every        interval,
    time_zone    text,
    until        date,
    set_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    set_by       name        NOT NULL DEFAULT session_user,
    set_role     name        NOT NULL,
    cleared_at   timestamptz,
    cleared_by   name,
    clear_reason text,
    CONSTRAINT freeze_pkey PRIMARY KEY (id),
    CONSTRAINT freeze_kind_check CHECK (kind IN ('hand', 'calendar')),
    CONSTRAINT freeze_scope_check CHECK ((group_id IS NULL) <> (target_id IS NULL)),
    CONSTRAINT freeze_calendar_check
        CHECK (CASE kind WHEN 'calendar' THEN name IS NOT NULL AND ends > starts
                         ELSE starts IS NULL AND ends IS NULL AND every IS NULL END)
);
CREATE INDEX freeze_scope ON train.freeze (group_id, target_id) WHERE cleared_at IS NULL;
COMMENT ON TABLE train.freeze IS 'freezes of targets and groups, by hand and by the calendar';
SELECT pg_catalog.pg_extension_config_dump('train.freeze', '');
SELECT pg_catalog.pg_extension_config_dump('train.freeze_id_seq', '');

-- Decisions that a freeze does not count for a while.
CREATE SEQUENCE train.freeze_override_id_seq;
CREATE TABLE train.freeze_override (
    id         bigint      NOT NULL DEFAULT nextval('train.freeze_override_id_seq'),
    freeze_id  bigint      NOT NULL,
    target_id  bigint,
    reason     text        NOT NULL,
    expires_at timestamptz NOT NULL,
    made_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    made_by    name        NOT NULL DEFAULT session_user,
    made_role  name        NOT NULL,
    CONSTRAINT freeze_override_pkey PRIMARY KEY (id)
);
CREATE INDEX freeze_override_freeze ON train.freeze_override (freeze_id);
COMMENT ON TABLE train.freeze_override IS 'freezes that do not count for a while, and why';
SELECT pg_catalog.pg_extension_config_dump('train.freeze_override', '');
SELECT pg_catalog.pg_extension_config_dump('train.freeze_override_id_seq', '');

