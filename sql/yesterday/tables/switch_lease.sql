-- Who switches the code of this target: at most one row. It ends by itself when its holder
-- does not renew it. No rollback ever looks at it, so none waits for it.
CREATE SEQUENCE yesterday.switch_lease_id_seq;
CREATE TABLE yesterday.switch_lease (
    lease            bigint      NOT NULL DEFAULT nextval('yesterday.switch_lease_id_seq'),
    only_one         boolean     NOT NULL DEFAULT true,
    holder           text        NOT NULL,
    taken_at         timestamptz NOT NULL,
    renewed_at       timestamptz NOT NULL,
    expires_at       timestamptz NOT NULL,
    taken_by         name        NOT NULL DEFAULT session_user,
    taken_role       name        NOT NULL,
    client_addr      inet,
    application_name text,
    CONSTRAINT switch_lease_pkey PRIMARY KEY (only_one),
    CONSTRAINT switch_lease_only_one_check CHECK (only_one)
);
COMMENT ON TABLE yesterday.switch_lease IS 'who switches the code now';
-- Nobody switches the code of a restored copy.
SELECT pg_catalog.pg_extension_config_dump('yesterday.switch_lease', 'WHERE false');
SELECT pg_catalog.pg_extension_config_dump('yesterday.switch_lease_id_seq', '');

