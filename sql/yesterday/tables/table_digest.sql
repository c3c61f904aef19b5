-- Open scope: a digest of each table as the first member that touched it found it. Two members
-- that start at once both leave one; that of the first to commit counts.
--   snapshot  what the digest contains of others
CREATE TABLE yesterday.table_digest (
    captured_table bigint NOT NULL,
    xid            xid8   NOT NULL,
    digest         text   NOT NULL,
    snapshot       pg_snapshot NOT NULL,
    CONSTRAINT table_digest_pkey PRIMARY KEY (captured_table, xid),
    CONSTRAINT table_digest_table_fkey FOREIGN KEY (captured_table)
        REFERENCES yesterday.captured_table (id) ON DELETE CASCADE
);
COMMENT ON TABLE yesterday.table_digest IS 'digests of tables as the members of an open deployment found them';
SELECT pg_catalog.pg_extension_config_dump('yesterday.table_digest', '');

