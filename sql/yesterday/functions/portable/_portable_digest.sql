-- The rows of a table as they are, partitions included. Runs output functions and comparisons of users as the owners
-- of the tables.
CREATE FUNCTION yesterday._portable_digest(relation oid, OUT rows bigint, OUT digest text)
AS 'MODULE_PATHNAME', 'yd_portable_digest'
LANGUAGE C STRICT;
COMMENT ON FUNCTION yesterday._portable_digest(oid) IS 'portable digest of the rows of a table';
REVOKE ALL ON FUNCTION yesterday._portable_digest(oid) FROM PUBLIC;

