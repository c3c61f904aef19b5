-- Enters the rows that a deployment wrote into a table it had emptied, told by their xmin: a table
-- that is not tracked has no triggers for it.
CREATE FUNCTION yesterday._record_own_rows(captured bigint, deployment bigint)
RETURNS void
AS 'MODULE_PATHNAME', 'yd_record_own_rows'
LANGUAGE C STRICT;
COMMENT ON FUNCTION yesterday._record_own_rows(bigint, bigint) IS
    'enters the rows that a deployment wrote into a table it had emptied';
REVOKE ALL ON FUNCTION yesterday._record_own_rows(bigint, bigint) FROM PUBLIC;
