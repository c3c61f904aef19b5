-- Row by row; keys only of tables in "shown".
CREATE FUNCTION yesterday._portable_rows(relation oid, shown oid[])
RETURNS TABLE (key_digest text, row_digest text, row_key jsonb)
AS 'MODULE_PATHNAME', 'yd_portable_rows'
LANGUAGE C STRICT;
COMMENT ON FUNCTION yesterday._portable_rows(oid, oid[]) IS 'portable digests of the rows of a table, one by one';
REVOKE ALL ON FUNCTION yesterday._portable_rows(oid, oid[]) FROM PUBLIC;

