-- Order-independent, over every column that the table had before the deployment; independent of the shadow.
CREATE FUNCTION yesterday._digest(captured bigint, is_before boolean)
RETURNS text
AS 'MODULE_PATHNAME', 'yd_digest'
LANGUAGE C STRICT;
COMMENT ON FUNCTION yesterday._digest(bigint, boolean) IS
    'digest of the rows of a captured table: as it would be without this transaction, or as it is';
REVOKE ALL ON FUNCTION yesterday._digest(bigint, boolean) FROM PUBLIC;

