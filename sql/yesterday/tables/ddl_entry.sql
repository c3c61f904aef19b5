-- The ledger: DDL that ran while a deployment was open, one row an object of a command.
--   member       the command belonged to the deployment
--   event        command: created or altered; drop: dropped, by name or with its parent
--   classid, objid   as the command saw them; null where the server names none (GRANT), and for what
--                lies outside the database (object_type says so)
--   was          what an index was called before the command gave it another name: REINDEX CONCURRENTLY
--                gives it another address
CREATE SEQUENCE yesterday.ddl_entry_seq_seq;
CREATE TABLE yesterday.ddl_entry (
    deployment  bigint      NOT NULL,
    seq         bigint      NOT NULL DEFAULT nextval('yesterday.ddl_entry_seq_seq'),
    xid         xid8        NOT NULL,
    member      boolean     NOT NULL,
    event       text        NOT NULL,
    tag         text        NOT NULL,
    object_type text        NOT NULL,
    identity    text        NOT NULL,
    classid     oid,
    objid       oid,
    objsubid    integer,
    was         text,
    entered_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    entered_by  name        NOT NULL DEFAULT session_user,
    CONSTRAINT ddl_entry_pkey PRIMARY KEY (deployment, seq),
    CONSTRAINT ddl_entry_event_check CHECK (event IN ('command', 'drop'))
);
COMMENT ON TABLE yesterday.ddl_entry IS 'ledger of the DDL that ran while a deployment was open';
SELECT pg_catalog.pg_extension_config_dump('yesterday.ddl_entry', '');
SELECT pg_catalog.pg_extension_config_dump('yesterday.ddl_entry_seq_seq', '');

