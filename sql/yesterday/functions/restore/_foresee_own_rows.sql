-- Before the inverse DDL writes tables anew: which rows of tables that the deployment had emptied are
-- still as it left them. _restore_rows() asks for it in the same transaction.
CREATE FUNCTION yesterday._foresee_own_rows(deployment bigint, ddl boolean)
RETURNS void
AS 'MODULE_PATHNAME', 'yd_foresee_own_rows'
LANGUAGE C STRICT;
COMMENT ON FUNCTION yesterday._foresee_own_rows(bigint, boolean) IS
    'internal: rows of emptied tables that are as the deployment left them';
REVOKE ALL ON FUNCTION yesterday._foresee_own_rows(bigint, boolean) FROM PUBLIC;
