-- Tracked tables that somebody else wrote while a deployment in open scope was open, as a whole: what
-- was written is not known row by row, so their digests cannot be compared.
--   xid  whose; null when it is not known
CREATE TABLE yesterday.outside_write (
    deployment bigint NOT NULL,
    relid      oid    NOT NULL,
    xid        xid8
);
CREATE INDEX outside_write_relid ON yesterday.outside_write (deployment, relid);
COMMENT ON TABLE yesterday.outside_write IS 'writes to tracked tables beside an open deployment';
SELECT pg_catalog.pg_extension_config_dump('yesterday.outside_write', '');

-- Rows that somebody else wrote in tracked tables while a deployment in open scope was open: the
-- difference that each makes to the digest of its table.
--   ordinal   from the sequence of member_transaction: a member that touched the row before has
--             a lower one
--   key_hash  of the key as the shadow would store it; 0 without a key
CREATE TABLE yesterday.outside_row (
    deployment bigint NOT NULL,
    relid      oid    NOT NULL,
    xid        xid8   NOT NULL,
    ordinal    bigint NOT NULL,
    key_hash   bigint NOT NULL,
    rows       bigint NOT NULL,
    sum1       bigint NOT NULL,
    sum2       bigint NOT NULL
);
CREATE INDEX outside_row_relid ON yesterday.outside_row (deployment, relid);
COMMENT ON TABLE yesterday.outside_row IS 'rows written beside an open deployment, as differences of digests';
SELECT pg_catalog.pg_extension_config_dump('yesterday.outside_row', '');
