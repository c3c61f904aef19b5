-- Puts the rows of a deployment back and says, one row a table and outcome,
-- what became of them. The caller holds the deployment's lock, has settled the
-- shadows and bounds lock waits with lock_timeout.
CREATE FUNCTION yesterday._restore_rows(deployment bigint, rollback bigint)
RETURNS TABLE (schema_name name, table_name name, outcome text, rows bigint, detail text)
AS 'MODULE_PATHNAME', 'yd_restore_rows'
LANGUAGE C STRICT VOLATILE;

COMMENT ON FUNCTION yesterday._restore_rows(bigint, bigint) IS
    'internal: puts the rows of a deployment back';
REVOKE ALL ON FUNCTION yesterday._restore_rows(bigint, bigint) FROM PUBLIC;
