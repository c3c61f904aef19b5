-- Before the inverse DDL writes tables anew: which rows are still as the deployment left them, and
-- which are as they were before it. _restore_rows() asks for it in the same transaction. What somebody
-- else has written into columns that get another type goes to the attic.
CREATE FUNCTION yesterday._foresee_own_rows(deployment bigint, rollback bigint, ddl boolean)
RETURNS void
AS 'MODULE_PATHNAME', 'yd_foresee_own_rows'
LANGUAGE C STRICT;
COMMENT ON FUNCTION yesterday._foresee_own_rows(bigint, bigint, boolean) IS
    'internal: what is true of the rows before the inverse DDL runs';
REVOKE ALL ON FUNCTION yesterday._foresee_own_rows(bigint, bigint, boolean) FROM PUBLIC;
