-- The records of a shadow table as text, for people and for comparisons. Shows them only to
-- who may SELECT the user's table (and sees all its rows), or to yesterday_admin.
CREATE FUNCTION yesterday._records(captured bigint)
RETURNS TABLE (op "char", xid xid8, key jsonb, image jsonb)
AS 'MODULE_PATHNAME', 'yd_records'
LANGUAGE C STRICT;
COMMENT ON FUNCTION yesterday._records(bigint) IS
    'records of a shadow table: op, transaction, key and prior image as {column: type output text}';
REVOKE ALL ON FUNCTION yesterday._records(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday._records(bigint) TO yesterday_viewer;

