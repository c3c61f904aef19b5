-- The way back of one target onto the train.
--   "position"     of the target when it was planned: yesterday.position() there
--   through        last ordinal of the group that it covers; the fix comes after it
--   plan_digest    of the plan that was rehearsed and applied
--   rehearsal      figures; rehearsed_position, rehearsed_state: what it was rehearsed on
--   deployment     its id in the target
CREATE SEQUENCE train.realignment_id_seq;
CREATE TABLE train.realignment (
    id                 bigint      NOT NULL DEFAULT nextval('train.realignment_id_seq'),
    target_id          bigint      NOT NULL,
    state              text        NOT NULL DEFAULT 'draft',
    reason             text        NOT NULL,
    "position"         text,
    through            integer     NOT NULL,
    plan_digest        text,
    rehearsed_at       timestamptz,
    rehearsed_by       name,
    rehearsed_position text,
    rehearsed_state    text,
    rehearsal          jsonb,
    deployment         bigint,
    portable_digest    text,
    peer               text,
    aligned            boolean,
    created_at         timestamptz NOT NULL DEFAULT clock_timestamp(),
    created_by         name        NOT NULL DEFAULT session_user,
    applied_at         timestamptz,
    applied_by         name,
    ended_at           timestamptz,
    end_reason         text,
    CONSTRAINT realignment_pkey PRIMARY KEY (id),
    CONSTRAINT realignment_state_check
        CHECK (state IN ('draft', 'signed', 'rehearsed', 'applying', 'applied', 'cleared', 'cancelled'))
);
CREATE UNIQUE INDEX realignment_one_open ON train.realignment (target_id)
    WHERE state IN ('draft', 'signed', 'rehearsed', 'applying', 'applied');
COMMENT ON TABLE train.realignment IS 'realignments: the way of a target back onto the train';
SELECT pg_catalog.pg_extension_config_dump('train.realignment', '');
SELECT pg_catalog.pg_extension_config_dump('train.realignment_id_seq', '');

-- Steps of a realignment, in order.
--   kind     rolled_back: the target had it   missed: it never had it   fix: the new one
--   ordinal  of the patch; of the fix only once it is applied
CREATE TABLE train.realignment_step (
    realignment bigint  NOT NULL,
    step        integer NOT NULL,
    kind        text    NOT NULL,
    ordinal     integer,
    name        text    NOT NULL,
    patch_kind  text    NOT NULL,
    digest      text    NOT NULL,
    artifacts   jsonb,
    manifest    jsonb,
    note        text,
    signed_at   timestamptz,
    signed_by   name,
    signed_role name,
    sign_reason text,
    CONSTRAINT realignment_step_pkey PRIMARY KEY (realignment, step),
    CONSTRAINT realignment_step_kind_check CHECK (kind IN ('rolled_back', 'missed', 'fix'))
);
COMMENT ON TABLE train.realignment_step IS 'steps of realignments, and who signed them';
SELECT pg_catalog.pg_extension_config_dump('train.realignment_step', '');

