-- One row a deployment; the id gives the order, and order is law.
CREATE SEQUENCE yesterday.deployment_id_seq;
CREATE TABLE yesterday.deployment (
    id                  bigint      NOT NULL DEFAULT nextval('yesterday.deployment_id_seq'),
    name                text        NOT NULL,
    kind                text        NOT NULL DEFAULT 'deployment',
    -- realignment: the patches that it brings, as its permit names them
    covers              jsonb,
    scope               text        NOT NULL,
    status              text        NOT NULL DEFAULT 'open',
    manifest            jsonb,
    artifacts           jsonb,
    prior_artifacts     jsonb,
    note                text,
    accept_irreversible boolean     NOT NULL DEFAULT false,
    join_role           name,
    -- where the transaction ids below mean something
    system_identifier   bigint      NOT NULL,
    database            oid         NOT NULL,
    begin_xid           xid8        NOT NULL,
    began_at            timestamptz NOT NULL DEFAULT clock_timestamp(),
    deployed_by         name        NOT NULL DEFAULT session_user,
    deployed_role       name        NOT NULL,
    client_addr         inet,
    application_name    text,
    finished_at         timestamptz,
    ended_at            timestamptz,
    -- how its rollback is to be proven, as yesterday.proof said when it began
    proof_level         text        NOT NULL DEFAULT 'full',
    proof               text,
    proof_figures       jsonb,
    report              jsonb,
    -- of its inverse document, taken at finish where the target is on a train
    exact_digest        text,
    rollback            bigint,
    forgotten_at        timestamptz,
    CONSTRAINT deployment_pkey PRIMARY KEY (id),
    CONSTRAINT deployment_kind_check CHECK (kind IN ('deployment', 'realignment')),
    CONSTRAINT deployment_scope_check CHECK (scope IN ('transaction', 'open')),
    CONSTRAINT deployment_status_check
        CHECK (status IN ('open', 'finished', 'rolled_back', 'abandoned')),
    CONSTRAINT deployment_proof_check CHECK (proof IN ('proven', 'touched', 'unproven', 'off'))
);
CREATE UNIQUE INDEX deployment_one_open ON yesterday.deployment ((true)) WHERE status = 'open';
COMMENT ON TABLE yesterday.deployment IS 'deployments of this target';
SELECT pg_catalog.pg_extension_config_dump('yesterday.deployment', '');
SELECT pg_catalog.pg_extension_config_dump('yesterday.deployment_id_seq', '');

