-- The records of a shadow table, each with its row as it is now (NULL: gone). The rights are
-- the caller's; what reads the user's table runs as the table's owner, because a domain, an
-- operator or an index expression may call anything.
CREATE FUNCTION yesterday._records_now(captured bigint, relation oid, key_columns name[])
RETURNS TABLE (op "char", key jsonb, image jsonb, now jsonb)
AS 'MODULE_PATHNAME', 'yd_records_now'
LANGUAGE C STRICT STABLE;
COMMENT ON FUNCTION yesterday._records_now(bigint, oid, name[]) IS
    'records of a shadow table beside the rows as they are now';
REVOKE ALL ON FUNCTION yesterday._records_now(bigint, oid, name[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION yesterday._records_now(bigint, oid, name[]) TO yesterday_viewer;

