-- The prior images of a shadow table, under the name of root (null: of the table itself).
CREATE FUNCTION yesterday._portable_records(captured bigint, root oid, OUT rows bigint, OUT digest text)
AS 'MODULE_PATHNAME', 'yd_portable_records'
LANGUAGE C;
COMMENT ON FUNCTION yesterday._portable_records(bigint, oid) IS 'portable digest of the prior images of a shadow table';
REVOKE ALL ON FUNCTION yesterday._portable_records(bigint, oid) FROM PUBLIC;

