-- The inverse DDL of a deployment, command by command, in the order in which it runs.
--   rollback   null: as manufactured at finish; else the rollback that ran it, whose steps may
--              be others because of what happened since
--   phase      structure: before rows are put back    constraint: after
--   owner      role that the command runs as: the owner of the object
--   fallback   command to run instead where rows written since make the first impossible
--   reads      copies in yesterday_shadow that the owner has to be let read
--   refers     of a foreign key: the table and columns that the owner has to be let reference
--   within     schema in which the owner has to be let make something
--   done       renames run while the rest is planned
--   outcome    what the report says: dropped, recreated, altered, ...
CREATE SEQUENCE yesterday.inverse_step_id_seq;
CREATE TABLE yesterday.inverse_step (
    id         bigint  NOT NULL DEFAULT nextval('yesterday.inverse_step_id_seq'),
    deployment bigint  NOT NULL,
    rollback   bigint,
    ordinal    integer NOT NULL,
    phase      text    NOT NULL,
    owner      name    NOT NULL,
    command    text    NOT NULL,
    fallback   text,
    reads      name[]  NOT NULL DEFAULT '{}',
    refers     jsonb,
    within     name,
    subject    text    NOT NULL,
    outcome    text    NOT NULL,
    kind       text    NOT NULL,
    identity   text    NOT NULL,
    done       boolean NOT NULL DEFAULT false,
    CONSTRAINT inverse_step_pkey PRIMARY KEY (id),
    CONSTRAINT inverse_step_ordinal_key UNIQUE NULLS NOT DISTINCT (deployment, rollback, ordinal),
    CONSTRAINT inverse_step_phase_check CHECK (phase IN ('structure', 'constraint'))
);
COMMENT ON TABLE yesterday.inverse_step IS 'inverse DDL of deployments';
SELECT pg_catalog.pg_extension_config_dump('yesterday.inverse_step', '');
SELECT pg_catalog.pg_extension_config_dump('yesterday.inverse_step_id_seq', '');

-- Changes of a deployment that have no inverse: finish refuses them, unless they were accepted.
CREATE TABLE yesterday.ddl_refusal (
    deployment bigint NOT NULL,
    kind       text   NOT NULL,
    identity   text   NOT NULL,
    reason     text   NOT NULL
);
-- it has no key, and publications FOR ALL TABLES publish deletes
ALTER TABLE yesterday.ddl_refusal REPLICA IDENTITY FULL;
COMMENT ON TABLE yesterday.ddl_refusal IS 'changes of deployments that have no inverse';
SELECT pg_catalog.pg_extension_config_dump('yesterday.ddl_refusal', '');

