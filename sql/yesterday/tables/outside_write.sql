-- Tracked tables that somebody else wrote while a deployment in open scope was open: their
-- digests cannot be compared.
CREATE TABLE yesterday.outside_write (
    deployment bigint NOT NULL,
    relid      oid    NOT NULL,
    xid        xid8   NOT NULL
);
-- it has no key, and publications FOR ALL TABLES publish deletes
ALTER TABLE yesterday.outside_write REPLICA IDENTITY FULL;
CREATE INDEX outside_write_relid ON yesterday.outside_write (deployment, relid);
COMMENT ON TABLE yesterday.outside_write IS 'writes to tracked tables beside an open deployment';
SELECT pg_catalog.pg_extension_config_dump('yesterday.outside_write', '');

