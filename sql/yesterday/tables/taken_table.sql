-- Tables whose rows were all captured before something replaced their file: TRUNCATE or a
-- rewrite. Their new file is accounted for.
CREATE TABLE yesterday.taken_table (
    deployment bigint NOT NULL,
    relid      oid    NOT NULL,
    xid        xid8   NOT NULL
);
-- it has no key, and publications FOR ALL TABLES publish deletes
ALTER TABLE yesterday.taken_table REPLICA IDENTITY FULL;
COMMENT ON TABLE yesterday.taken_table IS 'tables captured as a whole before their file was replaced';
SELECT pg_catalog.pg_extension_config_dump('yesterday.taken_table', '');

